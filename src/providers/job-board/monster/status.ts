import type { PostingReport } from "../provider.ts";
import type { JobAnswer } from "./client.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** A job that was taken. Candidates see it from about two hours later; nobody can ask how it stands. */
export function reportOf(
  answer: JobAnswer,
  { now, days }: { readonly now: Date; readonly days: number | null },
): PostingReport {
  const { postingId, expiresAt } = answer;
  const byContract = days === null ? null : new Date(now.getTime() + days * dayMs);
  return {
    state: postingId === null ? "SUBMITTED" : "LIVE",
    boardState: "success",
    boardPostingId: postingId,
    boardTaskId: null,
    url: null,
    expiresAt: expiresAt ?? byContract,
    isPending: false,
    isTaken: true,
    refusal: null,
  };
}

/** It is off the board. */
export function closed(): PostingReport {
  return {
    state: "CLOSED",
    boardState: "deleted",
    boardPostingId: null,
    boardTaskId: null,
    url: null,
    expiresAt: null,
    isPending: false,
    isTaken: true,
    refusal: null,
  };
}
