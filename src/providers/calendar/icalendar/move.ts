import ICAL from "ical.js";
import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { addDuration, toInstant } from "../../../recurrence/instant.ts";
import { dayMs, formatWallClock, parseWallClock } from "../../../recurrence/wall-clock.ts";
import { timesOf, wallClockIn, writeTimes } from "./time.ts";

/** A series that starts at `to` instead of `from`. */
export interface Move {
  readonly from: EventTime;
  readonly to: EventTime;
}

/** A series has one time of day: each time of it moves by what its start moves by on the wall clock. */
export function movedTime(time: EventTime, { from, to }: Move): EventTime {
  // A whole day taken out of a timed series stays one.
  if (time.kind === "date" && from.kind !== "date") return addDuration(time, dayOf(to) - dayOf(from));
  const shiftMs = parseWallClock(wallClockIn(to, to)) - parseWallClock(wallClockIn(from, from));
  const local = formatWallClock(parseWallClock(wallClockIn(time, from)) + shiftMs);
  return to.kind === "date" ? { kind: "date", date: local.slice(0, 10) } : { ...to, local };
}

/**
 * Moves the rules and dates of a series along with its start.
 *
 * @throws {IntegrationError} INVALID_INPUT when the start moves to another day, and the rule names its days in a way
 *   that does not say which ones they become
 */
export function moveRecurrence(master: ICAL.Component, move: Move): void {
  for (const property of datesOf(master)) {
    const [first, ...others] = timesOf(property).map((time) => movedTime(time, move));
    // A period has times of its own, whatever those of the series are.
    if (first !== undefined && property.type !== "period") {
      writeTimes(master, property, property.name, [first, ...others]);
    }
  }
  for (const { property, rule } of rulesOf(master)) {
    moveDays(rule, move);
    if (rule.until !== null) rule.until = movedUntil(rule.until, move);
    property.setValue(rule);
  }
}

/** Drops those of the dates of a series that are not kept, and leaves the others as they are written. */
export function keepDates(master: ICAL.Component, isKept: (time: EventTime) => boolean): void {
  for (const property of datesOf(master)) {
    const kept = timesOf(property).map(isKept);
    if (kept.every(Boolean)) continue;
    const [name, parameters, type, ...values] = property.jCal as unknown[];
    const left = values.filter((_, position) => kept[position]);
    master.removeProperty(property);
    if (left.length > 0) master.addProperty(new ICAL.Property([name, parameters, type, ...left]));
  }
}

/** RRULE and EXRULE, to be set again after a change. */
export function rulesOf(master: ICAL.Component): readonly { property: ICAL.Property; rule: ICAL.Recur }[] {
  return ["rrule", "exrule"]
    .flatMap((name) => master.getAllProperties(name))
    .flatMap((property) => {
      const rule = property.getFirstValue();
      return rule instanceof ICAL.Recur ? [{ property, rule }] : [];
    });
}

/** An UNTIL in the form that the start has, and in UTC when that has a zone (RFC 5545 §3.3.10). */
export function untilFor(last: EventTime): ICAL.Time {
  if (last.kind === "date") return ICAL.Time.fromString(last.date, null);
  if (last.kind === "floating") return ICAL.Time.fromString(last.local, null);
  return ICAL.Time.fromString(`${toInstant(last, "UTC").toISOString().slice(0, 19)}Z`, null);
}

const dayParts = ["BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"];
const weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

function moveDays(rule: ICAL.Recur, { from, to }: Move): void {
  const days = (dayOf(to) - dayOf(from)) / dayMs;
  const named = dayParts.filter((part) => rule.getComponent(part).length > 0);
  if (days === 0 || named.length === 0) return;
  const places = rule.getComponent("BYDAY").map((day) => weekdays.indexOf(String(day)));
  if (rule.freq !== "WEEKLY" || named.join() !== "BYDAY" || places.includes(-1)) {
    throw new IntegrationError(
      "INVALID_INPUT",
      "The series recurs on days of its own, which do not move with its start",
      {
        field: ["recurrence"],
        remedy: "Say how the series recurs from the new day on.",
      },
    );
  }
  const moved = places.map((place) => weekdays[(((place + days) % 7) + 7) % 7] ?? "");
  rule.setComponent("BYDAY", moved);
}

function movedUntil(until: ICAL.Time, move: Move): ICAL.Time {
  // A date that ends a timed series includes its whole day, wherever in it the occurrence is.
  if (until.isDate && move.from.kind !== "date") return until;
  const text = until.toString();
  if (until.isDate) return untilFor(movedTime({ kind: "date", date: text }, move));
  const local = text.slice(0, 19);
  const time: EventTime = text.endsWith("Z") ? { kind: "zoned", local, timeZone: "UTC" } : { kind: "floating", local };
  return untilFor(movedTime(time, move));
}

function datesOf(master: ICAL.Component): readonly ICAL.Property[] {
  return ["rdate", "exdate"].flatMap((name) => master.getAllProperties(name));
}

function dayOf(time: EventTime): number {
  return parseWallClock(wallClockIn(time, time).slice(0, 10));
}
