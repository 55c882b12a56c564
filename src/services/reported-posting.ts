import type { JobPosting } from "../entities/job-posting.ts";
import type { JobBoardProvider, PostingReport } from "../providers/job-board/provider.ts";
import { earlierOf, endOf, endsByItself, isAtBoard, isOver } from "./posting-plan.ts";
import { problemOf } from "./problem.ts";

type Board = Pick<JobBoardProvider, "expires" | "feeds">;

/** What the board said becomes what we know. */
export function takeReport(posting: JobPosting, report: PostingReport, board: Board, now: Date): void {
  const { operation, operationVersion } = posting;
  const { state, boardState, boardTaskId, isPending, isTaken, refusal } = report;
  Object.assign(posting, {
    ...(state === "CLOSED" ? closed(posting, board, now) : { state }),
    boardState,
    boardPostingId: report.boardPostingId ?? posting.boardPostingId,
    boardTaskId: isPending ? boardTaskId : null,
    boardUrl: report.url ?? posting.boardUrl,
    expiresAt:
      board.expires === "SERVICE"
        ? earlierOf(endOf(posting, board), report.expiresAt)
        : (report.expiresAt ?? posting.expiresAt),
    problem: refusal && problemOf(refusal),
    isUnsure: false,
    submittedAt: operation === null ? posting.submittedAt : (posting.submittedAt ?? now),
    ...(boardState !== null && { checkedAt: now }),
    // Nobody has looked since it changed: what somebody confirmed before is past.
    ...(board.feeds && state !== posting.state && { checkedAt: null }),
  });
  if (operation === null || isPending) return;
  if (operation !== "CLOSE") posting[isTaken ? "versionSent" : "versionRefused"] = operationVersion;
  Object.assign(posting, nothingUnderWay);
}

/** The board knows of no such posting: what was to be made is made again, and anything else is over. */
export function missPosting(posting: JobPosting, board: Board, now: Date): void {
  posting.boardTaskId = null;
  if (posting.operation === "POST" || posting.operation === "REOPEN") return;
  const gone = { ...closed(posting, board, now), boardState: null, checkedAt: now };
  Object.assign(posting, isAtBoard(posting) && gone, nothingUnderWay, { isUnsure: false });
}

export const nothingUnderWay = { operation: null, operationId: null, operationVersion: null } as const;

/**
 * Closed because nobody wants it any more, or over; where its end was put off meanwhile it is opened again. Where that would
 * cost anew, somebody has to ask for it.
 */
function closed(posting: JobPosting, board: Board, now: Date): Partial<JobPosting> {
  if (!endsByItself(posting)) return { state: "CLOSED" };
  if (isOver(posting, board, now) || posting.cost !== null) return { state: "EXPIRED" };
  return { state: "QUEUED", previousState: "EXPIRED", versionRefused: null };
}
