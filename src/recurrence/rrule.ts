import { IntegrationError } from "../errors.ts";
import { type BasicTime, parseBasicTime } from "./basic-time.ts";

export type Frequency = "HOURLY" | "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY";

/** 0 is Sunday, as in `Date`. */
export type Weekday = number;

/** An RRULE or EXRULE (RFC 5545 §3.3.10). A part that is absent is an empty list. */
export interface RecurrenceRule {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | undefined;
  /** When the last occurrence may start; a date includes its whole day. */
  readonly until: BasicTime | undefined;
  readonly weekStart: Weekday;
  readonly months: readonly number[];
  /** A negative number counts from the end, here and below. */
  readonly monthDays: readonly number[];
  readonly yearDays: readonly number[];
  readonly weekNumbers: readonly number[];
  readonly weekdays: readonly NthWeekday[];
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
  readonly setPositions: readonly number[];
}

/** `nth` of its month or year; 0 is each of them. */
export interface NthWeekday {
  readonly weekday: Weekday;
  readonly nth: number;
}

/**
 * Reads what calendars really send: any case, unknown parts, INTERVAL=0, an UNTIL of any kind.
 *
 * @param text the value of an RRULE line, `FREQ=WEEKLY;BYDAY=MO`
 * @throws {IntegrationError} INVALID_INPUT when it cannot be read, is not in the Gregorian calendar, or recurs every
 *   minute or second, which no appointment does
 */
export function parseRule(text: string): RecurrenceRule {
  const parts = partsOf(text);
  const frequency = frequencies.find((known) => known === parts.get("FREQ"));
  if (frequency === undefined) throw invalid(`FREQ=${parts.get("FREQ") ?? ""} is not supported`);
  const rscale = parts.get("RSCALE") ?? "GREGORIAN";
  if (rscale !== "GREGORIAN") throw invalid(`RSCALE=${rscale} is not supported`);
  if ((parts.get("SKIP") ?? "OMIT") !== "OMIT") throw invalid(`SKIP=${parts.get("SKIP")} is not supported`);

  const numbers = (name: string, range: Range): number[] =>
    valuesOf(parts, name).map((value) => integer(name, value, range));
  const count = parts.get("COUNT");
  const until = parts.get("UNTIL");
  return {
    frequency,
    interval: Math.max(1, integer("INTERVAL", parts.get("INTERVAL") ?? "1", { min: 0, max: 100_000 })),
    count: count === undefined ? undefined : integer("COUNT", count, { min: 1, max: 1_000_000_000 }),
    until: until === undefined ? undefined : parseBasicTime(until),
    weekStart: weekdayOf(parts.get("WKST") ?? "MO"),
    months: numbers("BYMONTH", { min: 1, max: 12 }),
    monthDays: numbers("BYMONTHDAY", { max: 31, signed: true }),
    yearDays: numbers("BYYEARDAY", { max: 366, signed: true }),
    weekNumbers: numbers("BYWEEKNO", { max: 53, signed: true }),
    weekdays: valuesOf(parts, "BYDAY").map(nthWeekdayOf),
    hours: numbers("BYHOUR", { min: 0, max: 23 }),
    minutes: numbers("BYMINUTE", { min: 0, max: 59 }),
    seconds: numbers("BYSECOND", { min: 0, max: 59 }),
    setPositions: numbers("BYSETPOS", { max: 366, signed: true }),
  };
}

const frequencies: readonly Frequency[] = ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
const weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

function partsOf(text: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.toUpperCase().split(";")) {
    if (part.trim() === "") continue;
    const [name = "", value = ""] = part.split("=", 2).map((side) => side.trim());
    if (value === "") throw invalid(`"${part}" is not part of a recurrence rule`);
    if (parts.has(name)) throw invalid(`${name} is given twice`);
    parts.set(name, value);
  }
  return parts;
}

function valuesOf(parts: ReadonlyMap<string, string>, name: string): string[] {
  return parts.get(name)?.split(",") ?? [];
}

/** A signed number is one from either end and never 0. */
type Range = { readonly min: number; readonly max: number } | { readonly max: number; readonly signed: true };

function integer(name: string, value: string, range: Range): number {
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  const within =
    "signed" in range ? number !== 0 && Math.abs(number) <= range.max : number >= range.min && number <= range.max;
  if (!within) throw invalid(`${name} cannot be ${value}`);
  return number;
}

function weekdayOf(name: string): Weekday {
  const weekday = weekdays.indexOf(name);
  if (weekday < 0) throw invalid(`"${name}" is not a weekday`);
  return weekday;
}

function nthWeekdayOf(value: string): NthWeekday {
  const nth = value.slice(0, -2);
  return {
    weekday: weekdayOf(value.slice(-2)),
    nth: nth === "" ? 0 : integer("BYDAY", nth, { max: 53, signed: true }),
  };
}

function invalid(message: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message);
}
