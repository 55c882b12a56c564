import { createHmac, timingSafeEqual } from "node:crypto";
import { IntegrationError } from "../../../errors.ts";
import type { BoardApplications, BoardMessage, BoardNews, MessageKeys } from "../applications.ts";
import { readSentApplication, unreadable } from "./application-shape.ts";
import { receivedApplicationOf } from "./received-application.ts";

/** Indeed Apply. https://docs.indeed.com/indeed-apply/application-delivery */
export const applications: BoardApplications = {
  missing,
  prove,
  read,
  parse: (body, job) => receivedApplicationOf(readSentApplication(body), job),
  refusals: { unknownJob: 404, closedJob: 410, repeated: 409 },
  repeatDays: 120,
};

function missing({ applyToken, signingKey }: MessageKeys): string | null {
  const names = [...(applyToken ? [] : ["INDEED_APPLY_API_TOKEN"]), ...(signingKey ? [] : ["INDEED_APPLY_API_SECRET"])];
  return names.length === 0 ? null : `Indeed Apply needs ${names.join(" and ")}, which Indeed gives to partners.`;
}

/** Base64 of HMAC-SHA1 over the bytes. */
function prove({ headers, body }: BoardMessage, { signingKey }: MessageKeys): void {
  const given = Buffer.from(headers["x-indeed-signature"] ?? "", "base64");
  const expected = signingKey ? createHmac("sha1", signingKey).update(body).digest() : null;
  if (expected?.length === given.length && timingSafeEqual(expected, given)) return;
  throw new IntegrationError("FORBIDDEN", "The signature is not Indeed's of this message");
}

function read({ body }: BoardMessage): BoardNews {
  const { id, job, applicant } = readSentApplication(body);
  const jobName = job.jobId ?? job.jobMeta;
  if (jobName === null) throw unreadable("it names no job");
  return { kind: "application", jobName, boardApplicationId: id, email: applicant.email };
}
