import type { Approval, JobPosting, JobPostingState, StoredOperation } from "../entities/job-posting.ts";
import type { Job } from "../providers/job-board/job.ts";
import type { BoardState, JobBoardProvider, PostingCost } from "../providers/job-board/provider.ts";
import type { AccountSettings } from "../providers/provider.ts";
import { fromStored } from "./stored-job.ts";

/** What decides the next step of a posting. */
type Standing = Pick<
  JobPosting,
  | "state"
  | "wanted"
  | "jobVersion"
  | "versionSent"
  | "versionRefused"
  | "previousState"
  | "isUnsure"
  | "boardPostingId"
  | "approval"
>;

const open: readonly JobPostingState[] = ["SUBMITTED", "IN_REVIEW", "LIVE", "LIMITED"];

/** Where the board is done with it, and nothing more happens by itself. */
export const ended: readonly JobPostingState[] = ["REJECTED", "EXPIRED", "CLOSED", "FAILED"];

/** Whether nobody is to apply to it any more. */
export function takesNobody({ wanted, state }: Pick<JobPosting, "wanted" | "state">): boolean {
  return wanted === "CLOSED" || ended.includes(state);
}

/** Whether the board may show it, now or as soon as it has looked at it. */
export function isOpen({ state }: { readonly state: JobPostingState }): boolean {
  return open.includes(state);
}

/** Whether the board has it, so that closing it there is a call. */
export function isAtBoard(posting: Standing): boolean {
  return isOpen(posting) || posting.isUnsure || (posting.state === "REJECTED" && posting.boardPostingId !== null);
}

/** When the service closes a posting whose board shows it until somebody does; null when it does not. */
export function endOf({ job }: Pick<JobPosting, "job">, { expires }: Pick<JobBoardProvider, "expires">): Date | null {
  return expires === "SERVICE" ? fromStored(job).expiresAt : null;
}

export function earlierOf<T extends Date | null>(one: T, other: Date | null): T | Date {
  if (one === null || other === null) return other ?? one;
  return other < one ? other : one;
}

/** Whether that time has come. */
export function isOver(posting: Pick<JobPosting, "job">, board: Pick<JobBoardProvider, "expires">, now: Date): boolean {
  const end = endOf(posting, board);
  return end !== null && end <= now;
}

/** Whether it has come before the board had anything. */
export function hasEndedUnsent(posting: JobPosting, board: Pick<JobBoardProvider, "expires">, now: Date): boolean {
  const { operation, state } = posting;
  return operation === null && state === "QUEUED" && !isAtBoard(posting) && isOver(posting, board, now);
}

/** Whether the board has taken it off by itself, which nobody can ask it. */
export function hasRunOut(posting: JobPosting, board: Pick<JobBoardProvider, "status">, now: Date): boolean {
  const { operation, expiresAt } = posting;
  return board.status === undefined && operation === null && isOpen(posting) && expiresAt !== null && expiresAt <= now;
}

/** Whether it is closed at the board because its time is over, and for no other reason. */
export function endsByItself({ operation, wanted }: Pick<JobPosting, "operation" | "wanted">): boolean {
  return operation === "CLOSE" && wanted === "OPEN";
}

/**
 * What has to be done at the board so that it has what is wanted; null when it has. Approval holds back all but closing.
 *
 * @param over whether the job's time has come to an end, and the board waits to be told
 */
export function nextOperation(posting: Standing, over: boolean): StoredOperation | null {
  const { state, wanted, approval, jobVersion, versionSent, versionRefused, previousState } = posting;
  if (wanted === "CLOSED" || over) return isAtBoard(posting) ? "CLOSE" : null;
  if (approval?.state === "PENDING") return null;
  if (state === "QUEUED") return previousState === "CLOSED" || previousState === "EXPIRED" ? "REOPEN" : "POST";
  const hasNews = jobVersion > (versionSent ?? 0) && jobVersion !== versionRefused;
  return hasNews && isAtBoard(posting) ? "UPDATE" : null;
}

/** As a board is told it; null for states that are ours alone. */
export function boardStateOf(state: JobPostingState | null): BoardState | null {
  switch (state) {
    case null:
    case "PENDING_APPROVAL":
    case "PENDING_MANUAL":
    case "QUEUED":
    case "FAILED":
      return null;
    default:
      return state;
  }
}

/** Which postings somebody has to approve: those that cost money, or every one. */
export const postingApprovals = ["PAID", "ALWAYS"] as const;
export type PostingApproval = (typeof postingApprovals)[number];

/** Where an integration's settings say which {@link PostingApproval} the tenant wants; PAID when they do not. */
export const approvalSetting = "postingApproval";

/** What somebody has to approve of a job at a board, and what it costs. Nobody decides on what another board's jobs bring about. */
export function approvalFor(
  board: JobBoardProvider,
  job: Job,
  settings: AccountSettings,
): { readonly cost: PostingCost | null; readonly subject: string | null } {
  const cost = board.cost?.(job, settings) ?? null;
  const isAsked = cost !== null || (board.mirrorOf === undefined && settings[approvalSetting] === "ALWAYS");
  return { cost, subject: isAsked ? JSON.stringify([cost, job.promotion]) : null };
}

/** The decision that a change needs: the one of before where it is about the same, else a new one; null when it needs none. */
export function approvalAfter(
  before: Approval | null,
  subject: string | null,
  requestedBy: string,
  now: Date,
): Approval | null {
  if (subject === null) return null;
  if (before?.subject === subject && before.state !== "REJECTED") return before;
  return {
    state: "PENDING",
    requestedBy,
    requestedAt: now.toISOString(),
    decidedBy: null,
    decidedAt: null,
    maxCost: null,
    reason: null,
    subject,
  };
}
