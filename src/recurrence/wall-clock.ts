import { IANAZone } from "luxon";
import { IntegrationError } from "../errors.ts";

/**
 * What a clock on the wall shows, as the milliseconds since 1970 at which a clock in UTC shows the same.
 * Rules recur on wall clocks; only a zone makes an instant of one.
 */
export type WallClock = number;

export const dayMs = 86_400_000;

/** Before it the calendar that recurrence rules are about did not exist; `Date.UTC` takes the year 26 for 1926. */
const gregorian: WallClock = Date.UTC(1583, 0, 1);

/**
 * @param local `YYYY-MM-DDTHH:mm:ss`, or `YYYY-MM-DD` for its midnight
 * @throws {IntegrationError} INVALID_INPUT when there is no such day or time
 */
export function parseWallClock(local: string): WallClock {
  const wallClock = localForm.test(local) ? Date.parse(local.length === 10 ? local : `${local}Z`) : Number.NaN;
  // Date.parse reads 30 February as 2 March.
  if (!(wallClock >= gregorian) || new Date(wallClock).getUTCDate() !== Number(local.slice(8, 10))) {
    throw new IntegrationError("INVALID_INPUT", `"${local}" is not a date or a local date and time`);
  }
  return wallClock;
}

const localForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?$/;

/** `YYYY-MM-DDTHH:mm:ss` */
export function formatWallClock(wallClock: WallClock): string {
  return new Date(wallClock).toISOString().slice(0, 19);
}

/**
 * The instant, in milliseconds since 1970, at which clocks in the zone show this. Of a time that is repeated when
 * clocks go back, the first; a time that is skipped when they go forward is read with the offset from before the gap,
 * so that 02:30 becomes 03:30 (RFC 5545 §3.3.5).
 */
export function instantOf(wallClock: WallClock, timeZone: string): number {
  const before = wallClock - offsetMs(wallClock - dayMs, timeZone);
  const after = wallClock - offsetMs(wallClock + dayMs, timeZone);
  if (before === after || wallClockOf(before, timeZone) === wallClock) return before;
  return wallClockOf(after, timeZone) === wallClock ? after : before;
}

/** What clocks in the zone show at an instant in milliseconds since 1970. */
export function wallClockOf(instantMs: number, timeZone: string): WallClock {
  return instantMs + offsetMs(instantMs, timeZone);
}

/**
 * How far clocks in the zone are ahead of UTC.
 *
 * @throws {IntegrationError} INVALID_INPUT when it is no time zone
 */
function offsetMs(instantMs: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  const day = Math.floor(instantMs / dayMs);
  const offset = offsetAtMidnight(day, timeZone);
  // No zone changes its clocks twice within a day.
  return offset === offsetAtMidnight(day + 1, timeZone) ? offset : askLuxon(instantMs, timeZone);
}

/**
 * By zone and day since 1970. Luxon takes 10 µs for an answer, and expansions ask for the same days again and again.
 */
const offsetsAtMidnight = new Map<string, Map<number, number>>();
let rememberedOffsets = 0;
const maxRememberedOffsets = 200_000;

/** @param day since 1970, in UTC */
function offsetAtMidnight(day: number, timeZone: string): number {
  const known = offsetsAtMidnight.get(timeZone)?.get(day);
  if (known !== undefined) return known;
  const offset = askLuxon(day * dayMs, timeZone);
  if (rememberedOffsets === maxRememberedOffsets) {
    offsetsAtMidnight.clear();
    rememberedOffsets = 0;
  }
  const offsets = offsetsAtMidnight.get(timeZone) ?? new Map<number, number>();
  offsetsAtMidnight.set(timeZone, offsets.set(day, offset));
  rememberedOffsets++;
  return offset;
}

function askLuxon(instantMs: number, timeZone: string): number {
  const minutes = IANAZone.create(timeZone).offset(instantMs);
  if (Number.isNaN(minutes)) throw new IntegrationError("INVALID_INPUT", `"${timeZone}" is not an IANA time zone`);
  return minutes * 60_000;
}
