import type { JobPosting, JobPostingState } from "../entities/job-posting.ts";
import type { FormEntry } from "../providers/job-board/manual-posting.ts";
import type { JobBoardProvider, PostingOperation } from "../providers/job-board/provider.ts";
import type { AccountSettings } from "../providers/provider.ts";
import { newId } from "./id.ts";
import type { PostingEvent } from "./posting-events.ts";
import { boardStateOf, earlierOf, endOf, hasEndedUnsent, isOpen, isOver, nextOperation } from "./posting-plan.ts";
import { nothingUnderWay } from "./reported-posting.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** What a person has to do at a board. */
export interface ManualTask {
  readonly operation: PostingOperation;
  /** The page on which it is done. */
  readonly url: string;
  readonly checklist: readonly string[];
  /** Empty where nothing is entered. */
  readonly entries: readonly FormEntry[];
  /** The version of the job that `entries` are of. */
  readonly jobVersion: number;
  readonly dueAt: Date;
}

/**
 * Has a person do what is next for a posting whose board takes no calls. What another one was asked to do before, and has not
 * confirmed, is forgotten. Harmless twice.
 *
 * @returns what there is to tell; null when everything is as it was
 */
export function handOver(posting: JobPosting, board: JobBoardProvider, now: Date): PostingEvent | null {
  const { operation: asked, operationVersion, dueAt, state: before } = posting;
  if (before === "PENDING_MANUAL") takeBack(posting);
  const state = hasEndedUnsent(posting, board, now) ? "EXPIRED" : stateWithout(posting);
  if (state !== posting.state) {
    Object.assign(posting, { state, closedAt: state === "CLOSED" ? now : posting.closedAt, updatedAt: now });
    return state === "PENDING_APPROVAL" ? null : state === "EXPIRED" ? "job_posting.expired" : "job_posting.closed";
  }
  const operation = nextOperation(posting, isOver(posting, board, now));
  if (operation === null) return null;
  const isSame = before === "PENDING_MANUAL" && operation === asked && posting.jobVersion === operationVersion;
  Object.assign(posting, {
    operation,
    operationId: newId(now),
    operationVersion: posting.jobVersion,
    previousState: boardStateOf(posting.state) ?? posting.previousState,
    state: "PENDING_MANUAL",
    dueAt: isSame ? dueAt : new Date(now.getTime() + (board.manual?.daysToAct ?? 0) * dayMs),
  });
  return isSame ? null : "job_posting.manual_action_required";
}

/** As it stood before somebody was asked. */
function takeBack(posting: JobPosting): void {
  const { previousState } = posting;
  const state: JobPostingState = previousState !== null && isOpen({ state: previousState }) ? previousState : "QUEUED";
  Object.assign(posting, { ...nothingUnderWay, state, dueAt: null });
}

/** Where a posting that waits to be posted goes when it must not, or when nobody wants it any more. */
function stateWithout({ state, wanted, approval }: JobPosting): JobPostingState {
  if (state !== "QUEUED") return state;
  if (wanted === "CLOSED") return "CLOSED";
  return approval?.state === "PENDING" ? "PENDING_APPROVAL" : state;
}

/** What somebody has to do for a posting; null when nobody has to. */
export function manualTaskOf(
  posting: JobPosting,
  { manual }: JobBoardProvider,
  settings: AccountSettings,
  job: Parameters<NonNullable<JobBoardProvider["manual"]>["entriesOf"]>[0],
): ManualTask | null {
  const { state, operation, jobVersion, dueAt, boardUrl: postingUrl } = posting;
  if (!manual || state !== "PENDING_MANUAL" || operation === null || dueAt === null) return null;
  const step = { operation, job, settings, postingUrl };
  return {
    operation,
    url: manual.pageFor(step),
    checklist: manual.checklistFor(step),
    entries: operation === "CLOSE" ? [] : manual.entriesOf(job),
    jobVersion,
    dueAt,
  };
}

/** When something has to be thought of next, though nobody asks for it: a reminder, a renewal, or the end of the job. */
export function nextTurn(posting: JobPosting, board: JobBoardProvider): Date | null {
  if (!isStillThere(posting)) return null;
  const { renewsAt, renewalToldAt } = posting;
  const notice = noticeOf(posting, board);
  const turn = notice !== null && (renewalToldAt === null || renewalToldAt < notice) ? notice : renewsAt;
  const end = endOf(posting, board);
  return earlierOf(turn, board.status || board.manual ? end : earlierOf(end, posting.expiresAt));
}

/** A posting that has gone live is renewed for the first time after the days that the board says. */
export function beginRenewals(posting: JobPosting, { manual }: JobBoardProvider, now: Date): void {
  const days = manual?.renewal?.everyDays;
  posting.renewsAt = days === undefined ? null : new Date(now.getTime() + days * dayMs);
}

/** Whether whoever posted it has to hear now that it will be renewed; moves on what was renewed meanwhile. */
export function isRenewalDue(posting: JobPosting, board: JobBoardProvider, now: Date): boolean {
  const renewal = board.manual?.renewal;
  if (!renewal || posting.renewsAt === null || !isStillThere(posting)) return false;
  while (posting.renewsAt <= now) {
    posting.renewsAt = new Date(posting.renewsAt.getTime() + renewal.everyDays * dayMs);
  }
  const notice = noticeOf(posting, board);
  if (notice === null || notice > now || (posting.renewalToldAt !== null && posting.renewalToldAt >= notice))
    return false;
  posting.renewalToldAt = now;
  return true;
}

function noticeOf({ renewsAt }: JobPosting, { manual }: JobBoardProvider): Date | null {
  const days = manual?.renewal?.noticeDays;
  return renewsAt === null || days === undefined ? null : new Date(renewsAt.getTime() - days * dayMs);
}

/** Whether candidates may still see it, whatever somebody has been asked to do about it. */
function isStillThere({ state, previousState }: JobPosting): boolean {
  return isOpen({ state: state === "PENDING_MANUAL" ? (previousState ?? state) : state });
}
