import { recurrenceKey } from "../../../recurrence/instant.ts";
import { parseRecurrence } from "../../../recurrence/recurrence-lines.ts";
import { excludedIn } from "../excluded-times.ts";
import { findObject, type Place } from "./objects.ts";
import { occurrenceAt } from "./occurrences.ts";
import { readEvent } from "./read.ts";
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
