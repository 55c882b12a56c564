import ICAL from "ical.js";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { addDuration, durationBetween, toInstant, toLocal } from "../../../recurrence/instant.ts";
import { type FoundTimeZone, timeZoneOf, vtimezoneOf } from "../../../recurrence/time-zone.ts";
import { dayMs, formatWallClock, parseWallClock } from "../../../recurrence/wall-clock.ts";
import { parameterOf, valuesOf } from "./component.ts";

/** The first value of a property such as DTSTART; null when there is no such property or value. */
export function readTime(event: ICAL.Component, name: string): EventTime | null {
  return timesOf(event.getFirstProperty(name))[0] ?? null;
}

/** Every value of a DTSTART, RECURRENCE-ID, EXDATE or RDATE; of a period its start. */
export function timesOf(property: ICAL.Property | null): readonly EventTime[] {
  if (property === null) return [];
  return valuesOf(property).flatMap((value): EventTime[] => {
    const text: unknown = Array.isArray(value) ? value[0] : value;
    return typeof text === "string" ? [timeFrom(text, property)] : [];
  });
}

/**
 * One time of a property.
 *
 * @param text as jCal has it: `2026-12-01T10:00:00`, with a Z when in UTC, or `2026-12-01`
 * @throws {IntegrationError} INVALID_INPUT when there is no such day, such as the first of the 13th month
 */
export function timeFrom(text: string, property: ICAL.Property): EventTime {
  const local = formatWallClock(parseWallClock(text.replace("Z", "")));
  if (text.length === 10) return { kind: "date", date: text };
  if (text.endsWith("Z")) return { kind: "zoned", local, timeZone: "UTC" };
  const timeZone = zoneOf(property);
  return timeZone === null ? { kind: "floating", local } : { kind: "zoned", local, timeZone };
}

/** When an event ends that starts at `start` and is otherwise like `event`. RFC 5545 §3.6.1. */
export function endFrom(event: ICAL.Component, start: EventTime): EventTime {
  const [duration] = valuesOf(event.getFirstProperty("duration"));
  if (typeof duration === "string") return addNominal(start, ICAL.Duration.fromString(duration));
  const ownStart = readTime(event, "dtstart");
  const ownEnd = readTime(event, "dtend");
  if (ownStart === null || ownEnd === null) return start.kind === "date" ? addDuration(start, dayMs) : start;
  const lengthMs = durationBetween(ownStart, asKindOf(ownEnd, ownStart));
  return addDuration(start, Math.max(lengthMs, ownStart.kind === "date" ? dayMs : 0));
}

/** The end as it is written or, where it is not, as it follows from the start. Never before the start. */
export function readEnd(event: ICAL.Component, start: EventTime): EventTime {
  const end = readTime(event, "dtend");
  // A flight ends in another zone than it starts in.
  const written = end === null || (end.kind === "zoned" && start.kind === "zoned") ? end : asKindOf(end, start);
  return written !== null && durationBetween(start, written) > 0 ? written : endFrom(event, start);
}

/** The same moment in the kind and zone of `model`: times that belong to one series are written alike. */
export function asKindOf(time: EventTime, model: EventTime): EventTime {
  const wallClock = wallClockIn(time, model);
  if (model.kind === "date") return { kind: "date", date: wallClock.slice(0, 10) };
  if (model.kind === "floating") return { kind: "floating", local: wallClock };
  return time.kind === "zoned" && time.timeZone !== model.timeZone && isRepeated(time, model.timeZone)
    ? time
    : { kind: "zoned", local: wallClock, timeZone: model.timeZone };
}

/** What the clock shows at this time where `model` is: `YYYY-MM-DDTHH:mm:ss`. */
export function wallClockIn(time: EventTime, model: EventTime): string {
  if (time.kind === "date") return `${time.date}T00:00:00`;
  if (time.kind === "floating" || model.kind !== "zoned" || time.timeZone === model.timeZone) return time.local;
  return toLocal(toInstant(time, model.timeZone), model.timeZone);
}

/**
 * Writes a time property and the VTIMEZONE it needs. A TZID that already means the zone stays as it is, and so do
 * parameters we do not know.
 */
export function writeTime(event: ICAL.Component, name: string, time: EventTime): void {
  writeTimes(event, event.getFirstProperty(name), name, [time]);
}

/** As {@link writeTime}, for properties of many values, which are all of one kind and zone. */
export function writeTimes(
  event: ICAL.Component,
  replaced: ICAL.Property | null,
  name: string,
  times: readonly [EventTime, ...EventTime[]],
): void {
  const [model] = times;
  const property = new ICAL.Property([name, {}, model.kind === "date" ? "date" : "date-time", ...times.map(jCalOf)]);
  for (const [parameter, value] of Object.entries(parametersOf(replaced))) property.setParameter(parameter, value);
  property.removeParameter("tzid");
  if (model.kind === "zoned" && model.timeZone !== "UTC") {
    property.setParameter("tzid", tzidFor(model.timeZone, [replaced, event.getFirstProperty("dtstart")]));
  }
  if (replaced !== null) event.removeProperty(replaced);
  event.addProperty(property);
  addTimeZone(event, parameterOf(property, "tzid"));
}

/** Adds the VTIMEZONE of an IANA zone, unless the object has one of that name. */
export function addTimeZone(event: ICAL.Component, tzid: string | null): void {
  const calendar = event.parent as ICAL.Component | null;
  if (tzid === null || calendar === null || vtimezoneIn(calendar, tzid) !== undefined) return;
  calendar.addSubcomponent(new ICAL.Component(ICAL.parse(vtimezoneOf(tzid))));
}

/** jCal's text of a time (RFC 7265 §3.6.4 and §3.6.5). */
function jCalOf(time: EventTime): string {
  if (time.kind === "date") return time.date;
  return time.kind === "zoned" && time.timeZone === "UTC" ? `${time.local}Z` : time.local;
}

function parametersOf(property: ICAL.Property | null): Record<string, string> {
  return property === null ? {} : (property.jCal as [string, Record<string, string>])[1];
}

/** The TZID already used for the zone, if it has a VTIMEZONE to go with; otherwise the zone's own name. */
function tzidFor(timeZone: string, properties: readonly (ICAL.Property | null)[]): string {
  for (const property of properties) {
    const tzid = property && parameterOf(property, "tzid");
    if (property === null || tzid === null) continue;
    const calendar = calendarOf(property);
    const { timeZone: meant, exact } = findTimeZone(tzid, calendar);
    if (exact && meant === timeZone && calendar !== null && vtimezoneIn(calendar, tzid) !== undefined) return tzid;
  }
  return timeZone;
}

/** The IANA zone of a property's TZID; null without TZID. */
function zoneOf(property: ICAL.Property): string | null {
  const tzid = parameterOf(property, "tzid");
  return tzid === null ? null : findTimeZone(tzid, calendarOf(property)).timeZone;
}

function findTimeZone(tzid: string, calendar: ICAL.Component | null): FoundTimeZone {
  const named = timeZoneOf(tzid);
  return named.exact || calendar === null ? named : timeZoneOf(tzid, vtimezoneIn(calendar, tzid)?.toString());
}

function calendarOf(property: ICAL.Property): ICAL.Component | null {
  return (property.parent as ICAL.Component | null)?.parent ?? null;
}

function vtimezoneIn(calendar: ICAL.Component, tzid: string): ICAL.Component | undefined {
  return calendar.getAllSubcomponents("vtimezone").find((zone) => zone.getFirstPropertyValue("tzid") === tzid);
}

/** Days and weeks of a DURATION are nominal, the rest is exact (RFC 5545 §3.3.6). */
function addNominal(start: EventTime, duration: ICAL.Duration): EventTime {
  const sign = duration.isNegative ? 0 : 1;
  const daysMs = sign * (duration.weeks * 7 + duration.days) * dayMs;
  const exactMs = sign * (duration.hours * 3600 + duration.minutes * 60 + duration.seconds) * 1000;
  if (start.kind === "date") return addDuration(start, Math.max(daysMs, dayMs));
  const local = formatWallClock(parseWallClock(start.local) + daysMs);
  return addDuration({ ...start, local }, exactMs);
}

/** Whether the wall clock alone would name another instant, because the clocks of the zone went back. */
function isRepeated(time: EventTime, timeZone: string): boolean {
  const instant = toInstant(time, timeZone);
  const back = toInstant({ kind: "zoned", local: toLocal(instant, timeZone), timeZone }, timeZone);
  return back.getTime() !== instant.getTime();
}
