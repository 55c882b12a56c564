import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { IntegrationError } from "../errors.ts";
import { type EventType, eventCatalogue, type SubjectType, subjectTypeOf } from "../events/catalogue.ts";
import { type LoggedEvent, loggedEventSql, readAfter, readHead } from "../events/event-log.ts";
import { LogTail } from "../events/log-tail.ts";
import type { WakeBus } from "../events/wake-bus.ts";
import { mayReadEvent, readableSubjects, visibleSql } from "./access-policy.ts";
import { readEventCursor, writeEventCursor } from "./event-cursor.ts";
import { matchedTypes } from "./event-patterns.ts";
import { newId, possibleIds, possibleNames } from "./id.ts";
import { badCursor, checkFirst, type Page, type PageRequest, pageOf } from "./page.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export interface EventFilter {
  /** Exact types, or all of a noun: `calendar_event.*`. */
  readonly types?: readonly string[] | null;
  readonly integrationIds?: readonly string[] | null;
  readonly subjectIds?: readonly string[] | null;
  readonly correlationId?: string | null;
  readonly occurredFrom?: Date | null;
  readonly occurredTo?: Date | null;
}

export type EventOrder = "OLDEST_FIRST" | "NEWEST_FIRST";

/** An event as readers get it: from the log, or the notice that a part of it is past its retention. */
export type FeedEvent = Omit<LoggedEvent, "ownership" | "ownerId" | "visibility"> & {
  readonly cursor: string;
  /** What it is about; null for a gap. */
  readonly subjectType: SubjectType | null;
};

/** What the readers of one tenant share here. */
interface Followed {
  readonly tail: LogTail;
  readonly bells: Set<Bell>;
  /** Ends the waiting for wake-ups. */
  stop(): void;
}

/** The tenant's event log for those who may read it: in pages, or followed live from any point. One cursor for both. */
export class EventFeed {
  private readonly followed = new Map<string, Followed>();

  constructor(
    private readonly database: Database,
    private readonly wakeBus: Pick<WakeBus, "subscribe">,
    private readonly now: () => Date,
    /** Readers look by themselves this often, in case a wake-up was lost; all of a tenant at once, so it costs one query. */
    private readonly pollMs = 5000,
  ) {}

  /** @throws {IntegrationError} INVALID_INPUT, CURSOR_EXPIRED when `after` is past the retention */
  async list(
    viewer: Viewer,
    filter: EventFilter,
    order: EventOrder,
    { first, after }: PageRequest,
  ): Promise<Page<FeedEvent>> {
    requireScope(viewer, "events:read");
    checkFirst(first);
    const types = matchedTypes(filter.types ?? null, ["filter", "types"]);
    const from = after === null ? null : readEventCursor(after);
    const events = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const found = await queryEvents(tx, viewer, filter, types, { order, from, limit: first + 1 });
      // Asked afterwards, so that nothing can be removed in between.
      if (from !== null && order === "OLDEST_FIRST") await refuseExpired(tx, from);
      return found;
    });
    return pageOf(events.map(withCursor), first, ({ cursor }) => cursor);
  }

  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, FeedEvent>> {
    requireScope(viewer, "events:read");
    const events = await this.database.inTenant(viewer.tenantId, (tx) =>
      tx.query<LoggedEvent>(`${loggedEventSql} WHERE event.id = ANY($1)`, [possibleIds(ids)]),
    );
    return new Map(events.filter((event) => mayReadEvent(viewer, event)).map((event) => [event.id, withCursor(event)]));
  }

  /**
   * Every event the viewer may read, in order, from `after` on and then as they happen; without `after`, from now on.
   * A reader who is slow is fed at their own pace. What is past its retention is told as one `stream.gap`.
   *
   * @param signal ends it
   * @throws {IntegrationError} FORBIDDEN, INVALID_INPUT
   */
  async *follow(
    viewer: Viewer,
    filter: EventFilter,
    after: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<FeedEvent> {
    yield* await this.startFollowing(viewer, filter, after, signal);
  }

  /**
   * The same, once it is certain that it can be: what is wrong with it is thrown before there is anything to iterate, and
   * "from now on" is when this resolves.
   */
  async startFollowing(
    viewer: Viewer,
    filter: EventFilter,
    after: string | null,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<FeedEvent>> {
    requireScope(viewer, "events:read");
    const wanted = matcherOf(filter);
    const head = await this.database.inTenant(viewer.tenantId, readHead);
    const position = after === null ? head.position : readEventCursor(after);
    if (position > head.position) throw badCursor("This cursor lies ahead of the log");
    return this.followFrom(viewer, wanted, position, head, signal);
  }

  private async *followFrom(
    viewer: Viewer,
    wanted: (event: LoggedEvent) => boolean,
    start: bigint,
    head: { readonly position: bigint; readonly removedUntil: bigint },
    signal: AbortSignal,
  ): AsyncGenerator<FeedEvent> {
    let position = start;
    if (position < head.removedUntil) {
      yield this.gap(viewer, position, head.removedUntil);
      position = head.removedUntil;
    }
    const bell = new Bell(signal);
    const tail = this.enter(viewer.tenantId, head.position, bell);
    try {
      while (!signal.aborted) {
        // Rings that come from here on are heard by the next look.
        bell.reset();
        const events = await tail.after(position);
        for (const event of events) {
          const next = BigInt(event.position);
          // Positions are dense: what is missing was removed before a slow reader came to it.
          if (next > position + 1n) yield this.gap(viewer, position, next - 1n);
          position = next;
          if (wanted(event) && mayReadEvent(viewer, event)) yield withCursor(event);
          if (signal.aborted) return;
        }
        if (events.length === 0) await bell.rung();
      }
    } catch (error) {
      // Nobody waits for the end of a reading that was broken off.
      if (!signal.aborted) throw error;
    } finally {
      bell.stop();
      this.leave(viewer.tenantId, bell);
    }
  }

  private enter(tenantId: string, position: bigint, bell: Bell): LogTail {
    const followed = this.followed.get(tenantId) ?? this.keepTail(tenantId, position);
    followed.bells.add(bell);
    return followed.tail;
  }

  private keepTail(tenantId: string, position: bigint): Followed {
    const page = (tenant: string, after: bigint, limit: number) =>
      this.database.inTenant(tenant, (tx) => readAfter(tx, after, limit));
    const bells = new Set<Bell>();
    const ringAll = () => {
      for (const bell of bells) bell.ring();
    };
    const silence = this.wakeBus.subscribe(`log:${tenantId}`, ringAll);
    const poll = setInterval(ringAll, this.pollMs).unref();
    const stop = () => {
      silence();
      clearInterval(poll);
    };
    const followed = { tail: new LogTail(tenantId, page, position), bells, stop };
    this.followed.set(tenantId, followed);
    return followed;
  }

  private leave(tenantId: string, bell: Bell): void {
    const followed = this.followed.get(tenantId);
    followed?.bells.delete(bell);
    if (followed?.bells.size !== 0) return;
    followed.stop();
    this.followed.delete(tenantId);
  }

  private gap(viewer: Viewer, lost: bigint, removedUntil: bigint): FeedEvent {
    const now = this.now();
    const resumeAfter = writeEventCursor(removedUntil);
    return {
      tenantId: viewer.tenantId,
      position: removedUntil.toString(),
      cursor: resumeAfter,
      subjectType: null,
      id: newId(now),
      type: "stream.gap",
      occurredAt: now,
      actorKind: "SYSTEM",
      actorId: null,
      integrationId: null,
      subjectId: null,
      data: { lostFrom: writeEventCursor(lost), resumeAfter },
      dataVersion: eventCatalogue["stream.gap"].dataVersion,
      correlationId: newId(now),
      causationId: null,
    };
  }
}

/** Wakes one waiting reader: when rung, or when it is over. */
class Bell {
  private isRung = false;
  private wake: (() => void) | null = null;
  private readonly onAbort = () => this.ring();

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener("abort", this.onAbort);
  }

  reset(): void {
    this.isRung = false;
  }

  ring(): void {
    this.isRung = true;
    this.wake?.();
  }

  async rung(): Promise<void> {
    if (this.isRung || this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = null;
  }

  stop(): void {
    this.signal.removeEventListener("abort", this.onAbort);
  }
}

function queryEvents(
  tx: TenantTransaction,
  viewer: Viewer,
  filter: EventFilter,
  types: readonly EventType[],
  { order, from, limit }: { order: EventOrder; from: bigint | null; limit: number },
): Promise<LoggedEvent[]> {
  const typesWith = (sight: "details" | "existence") => {
    const subjects = readableSubjects(viewer, sight);
    return types.filter((type) => subjects.some((subject) => subject === eventCatalogue[type].subject));
  };
  const parameters: unknown[] = [];
  const put = (value: unknown) => `$${parameters.push(value)}`;
  const seen = (sight: "details" | "existence") =>
    `((event.integration_id IS NULL OR ${visibleSql(viewer, sight).replaceAll(":viewerId", () => put(viewer.userId))}) AND event.type = ANY(${put(typesWith(sight))}))`;
  const conditions = [`(${seen("details")} OR ${seen("existence")})`];
  if (filter.integrationIds) conditions.push(`event.integration_id = ANY(${put(possibleIds(filter.integrationIds))})`);
  if (filter.subjectIds) conditions.push(`event.subject_id = ANY(${put(possibleNames(filter.subjectIds))})`);
  if (filter.correlationId != null)
    conditions.push(`event.correlation_id = ANY(${put(possibleIds([filter.correlationId]))})`);
  if (filter.occurredFrom) conditions.push(`event.occurred_at >= ${put(filter.occurredFrom)}`);
  if (filter.occurredTo) conditions.push(`event.occurred_at < ${put(filter.occurredTo)}`);
  const isOldestFirst = order === "OLDEST_FIRST";
  if (from !== null) conditions.push(`event.position ${isOldestFirst ? ">" : "<"} ${put(from.toString())}`);
  return tx.query<LoggedEvent>(
    `${loggedEventSql} WHERE ${conditions.join(" AND ")}
     ORDER BY event.position ${isOldestFirst ? "ASC" : "DESC"} LIMIT ${put(limit)}`,
    parameters,
  );
}

/** The same filter for events that are in memory. */
function matcherOf(filter: EventFilter): (event: LoggedEvent) => boolean {
  const types = new Set<string>(matchedTypes(filter.types ?? null, ["filter", "types"]));
  const integrations = filter.integrationIds && new Set(filter.integrationIds);
  const subjects = filter.subjectIds && new Set(filter.subjectIds);
  return (event) =>
    types.has(event.type) &&
    (!integrations || (event.integrationId !== null && integrations.has(event.integrationId))) &&
    (!subjects || (event.subjectId !== null && subjects.has(event.subjectId))) &&
    (filter.correlationId == null || event.correlationId === filter.correlationId) &&
    (!filter.occurredFrom || event.occurredAt >= filter.occurredFrom) &&
    (!filter.occurredTo || event.occurredAt < filter.occurredTo);
}

async function refuseExpired(tx: TenantTransaction, from: bigint): Promise<void> {
  const { removedUntil } = await readHead(tx);
  if (from >= removedUntil) return;
  throw new IntegrationError("CURSOR_EXPIRED", "Events after this cursor are past their retention", {
    field: ["after"],
    remedy: "Start again without `after`: what is still kept comes first.",
  });
}

/** By the event as it is kept for all readers, so that each of them gets the same one. */
const shown = new WeakMap<LoggedEvent, FeedEvent>();

function withCursor(logged: LoggedEvent): FeedEvent {
  const known = shown.get(logged);
  if (known) return known;
  const { ownership: _ownership, ownerId: _ownerId, visibility: _visibility, ...event } = logged;
  const cursor = writeEventCursor(BigInt(event.position));
  const view = { ...event, cursor, subjectType: subjectTypeOf(event.type) };
  shown.set(logged, view);
  return view;
}
