import { daysOf, type ShortMonths } from "./recurrence-days.ts";
import type { EventFields, Recurrence, StoredEvent, WallTime } from "./state.ts";
import { daysBetween, momentOf, plusDays, shifted, zoneOf } from "./times.ts";

/** An event as it is addressed: all of it, or the occurrence of a series that was to be on that day. */
export interface Item {
  readonly event: StoredEvent;
  readonly day: string | null;
}

export type ItemType = "singleInstance" | "seriesMaster" | "occurrence" | "exception";

const horizonYears = 10;

export function typeOf({ event, day }: Item): ItemType {
  if (day !== null) return event.exceptions.has(day) ? "exception" : "occurrence";
  return event.recurrence ? "seriesMaster" : "singleInstance";
}

/** What an item is like: an occurrence has what its series has, at its own time, and what was changed there. */
export function fieldsOf({ event, day }: Item): EventFields {
  if (day === null) return event.fields;
  return { ...event.fields, ...timesOn(event, day), ...event.exceptions.get(day) };
}

/** When the occurrence of that day was to be before anybody moved it. */
export function timesOn({ fields }: StoredEvent, day: string): { readonly start: WallTime; readonly end: WallTime } {
  const end = plusDays(day, daysBetween(fields.start, fields.end));
  return { start: shifted(fields.start, day), end: shifted(fields.end, end) };
}

/** The days on which a series still takes place, or was to where it was moved; in order. */
export function liveDays(event: StoredEvent, until: string, shortMonths: ShortMonths): readonly string[] {
  if (!event.recurrence) return [];
  return daysOf(event.recurrence, until, shortMonths).filter((day) => !event.cancelledDays.has(day));
}

export function hasOccurrence(event: StoredEvent, day: string, shortMonths: ShortMonths): boolean {
  return liveDays(event, day, shortMonths).at(-1) === day;
}

/** What takes place between two moments (half-open): the event itself, or those occurrences of it. */
export function itemsBetween(event: StoredEvent, from: number, to: number, shortMonths: ShortMonths): readonly Item[] {
  // A moved occurrence may have been planned for much later.
  const planned = [...event.exceptions.keys()].sort().at(-1) ?? "";
  const until = plusDays(new Date(to).toISOString().slice(0, 10), 2);
  const days = event.recurrence ? liveDays(event, planned > until ? planned : until, shortMonths) : [null];
  return days.map((day) => ({ event, day })).filter((item) => isBetween(fieldsOf(item), from, to));
}

function isBetween({ start, end }: EventFields, from: number, to: number): boolean {
  const [starts, ends] = [momentOf(start).toMillis(), momentOf(end).toMillis()];
  return starts < to && (ends > from || (starts === ends && starts >= from));
}

/** Whether an occurrence at other times would be at or past its neighbours, of which each has a day of its own. */
export function crossesNeighbour(
  event: StoredEvent,
  day: string,
  { start, end }: EventFields,
  shortMonths: ShortMonths,
): boolean {
  const zone = zoneOf(event.fields.start.timeZone);
  const localDay = (time: WallTime) => momentOf(time).setZone(zone).toISODate() ?? "";
  const days = liveDays(event, plusDays(day, horizonYears * 366), shortMonths);
  const at = days.indexOf(day);
  const [before, after] = [days[at - 1], days[at + 1]].map((one) =>
    one === undefined ? null : fieldsOf({ event, day: one }),
  );
  const isTooEarly =
    before != null && (momentOf(start) < momentOf(before.end) || localDay(start) <= localDay(before.start));
  const isTooLate =
    after != null && (momentOf(end) > momentOf(after.start) || localDay(start) >= localDay(after.start));
  return isTooEarly || isTooLate;
}

/** The first day on which a series takes place; undefined when there is none. */
export function firstDay(recurrence: Recurrence, shortMonths: ShortMonths): string | undefined {
  return daysOf(recurrence, plusDays(recurrence.range.startDate, horizonYears * 366), shortMonths)[0];
}
