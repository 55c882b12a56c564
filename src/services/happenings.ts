import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Calendar } from "../entities/calendar.ts";
import { CalendarEvent, type StoredTime } from "../entities/calendar-event.ts";
import { IntegrationError } from "../errors.ts";
import type { Interval } from "../providers/calendar/provider.ts";
import { happeningsOf, type Occurrences } from "./occurrences.ts";

/** Something that happens, and the rows that tell what. */
export interface Happens {
  /** The single, the series, or an occurrence whose series is unknown. */
  readonly eventId: string;
  /** Original start of an occurrence; empty for a single. */
  readonly recurrenceKey: string;
  /** A changed occurrence is described by a row of its own, everything else by `eventId`. */
  readonly detailId: string;
  readonly startAt: Date;
  readonly endAt: Date;
  readonly start: StoredTime;
  readonly end: StoredTime;
}

/** The place in a list where the last page ended: start, then id. */
export interface Place {
  readonly startAt: Date;
  readonly sortId: string;
}

export function placeOf({ startAt, eventId, recurrenceKey }: Happens): Place {
  return { startAt, sortId: eventId + recurrenceKey };
}

export function comparePlaces(a: Place, b: Place): number {
  return a.startAt.getTime() - b.startAt.getTime() || (a.sortId < b.sortId ? -1 : a.sortId > b.sortId ? 1 : 0);
}

/**
 * What is stored and overlaps `[from, to)`, in order, of each of several lists of calendars. A thing without length happens at its start.
 *
 * Things longer than 31 days are few and have an index of their own; for all others the index on the start reaches back
 * 31 days and no further.
 */
export function storedHappenings(
  tx: TenantTransaction,
  lists: readonly (readonly string[])[],
  { from, to }: Interval,
  { after, limit, leaveOut }: { after: Place | null; limit: number; leaveOut: readonly string[] },
): Promise<(Happens & { readonly list: number })[]> {
  return tx.query(
    `SELECT calendars.list::int - 1 AS list, happening.*
     FROM unnest($1::text[]) WITH ORDINALITY AS calendars(ids, list)
     CROSS JOIN LATERAL (
     SELECT event_id AS "eventId", recurrence_key AS "recurrenceKey", detail_id AS "detailId",
            start_at AS "startAt", end_at AS "endAt", start, "end"
     FROM calendar_occurrence
     WHERE calendar_id = ANY(calendars.ids::uuid[]) AND start_at < $3
       AND ((NOT long AND start_at >= $2::timestamptz - interval '31 days') OR (long AND end_at > $2))
       AND (end_at > $2 OR (end_at = start_at AND start_at >= $2))
       AND ($4::timestamptz IS NULL OR (start_at, event_id::text || recurrence_key) > ($4, $5))
       AND NOT (event_id = detail_id AND event_id = ANY($6))
     ORDER BY start_at, event_id::text || recurrence_key
     LIMIT $7) happening`,
    [lists.map((ids) => `{${ids.join()}}`), from, to, after?.startAt ?? null, after?.sortId ?? null, leaveOut, limit],
  );
}

/** Outside of the stored window no more series than this are expanded for one request. */
const maxSeriesOnRequest = 2000;

export interface SeriesRow {
  readonly id: string;
  readonly calendarId: string;
  readonly start: StoredTime;
  readonly end: StoredTime;
  readonly recurrence: readonly string[];
  /** Of its occurrences that have a row of their own. */
  readonly changedKeys: readonly string[];
}

/**
 * The series of these calendars.
 *
 * @param field the one that says which calendars and when
 * @throws {IntegrationError} INVALID_INPUT when there are too many to expand at once
 */
export async function seriesOf(
  tx: TenantTransaction,
  calendarIds: readonly string[],
  field = "filter",
): Promise<SeriesRow[]> {
  const series = await tx.query<SeriesRow>(
    `SELECT id, calendar_id AS "calendarId", start, "end", recurrence,
            ARRAY(SELECT changed.recurrence_key FROM calendar_event changed
                  WHERE changed.series_id = event.id AND changed.deleted_at IS NULL) AS "changedKeys"
     FROM calendar_event event
     WHERE calendar_id = ANY($1) AND kind = 'SERIES' AND deleted_at IS NULL
     LIMIT $2`,
    [calendarIds, maxSeriesOnRequest + 1],
  );
  if (series.length <= maxSeriesOnRequest) return series;
  throw new IntegrationError("INVALID_INPUT", "There are too many series to look that far back or ahead at once", {
    field: [field],
    remedy: "Name fewer calendars, or a range between 12 months ago and 23 months from now.",
  });
}

/** What these series say happens in a range that is not stored. */
export async function expandOnRequest(
  occurrences: Occurrences,
  series: readonly SeriesRow[],
  calendars: readonly Pick<Calendar, "id" | "timeZone">[],
  window: Interval,
): Promise<Happens[]> {
  const happens: Happens[] = [];
  for (const calendar of calendars) {
    const own = series.filter(({ calendarId }) => calendarId === calendar.id);
    const expansions = await occurrences.within(window, own, calendar.timeZone);
    for (const one of own) {
      const unchanged = happeningsOf(one, expansions.get(one.id), calendar.timeZone).filter(
        ({ recurrenceKey, startAt, endAt }) =>
          !one.changedKeys.includes(recurrenceKey) && startAt < window.to && endAt > window.from,
      );
      happens.push(...unchanged.map((happening) => ({ ...happening, eventId: one.id, detailId: one.id })));
    }
  }
  return happens;
}

/** The rows that tell what happens, by id. */
export async function detailsOf(
  tx: TenantTransaction,
  happens: readonly Happens[],
): Promise<ReadonlyMap<string, CalendarEvent>> {
  const rows = await tx.manager
    .createQueryBuilder(CalendarEvent, "event")
    .where("event.tenantId = :tenantId AND event.id = ANY(:ids)", {
      tenantId: tx.tenantId,
      ids: [...new Set(happens.map(({ detailId }) => detailId))],
    })
    .getMany();
  return new Map(rows.map((row) => [row.id, row]));
}
