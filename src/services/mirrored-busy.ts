import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { StoredTime } from "../entities/calendar-event.ts";
import type { Interval } from "../providers/calendar/provider.ts";
import { toInstant } from "../recurrence/instant.ts";
import type { BusyCalendar } from "./busy-calendars.ts";
import { expandOnRequest, type SeriesRow, seriesOf } from "./happenings.ts";
import type { BusyTime } from "./intervals.ts";
import { pendingPrefix } from "./mirror-sql.ts";
import type { Occurrences } from "./occurrences.ts";

/** What our copy of some calendars says about when they are busy, before series outside of the stored window are expanded. */
export interface MirroredBusy {
  readonly stored: readonly StoredBusy[];
  readonly series: readonly SeriesRow[];
  /** Those of the series that block time. */
  readonly blocking: ReadonlyMap<string, { readonly isTentative: boolean }>;
}

interface StoredBusy {
  readonly calendarId: string;
  readonly startAt: Date;
  readonly endAt: Date;
  readonly start: StoredTime;
  readonly end: StoredTime;
  readonly isTentative: boolean;
  /** A creation of ours that the vendor does not have yet. */
  readonly isPending: boolean;
}

/** Something that blocks time in one calendar. */
export interface Blocking extends BusyTime {
  readonly calendarId: string;
  readonly isPending: boolean;
}

/** A calendar, and the zone that its whole days and floating times are read in. */
export type ZonedCalendar = BusyCalendar & { readonly timeZone: string };

const dayMs = 24 * 60 * 60 * 1000;

/** What the owner of the calendar has answered, when all of their addresses that are invited have answered so. */
const hasAnswered = (response: string) =>
  `coalesce((SELECT bool_and(attendee ->> 'response' = '${response}') FROM jsonb_array_elements(detail.attendees) attendee
             WHERE calendar.addresses ? (attendee ->> 'email')), false)`;

/** A creation that failed is nowhere but here. */
const blocks = `detail.deleted_at IS NULL AND detail.transparency = 'OPAQUE' AND detail.status <> 'CANCELLED'
  AND NOT (detail.external_id LIKE '${pendingPrefix}%' AND detail.sync_state = 'FAILED')
  AND NOT ${hasAnswered("DECLINED")}`;

const isTentative = `(detail.status = 'TENTATIVE' OR ${hasAnswered("TENTATIVE")})`;

/**
 * Reads what blocks time in these calendars, in a fixed number of statements.
 *
 * Whole days and floating times are stored as instants of the calendar's own zone; where it has none they are looked for
 * a day around the range, and `blockingIn` puts them into the zone they are wanted in.
 *
 * @param isStored whether all that happens in the range is stored; otherwise series are read, to be expanded
 */
export async function readMirroredBusy(
  tx: TenantTransaction,
  calendars: readonly BusyCalendar[],
  { from, to }: Interval,
  { isStored }: { isStored: boolean },
): Promise<MirroredBusy> {
  const calendarIds = calendars.map(({ id }) => id);
  const addresses = calendars.map((calendar) => JSON.stringify(calendar.addresses));
  const series = isStored ? [] : await seriesOf(tx, calendarIds, "input");
  const seriesIds = series.map(({ id }) => id);
  // As in `storedHappenings`, what is longer than 31 days has an index of its own. OFFSET 0 has each calendar's part of the
  // index read and the rows looked up that are in it; the planner would otherwise read all that the tenant has.
  const stored = await tx.query<StoredBusy>(
    `SELECT calendar.id AS "calendarId", start_at AS "startAt", end_at AS "endAt", happening.start, happening."end",
            ${isTentative} AS "isTentative", detail.external_id LIKE '${pendingPrefix}%' AS "isPending"
     FROM unnest($1::uuid[], $2::jsonb[]) AS calendar (id, addresses)
     CROSS JOIN LATERAL (
       SELECT * FROM calendar_occurrence
       WHERE calendar_id = calendar.id AND start_at < $4 AND end_at > $3
         AND ((NOT long AND start_at >= $3::timestamptz - interval '31 days') OR (long AND end_at > $3))
         AND NOT (event_id = detail_id AND event_id = ANY($5))
       OFFSET 0
     ) happening
     CROSS JOIN LATERAL (SELECT * FROM calendar_event WHERE id = happening.detail_id OFFSET 0) detail
     WHERE ${blocks}`,
    [calendarIds, addresses, new Date(from.getTime() - dayMs), new Date(to.getTime() + dayMs), seriesIds],
  );
  if (series.length === 0) return { stored, series, blocking: new Map() };
  const blocking = await tx.query<{ id: string; isTentative: boolean }>(
    `SELECT detail.id, ${isTentative} AS "isTentative"
     FROM unnest($1::uuid[], $2::jsonb[]) AS calendar (id, addresses)
     JOIN calendar_event detail ON detail.calendar_id = calendar.id
     WHERE detail.id = ANY($3) AND ${blocks}`,
    [calendarIds, addresses, seriesIds],
  );
  return { stored, series, blocking: new Map(blocking.map((one) => [one.id, one])) };
}

/** When these calendars are blocked, and for what is outside of the stored window: expanded. Runs outside of transactions. */
export async function blockingIn(
  { stored, series, blocking }: MirroredBusy,
  calendars: readonly ZonedCalendar[],
  within: Interval,
  occurrences: Occurrences,
): Promise<Blocking[]> {
  const zones = new Map(calendars.map(({ id, timeZone }) => [id, timeZone]));
  const read = stored.map(({ calendarId, startAt, endAt, start, end, isTentative, isPending }) => {
    const zone = zones.get(calendarId);
    const isInstant = zone === undefined || start.kind === "zoned";
    return {
      calendarId,
      from: isInstant ? startAt : toInstant(start, zone),
      to: isInstant ? endAt : toInstant(end, zone),
      tentative: isTentative,
      isPending,
    };
  });
  const wanted = series.filter(({ id }) => blocking.has(id));
  const calendarOf = new Map(wanted.map(({ id, calendarId }) => [id, calendarId]));
  const happens = await expandOnRequest(occurrences, wanted, calendars, within);
  const expanded = happens.map(({ eventId, startAt, endAt }) => ({
    calendarId: calendarOf.get(eventId) ?? "",
    from: startAt,
    to: endAt,
    tentative: blocking.get(eventId)?.isTentative ?? false,
    isPending: false,
  }));
  return [...read, ...expanded];
}
