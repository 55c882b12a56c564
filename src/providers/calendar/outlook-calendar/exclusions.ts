import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey, toInstant, zonedAt } from "../../../recurrence/instant.ts";
import { parseRecurrence } from "../../../recurrence/recurrence-lines.ts";
import { findObject, type Place } from "./objects.ts";
import { occurrenceAt } from "./occurrences.ts";
import { onDay, readEvent } from "./read.ts";
import { remove } from "./sending.ts";

/** Takes out of a series what its lines take out, as far as it is still there. */
export async function exclude(place: Place, seriesId: string, lines: readonly string[]): Promise<void> {
  if (parseRecurrence(lines).exceptionDates.length === 0) return;
  const current = await findObject(place, seriesId);
  if (!current?.event.recurrence) return;
  const { start, recurrence } = readEvent(current.event, current.cancelled);
  const gone = new Set(excludedIn(recurrence, start).map(recurrenceKey));
  for (const time of excludedIn(lines, start)) {
    if (gone.has(recurrenceKey(time))) continue;
    const found = await occurrenceAt(place, current.event, time);
    if (found) await remove(place, found.id);
  }
}

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
