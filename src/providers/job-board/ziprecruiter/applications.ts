import { createHmac, timingSafeEqual } from "node:crypto";
import { IntegrationError } from "../../../errors.ts";
import type { BoardApplications, BoardMessage, BoardNews, MessageKeys } from "../applications.ts";
import { readSentApplication } from "./application-shape.ts";
import { jobIdOf } from "./document.ts";
import { receivedApplicationOf } from "./received-application.ts";

/** How far the time in a signature may be from ours. */
const toleranceMs = 5 * 60 * 1000;
/** Seconds have ten digits until the year 2286, milliseconds thirteen. */
const mostSeconds = 99_999_999_999;

/** ZipRecruiter's apply webhook: one address for each key. https://www.ziprecruiter.com/partner/documentation/#apply-webhook */
export const applications: BoardApplications = {
  missing: (keys) => (hasOwnKey(keys) || keys.signingKey ? null : needsSigningKey),
  jobNameOf: jobIdOf,
  prove,
  read,
  parse: (body, job) => receivedApplicationOf(readSentApplication(body), job),
  repeatDays: 120,
};

const needsSigningKey =
  "Applying at ZipRecruiter needs ZIPRECRUITER_WEBHOOK_SIGNING_KEY, with which ZipRecruiter signs what it sends to the operator.";

function hasOwnKey({ secret }: MessageKeys): boolean {
  return (secret?.["apiKey"] ?? "") !== "";
}

/** Base64 of HMAC-SHA256 over `{timestamp}.{bytes}`. Where a key of the company's own has no signing key, its address is the proof. */
function prove({ headers, body }: BoardMessage, keys: MessageKeys, now: Date): void {
  const signingKey = hasOwnKey(keys) ? keys.secret?.["webhookKey"] : keys.signingKey;
  if (!signingKey) {
    if (hasOwnKey(keys)) return;
    throw notTheirs("Nobody has said with what ZipRecruiter signs");
  }
  const timestamp = headers["x-ziprecruiter-signature-timestamp"] ?? "";
  const given = Buffer.from(headers["x-ziprecruiter-signature"] ?? "", "base64");
  const expected = createHmac("sha256", signingKey).update(`${timestamp}.`).update(body).digest();
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw notTheirs("The signature is not ZipRecruiter's of this message");
  }
  if (!isRecent(timestamp, now)) throw notTheirs("The message was signed too long ago, or ahead of its time");
}

/** Whether it counts seconds or milliseconds is not written. */
function isRecent(timestamp: string, now: Date): boolean {
  if (!/^\d{1,15}$/.test(timestamp)) return false;
  const given = Number(timestamp);
  const signedAt = given > mostSeconds ? given : given * 1000;
  return Math.abs(now.getTime() - signedAt) <= toleranceMs;
}

function notTheirs(message: string): IntegrationError {
  return new IntegrationError("FORBIDDEN", message);
}

function read({ body }: BoardMessage): BoardNews {
  const { response_id: boardApplicationId, job_id: jobName, email } = readSentApplication(body);
  return { kind: "application", jobName, boardApplicationId, email };
}
