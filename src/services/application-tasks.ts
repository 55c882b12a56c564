import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Queue } from "../queue/queue.ts";

/** Has an application made of a stored message. */
export async function takeSoon(queue: Pick<Queue, "enqueue">, tx: TenantTransaction, id: string): Promise<void> {
  await queue.enqueue(tx, "take-application", { tenantId: tx.tenantId, inboundDeliveryId: id }, { key: id });
}

/** Has a file fetched that is still at the board. */
export async function fetchSoon(queue: Pick<Queue, "enqueue">, tx: TenantTransaction, id: string): Promise<void> {
  await queue.enqueue(tx, "fetch-application-file", { tenantId: tx.tenantId, applicationFileId: id }, { key: id });
}

/** Has a board told what it has not heard yet. */
export async function tellSoon(
  queue: Pick<Queue, "enqueue">,
  tx: TenantTransaction,
  integrationId: string,
  startAt?: Date,
): Promise<void> {
  const { tenantId } = tx;
  const options = { key: integrationId, ...(startAt && { startAt }) };
  await queue.enqueue(tx, "tell-board", { tenantId, integrationId }, options);
}

/**
 * Goes on with what was left lying, of one integration or of the tenant: messages that did not become applications, files that
 * are still at the board, and what boards have not heard. Harmless for what is under way: it is done once all the same.
 */
export async function resumeApplications(
  queue: Pick<Queue, "enqueue">,
  tx: TenantTransaction,
  integrationId: string | null,
): Promise<{ readonly deliveries: number; readonly files: number }> {
  const ofIt = "($1::uuid IS NULL OR integration_id = $1)";
  const deliveries = await tx.query<{ id: string }>(
    `SELECT id FROM inbound_delivery WHERE sealed IS NOT NULL AND state IN ('RECEIVED', 'FAILED') AND ${ofIt}`,
    [integrationId],
  );
  for (const { id } of deliveries) await takeSoon(queue, tx, id);
  const files = await tx.query<{ id: string }>(
    `SELECT id FROM job_application_file WHERE state = 'PENDING' AND ${ofIt}`,
    [integrationId],
  );
  for (const { id } of files) await fetchSoon(queue, tx, id);
  const untold = await tx.query<{ id: string }>(
    `SELECT DISTINCT integration_id AS id FROM job_application_step WHERE disposition = 'PENDING' AND ${ofIt}`,
    [integrationId],
  );
  for (const { id } of untold) await tellSoon(queue, tx, id);
  return { deliveries: deliveries.length, files: files.length };
}
