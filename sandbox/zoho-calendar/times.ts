import { DateTime, IANAZone } from "luxon";
import { badPattern } from "./errors.ts";

const wallFormat = "yyyyMMdd'T'HHmmss";
const dayPattern = /^\d{8}Z?$/;

export const isDay = (text: string): boolean => dayPattern.test(text);

/** @throws {ZohoError} PATTERN_NOT_MATCHED */
export function zoneNamed(name: unknown): string {
  if (typeof name !== "string" || !IANAZone.isValidZone(name)) throw badPattern("timezone");
  return name;
}

/** `20261201T090000Z` and `20261201T100000+0100`; without an offset it is the clock of `zone`. Null when it is neither. */
export function readMoment(text: unknown, zone: string): DateTime | null {
  if (typeof text !== "string" || !/^\d{8}T\d{6}(Z|[+-]\d{4})?$/.test(text)) return null;
  const read = /[Z+-]/.test(text.slice(15))
    ? DateTime.fromFormat(text.replace("Z", "+0000"), `${wallFormat}ZZZ`, { zone })
    : DateTime.fromFormat(text, wallFormat, { zone });
  return read.isValid ? read : null;
}

/** Null when there is no such day. */
export function readDay(text: unknown): string | null {
  if (typeof text !== "string" || !isDay(text)) return null;
  return DateTime.fromFormat(text.slice(0, 8), "yyyyMMdd").isValid ? text.slice(0, 8) : null;
}

export const wallOf = (moment: DateTime): string => moment.toFormat(wallFormat);
export const utcOf = (millis: number): string =>
  `${DateTime.fromMillis(millis, { zone: "UTC" }).toFormat(wallFormat)}Z`;
export const dayOf = (millis: number): string => DateTime.fromMillis(millis, { zone: "UTC" }).toFormat("yyyyMMdd");

/** A stored time: days begin in UTC, so that no change of the clocks is in the way. */
export function momentOf(stored: string, zone: string): DateTime {
  if (isDay(stored)) return DateTime.fromFormat(stored, "yyyyMMdd", { zone: "UTC" });
  return DateTime.fromFormat(stored, wallFormat, { zone });
}

/** Millisecond of a range's edge: `20261201T000000Z`, or a day, which begins in `zone`. Null when it is neither. */
export function readEdge(text: unknown, zone: string, isEnd: boolean): number | null {
  const day = readDay(text);
  if (day === null) return readMoment(text, zone)?.toMillis() ?? null;
  const begins = DateTime.fromFormat(day, "yyyyMMdd", { zone });
  return (isEnd ? begins.plus({ days: 1 }) : begins).toMillis();
}
