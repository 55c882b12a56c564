import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Calendar } from "../entities/calendar.ts";
import { CalendarEvent } from "../entities/calendar-event.ts";
import { IntegrationError } from "../errors.ts";
import type { RecordedEventType } from "../events/catalogue.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { Change, RemoteEvent, RemoteObject } from "../providers/calendar/provider.ts";
import type { Expansion } from "../recurrence/expand.ts";
import { recurrenceKey } from "../recurrence/instant.ts";
import { publicIdOf } from "./calendar-event-view.ts";
import { newId } from "./id.ts";
import { calendarEventData } from "./integration-events.ts";
import { columnsOf, differs } from "./mirror-row.ts";
import { buriedSince, buryRows, lockCalendar, pendingPrefix, rowsOfObjects, saveRows } from "./mirror-sql.ts";
import { type Occurrences, occurrencesOfRows, replaceOccurrences } from "./occurrences.ts";
import { problemOf } from "./problem.ts";

export interface MirrorCounts {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  /** The objects of which people would notice something. */
  readonly changed: readonly string[];
  /** Objects that a reading was too old to speak of; they have to be read again. */
  readonly leftOut: readonly string[];
}

/** Changes that are ready to be stored: what takes time was done before the transaction. */
export interface PreparedChanges {
  readonly upserts: readonly RemoteObject[];
  readonly removals: readonly string[];
  readonly expansions: ReadonlyMap<string, Expansion>;
}

/** What one object becomes, row by row. */
interface ObjectPlan {
  readonly object: RemoteObject;
  /** The first is the master, the single, or the first of the occurrences whose master is unknown. */
  readonly rows: readonly CalendarEvent[];
  readonly created: readonly CalendarEvent[];
  readonly updated: readonly CalendarEvent[];
  readonly deleted: readonly CalendarEvent[];
}

/** Our copy of the vendors' calendars. Only real changes raise a row's version and are recorded. */
export class Mirror {
  constructor(
    private readonly log: EventLog,
    private readonly occurrences: Occurrences,
    private readonly now: () => Date,
  ) {}

  /** Expands what recurs. Call it before the transaction that applies the changes. */
  async prepare(calendar: Calendar, changes: readonly Change[]): Promise<PreparedChanges> {
    const upserts = changes.flatMap((change) => (change.kind === "upserted" ? [change.object] : []));
    const removals = changes.flatMap((change) => (change.kind === "removed" ? [change.externalId] : []));
    return { upserts, removals, expansions: await this.occurrences.ofObjects(upserts, calendar.timeZone) };
  }

  /**
   * Stores prepared changes and records what really changed. Applying the same ones again changes nothing.
   *
   * @param source a reading, which says nothing about what we wrote since it began or are still writing; or a write of
   *   ours, whose answer is newer than anything we know
   */
  async apply(
    tx: TenantTransaction,
    calendar: Calendar,
    { upserts, removals, expansions }: PreparedChanges,
    source: ChangeSource,
    cause: Cause,
  ): Promise<MirrorCounts> {
    await lockCalendar(tx, calendar.id);
    const externalIds = [...upserts.map(({ externalId }) => externalId), ...removals];
    const uids = upserts.flatMap(namesOf);
    const known = groupByObject(await rowsOfObjects(tx, calendar.id, externalIds, uids), upserts);
    const buried =
      source.kind === "READING" ? await buriedSince(tx, calendar.id, externalIds, source.beganAt) : new Set();
    const isTold = (externalId: string) =>
      !buried.has(externalId) && !known.get(externalId)?.some((row) => isNewerThan(source, row));

    const plans = upserts
      .filter(({ externalId }) => isTold(externalId))
      .map((object) => this.plan(calendar, object, known.get(object.externalId) ?? [], source, expansions));
    const changed = plans.filter(
      ({ created, updated, deleted }) => created.length + updated.length + deleted.length > 0,
    );
    const created = plans.flatMap((plan) => plan.created);
    const updated = plans.flatMap((plan) => plan.updated);
    const removed = removals.filter((externalId) => isTold(externalId) && known.has(externalId));
    const deleted = [
      ...plans.flatMap((plan) => plan.deleted),
      ...removed.flatMap((externalId) => known.get(externalId) ?? []),
    ];

    await buryRows(
      tx,
      deleted.map(({ id }) => id),
      { now: this.now(), writtenAt: source.kind === "WRITE" ? source.endedAt : null },
    );
    await saveRows(
      tx,
      plans.flatMap(({ rows }) => rows),
    );
    await replaceOccurrences(
      tx,
      calendar.id,
      changed.flatMap(({ rows }) => rows.map(({ id }) => id)),
      changed.flatMap(({ object, rows: [head, ...others] }) =>
        head ? occurrencesOfRows(head, others, expansions.get(object.externalId), calendar.timeZone) : [],
      ),
    );
    this.record(tx, "calendar_event.created", created, cause);
    this.record(tx, "calendar_event.updated", updated, cause);
    this.record(tx, "calendar_event.deleted", deleted.filter(wasAnnounced), cause);
    const leftOut = externalIds.filter((externalId) => !isTold(externalId));
    return {
      created: created.length,
      updated: updated.length,
      deleted: deleted.length,
      changed: [...changed.map(({ object }) => object.externalId), ...removed],
      leftOut,
    };
  }

  private plan(
    calendar: Calendar,
    object: RemoteObject,
    known: readonly CalendarEvent[],
    source: ChangeSource,
    expansions: ReadonlyMap<string, Expansion>,
  ): ObjectPlan {
    const seen = new Map<string, CalendarEvent>();
    const created: CalendarEvent[] = [];
    const updated: CalendarEvent[] = [];
    let masterId: string | null = null;
    for (const event of object.events) {
      const key = event.recurrenceId ? recurrenceKey(event.recurrenceId) : "";
      if (seen.has(key)) continue;
      const before = known.find((row) => row.recurrenceKey === key);
      const isHead = seen.size === 0;
      const row = this.row(calendar, object, event, { before, key, masterId, isHead });
      row.writtenAt = source.kind === "WRITE" ? source.endedAt : (before?.writtenAt ?? null);
      row.problem = isHead ? expansionProblem(expansions.get(object.externalId), row) : row.problem;
      if (isHead && key === "") masterId = row.id;
      if (!before || !wasAnnounced(before)) created.push(row);
      else if (row.version > before.version) updated.push(row);
      seen.set(key, row);
    }
    const rows = [...seen.values()];
    const kept = new Set(rows.map(({ id }) => id));
    return { object, rows, created, updated, deleted: known.filter(({ id }) => !kept.has(id)) };
  }

  private row(
    calendar: Calendar,
    object: RemoteObject,
    event: RemoteEvent,
    {
      before,
      key,
      masterId,
      isHead,
    }: { before: CalendarEvent | undefined; key: string; masterId: string | null; isHead: boolean },
  ): CalendarEvent {
    const now = this.now();
    const columns = columnsOf(event, masterId);
    const hasChanged = !before || !wasAnnounced(before) || differs(before, columns);
    return Object.assign(new CalendarEvent(), {
      ...columns,
      tenantId: calendar.tenantId,
      id: before?.id ?? newId(now),
      integrationId: calendar.integrationId,
      calendarId: calendar.id,
      externalId: object.externalId,
      recurrenceKey: key,
      etag: object.etag,
      raw: isHead ? object.raw : null,
      version: (before?.version ?? 0) + (hasChanged ? 1 : 0),
      syncState: "SYNCED" as const,
      intent: null,
      problem: null,
      deletedAt: null,
      createdAt: before?.createdAt ?? now,
      updatedAt: before && !hasChanged ? before.updatedAt : now,
    });
  }

  private record(tx: TenantTransaction, type: CalendarEventType, rows: readonly CalendarEvent[], cause: Cause): void {
    for (const row of rows) {
      const { integrationId } = row;
      this.log.record(tx, { type, integrationId, subjectId: publicIdOf(row), data: calendarEventData(row), cause });
    }
  }
}

/** Where changes come from; when, by the database's clock. */
export type ChangeSource =
  | { readonly kind: "READING"; readonly beganAt: Date }
  | { readonly kind: "WRITE"; readonly endedAt: Date };

/** What we know is newer than what this source says. */
function isNewerThan(source: ChangeSource, { intent, writtenAt }: CalendarEvent): boolean {
  return source.kind === "READING" && (intent !== null || (writtenAt !== null && writtenAt >= source.beganAt));
}

type CalendarEventType = Extract<RecordedEventType, `calendar_event.${"created" | "updated" | "deleted"}`>;

/** A creation that was never confirmed has not been announced either. */
function wasAnnounced(row: CalendarEvent): boolean {
  return row.version > 0;
}

/** How a creation on its way knows its object: by its uid, or by our mark where the vendor gives uids of its own. */
function namesOf({ events: [head], creationId }: RemoteObject): string[] {
  return [head?.uid, creationId].filter((name) => name !== undefined);
}

/** Rows by the object they are part of. */
function groupByObject(rows: readonly CalendarEvent[], objects: readonly RemoteObject[]): Map<string, CalendarEvent[]> {
  const byName = new Map(
    objects.flatMap((object) => namesOf(object).map((name) => [name, object.externalId] as const)),
  );
  const groups = new Map<string, CalendarEvent[]>();
  for (const row of rows) {
    const externalId = row.externalId.startsWith(pendingPrefix) ? byName.get(row.uid) : row.externalId;
    if (externalId === undefined) continue;
    const group = groups.get(externalId) ?? [];
    groups.set(externalId, [...group, row]);
  }
  return groups;
}

function expansionProblem(expansion: Expansion | undefined, row: CalendarEvent): CalendarEvent["problem"] {
  if (expansion?.kind === "expanded" && expansion.truncated) {
    return problemOf(
      new IntegrationError(
        "PROVIDER_REPLY_INVALID",
        `It happens too often: only ${expansion.occurrences.length} are shown`,
        {
          retryable: false,
          remedy: "Make it happen less often, or end earlier, in the calendar it comes from.",
        },
      ),
    );
  }
  if (expansion?.kind !== "failed") return row.problem;
  const message = `Its recurrence cannot be followed: ${expansion.reason}`;
  return problemOf(
    new IntegrationError("PROVIDER_REPLY_INVALID", message, {
      retryable: false,
      remedy: "Only the first occurrence is shown. Change the recurrence in the calendar it comes from.",
    }),
  );
}
