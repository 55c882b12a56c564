import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { BoardNews } from "../applications.ts";
import { SentApplication } from "./application-shape.ts";

const Message = z.looseObject({ type: z.string() });

const Reference = z.union([z.string(), z.number().transform(String)]);
const JobsNamed = z.looseObject({
  developerApplicationUrn: z.string().min(1),
  externalJobPostingIds: z.array(Reference).nullish(),
  externalJobPostingId: Reference.nullish(),
  syncAllOpenJobs: z.boolean().nullish(),
});

/**
 * What a message says. Applications arrive at the accounts' own addresses, events of jobs at the operator's.
 *
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID
 */
export function newsIn(body: Buffer): BoardNews {
  const message = jsonOf(body);
  const { type } = parse(Message, message);
  switch (type) {
    case "EXPORT_JOB_APPLICATION":
      return applicationIn(message);
    // https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/job-resync-notifications
    case "RESYNC_JOBS":
      return { kind: "resend", ...jobsIn(message) };
    // https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/job-status-change-notifications
    case "JOB_STATUS_CHANGE":
      return { kind: "look", ...jobsIn(message) };
    default:
      return { kind: "nothing" };
  }
}

/** @throws {IntegrationError} PROVIDER_REPLY_INVALID, without a word of what stands there */
export function readSentApplication(body: Buffer): SentApplication {
  return parse(SentApplication, jsonOf(body));
}

function applicationIn(message: unknown): BoardNews {
  const { jobApplicationId, externalJobId, questionResponses } = parse(SentApplication, message);
  const email = questionResponses?.contactInformationQuestionResponses?.emailAnswer ?? null;
  return { kind: "application", jobName: externalJobId, boardApplicationId: jobApplicationId, email };
}

/** Which fields name the jobs, LinkedIn's pages do not say of every message. */
function jobsIn(message: unknown): { readonly accountName: string; readonly references: readonly string[] | null } {
  const { developerApplicationUrn, syncAllOpenJobs, externalJobPostingIds, externalJobPostingId } = parse(
    JobsNamed,
    message,
  );
  const references = externalJobPostingIds ?? (externalJobPostingId ? [externalJobPostingId] : null);
  if (references === null && syncAllOpenJobs !== true) throw unreadable("it names no job");
  return { accountName: developerApplicationUrn, references: syncAllOpenJobs ? null : references };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw unreadable("no JSON");
  }
}

function parse<T>(shape: z.ZodType<T>, message: unknown): T {
  const read = shape.safeParse(message);
  if (read.success) return read.data;
  const paths = read.error.issues.map(({ path }) => path.join(".") || "all of it");
  throw unreadable(`wrong or missing: ${paths.join(", ")}`);
}

function unreadable(what: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `LinkedIn sent a message that cannot be read: ${what}`, {
    retryable: false,
    remedy: "LinkedIn's messages have changed: look for a newer version of this service.",
  });
}
