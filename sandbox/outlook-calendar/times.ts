import { DateTime, IANAZone } from "luxon";
import { findIana, findWindows, WINDOWS_TO_IANA_MAP } from "windows-iana";
import { invalidProperty, unknownZone } from "./errors.ts";
import type { WallTime } from "./state.ts";

/** Windows' names of zones, and the IANA names that have one. https://learn.microsoft.com/en-us/graph/api/resources/datetimetimezone */
const ianaOf = new Map<string, string>([
  ["utc", "Etc/UTC"],
  ["tzone://microsoft/utc", "Etc/UTC"],
]);
export const windowsZones: readonly string[] = [...new Set(WINDOWS_TO_IANA_MAP.map(({ windowsName }) => windowsName))];
for (const name of windowsZones) ianaOf.set(name.toLowerCase(), findIana(name)[0] ?? "Etc/UTC");

/**
 * The IANA name of a zone that a client names.
 *
 * @throws {GraphError} TimeZoneNotSupportedException
 */
export function zoneOf(name: string): string {
  const windows = ianaOf.get(name.toLowerCase());
  if (windows) return windows;
  if (IANAZone.isValidZone(name) && findWindows(name).length > 0) return name;
  throw unknownZone(name);
}

/** Windows' name, which the API prefers. */
export function windowsName(name: string): string {
  if (ianaOf.has(name.toLowerCase())) return name;
  return findWindows(name)[0] ?? name;
}

/**
 * A dateTimeTimeZone as it is stored.
 *
 * @throws {GraphError} ErrorPropertyValidationFailure, TimeZoneNotSupportedException
 */
export function wallTime(given: unknown): WallTime {
  const { dateTime, timeZone = "UTC" } = (given ?? {}) as { dateTime?: unknown; timeZone?: unknown };
  if (typeof dateTime !== "string" || typeof timeZone !== "string") throw invalidProperty();
  const zone = zoneOf(timeZone);
  // An offset wins over the zone; without one the text is what the wall shows.
  const read = DateTime.fromISO(dateTime.replace(/(\.\d{3})\d+/, "$1"), { zone });
  if (!read.isValid) throw invalidProperty();
  return { dateTime: read.toFormat("yyyy-MM-dd'T'HH:mm:ss"), timeZone };
}

export function momentOf({ dateTime, timeZone }: WallTime): DateTime {
  return DateTime.fromISO(dateTime, { zone: zoneOf(timeZone) });
}

export const dayOf = ({ dateTime }: WallTime): string => dateTime.slice(0, 10);
export const isMidnight = ({ dateTime }: WallTime): boolean => dateTime.endsWith("T00:00:00");

/** The same clock on another day. */
export function shifted(time: WallTime, day: string): WallTime {
  return { ...time, dateTime: `${day}${time.dateTime.slice(10)}` };
}

/** Days between two walls. */
export function daysBetween(from: WallTime, to: WallTime): number {
  const day = (time: WallTime) => Date.parse(`${dayOf(time)}T00:00:00Z`);
  return (day(to) - day(from)) / 86_400_000;
}

export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Whole days float: they are midnight in every zone. https://github.com/microsoftgraph/microsoft-graph-docs/issues/1802 */
export function shownTime(time: WallTime, isAllDay: boolean, zoneName: string): WallTime {
  const at = isAllDay ? time.dateTime : momentOf(time).setZone(zoneOf(zoneName)).toFormat("yyyy-MM-dd'T'HH:mm:ss");
  return { dateTime: `${at}.0000000`, timeZone: zoneName };
}

/** An instant that a query names: an offset is honoured, otherwise it is UTC. */
export function instantOf(text: string): number {
  const read = DateTime.fromISO(text.replace(/(\.\d{3})\d+/, "$1"), { zone: "UTC" });
  return read.isValid ? read.toMillis() : Number.NaN;
}
