import type { JobPosting } from "../entities/job-posting.ts";
import { eventOf, type PostingEvent } from "./posting-events.ts";
import { isOpen } from "./posting-plan.ts";

/** Whether nobody knows yet what becomes of it: a mirror stays as it is until then. */
export function isUndecided({ state }: JobPosting): boolean {
  return state === "PENDING_APPROVAL" || state === "PENDING_MANUAL";
}

/** What a mirror's posting has of the original one. The names and the address that its board gave belong to that board alone. */
export function mirroredFrom(original: JobPosting): Partial<JobPosting> {
  const { state, wanted, job, jobVersion, versionSent, versionRefused, boardState, closeReason, problem } = original;
  const { nextLookAt, checkedAt, submittedAt, expiresAt, closedAt, updatedAt } = original;
  return {
    ...{ state, wanted, job, jobVersion, versionSent, versionRefused, boardState, closeReason, problem },
    ...{ nextLookAt, checkedAt, submittedAt, expiresAt, closedAt, updatedAt },
  };
}

/** What the log says of a mirror's posting that becomes as the original one is. */
export function eventsOfFollowing(before: JobPosting, original: JobPosting): readonly PostingEvent[] {
  const { versionSent, versionRefused } = original;
  const isUpdated = before.versionSent !== null && (versionSent ?? 0) > before.versionSent;
  const isRefused = versionRefused !== null && versionRefused !== before.versionRefused;
  return [
    ...(isOpen(before) && isUpdated ? (["job_posting.updated"] as const) : []),
    ...(isOpen(before) && isRefused ? (["job_posting.update_refused"] as const) : []),
    ...(before.state === original.state ? [] : [eventOf[original.state]]),
  ];
}
