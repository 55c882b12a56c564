import type { EventTime } from "./event-time.ts";
import { addDuration, durationBetween, recurrenceKey, toInstant, toLocal, wallClockOn, zonedAt } from "./instant.ts";
import { parseRecurrence, type RecurrenceDate } from "./recurrence-lines.ts";
import type { RecurrenceRule } from "./rrule.ts";
import { ruleMatches } from "./rule-matches.ts";
import { dayMs, formatWallClock, parseWallClock, type WallClock, wallClockOf } from "./wall-clock.ts";

/** A recurring event, without the occurrences that were changed one by one. */
export interface Series {
  readonly id: string;
  readonly start: EventTime;
  /** Exclusive. Same kind as `start`. */
  readonly end: EventTime;
  /** RRULE, RDATE, EXRULE and EXDATE lines; their times are in the zone of `start` unless they have one. */
  readonly recurrence: readonly string[];
  /** IANA: where dates and floating times are taken to be. */
  readonly fallbackZone: string;
}

export interface Occurrence {
  /** {@link recurrenceKey} of its start. */
  readonly key: string;
  readonly start: EventTime;
  readonly end: EventTime;
  readonly startAt: Date;
  readonly endAt: Date;
}

/** Half-open. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/**
 * The occurrences of a series that overlap the window, in order; one without length does when it starts within.
 *
 * - DTSTART is the first occurrence even where the rule does not match it: RFC 5545 §3.8.5.3 leaves that undefined, and
 *   calendars show it.
 * - Rules recur on the wall clock of the start's zone. A start that the clocks skip moves forward by the gap, one that
 *   they repeat is the first of the two (RFC 5545 §3.3.5).
 * - Every occurrence is as long as the first ({@link durationBetween}), unless its RDATE says otherwise.
 *
 * @param limit how many at most; with more, `truncated` is true and it is the first ones that are there
 * @throws {IntegrationError} INVALID_INPUT when the recurrence or a time cannot be read
 */
export function occurrencesOf(
  series: Series,
  window: Window,
  limit: number,
): { readonly occurrences: readonly Occurrence[]; readonly truncated: boolean } {
  const recurrence = parseRecurrence(series.recurrence);
  const lengthMs = Math.max(series.start.kind === "date" ? dayMs : 0, durationBetween(series.start, series.end));
  const search = searchWindow(series, window, lengthMs);
  const isExcluded = exclusionsOf(series, recurrence.exceptionDates, recurrence.exceptionRules, search);

  const found = new Map<string, Occurrence>();
  const addFrom = (candidates: Iterable<RecurrenceDate>): void => {
    let added = 0;
    for (const candidate of candidates) {
      const occurrence = occurrenceOf(candidate, series, lengthMs);
      if (isExcluded(occurrence) || !overlaps(occurrence, window)) continue;
      if (!found.has(occurrence.key)) found.set(occurrence.key, occurrence);
      // One more than asked for tells that there are more.
      if (++added > limit) return;
    }
  };
  // A date of its own comes first: it may have an end of its own.
  addFrom(inOrder(recurrence.dates.map((date) => ({ ...date, start: inSeries(date.start, series) }))));
  addFrom([{ start: inSeries(series.start, series), end: undefined }]);
  for (const rule of recurrence.rules) addFrom(startsOf(rule, series, search));

  const occurrences = [...found.values()].sort((a, b) => a.startAt.getTime() - b.startAt.getTime());
  return { occurrences: occurrences.slice(0, limit), truncated: occurrences.length > limit };
}

interface WallClockWindow {
  readonly from: WallClock;
  readonly to: WallClock;
}

/** Wide enough for occurrences that begin before the window, and for any shift of the clocks. */
function searchWindow(series: Series, { from, to }: Window, lengthMs: number): WallClockWindow {
  const zone = zoneOf(series);
  return {
    from: wallClockOf(from.getTime(), zone) - lengthMs - dayMs,
    to: wallClockOf(to.getTime(), zone) + dayMs,
  };
}

function* startsOf(rule: RecurrenceRule, series: Series, search: WallClockWindow): Generator<RecurrenceDate> {
  const isOver = endOf(rule, series);
  for (const wallClock of ruleMatches(rule, wallClockOn(series.start), search)) {
    const start = inSeries({ kind: "floating", local: formatWallClock(wallClock) }, series);
    if (isOver(start, wallClock)) return;
    yield { start, end: undefined };
  }
}

/** Whether a start is after UNTIL. RFC 5545 wants UNTIL to be of the kind of DTSTART; many calendars do not care. */
function endOf({ until }: RecurrenceRule, series: Series): (start: EventTime, wallClock: WallClock) => boolean {
  if (until === undefined) return () => false;
  if (until.kind === "date") {
    const nextDay = parseWallClock(until.date) + dayMs;
    return (_, wallClock) => wallClock >= nextDay;
  }
  const last = parseWallClock(until.local);
  // The day of a UTC time is the one that was meant where only days count.
  if (until.kind === "floating" || series.start.kind === "date") return (_, wallClock) => wallClock > last;
  return (start) => toInstant(start, series.fallbackZone).getTime() > last;
}

function exclusionsOf(
  series: Series,
  exceptionDates: readonly EventTime[],
  exceptionRules: readonly RecurrenceRule[],
  search: WallClockWindow,
): (occurrence: Occurrence) => boolean {
  const keys = new Set<string>();
  const days = new Set<string>();
  for (const time of exceptionDates) {
    if (time.kind === "date" && series.start.kind !== "date") days.add(time.date);
    else keys.add(recurrenceKey(inSeries(time, series)));
  }
  for (const rule of exceptionRules) {
    for (const { start } of startsOf(rule, series, search)) keys.add(recurrenceKey(start));
  }
  const zone = zoneOf(series);
  return ({ key, startAt }) => keys.has(key) || (days.size > 0 && days.has(toLocal(startAt, zone).slice(0, 10)));
}

function occurrenceOf({ start, end }: RecurrenceDate, series: Series, lengthMs: number): Occurrence {
  const ownEnd =
    typeof end === "object" ? inSeries(end, series) : addDuration(start, end === undefined ? lengthMs : end);
  return {
    key: recurrenceKey(start),
    start,
    end: ownEnd,
    startAt: toInstant(start, series.fallbackZone),
    endAt: toInstant(ownEnd, series.fallbackZone),
  };
}

function overlaps({ startAt, endAt }: Occurrence, { from, to }: Window): boolean {
  return startAt < to && (endAt > from || startAt >= from);
}

function inOrder(dates: readonly RecurrenceDate[]): RecurrenceDate[] {
  return dates
    .map((date) => ({ date, key: recurrenceKey(date.start) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ date }) => date);
}

/**
 * A time in the kind and zone of the start of its series. A date in a series of times is that day at the time of the
 * start; a floating time is on the clocks of the series.
 */
function inSeries(time: EventTime, { start, fallbackZone }: Pick<Series, "start" | "fallbackZone">): EventTime {
  if (start.kind === "date") return { kind: "date", date: time.kind === "date" ? time.date : time.local.slice(0, 10) };
  if (time.kind === "date") {
    const local = `${time.date}${start.local.slice(10)}`;
    return inSeries({ kind: "floating", local }, { start, fallbackZone });
  }
  if (start.kind === "zoned") return zonedAt(toInstant(time, start.timeZone), start.timeZone);
  return time.kind === "floating"
    ? time
    : { kind: "floating", local: toLocal(toInstant(time, fallbackZone), fallbackZone) };
}

function zoneOf({ start, fallbackZone }: Series): string {
  return start.kind === "zoned" ? start.timeZone : fallbackZone;
}
