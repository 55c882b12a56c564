import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { CalendarEvent } from "../entities/calendar-event.ts";
import type { Interval, RemoteObject } from "../providers/calendar/provider.ts";
import type { EventTime } from "../recurrence/event-time.ts";
import type { Expander, Expansion } from "../recurrence/expand.ts";
import { recurrenceKey, toInstant } from "../recurrence/instant.ts";
import type { Happening } from "./calendar-event-view.ts";
import { storedWindow } from "./stored-window.ts";

/** Something that happens, with the instants it is looked up by. */
export interface TimedHappening extends Happening {
  readonly startAt: Date;
  readonly endAt: Date;
}

const longerThanMs = 31 * 24 * 60 * 60 * 1000;
/** For all-day and floating times of a calendar that names no zone. */
const zoneOfLastResort = "UTC";

/** One series, and the zone its all-day and floating times are read in. */
export interface SeriesToExpand {
  readonly id: string;
  readonly start: EventTime;
  readonly end: EventTime;
  readonly recurrence: readonly string[];
}

/** Turns rules into what happens when. Runs outside of transactions: some rules never end. */
export class Occurrences {
  constructor(
    private readonly expander: Expander,
    private readonly now: () => Date,
  ) {}

  /** The series among these objects over the stored window, by externalId. */
  async ofObjects(objects: readonly RemoteObject[], timeZone: string | null): Promise<ReadonlyMap<string, Expansion>> {
    const series = objects.flatMap(({ externalId, events: [head] }) =>
      head && head.recurrenceId === null && head.recurrence.length > 0 ? [{ ...head, id: externalId }] : [],
    );
    return this.within(storedWindow(this.now()), series, timeZone);
  }

  /** When one row happens, in the stored window when it is a series. */
  async ofSeriesOrSingle(row: CalendarEvent, timeZone: string | null): Promise<RowOccurrences[]> {
    const series = row.kind === "SERIES" ? [row] : [];
    const expansions = await this.within(storedWindow(this.now()), series, timeZone);
    return occurrencesOfRows(row, [], expansions.get(row.id), timeZone);
  }

  /** Whether the object still has the occurrence that was to start then, changed or not. */
  async isPartOf({ events }: RemoteObject, start: EventTime, timeZone: string | null): Promise<boolean> {
    const key = recurrenceKey(start);
    if (events.some(({ recurrenceId }) => recurrenceId && recurrenceKey(recurrenceId) === key)) return true;
    const [head] = events;
    if (!head || head.recurrenceId !== null) return false;
    if (head.recurrence.length === 0) return recurrenceKey(head.start) === key;
    const at = toInstant(start, timeZone ?? zoneOfLastResort).getTime();
    const window = { from: new Date(at - aroundMs), to: new Date(at + aroundMs) };
    const expansion = (await this.within(window, [{ ...head, id: head.uid }], timeZone)).get(head.uid);
    return expansion?.kind !== "expanded" || expansion.occurrences.some((occurrence) => occurrence.key === key);
  }

  /** These series over a window, by id. */
  async within(
    window: Interval,
    series: readonly SeriesToExpand[],
    timeZone: string | null,
  ): Promise<ReadonlyMap<string, Expansion>> {
    if (series.length === 0) return new Map();
    const fallbackZone = timeZone ?? zoneOfLastResort;
    const expansions = await this.expander.expand(
      series.map(({ id, start, end, recurrence }) => ({ id, start, end, recurrence, fallbackZone })),
      window,
    );
    return new Map(expansions.map((expansion) => [expansion.id, expansion]));
  }
}

/** Original starts are looked for this far around them: zones differ by less. */
const aroundMs = 2 * 24 * 60 * 60 * 1000;

/** A row and when it happens: a series with all its occurrences, everything else with one. */
export interface RowOccurrences {
  readonly eventId: string;
  readonly detailId: string;
  readonly happening: TimedHappening;
}

/**
 * When the rows of one object happen. A changed occurrence stands in the place of the one its series would have had;
 * a series that could not be expanded shows its first occurrence only.
 *
 * @param head the single, the series, or the first of the occurrences whose series is unknown
 */
export function occurrencesOfRows(
  head: CalendarEvent,
  others: readonly CalendarEvent[],
  expansion: Expansion | undefined,
  timeZone: string | null,
): RowOccurrences[] {
  const once = (row: CalendarEvent, eventId: string) => ({
    eventId,
    detailId: row.id,
    happening: timed(row.recurrenceKey, row, timeZone),
  });
  if (head.kind === "OCCURRENCE") return [head, ...others].map((row) => once(row, row.id));
  const changed = others.map((row) => once(row, head.id));
  if (head.kind === "SINGLE") return [once(head, head.id), ...changed];
  const changedKeys = new Set(others.map((row) => row.recurrenceKey));
  const unchanged = happeningsOf(head, expansion, timeZone).filter(({ recurrenceKey: key }) => !changedKeys.has(key));
  return [...changed, ...unchanged.map((happening) => ({ eventId: head.id, detailId: head.id, happening }))];
}

/** When a series happens; one that could not be expanded shows its first occurrence only. */
export function happeningsOf(
  series: SeriesToExpand,
  expansion: Expansion | undefined,
  timeZone: string | null,
): TimedHappening[] {
  if (expansion?.kind === "expanded") {
    return expansion.occurrences.map(({ key, ...times }) => ({ recurrenceKey: key, ...times }));
  }
  return [timed(recurrenceKey(series.start), series, timeZone)];
}

function timed(
  key: string,
  { start, end }: Pick<SeriesToExpand, "start" | "end">,
  timeZone: string | null,
): TimedHappening {
  const zone = timeZone ?? zoneOfLastResort;
  return { recurrenceKey: key, start, end, startAt: toInstant(start, zone), endAt: toInstant(end, zone) };
}

/** Replaces what happens of these events, all at once. @param eventIds singles, series, and occurrences without one */
export async function replaceOccurrences(
  tx: TenantTransaction,
  calendarId: string,
  eventIds: readonly string[],
  occurrences: readonly RowOccurrences[],
): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.query("DELETE FROM calendar_occurrence WHERE event_id = ANY($1)", [eventIds]);
  if (occurrences.length === 0) return;
  const column = <T>(read: (occurrence: RowOccurrences) => T): T[] => occurrences.map(read);
  await tx.query(
    `INSERT INTO calendar_occurrence
       (tenant_id, calendar_id, event_id, recurrence_key, detail_id, start_at, end_at, long, start, "end")
     SELECT $1, $2, * FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::boolean[], $9::jsonb[], $10::jsonb[])
     ON CONFLICT (tenant_id, event_id, recurrence_key) DO NOTHING`,
    [
      tx.tenantId,
      calendarId,
      column(({ eventId }) => eventId),
      column(({ happening }) => happening.recurrenceKey),
      column(({ detailId }) => detailId),
      column(({ happening }) => happening.startAt),
      column(({ happening }) => happening.endAt),
      column(({ happening: { startAt, endAt } }) => endAt.getTime() - startAt.getTime() > longerThanMs),
      column(({ happening }) => JSON.stringify(happening.start)),
      column(({ happening }) => JSON.stringify(happening.end)),
    ],
  );
}
