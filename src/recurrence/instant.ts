import { IntegrationError } from "../errors.ts";
import type { EventTime } from "./event-time.ts";
import { formatWallClock, instantOf, parseWallClock, type WallClock, wallClockOf } from "./wall-clock.ts";

/**
 * The instant of a time. A date is its midnight and a floating time its wall clock, both in `fallbackZone`.
 * A time that the clocks skip moves forward by the gap; of one that they repeat it is the first (RFC 5545 §3.3.5).
 *
 * @param fallbackZone IANA
 * @throws {IntegrationError} INVALID_INPUT when there is no such date, time or zone
 */
export function toInstant(time: EventTime, fallbackZone: string): Date {
  return new Date(instantOf(wallClockOn(time), time.kind === "zoned" ? time.timeZone : fallbackZone));
}

/** What the clock shows at a time, wherever it is; midnight for a date. */
export function wallClockOn(time: EventTime): WallClock {
  return parseWallClock(time.kind === "date" ? time.date : time.local);
}

/** What clocks in an IANA zone show at an instant: `YYYY-MM-DDTHH:mm:ss`. */
export function toLocal(instant: Date, timeZone: string): string {
  return formatWallClock(wallClockOf(instant.getTime(), timeZone));
}

/**
 * The part of an occurrence's id that names its original start: `yyyymmddThhmmssZ` in UTC, or `yyyymmdd` for a date.
 * A floating time is written as if it were UTC, so that the key does not depend on who looks.
 *
 * @throws {IntegrationError} INVALID_INPUT when there is no such date, time or zone
 */
export function recurrenceKey(time: EventTime): string {
  const basic = toInstant(time, "UTC")
    .toISOString()
    .replace(/[-:]|\.\d+/g, "");
  return time.kind === "date" ? basic.slice(0, 8) : basic;
}

/**
 * The original start that a key names, in the kind and zone of the start of its series; undefined for what cannot be
 * a key of that series.
 */
export function parseRecurrenceKey(key: string, seriesStart: EventTime): EventTime | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?$/.exec(key) ?? [];
  if (year === undefined || (hour === undefined) !== (seriesStart.kind === "date")) return undefined;
  const date = `${year}-${month}-${day}`;
  const instantMs = Date.parse(hour === undefined ? date : `${date}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(instantMs)) return undefined;
  const time = atSameKind(instantMs, seriesStart);
  // 30 February is read as 2 March.
  return recurrenceKey(time) === key ? time : undefined;
}

/**
 * From start to end in milliseconds: whole days between dates, the difference of the wall clocks between floating
 * times, elapsed time between zoned ones. Every occurrence of a series lasts that long (RFC 5545 §3.8.5.3: "the same
 * exact duration will apply to all the members"), so that a meeting of an hour is one on the day of a clock change too.
 *
 * @throws {IntegrationError} INVALID_INPUT when they are not of the same kind
 */
export function durationBetween(start: EventTime, end: EventTime): number {
  if (start.kind !== end.kind) throw new IntegrationError("INVALID_INPUT", `A ${start.kind} start needs such an end`);
  return toInstant(end, "UTC").getTime() - toInstant(start, "UTC").getTime();
}

/**
 * The time a duration of {@link durationBetween} later, in the kind and zone of `time`.
 *
 * @param durationMs whole days for a date
 */
export function addDuration(time: EventTime, durationMs: number): EventTime {
  return atSameKind(toInstant(time, "UTC").getTime() + durationMs, time);
}

/** An instant on the clocks of a zone. */
export function zonedAt(instant: Date, timeZone: string): EventTime {
  const wallClock = wallClockOf(instant.getTime(), timeZone);
  // A wall clock that is repeated can only mean its first pass; the second is written in UTC.
  const repeated = instantOf(wallClock, timeZone) !== instant.getTime();
  return repeated
    ? { kind: "zoned", local: formatWallClock(instant.getTime()), timeZone: "UTC" }
    : { kind: "zoned", local: formatWallClock(wallClock), timeZone };
}

/** @param instantMs since 1970; of what has no zone, as if it were UTC */
function atSameKind(instantMs: number, model: EventTime): EventTime {
  switch (model.kind) {
    case "date":
      return { kind: "date", date: formatWallClock(instantMs).slice(0, 10) };
    case "floating":
      return { kind: "floating", local: formatWallClock(instantMs) };
    case "zoned":
      return zonedAt(new Date(instantMs), model.timeZone);
  }
}
