import type { JobPosting, JobPostingState, StoredOperation } from "../entities/job-posting.ts";
import type { IntegrationError } from "../errors.ts";
import type { JobBoardProvider, PostingReport } from "../providers/job-board/provider.ts";
import { isOpen, isOver, nextOperation } from "./posting-plan.ts";

/** A posting in the next mail to a board that gets all of them at once. */
export interface PlannedPosting {
  /** The version of the job that is in it; null when none is, and it goes off the board. */
  readonly version: number | null;
  /** What that does to the posting; null for nothing. */
  readonly operation: StoredOperation | null;
}

/** What becomes of a posting with the next mail, whatever an earlier attempt at one was about to bring. */
export function planOf(posting: JobPosting, board: Pick<JobBoardProvider, "expires">, now: Date): PlannedPosting {
  const over = isOver(posting, board, now);
  const version = over ? null : versionOf(posting);
  const { operation, operationVersion } = posting;
  const isUnderWay = operation !== null && operation !== "CLOSE" && version !== null && version === operationVersion;
  return { version, operation: isUnderWay ? operation : nextOperation(posting, over) };
}

/** What somebody has still to decide on, or has decided against, leaves standing there what did. */
function versionOf(posting: JobPosting): number | null {
  const { state, wanted, approval, jobVersion, versionSent, versionRefused, operation, operationVersion } = posting;
  if (wanted === "CLOSED" || (state !== "QUEUED" && !isOpen(posting))) return null;
  if (approval?.state !== "PENDING" && jobVersion !== versionRefused) return jobVersion;
  if (operation !== null) return operationVersion;
  return isOpen(posting) ? versionSent : null;
}

/** Where a posting goes that waits to be sent, when it did not go out and must not, or nobody wants it any more. */
export function stateUnsent({ state, wanted, approval, isUnsure }: JobPosting): JobPostingState {
  if (state !== "QUEUED" || isUnsure) return state;
  if (wanted === "CLOSED") return "CLOSED";
  if (approval?.state === "PENDING") return "PENDING_APPROVAL";
  return approval?.state === "REJECTED" ? "REJECTED" : state;
}

/** What a mail that went out means for a posting: the board itself says nothing. @param refusal why it is not in the mail although it should be */
export function reportOf(
  posting: JobPosting,
  { version }: PlannedPosting,
  refusal: IntegrationError | null,
): PostingReport {
  const silent = { boardState: null, boardPostingId: null, boardTaskId: null, url: null, expiresAt: null };
  const rest = { ...silent, isPending: false, isTaken: refusal === null, refusal };
  if (refusal) return { ...rest, state: "REJECTED" };
  if (version === null) return { ...rest, state: "CLOSED" };
  const { state } = posting;
  // What was seen there before is seen there still.
  return { ...rest, state: state === "LIVE" || state === "LIMITED" || state === "IN_REVIEW" ? state : "SUBMITTED" };
}
