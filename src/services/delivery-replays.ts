import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { WebhookDelivery } from "../entities/webhook-delivery.ts";
import type { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import { IntegrationError } from "../errors.ts";
import { type LoggedEvent, loggedEventSql, readAfter, readHead } from "../events/event-log.ts";
import type { Queue } from "../queue/queue.ts";
import { insertDeliveries, plannedOf, wantedBy } from "./delivery-plan.ts";
import { deliverSoon } from "./delivery-tasks.ts";
import { lockEndpoint } from "./delivery-turns.ts";
import { readEventCursor } from "./event-cursor.ts";
import { notFound } from "./found-integration.ts";
import { isId, newId, possibleIds } from "./id.ts";
import { requireScope, type Viewer } from "./viewer.ts";

/** What to send again: deliveries, or what the log has in a range. */
export interface ReplayRequest {
  readonly endpointId: string;
  readonly deliveryIds: readonly string[] | null;
  readonly eventIds: readonly string[] | null;
  /** Cursors: after the one, up to and with the other. */
  readonly after: string | null;
  readonly until: string | null;
  readonly occurredFrom: Date | null;
  readonly occurredTo: Date | null;
  /** Only what has not arrived there yet. */
  readonly missedOnly: boolean;
}

const mostNamed = 200;
/** Looked at in one transaction. */
const pageSize = 500;

interface Range {
  readonly replayId: string;
  readonly after: bigint;
  readonly until: bigint;
  readonly occurredFrom: Date | null;
  readonly occurredTo: Date | null;
  readonly missedOnly: boolean;
}

/** The same in a task's words. */
interface StoredRange {
  readonly replayId: string;
  readonly after: string;
  readonly until: string;
  readonly occurredFrom: string | null;
  readonly occurredTo: string | null;
  readonly missedOnly: boolean;
}

/**
 * Sends events again: some, a range, or what was missed, as far back as the log goes. What an endpoint never wanted is not sent
 * to it; what it had already comes with the same id, so that it can tell.
 */
export class DeliveryReplays {
  constructor(
    private readonly database: Database,
    private readonly queue: Pick<Queue, "enqueue" | "reschedule">,
    private readonly now: () => Date,
  ) {}

  /** Returns at once; a range is gone through by a task. @throws {IntegrationError} NOT_FOUND, INVALID_INPUT, PREREQUISITE_MISSING */
  async request(viewer: Viewer, request: ReplayRequest): Promise<WebhookEndpoint> {
    requireScope(viewer, "webhooks:manage");
    const named = request.deliveryIds ?? request.eventIds;
    const isRange = [request.after, request.until, request.occurredFrom, request.occurredTo].some(
      (one) => one !== null,
    );
    if ((request.deliveryIds && request.eventIds) || (named && isRange)) {
      throw invalid("Name deliveries, or events, or a range", "deliveryIds");
    }
    if (!named && !isRange && !request.missedOnly) {
      throw invalid(
        "Say what to send: deliveries, events, a range, or missedOnly for all that was missed",
        "deliveryIds",
      );
    }
    if (named && named.length > mostNamed) throw invalid(`Name at most ${mostNamed}, or a range`, "deliveryIds");
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const endpoint = isId(request.endpointId) ? await lockEndpoint(tx, request.endpointId) : null;
      if (!endpoint) throw notFound();
      requireSending(endpoint);
      const replayId = newId(this.now());
      if (named) await this.sendNamed(tx, endpoint, request, replayId);
      else await this.sendRange(tx, endpoint, await rangeOf(tx, endpoint, request, replayId));
      return endpoint;
    });
  }

  /** The next piece of a range. Harmless twice: what this replay has sent again already stays as it is. */
  async goOn(tenantId: string, endpointId: string, stored: StoredRange): Promise<void> {
    const time = (text: string | null) => (text === null ? null : new Date(text));
    const range = {
      ...{ replayId: stored.replayId, after: BigInt(stored.after), until: BigInt(stored.until) },
      ...{ occurredFrom: time(stored.occurredFrom), occurredTo: time(stored.occurredTo) },
      missedOnly: stored.missedOnly,
    };
    await this.database.inTenant(tenantId, async (tx) => {
      const endpoint = await lockEndpoint(tx, endpointId);
      if (endpoint?.state === "ENABLED") await this.sendRange(tx, endpoint, range);
    });
  }

  private async sendNamed(
    tx: TenantTransaction,
    endpoint: WebhookEndpoint,
    { deliveryIds, eventIds, missedOnly }: ReplayRequest,
    replayId: string,
  ): Promise<void> {
    if (deliveryIds) {
      const ids = possibleIds(deliveryIds);
      const known = await tx.manager
        .createQueryBuilder(WebhookDelivery, "delivery")
        .where("delivery.tenantId = :tenantId AND delivery.endpointId = :endpointId AND delivery.id = ANY(:ids)", {
          ...{ tenantId: tx.tenantId, endpointId: endpoint.id, ids },
        })
        .getMany();
      if (known.length < new Set(deliveryIds).size) throw invalid("This endpoint has no such delivery", "deliveryIds");
      if (known.some(({ trigger }) => trigger === "TEST")) {
        throw invalid("A made-up event is sent again with testWebhookEndpoint", "deliveryIds");
      }
      await this.sendAgain(tx, endpoint, "id", ids, { replayId, missedOnly });
    } else {
      const ids = possibleIds(eventIds ?? []);
      const events = await tx.query<LoggedEvent>(`${loggedEventSql} WHERE event.id = ANY($1)`, [ids]);
      if (events.length < new Set(eventIds).size) throw invalid("The log has no such event", "eventIds");
      await this.sendEvents(tx, endpoint, events, { replayId, missedOnly });
    }
    await deliverSoon(this.queue, tx, endpoint);
  }

  private async sendRange(tx: TenantTransaction, endpoint: WebhookEndpoint, range: Range): Promise<void> {
    const { replayId, after, until, occurredFrom, occurredTo, missedOnly } = range;
    const page = await readAfter(tx, after, pageSize);
    const events = page.filter(
      ({ position, occurredAt }) =>
        BigInt(position) <= until &&
        (!occurredFrom || occurredAt >= occurredFrom) &&
        (!occurredTo || occurredAt < occurredTo),
    );
    await this.sendEvents(tx, endpoint, events, range);
    await deliverSoon(this.queue, tx, endpoint);
    const last = page.at(-1);
    if (!last || page.length < pageSize || BigInt(last.position) >= until) return;
    const rest = {
      ...{ replayId, after: last.position, until: until.toString(), missedOnly },
      ...{ occurredFrom: occurredFrom?.toISOString() ?? null, occurredTo: occurredTo?.toISOString() ?? null },
    };
    const payload = { tenantId: tx.tenantId, webhookEndpointId: endpoint.id, ...rest };
    await this.queue.enqueue(tx, "replay-webhooks", payload, { key: replayId });
  }

  private async sendEvents(
    tx: TenantTransaction,
    endpoint: WebhookEndpoint,
    events: readonly LoggedEvent[],
    replay: Pick<Range, "replayId" | "missedOnly">,
  ): Promise<void> {
    // What it has not come to yet comes by itself.
    const wants = wantedBy(endpoint);
    const place = BigInt(endpoint.position);
    const wanted = events.filter((event) => BigInt(event.position) <= place && wants(event));
    const now = this.now();
    await this.sendAgain(
      tx,
      endpoint,
      "event_id",
      wanted.map(({ id }) => id),
      replay,
    );
    await insertDeliveries(
      tx,
      endpoint,
      "REPLAY",
      wanted.map((event) => plannedOf(event, now)),
      now,
    );
  }

  /** The schedule begins anew; what still waits comes now. */
  private async sendAgain(
    tx: TenantTransaction,
    { id: endpointId }: WebhookEndpoint,
    by: "id" | "event_id",
    ids: readonly string[],
    { replayId, missedOnly }: Pick<Range, "replayId" | "missedOnly">,
  ): Promise<void> {
    await tx.query(
      `UPDATE webhook_delivery SET state = 'PENDING', trigger = CASE WHEN trigger = 'GAP' THEN trigger ELSE 'REPLAY' END,
         due_at = $3, tries = 0, tried_since = NULL, delivered_at = NULL, replay_id = $5
       WHERE endpoint_id = $1 AND ${by} = ANY($2) AND (NOT $4 OR state <> 'DELIVERED') AND replay_id IS DISTINCT FROM $5`,
      [endpointId, ids, this.now(), missedOnly, replayId],
    );
  }
}

/** @throws {IntegrationError} PREREQUISITE_MISSING */
function requireSending({ state }: WebhookEndpoint): void {
  if (state === "ENABLED") return;
  throw new IntegrationError("PREREQUISITE_MISSING", `Nothing is sent to this endpoint: it is ${state}`, {
    field: ["input", "endpointId"],
    remedy: "Enable it with updateWebhookEndpoint first.",
  });
}

/**
 * Without a beginning it begins where the endpoint has begun: it has missed nothing before.
 *
 * @throws {IntegrationError} INVALID_INPUT, CURSOR_EXPIRED when it begins past the retention
 */
async function rangeOf(
  tx: TenantTransaction,
  { beganAfter }: WebhookEndpoint,
  request: ReplayRequest,
  replayId: string,
): Promise<Range> {
  const { occurredFrom, occurredTo, missedOnly } = request;
  const { position, removedUntil } = await readHead(tx);
  const began = BigInt(occurredFrom ? 0 : beganAfter);
  const after = request.after === null ? (began > removedUntil ? began : removedUntil) : readEventCursor(request.after);
  if (after < removedUntil) {
    throw new IntegrationError("CURSOR_EXPIRED", "Events after this cursor are past their retention", {
      field: ["input", "after"],
      remedy: "Leave `after` out: everything that is still kept is sent then.",
    });
  }
  const until = request.until === null ? position : readEventCursor(request.until);
  // Times nearly rise with positions: what cannot be among them is passed over.
  const [first] = await tx.query<{ position: string | null }>(
    "SELECT min(position) AS position FROM event WHERE occurred_at >= $1",
    [occurredFrom ?? new Date(0)],
  );
  if (first?.position == null) return { replayId, after: until, until, occurredFrom, occurredTo, missedOnly };
  const firstAfter = BigInt(first.position) - 1n;
  return { replayId, after: firstAfter > after ? firstAfter : after, until, occurredFrom, occurredTo, missedOnly };
}

function invalid(message: string, field: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message, { field: ["input", field] });
}
