import { IntegrationError } from "../../../errors.ts";
import type { BoardAccount, BoardPosting, PostingReport } from "../provider.ts";
import { readJob, type StoredJob } from "./client.ts";
import { currentId, findOpen, isOpen, stateOf } from "./lookup.ts";
import { shownMs } from "./mapping.ts";

/**
 * How a job stands. After a new one whose answer got lost, that is the open one with its reference: what the posting was known
 * by before is another one.
 */
export async function readStatus(account: BoardAccount, posting: BoardPosting): Promise<PostingReport | null> {
  const { operation, boardPostingId } = posting;
  if (operation === "POST" || operation === "REOPEN") return statusOfNew(account, posting);
  const id = boardPostingId ?? (await currentId(account, posting));
  const job = id === null ? null : await readJob(account, id);
  if (job !== null) return reportOf(job);
  return isToBeGone(posting) ? closed(id) : null;
}

/** @throws {IntegrationError} MANUAL_ACTION_REQUIRED where nobody can tell whether there is one */
async function statusOfNew(account: BoardAccount, posting: BoardPosting): Promise<PostingReport | null> {
  const { boardPostingId } = posting;
  const known = boardPostingId === null ? null : await readJob(account, boardPostingId);
  if (known !== null && isOpen(stateOf(known))) return reportOf(known);
  const found = await findOpen(account, posting);
  return found && reportOf(found);
}

/** As We Work Remotely answers with it. */
export function reportOf(job: StoredJob): PostingReport {
  const { id, status, created_at: createdAt } = job;
  const state = stateOf(job);
  return {
    ...nothingElse,
    state,
    boardState: status ?? "HTTP 200",
    boardPostingId: id,
    expiresAt: createdAt == null ? null : new Date(Date.parse(createdAt) + shownMs),
    refusal: state === "REJECTED" ? refused(status ?? "") : null,
  };
}

/** It is off the board. */
export function closed(boardPostingId: string | null): PostingReport {
  return { ...nothingElse, state: "CLOSED", boardState: "canceled", boardPostingId };
}

/** There is nothing to change, and a new one would cost money that nobody has approved. */
export function gone(boardPostingId: string | null): PostingReport {
  const refusal = new IntegrationError("PROVIDER_REFUSED", "We Work Remotely no longer has this job", {
    remedy: "Post it again with reopenJobPosting; that costs another post.",
  });
  return { ...nothingElse, state: "CLOSED", boardState: "HTTP 404", boardPostingId, isTaken: false, refusal };
}

const nothingElse = {
  boardTaskId: null,
  url: null,
  expiresAt: null,
  isPending: false,
  isTaken: true,
  refusal: null,
} as const satisfies Partial<PostingReport>;

function isToBeGone({ operation, previousState }: BoardPosting): boolean {
  return operation === "CLOSE" || (operation === null && previousState === "CLOSED");
}

function refused(status: string): IntegrationError {
  return new IntegrationError("PROVIDER_REFUSED", `We Work Remotely does not show the job: ${status.slice(0, 100)}`, {
    remedy: "Ask We Work Remotely why; it keeps no reasons where programs can read them.",
  });
}
