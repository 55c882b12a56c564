import type { BoardState, PostingReport } from "../provider.ts";
import { type DpiAnswer, refusedBy, tellsOf } from "./client.ts";

/** Words for what became of a job; which others there are is not public. */
const states: Readonly<Record<string, BoardState>> = {
  queued: "IN_REVIEW",
  pending: "IN_REVIEW",
  posted: "LIVE",
  active: "LIVE",
  expired: "EXPIRED",
  deleted: "CLOSED",
  error: "REJECTED",
  failed: "REJECTED",
};

const thinking: readonly BoardState[] = ["IN_REVIEW", "SUBMITTED"];

/** As a job was handed in, or asked about. It is known by its transaction. @throws {IntegrationError} what was not taken */
export function reportOf(answer: DpiAnswer, transactionDid: string): PostingReport {
  const { PostStatus: word, JobDID: jobDid, PREndDate: end } = answer;
  const isRefused = answer.errors.length > 0;
  const state = isRefused ? "REJECTED" : (states[word.toLowerCase()] ?? "SUBMITTED");
  const isPending = thinking.includes(state);
  return {
    state,
    boardState: word || null,
    boardPostingId: transactionDid,
    boardTaskId: isPending ? transactionDid : null,
    url: jobDid === "" ? null : `https://www.careerbuilder.com/job/${encodeURIComponent(jobDid)}`,
    expiresAt: dateIn(end),
    isPending,
    isTaken: !isRefused,
    refusal: isRefused ? refusedBy(answer) : null,
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

export function isUnknown(answer: DpiAnswer): boolean {
  return answer.errors.length > 0 && tellsOf("isNotThere", answer);
}

/** `2026-12-24T00:00:00`, of which the zone is not said: taken for UTC. */
function dateIn(text: string): Date | null {
  const at = new Date(/[zZ]|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at.getTime()) ? null : at;
}
