import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import type { IntegrationError } from "../errors.ts";
import { newId } from "./id.ts";
import { keptHeaders } from "./kept-headers.ts";
import { problemOf } from "./problem.ts";

/**
 * Notes that somebody sent what is not the vendor's: without its body, and one row an hour however often it comes, so that
 * nobody fills a table by it. A secret that does not match is found out that way.
 */
export async function noteUnproved(
  tx: TenantTransaction,
  { id: integrationId, provider }: Pick<Integration, "id" | "provider">,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string | Buffer },
  why: IntegrationError,
  receivedAt: Date,
): Promise<void> {
  const id = newId(receivedAt);
  const hour = receivedAt.toISOString().slice(0, 13);
  await tx.query(
    `INSERT INTO inbound_delivery (tenant_id, id, provider, integration_id, external_id, correlation_id, verified, size,
       headers, state, problem, receipts, received_at)
     VALUES ($1, $2, $3, $4, $5, $2, false, $6, $7, 'REFUSED', $8, 1, $9)
     ON CONFLICT (tenant_id, integration_id, external_id) WHERE external_id IS NOT NULL DO UPDATE SET
       receipts = inbound_delivery.receipts + 1, size = excluded.size, headers = excluded.headers,
       problem = excluded.problem`,
    [
      ...[tx.tenantId, id, provider, integrationId, `unproved ${hour}`, Buffer.byteLength(body)],
      ...[JSON.stringify(keptHeaders(headers)), JSON.stringify(problemOf(why)), receivedAt],
    ],
  );
}
