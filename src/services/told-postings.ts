import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { BoardNews } from "../providers/job-board/applications.ts";
import type { Queue } from "../queue/queue.ts";
import { bringSoon } from "./posting-tasks.ts";

/** What a board says of jobs: that it wants them sent again, or that they have changed there by themselves. */
export type JobNews = Extract<BoardNews, { readonly kind: "resend" | "look" }>;

const isAtBoard = "wanted = 'OPEN' AND state IN ('SUBMITTED', 'IN_REVIEW', 'LIVE', 'LIMITED')";

/** Which postings of an account a board speaks of: those that it should have. */
export async function postingsIn(
  tx: TenantTransaction,
  integrationId: string,
  { references }: JobNews,
): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id FROM job_posting WHERE integration_id = $1 AND ($2::text[] IS NULL OR reference = ANY($2)) AND ${isAtBoard}
     ORDER BY id`,
    [integrationId, references],
  );
  return rows.map(({ id }) => id);
}

/**
 * Has postings sent again, or looked at, soon. What comes of it belongs to the board's message, unless somebody's change of the
 * posting is still under way: then it belongs to that.
 */
export async function bringAsTold(
  tx: TenantTransaction,
  queue: Pick<Queue, "enqueue">,
  postingIds: readonly string[],
  { kind, correlationId, at }: { readonly kind: JobNews["kind"]; readonly correlationId: string; readonly at: Date },
): Promise<void> {
  const again = kind === "resend" ? "version_sent = NULL, version_refused = NULL," : "";
  await tx.query(
    `UPDATE job_posting SET ${again} next_look_at = $2,
       correlation_id = CASE WHEN operation IS NULL AND version_sent = job_version THEN $3 ELSE correlation_id END
     WHERE id = ANY($1) AND ${isAtBoard}`,
    [postingIds, at, correlationId],
  );
  for (const id of postingIds) await bringSoon(queue, { tenantId: tx.tenantId, id }, tx);
}
