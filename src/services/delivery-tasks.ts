import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import type { Queue } from "../queue/queue.ts";

/** Which of two lines an endpoint waits in: what is slow or fails does not stand before what works. */
export function lineOf({ away, slow }: Pick<WebhookEndpoint, "away" | "slow">): DeliveryLine {
  return away || slow ? "retry-webhooks" : "deliver-webhooks";
}

export type DeliveryLine = "deliver-webhooks" | "retry-webhooks";

/** Has events sent to an endpoint now. */
export async function deliverSoon(
  queue: Pick<Queue, "reschedule">,
  tx: TenantTransaction,
  endpoint: Pick<WebhookEndpoint, "id" | "away" | "slow">,
): Promise<void> {
  const payload = { tenantId: tx.tenantId, webhookEndpointId: endpoint.id };
  await queue.reschedule(tx, lineOf(endpoint), payload, { key: endpoint.id });
}

/** Goes on with what was left lying: endpoints that are to get something. Harmless for those that are at work. */
export async function resumeDeliveries(queue: Pick<Queue, "enqueue">, tx: TenantTransaction): Promise<void> {
  const endpoints = await tx.query<Pick<WebhookEndpoint, "id" | "away" | "slow">>(
    `SELECT id, away, slow FROM webhook_endpoint
     WHERE state <> 'PAUSED' AND (
       position < (SELECT position FROM event_head)
       OR EXISTS (SELECT FROM webhook_delivery WHERE endpoint_id = webhook_endpoint.id AND state = 'PENDING')
     ) ORDER BY id`,
  );
  for (const endpoint of endpoints) {
    const payload = { tenantId: tx.tenantId, webhookEndpointId: endpoint.id };
    await queue.enqueue(tx, lineOf(endpoint), payload, { key: endpoint.id });
  }
}
