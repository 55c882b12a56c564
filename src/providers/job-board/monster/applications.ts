import { createHash, timingSafeEqual } from "node:crypto";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { BoardApplications, BoardMessage, BoardNews, MessageKeys } from "../applications.ts";
import { readSentApplication } from "./application-shape.ts";
import { receivedApplicationOf } from "./received-application.ts";

/** Easy Apply: Monster sends what candidates enter to the address that the job names. It signs nothing. */
export const applications: BoardApplications = {
  missing: ({ secret, applyToken }) => ((secret?.["easyApplyKey"] ?? "") !== "" || applyToken ? null : needsKey),
  isUnsigned: true,
  prove,
  read,
  parse: (body, job) => receivedApplicationOf(nameOf(body), readSentApplication(body), job),
  repeatDays: 120,
};

const needsKey =
  "Applying at Monster needs a key of Easy Apply, from platformpartners@monster.com: connect again with it, or have the operator set MONSTER_APPLY_API_TOKEN.";

/** It brings back what it was given with the job. */
function prove({ body }: BoardMessage, { proofs = [] }: MessageKeys): void {
  const given = proofIn(body);
  if (given === null || !proofs.some((proof) => isSame(proof, given))) {
    throw new IntegrationError("FORBIDDEN", "This does not bring what Monster was given with the job");
  }
}

function proofIn(body: Buffer): string | null {
  try {
    return readSentApplication(body).vendorText;
  } catch (error) {
    if (isIntegrationError(error, "PROVIDER_REPLY_INVALID")) return null;
    throw error;
  }
}

function isSame(one: string, other: string): boolean {
  const [given, expected] = [Buffer.from(one), Buffer.from(other)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function read({ body }: BoardMessage): BoardNews {
  const { jobRefCode: jobName, email } = readSentApplication(body);
  return { kind: "application", jobName, boardApplicationId: nameOf(body), email };
}

/** The older form has no name for an application: the same bytes are the same one. */
function nameOf(body: Buffer): string {
  return readSentApplication(body).id ?? createHash("sha256").update(body).digest("hex");
}
