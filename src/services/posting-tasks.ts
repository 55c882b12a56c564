import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { JobPosting } from "../entities/job-posting.ts";
import type { Queue } from "../queue/queue.ts";

/** Has a posting looked after at once, or later. */
export async function bringSoon(
  queue: Pick<Queue, "enqueue">,
  { tenantId, id, startAt }: { readonly tenantId: string; readonly id: string; readonly startAt?: Date },
  tx: TenantTransaction,
): Promise<void> {
  await queue.enqueue(
    tx,
    "bring-job-posting",
    { tenantId, jobPostingId: id },
    { key: id, ...(startAt && { startAt }) },
  );
}

/** Stores a posting, and has those follow that are its job's at boards which show other boards' jobs. */
export async function savePosting(
  queue: Pick<Queue, "enqueue">,
  tx: TenantTransaction,
  posting: JobPosting,
): Promise<JobPosting> {
  const saved = await tx.manager.save(JobPosting, posting);
  if (posting.route === "MIRROR") return saved;
  const { tenantId, jobId } = posting;
  const mirrors = await tx.query<{ id: string }>(
    "SELECT id FROM job_posting WHERE tenant_id = $1 AND job_id = $2 AND route = 'MIRROR'",
    [tenantId, jobId],
  );
  for (const { id } of mirrors) await bringSoon(queue, { tenantId, id }, tx);
  return saved;
}

/**
 * Goes on with postings that wait for a task: all of an integration that is connected again, or those of the tenant whose
 * task was lost. Harmless for others: a task that has nothing to do does nothing.
 */
export async function resumePostings(
  queue: Pick<Queue, "enqueue">,
  tx: TenantTransaction,
  which: { readonly integrationId: string } | { readonly overdueSince: Date },
): Promise<void> {
  const waiting = "(operation IS NOT NULL OR state = 'QUEUED' OR next_look_at IS NOT NULL)";
  const rows =
    "integrationId" in which
      ? await tx.query<{ id: string }>(`SELECT id FROM job_posting WHERE integration_id = $1 AND ${waiting}`, [
          which.integrationId,
        ])
      : await tx.query<{ id: string }>(
          `SELECT id FROM job_posting WHERE coalesce(next_look_at, updated_at) < $1 AND ${waiting}`,
          [which.overdueSince],
        );
  for (const { id } of rows) await bringSoon(queue, { tenantId: tx.tenantId, id }, tx);
}

/** Has the board asked how every open posting of an integration stands. @returns how many those are */
export async function askAboutPostings(
  queue: Pick<Queue, "enqueue">,
  tx: TenantTransaction,
  integrationId: string,
  now: Date,
): Promise<number> {
  const rows = await tx.query<{ id: string }>(
    `WITH asked AS (
       UPDATE job_posting SET next_look_at = $2
       WHERE integration_id = $1 AND state IN ('SUBMITTED', 'IN_REVIEW', 'LIVE', 'LIMITED') RETURNING id
     ) SELECT id FROM asked`,
    [integrationId, now],
  );
  for (const { id } of rows) await bringSoon(queue, { tenantId: tx.tenantId, id }, tx);
  return rows.length;
}
