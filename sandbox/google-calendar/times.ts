import { DateTime, IANAZone } from "luxon";
import { invalid, required, timeRangeEmpty } from "./errors.ts";
import type { GoogleEvent, GoogleTime } from "./state.ts";

const day = /^\d{4}-\d{2}-\d{2}$/;
const hasOffset = /(Z|[+-]\d{2}:\d{2})$/;

/** When it is, in milliseconds since 1970; a day is its midnight in the calendar's zone. */
export function millisOf(time: GoogleTime, calendarZone: string): number {
  if (time.date !== undefined) return DateTime.fromISO(time.date, { zone: calendarZone }).toMillis();
  return DateTime.fromISO(time.dateTime ?? "", { zone: time.timeZone ?? calendarZone }).toMillis();
}

/**
 * A time as it is stored: with an offset, and its zone.
 *
 * @throws {ApiError} invalid, required
 */
export function storedTime(given: unknown, calendarZone: string, { needsZone }: { needsZone: boolean }): GoogleTime {
  const { date, dateTime, timeZone } = (given ?? {}) as GoogleTime;
  if (date != null && dateTime != null) throw invalid("Invalid value for: only one of date and dateTime.");
  if (date != null) {
    if (!day.test(date) || !DateTime.fromISO(date).isValid) throw invalid(`Invalid value for date: ${date}`);
    return { date };
  }
  if (dateTime == null) throw required("Missing start or end time.");
  if (timeZone != null && !IANAZone.isValidZone(timeZone)) throw invalid("Invalid time zone definition.");
  if (timeZone == null && needsZone) throw required("Missing time zone definition for start time.");
  if (timeZone == null && !hasOffset.test(dateTime)) throw required("Missing time zone definition for start time.");
  const zone = timeZone ?? calendarZone;
  const read = DateTime.fromISO(dateTime, { zone });
  if (!read.isValid) throw invalid(`Invalid value for dateTime: ${dateTime}`);
  return { dateTime: shownAt(read, zone), timeZone: zone };
}

/** @throws {ApiError} */
export function checkTimes(event: Partial<GoogleEvent>, calendarZone: string): void {
  const { start, end } = event;
  if (!start || !end) throw required("Missing end time.");
  if ((start.date === undefined) !== (end.date === undefined))
    throw invalid("Start and end must both be date or dateTime.");
  const [from, to] = [millisOf(start, calendarZone), millisOf(end, calendarZone)];
  if (to <= from) throw timeRangeEmpty();
}

/** As the API answers: the offset of the zone asked for, the event's own zone beside it. */
export function shownTime(time: GoogleTime, zone: string): GoogleTime {
  if (time.dateTime === undefined) return { ...time };
  return { ...time, dateTime: shownAt(DateTime.fromISO(time.dateTime), zone) };
}

function shownAt(time: DateTime, zone: string): string {
  return time.setZone(zone).toISO({ suppressMilliseconds: true }) ?? "";
}
