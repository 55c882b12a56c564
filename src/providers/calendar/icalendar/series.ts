import ICAL from "ical.js";
import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { addDuration, recurrenceKey, toInstant } from "../../../recurrence/instant.ts";
import { occurrencesOf } from "../../../recurrence/occurrences.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import type { EventFields, EventPatch } from "../provider.ts";
import { eventsIn, formatCalendar, isOverride, parseCalendar } from "./component.ts";
import { keepDates, type Move, movedTime, moveRecurrence, rulesOf, untilFor } from "./move.ts";
import { readFields } from "./read.ts";
import { asKindOf, endFrom, readTime, timesOf, writeTime, writeTimes } from "./time.ts";
import { patchEvent, raiseSequence, stamp, type Writing } from "./write.ts";

/**
 * Changes a whole object. Where the start of a series moves, its exceptions move along; a changed occurrence keeps
 * what it says differently from its series and follows in all else.
 *
 * @throws {IntegrationError} INVALID_INPUT
 */
export function patchAll(raw: string, patch: EventPatch, writing: Writing): string {
  const calendar = parseCalendar(raw);
  const { master, overrides } = seriesIn(calendar);
  if (master === undefined) {
    for (const override of overrides) patchEvent(override, patch, writing);
    return formatCalendar(calendar);
  }
  const before = readFields(master);
  patchEvent(master, patch, writing);
  if (patch.recurrence?.length === 0) {
    for (const override of overrides) calendar.removeSubcomponent(override);
    return formatCalendar(calendar);
  }
  const move = { from: before.start, to: patch.start ?? before.start };
  if (patch.start !== undefined && patch.recurrence === undefined) moveRecurrence(master, move);
  for (const override of overrides) followMaster(override, before, patch, move, writing);
  return formatCalendar(calendar);
}

/** Changes one occurrence of a series. @throws {IntegrationError} NOT_FOUND when the object has no such occurrence */
export function patchOccurrence(raw: string, recurrenceId: EventTime, patch: EventPatch, writing: Writing): string {
  const calendar = parseCalendar(raw);
  patchEvent(occurrenceIn(calendar, recurrenceId), withoutRecurrence(patch), writing);
  return formatCalendar(calendar);
}

/** Takes one occurrence out of a series; null when nothing is left of the object. */
export function removeOccurrence(raw: string, recurrenceId: EventTime, writing: Writing): string | null {
  const calendar = parseCalendar(raw);
  const { master } = seriesIn(calendar);
  const override = overrideIn(calendar, recurrenceId);
  if (override !== undefined) calendar.removeSubcomponent(override);
  if (master === undefined) return eventsIn(calendar).length === 0 ? null : formatCalendar(calendar);
  const excluded = master.getAllProperties("exdate").flatMap(timesOf);
  if (!excluded.some((time) => isSame(time, recurrenceId))) {
    writeTimes(master, null, "exdate", [asKindOf(recurrenceId, requireStart(master))]);
  }
  raiseSequence(master);
  stamp(master, writing.now);
  return formatCalendar(calendar);
}

/** Ends a series before one of its occurrences; null when nothing is left of the object. */
export function endBefore(raw: string, recurrenceId: EventTime, writing: Writing): string | null {
  const calendar = parseCalendar(raw);
  const { master } = seriesIn(calendar);
  removeOverrides(calendar, (time) => !isBefore(time, recurrenceId));
  if (master === undefined) return eventsIn(calendar).length === 0 ? null : formatCalendar(calendar);
  for (const { property, rule } of rulesOf(master)) {
    rule.count = null;
    rule.until = untilFor(lastMomentBefore(recurrenceId, requireStart(master)));
    property.setValue(rule);
  }
  keepDates(master, (time) => isBefore(time, recurrenceId));
  raiseSequence(master);
  stamp(master, writing.now);
  return formatCalendar(calendar);
}

/** The rest of a series from one of its occurrences on, as an object of its own, changed by the patch. */
export function restFrom(
  raw: string,
  recurrenceId: EventTime,
  uid: string,
  patch: EventPatch,
  writing: Writing,
): string {
  const calendar = parseCalendar(raw);
  const master = requireMaster(calendar);
  const whole = readFields(master);
  const start = asKindOf(recurrenceId, whole.start);
  const end = endFrom(master, start);
  keepDates(master, (time) => !isBefore(time, recurrenceId));
  removeOverrides(calendar, (time) => isBefore(time, recurrenceId));
  for (const { property, rule } of rulesOf(master)) {
    if (rule.count === null) continue;
    rule.count = Math.max(rule.count - occurrencesBefore(whole, recurrenceId), 1);
    property.setValue(rule);
  }
  writeTime(master, "dtstart", start);
  master.removeAllProperties("duration");
  writeTime(master, "dtend", end);
  for (const event of eventsIn(calendar)) {
    event.updatePropertyWithValue("uid", uid);
    event.updatePropertyWithValue("sequence", 0);
  }
  return patchAll(formatCalendar(calendar), patch, writing);
}

/** Whether an occurrence is the one a series starts with: what follows it is the whole series. */
export function isFirst(raw: string, recurrenceId: EventTime): boolean {
  const { master } = seriesIn(parseCalendar(raw));
  return master !== undefined && isSame(requireStart(master), recurrenceId);
}

/** The VEVENT of an occurrence: as it was changed before, or a copy of its series. */
export function occurrenceIn(calendar: ICAL.Component, recurrenceId: EventTime): ICAL.Component {
  const existing = overrideIn(calendar, recurrenceId);
  if (existing !== undefined) return existing;
  const master = requireMaster(calendar);
  const start = asKindOf(recurrenceId, requireStart(master));
  const end = endFrom(master, start);
  const override = new ICAL.Component(structuredClone(master.jCal));
  calendar.addSubcomponent(override);
  for (const name of ["rrule", "rdate", "exrule", "exdate", "duration"]) override.removeAllProperties(name);
  writeTime(override, "dtstart", start);
  writeTime(override, "dtend", end);
  writeTime(override, "recurrence-id", start);
  return override;
}

function seriesIn(calendar: ICAL.Component): { master: ICAL.Component | undefined; overrides: ICAL.Component[] } {
  const events = eventsIn(calendar);
  return { master: events.find((event) => !isOverride(event)), overrides: events.filter(isOverride) };
}

function requireMaster(calendar: ICAL.Component): ICAL.Component {
  const { master } = seriesIn(calendar);
  if (master === undefined) throw new IntegrationError("NOT_FOUND", "The object has no such occurrence");
  return master;
}

function requireStart(event: ICAL.Component): EventTime {
  return readFields(event).start;
}

function overrideIn(calendar: ICAL.Component, recurrenceId: EventTime): ICAL.Component | undefined {
  return seriesIn(calendar).overrides.find((override) => {
    const own = readTime(override, "recurrence-id");
    return own !== null && isSame(own, recurrenceId);
  });
}

function removeOverrides(calendar: ICAL.Component, isRemoved: (recurrenceId: EventTime) => boolean): void {
  for (const override of seriesIn(calendar).overrides) {
    const recurrenceId = readTime(override, "recurrence-id");
    if (recurrenceId !== null && isRemoved(recurrenceId)) calendar.removeSubcomponent(override);
  }
}

function followMaster(
  override: ICAL.Component,
  before: EventFields,
  patch: EventPatch,
  move: Move,
  writing: Writing,
): void {
  const own = readFields(override);
  const recurrenceId = readTime(override, "recurrence-id");
  const { start: _start, end: _end, ...said } = withoutRecurrence(patch);
  const names = Object.keys(said) as (keyof typeof said)[];
  const shared = names.filter((name) => isEqual(own[name], before[name])).map((name) => [name, said[name]]);
  if (recurrenceId !== null && patch.start !== undefined) {
    writeTime(override, "recurrence-id", movedTime(recurrenceId, move));
  }
  const stayed = recurrenceId !== null && isSame(own.start, recurrenceId);
  const start = stayed && patch.start !== undefined ? movedTime(own.start, move) : own.start;
  const times = stayed ? { start, end: endOfFollower(override, own, before, patch, start) } : {};
  patchEvent(override, { ...Object.fromEntries(shared), ...times }, writing);
}

/** An occurrence that was as long as its series becomes as long as its series is. */
function endOfFollower(
  override: ICAL.Component,
  own: EventFields,
  before: EventFields,
  { start = before.start, end }: EventPatch,
  ownStart: EventTime,
): EventTime {
  const isAsLong = lengthMs(own.start, own.end) === lengthMs(before.start, before.end);
  const hasOwnLength = !isAsLong && ownStart.kind === own.start.kind;
  return end === undefined || hasOwnLength ? endFrom(override, ownStart) : addDuration(ownStart, lengthMs(start, end));
}

function lengthMs(start: EventTime, end: EventTime): number {
  return toInstant(end, "UTC").getTime() - toInstant(start, "UTC").getTime();
}

function lastMomentBefore(recurrenceId: EventTime, start: EventTime): EventTime {
  const time = asKindOf(recurrenceId, start);
  return addDuration(time, time.kind === "date" ? -dayMs : -1000);
}

/** COUNT includes the occurrences that were taken out one by one (RFC 5545 §3.8.5.1). */
function occurrencesBefore(whole: EventFields, recurrenceId: EventTime): number {
  const recurrence = whole.recurrence.filter((line) => line.startsWith("RRULE"));
  const series = { id: "", start: whole.start, end: whole.end, recurrence, fallbackZone: "UTC" };
  const window = { from: toInstant(whole.start, "UTC"), to: toInstant(recurrenceId, "UTC") };
  return occurrencesOf(series, window, maxCount).occurrences.length;
}

const maxCount = 100_000;

function withoutRecurrence({ recurrence: _, ...patch }: EventPatch): EventPatch {
  return patch;
}

function isSame(one: EventTime, other: EventTime): boolean {
  return recurrenceKey(one) === recurrenceKey(other);
}

function isBefore(one: EventTime, other: EventTime): boolean {
  return toInstant(one, "UTC") < toInstant(other, "UTC");
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
