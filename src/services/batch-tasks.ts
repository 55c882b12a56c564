import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { JobBatch } from "../entities/job-batch.ts";
import type { JobPosting } from "../entities/job-posting.ts";
import type { BoardBatch } from "../providers/job-board/batch.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import type { Queue } from "../queue/queue.ts";
import { nextTurn } from "./manual-plan.ts";
import { hasEndedUnsent, isOver, nextOperation } from "./posting-plan.ts";
import { bringSoon, savePosting } from "./posting-tasks.ts";

/** A board that gets all open jobs of an account at once. */
export type BatchBoard = JobBoardProvider & { readonly batch: BoardBatch };

export function isBatchBoard(board: JobBoardProvider): board is BatchBoard {
  return board.batch !== undefined;
}

/** Has an account's board mailed to. One that waits already does for everything that is wanted by then. */
export async function sendSoon(
  queue: Pick<Queue, "enqueue">,
  tx: TenantTransaction,
  integrationId: string,
  startAt?: Date,
): Promise<void> {
  const options = { key: integrationId, ...(startAt && { startAt }) };
  await queue.enqueue(tx, "send-job-batch", { tenantId: tx.tenantId, integrationId }, options);
}

/** When the next mail of an account may go out; null for at once. @param integrationId locked */
export async function nextMailAt(
  tx: TenantTransaction,
  integrationId: string,
  { everySeconds }: Pick<BoardBatch, "everySeconds">,
  now: Date,
): Promise<Date | null> {
  const { tenantId } = tx;
  const latest = await tx.manager.findOneBy(JobBatch, { tenantId, integrationId });
  const at = latest?.begunAt && new Date(latest.begunAt.getTime() + everySeconds * 1000);
  return at && at > now ? at : null;
}

/** Has the next mail bring what is wanted of a posting, or somebody look after it when something happens by itself. */
export async function leaveToBatch(
  queue: Pick<Queue, "enqueue">,
  tx: TenantTransaction,
  posting: JobPosting,
  board: BatchBoard,
  now: Date,
): Promise<void> {
  const { tenantId, id, integrationId, operation } = posting;
  const isNext =
    operation !== null ||
    hasEndedUnsent(posting, board, now) ||
    nextOperation(posting, isOver(posting, board, now)) !== null;
  if (isNext) {
    const at = await nextMailAt(tx, integrationId, board.batch, now);
    posting.nextLookAt = at ?? now;
    await sendSoon(queue, tx, integrationId, at ?? undefined);
  } else {
    posting.nextLookAt = nextTurn(posting, board);
    if (posting.nextLookAt) await bringSoon(queue, { tenantId, id, startAt: posting.nextLookAt }, tx);
  }
  await savePosting(queue, tx, posting);
}
