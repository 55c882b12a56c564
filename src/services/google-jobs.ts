import type { JobPosting } from "../entities/job-posting.ts";
import { jobPostingJsonLd } from "../providers/job-board/google-jobs.ts";
import { ended } from "./posting-plan.ts";
import { fromStored } from "./stored-job.ts";

/**
 * What the job's own page says to Google for Jobs; null when something that Google requires is missing. A page that goes on
 * saying it of a job that is over can be punished, so that null it is as soon as nobody can apply, and before it is approved.
 */
export function jsonLdOf(posting: JobPosting, now: Date): Readonly<Record<string, unknown>> | null {
  const { state, wanted, createdAt } = posting;
  if (wanted === "CLOSED" || state === "PENDING_APPROVAL" || ended.includes(state)) return null;
  const job = fromStored(posting.job);
  return job.expiresAt !== null && job.expiresAt <= now ? null : jobPostingJsonLd(job, createdAt);
}
