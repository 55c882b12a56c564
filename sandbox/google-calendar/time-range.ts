import { invalid, timeRangeEmpty } from "./errors.ts";
import type { GoogleEvent } from "./state.ts";
import { millisOf } from "./times.ts";

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Whether an event is in it: timeMin bounds the end, timeMax the start, both exclusive. @throws {ApiError} invalid, timeRangeEmpty */
export function rangeOf(query: URLSearchParams, calendarZone: string): (event: GoogleEvent) => boolean {
  const [min, max] = [instantOf(query, "timeMin") ?? -Infinity, instantOf(query, "timeMax") ?? Infinity];
  if (max <= min) throw timeRangeEmpty();
  return ({ start, end, recurrence }) => {
    if (!start || !end) return true;
    // A series is listed when it may reach the range; whether it does is seen in its instances.
    const isAfter = recurrence !== undefined || millisOf(end, calendarZone) > min;
    return isAfter && millisOf(start, calendarZone) < max;
  };
}

/** In milliseconds since 1970, cut to whole seconds; null when it is not asked for. @throws {ApiError} invalid, without an offset */
export function instantOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  const at = instant.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw invalid(`Invalid value for ${name}: ${text}`, name);
  return Math.floor(at / 1000) * 1000;
}
