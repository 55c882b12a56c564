import { RRuleTemporal } from "rrule-temporal";
import { expandable } from "./rules.ts";
import type { EventFields, StoredEvent } from "./state.ts";
import type { ZohoSwitches } from "./switches.ts";
import { dayOf, isDay, momentOf, readDay, readMoment, utcOf, wallOf } from "./times.ts";

const dayMs = 86_400_000;

/** An event as it takes place: on its own, or as one of a series. */
export interface Occurrence {
  /** When it was to be: `20261201T090000Z`, or `20261201` for whole days. Null on its own. */
  readonly id: string | null;
  readonly fields: EventFields;
}

/** Expanding costs much, and a listing asks for each month. */
const known = new WeakMap<StoredEvent, { readonly of: string; readonly until: number; readonly starts: number[] }>();

/** When the occurrences of a series were planned, in milliseconds, up to `until`; also those that are deleted. */
export function plannedStarts(event: StoredEvent, until: number): readonly number[] {
  const { start, timezone } = event.fields;
  if (event.rrule === null) return [];
  const of = `${event.rrule} ${start} ${timezone}`;
  const before = known.get(event);
  if (before?.of === of && before.until >= until) return before.starts.filter((at) => at <= until);
  const first = momentOf(start, timezone);
  if (first.toMillis() > until) return [];
  const zone = isDay(start) ? "UTC" : timezone;
  const rule = expandable(event.rrule, start, timezone);
  const text = `DTSTART;TZID=${zone}:${wallOf(first)}\nRRULE:${rule}`;
  const found = new RRuleTemporal({ rruleString: text }).between(first.toJSDate(), new Date(until), true);
  const starts = found.map(({ epochMilliseconds }) => epochMilliseconds);
  known.set(event, { of, until, starts });
  return starts;
}

/** Those that take place between two moments (half-open), in the order in which they were planned. */
export function occurrencesBetween(
  event: StoredEvent,
  from: number,
  to: number,
  switches: ZohoSwitches,
): readonly Occurrence[] {
  const takesPlace = ({ fields }: Occurrence) => {
    const span = spanOf(fields, switches);
    return span.from < to && (span.to > from || (span.from === span.to && span.from >= from));
  };
  if (event.rrule === null) return [{ id: null, fields: event.fields }].filter(takesPlace);
  // A moved occurrence may have been planned for much later.
  const moved = [...event.changed.keys()].map((id) => momentOfId(event, id) ?? 0);
  const starts = plannedStarts(event, Math.max(to + dayMs, ...moved));
  const live = starts.map((at) => idOf(event, at)).filter((id) => !event.deleted.has(id));
  return live.map((id) => ({ id, fields: fieldsOn(event, id) })).filter(takesPlace);
}

/** What an occurrence is like. */
export function fieldsOn(event: StoredEvent, id: string): EventFields {
  const changed = event.changed.get(id);
  if (changed) return changed;
  const { start, end, timezone } = event.fields;
  const at = momentOfId(event, id) ?? 0;
  if (isDay(start)) {
    const days = Math.round(momentOf(end, "UTC").diff(momentOf(start, "UTC"), "days").days);
    return { ...event.fields, start: id, end: dayOf(at + days * dayMs) };
  }
  const begins = momentOf(start, timezone).set({ millisecond: 0 });
  const lasts = momentOf(end, timezone).toMillis() - begins.toMillis();
  const own = begins.plus(at - begins.toMillis());
  return { ...event.fields, start: wallOf(own), end: wallOf(own.plus(lasts)) };
}

/** In milliseconds; days are those of the event's zone. */
export function spanOf(
  { start, end, timezone }: EventFields,
  { allDayEnd }: Pick<ZohoSwitches, "allDayEnd">,
): { readonly from: number; readonly to: number } {
  const at = (stored: string) => momentOf(isDay(stored) ? `${stored}T000000` : stored, timezone);
  if (!isDay(start)) return { from: at(start).toMillis(), to: at(end).toMillis() };
  const last = allDayEnd === "inclusive" || end === start ? at(end).plus({ days: 1 }) : at(end);
  return { from: at(start).toMillis(), to: last.toMillis() };
}

/** The name of an occurrence by the moment for which it was planned. */
export function idOf({ fields }: StoredEvent, at: number): string {
  return isDay(fields.start) ? dayOf(at) : utcOf(at);
}

export function momentOfId({ fields }: StoredEvent, id: string): number | null {
  if (isDay(fields.start)) return momentOf(id, "UTC").toMillis();
  return readMoment(id, fields.timezone)?.toMillis() ?? null;
}

/** The occurrence that a client names, deleted or not; null when the series has none there. */
export function occurrenceNamed(event: StoredEvent, name: unknown): string | null {
  const day = readDay(typeof name === "string" ? name.replace(/T000000Z$/, "") : name);
  const id = isDay(event.fields.start) ? day : idFrom(name, event.fields.timezone);
  const at = id === null ? null : momentOfId(event, id);
  if (at === null) return null;
  return plannedStarts(event, at).at(-1) === at ? id : null;
}

function idFrom(name: unknown, zone: string): string | null {
  const moment = readMoment(name, zone);
  return moment && utcOf(moment.toMillis());
}
