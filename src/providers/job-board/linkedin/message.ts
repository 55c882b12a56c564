import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { BoardNews } from "../applications.ts";
import { SentApplication } from "./application-shape.ts";

const Message = z.looseObject({ type: z.string() });

const Reference = z.union([z.string(), z.number().transform(String)]);
const JobsNamed = z.looseObject({
  developerApplicationUrn: z.string().min(1),
  externalJobPostingIds: z.array(Reference).nullish().catch(null),
  externalJobPostingId: Reference.nullish().catch(null),
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
    case "RESYNC_JOBS":
      return resendIn(message);
    default:
      return hintIn(message);
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

/** https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/job-resync-notifications */
function resendIn(message: unknown): BoardNews {
  const named = parse(JobsNamed, message);
  const { developerApplicationUrn: accountName, syncAllOpenJobs } = named;
  const references = referencesIn(named);
  if (references.length === 0 && syncAllOpenJobs == null) throw unreadable("it names no job");
  return { kind: "resend", accountName, references: syncAllOpenJobs ? null : references };
}

/**
 * A job has changed. LinkedIn's pages say that such messages name the application and its jobs, and show none: whatever names an
 * application is one, and without jobs that can be read it is about all of them.
 *
 * https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/job-status-change-notifications
 */
function hintIn(message: unknown): BoardNews {
  const named = JobsNamed.safeParse(message);
  if (!named.success) return { kind: "nothing" };
  const { developerApplicationUrn: accountName } = named.data;
  const references = referencesIn(named.data);
  return { kind: "look", accountName, references: references.length > 0 ? references : null };
}

function referencesIn({ externalJobPostingIds, externalJobPostingId }: z.output<typeof JobsNamed>): readonly string[] {
  return [...(externalJobPostingIds ?? []), ...(externalJobPostingId ? [externalJobPostingId] : [])];
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
