import { IntegrationError } from "../errors.ts";
import { parseBasicTime } from "./basic-time.ts";
import { type ContentLine, parseContentLine } from "./content-line.ts";
import type { EventTime } from "./event-time.ts";
import { parseRule, type RecurrenceRule } from "./rrule.ts";
import { timeZoneOf } from "./time-zone.ts";

/** What the recurrence lines of a series say. */
export interface Recurrence {
  readonly rules: readonly RecurrenceRule[];
  readonly exceptionRules: readonly RecurrenceRule[];
  readonly dates: readonly RecurrenceDate[];
  readonly exceptionDates: readonly EventTime[];
}

/** One value of an RDATE; `end` is there for a period only. */
export interface RecurrenceDate {
  readonly start: EventTime;
  /** A time, or milliseconds after the start. */
  readonly end: EventTime | number | undefined;
}

/**
 * Reads RRULE, EXRULE, RDATE and EXDATE lines. Times without a zone of their own come out floating: they are meant in
 * the zone of the start.
 *
 * @throws {IntegrationError} INVALID_INPUT for any other line, and for one that cannot be read
 */
export function parseRecurrence(lines: readonly string[]): Recurrence {
  const parsed = lines.map(recurrenceLine);
  const named = (name: string) => parsed.filter((line) => line.name === name);
  return {
    rules: named("RRULE").map(({ value }) => parseRule(value)),
    exceptionRules: named("EXRULE").map(({ value }) => parseRule(value)),
    dates: named("RDATE").flatMap((line) => valuesOf(line).map((value) => recurrenceDate(value, line))),
    exceptionDates: named("EXDATE").flatMap((line) => valuesOf(line).map((value) => parseTime(value, line))),
  };
}

const names = ["RRULE", "EXRULE", "RDATE", "EXDATE"];

function recurrenceLine(text: string): ContentLine {
  const line = parseContentLine(text);
  if (line === undefined || !names.includes(line.name)) {
    throw invalid(`"${text.slice(0, 100)}" is not an RRULE, EXRULE, RDATE or EXDATE line`);
  }
  return line;
}

function valuesOf({ value }: ContentLine): string[] {
  return value.split(",").filter((text) => text !== "");
}

function recurrenceDate(value: string, line: ContentLine): RecurrenceDate {
  const [start = "", end] = value.split("/", 2);
  return {
    start: parseTime(start, line),
    end: end === undefined ? undefined : /^[+-]?P/i.test(end) ? parseDuration(end) : parseTime(end, line),
  };
}

/** A date, even without VALUE=DATE, which some servers forget. */
function parseTime(value: string, { parameters }: ContentLine): EventTime {
  const time = parseBasicTime(value);
  if (time.kind === "date") return time;
  const { local } = time;
  if (time.kind === "utc") return { kind: "zoned", local, timeZone: "UTC" };
  const tzid = parameters.get("TZID");
  const zone = tzid === undefined ? undefined : timeZoneOf(tzid);
  // A zone of its own that nobody knows is the start's in all likelihood, written by its VTIMEZONE's name.
  return zone?.exact ? { kind: "zoned", local, timeZone: zone.timeZone } : { kind: "floating", local };
}

/** Milliseconds of an RFC 5545 §3.3.6 duration; a day has 24 hours. */
function parseDuration(text: string): number {
  const [match, sign, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text) ?? [];
  if (match === undefined) throw invalid(`"${text.slice(0, 100)}" is not a duration`);
  const totalHours = (Number(weeks) * 7 + Number(days)) * 24 + Number(hours);
  return (sign === "-" ? -1 : 1) * ((totalHours * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

function invalid(message: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message);
}
