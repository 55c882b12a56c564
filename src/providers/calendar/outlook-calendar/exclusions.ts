import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import { parseRecurrence } from "../../../recurrence/recurrence-lines.ts";
import { findObject, type Place } from "./objects.ts";
import { occurrenceAt } from "./occurrences.ts";
import { readEvent } from "./read.ts";
import { remove } from "./sending.ts";

/** Takes out of a series what its lines take out, as far as it is still there. */
export async function exclude(place: Place, seriesId: string, lines: readonly string[]): Promise<void> {
  const { exceptionDates } = parseRecurrence(lines);
  if (exceptionDates.length === 0) return;
  const current = await findObject(place, seriesId);
  if (!current) return;
  const { start, recurrence } = readEvent(current.event, current.cancelled);
  const inZone = (time: EventTime): EventTime =>
    time.kind === "floating" && start.kind === "zoned" ? { ...time, kind: "zoned", timeZone: start.timeZone } : time;
  const gone = new Set(parseRecurrence(recurrence).exceptionDates.map((time) => recurrenceKey(inZone(time))));
  for (const time of exceptionDates.map(inZone)) {
    if (gone.has(recurrenceKey(time))) continue;
    const found = await occurrenceAt(place, current.event, time);
    if (found) await remove(place, found.id);
  }
}
