import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import type { IntegrationError } from "../errors.ts";
import { newId } from "./id.ts";
import { keptHeaders } from "./kept-headers.ts";
import { problemOf } from "./problem.ts";

const hourMs = 60 * 60 * 1000;

/**
 * Notes that a message came to an integration's address which its vendor did not send, or which was changed on its way. Those
 * of one hour are one row, which counts them, and nothing is kept of what they say: nobody can fill the table.
 */
export async function noteUnproved(
  tx: TenantTransaction,
  { id: integrationId, provider }: Integration,
  headers: Readonly<Record<string, string>>,
  error: IntegrationError,
  receivedAt: Date,
): Promise<void> {
  const hour = new Date(Math.floor(receivedAt.getTime() / hourMs) * hourMs);
  await tx.query(
    `INSERT INTO inbound_delivery (tenant_id, id, provider, integration_id, headers, state, problem, correlation_id,
       verified, unproved_hour, receipts, received_at)
     VALUES ($1, $2, $3, $4, $5, 'REFUSED', $6, $7, false, $8, 1, $9)
     ON CONFLICT (tenant_id, integration_id, unproved_hour) WHERE unproved_hour IS NOT NULL
     DO UPDATE SET receipts = inbound_delivery.receipts + 1`,
    [
      ...[tx.tenantId, newId(receivedAt), provider, integrationId, JSON.stringify(keptHeaders(headers))],
      ...[JSON.stringify(problemOf(error)), newId(receivedAt), hour, receivedAt],
    ],
  );
}
