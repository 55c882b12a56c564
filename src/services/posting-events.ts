import type { JobPosting, JobPostingState } from "../entities/job-posting.ts";
import type { RecordedEventType } from "../events/catalogue.ts";
import type { Cause } from "../events/event-log.ts";

export type PostingEvent = Extract<RecordedEventType, `job_posting.${string}`>;

/** What the log says of a posting that has come to a state. */
export const eventOf = {
  PENDING_APPROVAL: "job_posting.approval_requested",
  PENDING_MANUAL: "job_posting.manual_action_required",
  QUEUED: "job_posting.queued",
  SUBMITTED: "job_posting.submitted",
  IN_REVIEW: "job_posting.in_review",
  LIVE: "job_posting.live",
  LIMITED: "job_posting.limited",
  REJECTED: "job_posting.rejected",
  EXPIRED: "job_posting.expired",
  CLOSED: "job_posting.closed",
  FAILED: "job_posting.failed",
} as const satisfies Record<JobPostingState, PostingEvent>;

/** What a person asked for, or what the board did by itself. */
export function causeOf({ requestedBy, correlationId }: JobPosting, provider: string | null): Cause {
  const actor =
    provider === null ? ({ kind: "USER", id: requestedBy } as const) : ({ kind: "PROVIDER", id: provider } as const);
  return { actor, correlationId };
}

/** What nobody asked for just now, and the board has not done. */
export function causeItself({ correlationId }: JobPosting): Cause {
  return { actor: { kind: "SYSTEM", id: null }, correlationId };
}
