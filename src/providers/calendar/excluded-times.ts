import type { EventTime } from "../../recurrence/event-time.ts";
import { recurrenceKey, toInstant, zonedAt } from "../../recurrence/instant.ts";
import { parseRecurrence } from "../../recurrence/recurrence-lines.ts";

/** What lines take out of a series that starts then: each once, in order, on the clocks of the series. */
export function excludedIn(lines: readonly string[], start: EventTime): readonly EventTime[] {
  const times = parseRecurrence(lines).exceptionDates.map((time) => asOccurrence(time, start));
  const byKey = new Map(times.map((time) => [recurrenceKey(time), time]));
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, time]) => time);
}

/** A day that is taken out of a timed series is its occurrence of that day. */
function asOccurrence(time: EventTime, start: EventTime): EventTime {
  if (start.kind === "date") return time.kind === "date" ? time : { kind: "date", date: time.local.slice(0, 10) };
  if (time.kind === "date") return onDay(start, time.date);
  if (start.kind !== "zoned") return time;
  const { timeZone } = start;
  return time.kind === "zoned" ? zonedAt(toInstant(time, timeZone), timeZone) : { ...time, kind: "zoned", timeZone };
}

/** The occurrence of a series that starts on a day of its own clocks. */
export function onDay(start: EventTime, date: string): EventTime {
  return start.kind === "date" ? { kind: "date", date } : { ...start, local: `${date}${start.local.slice(10)}` };
}

/** The line that takes an occurrence out. */
export function excludingLine(time: EventTime): string {
  if (time.kind === "date") return `EXDATE;VALUE=DATE:${time.date.replaceAll("-", "")}`;
  const basic = time.local.replaceAll(/[-:]/g, "");
  if (time.kind === "floating") return `EXDATE:${basic}`;
  return time.timeZone === "UTC" ? `EXDATE:${basic}Z` : `EXDATE;TZID=${time.timeZone}:${basic}`;
}
