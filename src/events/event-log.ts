import { v7 as uuidv7 } from "uuid";
import type { ActorKind, Event } from "../entities/event.ts";
import { toJsonb } from "../entities/jsonb.ts";
import { type EventData, eventCatalogue, type RecordedEventType } from "./catalogue.ts";

/** What the log needs of a transaction; one tenant's. */
export interface LoggingTransaction {
  readonly tenantId: string;
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  beforeCommit(step: () => Promise<void>): void;
  afterCommit(step: () => void): void;
}

/** Who did it, and what it belongs to. */
export interface Cause {
  readonly actor: { readonly kind: ActorKind; readonly id: string | null };
  /** The same for everything that one request or one sync brought about. */
  readonly correlationId: string;
  /** What brought it about: a vendor's message, a sync run or an event. Null, or left out, where that is nothing kept. */
  readonly causationId?: string | null;
}

export interface EventDraft<T extends RecordedEventType = RecordedEventType> {
  readonly type: T;
  /** Null for what belongs to no integration: a webhook endpoint is the tenant's. */
  readonly integrationId: string | null;
  readonly subjectId: string;
  /** The subject as it is at this moment. */
  readonly data: EventData<T>;
  readonly cause: Cause;
}

/**
 * A stored event with what decides who may read it: its integration's owner and visibility as they are now. What belongs to no
 * integration is the tenant's.
 */
export interface LoggedEvent extends Event {
  readonly ownership: string | null;
  readonly ownerId: string | null;
  readonly visibility: string | null;
}

/** The tenant's log of everything that happened: dense positions, committed in order. */
export class EventLog {
  private readonly drafts = new WeakMap<LoggingTransaction, (EventDraft & { id: string; occurredAt: Date })[]>();

  constructor(
    private readonly now: () => Date,
    /** Told after each commit that a tenant's log has grown, and whether webhook endpoints follow it. A hint, never the data. */
    private readonly wake: (tenantId: string, isFollowed: boolean) => void,
  ) {}

  /** Records an event with the caller's change: either both are stored, or neither. */
  record<T extends RecordedEventType>(tx: LoggingTransaction, draft: EventDraft<T>): void {
    let drafts = this.drafts.get(tx);
    if (!drafts) {
      drafts = [];
      this.drafts.set(tx, drafts);
      let isFollowed = false;
      tx.beforeCommit(async () => {
        isFollowed = await this.store(tx);
      });
      tx.afterCommit(() => this.wake(tx.tenantId, isFollowed));
    }
    const occurredAt = this.now();
    drafts.push({ ...draft, id: uuidv7({ msecs: occurredAt.getTime() }), occurredAt } as (typeof drafts)[number]);
  }

  /**
   * Takes positions and inserts, as the transaction's last statement: the lock on the tenant's head is held from here
   * to the commit only, so commits of one tenant are in order and tenants never wait for each other.
   *
   * @returns whether webhook endpoints follow the log
   */
  private async store(tx: LoggingTransaction): Promise<boolean> {
    const drafts = this.drafts.get(tx) ?? [];
    this.drafts.delete(tx);
    const rows = drafts.map((draft) => ({
      id: draft.id,
      type: draft.type,
      occurred_at: draft.occurredAt.toISOString(),
      actor_kind: draft.cause.actor.kind,
      actor_id: draft.cause.actor.id,
      integration_id: draft.integrationId,
      subject_id: draft.subjectId,
      data: draft.data,
      data_version: eventCatalogue[draft.type].dataVersion,
      correlation_id: draft.cause.correlationId,
      causation_id: draft.cause.causationId ?? null,
    }));
    const [stored] = await tx.query<{ isFollowed: boolean }>(
      `WITH head AS (
         INSERT INTO event_head (tenant_id, position, removed_until) VALUES ($1, $2, 0)
         ON CONFLICT (tenant_id) DO UPDATE SET position = event_head.position + $2
         RETURNING position, followed_until
       ), stored AS (
       INSERT INTO event (tenant_id, position, id, type, occurred_at, actor_kind, actor_id, integration_id, subject_id,
                          data, data_version, correlation_id, causation_id)
       SELECT $1, head.position - $2 + row.ordinality, row.id, row.type, row.occurred_at, row.actor_kind, row.actor_id,
              row.integration_id, row.subject_id, row.data, row.data_version, row.correlation_id, row.causation_id
       FROM head, ROWS FROM (jsonb_to_recordset($3::jsonb) AS (
              id uuid, type text, occurred_at timestamptz, actor_kind text, actor_id text, integration_id uuid,
              subject_id text, data jsonb, data_version int, correlation_id uuid, causation_id uuid
            )) WITH ORDINALITY AS row)
       SELECT followed_until IS NOT NULL AS "isFollowed" FROM head`,
      [tx.tenantId, rows.length, toJsonb(rows)],
    );
    return stored?.isFollowed === true;
  }
}

/** Where a tenant's log ends, and up to where retention has removed it. Positions are bigints, as text. */
export async function readHead(tx: LoggingTransaction): Promise<{ position: bigint; removedUntil: bigint }> {
  const [row] = await tx.query<{ position: string; removed_until: string }>(
    "SELECT position, removed_until FROM event_head",
  );
  return { position: BigInt(row?.position ?? 0), removedUntil: BigInt(row?.removed_until ?? 0) };
}

/** SQL for a {@link LoggedEvent}; `event` and `integration` may be used in conditions. */
export const loggedEventSql = `
  SELECT event.tenant_id AS "tenantId", event.position, event.id, event.type, event.occurred_at AS "occurredAt",
         event.actor_kind AS "actorKind", event.actor_id AS "actorId", event.integration_id AS "integrationId",
         event.subject_id AS "subjectId", event.data, event.data_version AS "dataVersion",
         event.correlation_id AS "correlationId", event.causation_id AS "causationId",
         CASE WHEN event.integration_id IS NULL THEN 'TENANT' ELSE integration.ownership END AS ownership,
         integration.owner_id AS "ownerId", integration.visibility
  FROM event
  LEFT JOIN integration ON integration.tenant_id = event.tenant_id AND integration.id = event.integration_id`;

/** Events after a position, in order. */
export function readAfter(tx: LoggingTransaction, after: bigint, limit: number): Promise<LoggedEvent[]> {
  return tx.query<LoggedEvent>(`${loggedEventSql} WHERE event.position > $1 ORDER BY event.position LIMIT $2`, [
    after.toString(),
    limit,
  ]);
}
