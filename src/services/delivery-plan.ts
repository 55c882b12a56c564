import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { WebhookDeliveryTrigger } from "../entities/webhook-delivery.ts";
import type { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import type { LoggedEvent } from "../events/event-log.ts";
import { readAfter, readHead } from "../events/event-log.ts";
import { endpointSight } from "./access-policy.ts";
import { writeEventCursor } from "./event-cursor.ts";
import { knownTypes } from "./event-patterns.ts";
import { newId } from "./id.ts";

const pageSize = 500;
/** So many deliveries are made before the first of them are sent; the log keeps the rest. */
const plannedAhead = 1000;
/** What waits for its next attempt holds up what is new only when there is this much of it. */
const mostWaiting = 20_000;
/** Of a log in which an endpoint wants little, no more than this is gone through in one transaction. */
const mostPages = 10;

/** What becomes a row of `webhook_delivery`. */
interface PlannedDelivery {
  readonly id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly position: string | null;
  readonly correlation_id: string;
  readonly message: Record<string, unknown> | null;
}

/**
 * Makes deliveries of what the log has after the endpoint's place in it, and moves the place on. What is past its retention is
 * told as one `stream.gap`, as to any reader. The endpoint's row is the caller's, locked, and is saved by the caller.
 *
 * @returns whether there is more to make deliveries of at once
 */
export async function planDeliveries(tx: TenantTransaction, endpoint: WebhookEndpoint, now: Date): Promise<boolean> {
  const wants = wantedBy(endpoint);
  let room = await roomFor(tx, endpoint, now);
  let position = BigInt(endpoint.position);
  let hasMore = true;
  for (let page = 0; hasMore && page < mostPages && room > 0; page += 1) {
    const events = await readAfter(tx, position, pageSize);
    // Positions are dense: what is missing was removed. Where nothing follows, the head tells.
    const first = events[0] ? BigInt(events[0].position) : (await readHead(tx)).removedUntil + 1n;
    if (first > position + 1n) {
      await insertDeliveries(tx, endpoint, "GAP", [gapOf(position, first - 1n, now)], now);
      position = first - 1n;
    }
    const wanted = events.filter(wants).map((event) => plannedOf(event, now));
    await insertDeliveries(tx, endpoint, "LOG", wanted, now);
    position = BigInt(events.at(-1)?.position ?? position);
    room -= wanted.length;
    hasMore = events.length === pageSize;
  }
  endpoint.position = position.toString();
  return hasMore && room > 0;
}

/** Whether an endpoint is to get an event: by its filter, and by what it may see. */
export function wantedBy(endpoint: WebhookEndpoint): (event: LoggedEvent) => boolean {
  const types = knownTypes(endpoint.eventTypes);
  const integrations = endpoint.integrationIds && new Set(endpoint.integrationIds);
  return (event) =>
    types.has(event.type) &&
    (!integrations || (event.integrationId !== null && integrations.has(event.integrationId))) &&
    endpointSight(endpoint, event) !== "nothing";
}

export function plannedOf({ id, type, position, correlationId }: LoggedEvent, now: Date): PlannedDelivery {
  return {
    id: newId(now),
    event_id: id,
    event_type: type,
    position,
    correlation_id: correlationId,
    message: null,
  };
}

/** An event that is there already stays as it is. */
export async function insertDeliveries(
  tx: TenantTransaction,
  { id: endpointId }: Pick<WebhookEndpoint, "id">,
  trigger: WebhookDeliveryTrigger,
  deliveries: readonly PlannedDelivery[],
  now: Date,
): Promise<void> {
  if (deliveries.length === 0) return;
  await tx.query(
    `INSERT INTO webhook_delivery (tenant_id, id, endpoint_id, event_id, event_type, position, correlation_id, trigger,
       message, state, attempts, tries, due_at, created_at)
     SELECT $1, row.id, $2, row.event_id, row.event_type, row.position, row.correlation_id, $3, row.message, 'PENDING', 0, 0, $4, $4
     FROM jsonb_to_recordset($5::jsonb) AS row (
       id uuid, event_id uuid, event_type text, position bigint, correlation_id uuid, message jsonb
     )
     ON CONFLICT (tenant_id, event_id, endpoint_id) DO NOTHING`,
    [tx.tenantId, endpointId, trigger, now, JSON.stringify(deliveries)],
  );
}

/** How many more deliveries may be made now. Where the order counts, everything waits that is not done. */
async function roomFor(tx: TenantTransaction, { id, ordered }: WebhookEndpoint, now: Date): Promise<number> {
  const [row] = await tx.query<{ due: string; waiting: string }>(
    `SELECT count(*) FILTER (WHERE due_at <= $2) AS due, count(*) AS waiting
     FROM webhook_delivery WHERE endpoint_id = $1 AND state = 'PENDING'`,
    [id, now],
  );
  const { due, waiting } = { due: Number(row?.due ?? 0), waiting: Number(row?.waiting ?? 0) };
  return Math.min(plannedAhead - (ordered ? waiting : due), mostWaiting - waiting);
}

/** It stands in the log where the first event follows that is still there. */
function gapOf(lost: bigint, removedUntil: bigint, now: Date): PlannedDelivery {
  const id = newId(now);
  const resumeAfter = writeEventCursor(removedUntil);
  const message = {
    ...{ id, type: "stream.gap", timestamp: now.toISOString(), cursor: resumeAfter },
    ...{ integrationId: null, subjectType: null, subjectId: null },
    ...{ actor: { kind: "SYSTEM", id: null }, correlationId: id, causationId: null, dataVersion: 1 },
    data: { lostFrom: writeEventCursor(lost), resumeAfter },
  };
  return {
    id: newId(now),
    event_id: id,
    event_type: "stream.gap",
    position: removedUntil.toString(),
    correlation_id: id,
    message,
  };
}
