import { isDeepStrictEqual } from "node:util";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { durationBetween, recurrenceKey } from "../../../recurrence/instant.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import type { EventFields } from "../provider.ts";
import { findObject } from "./objects.ts";
import { type Place } from "./place.ts";
import { readSpan } from "./read.ts";
import { replace } from "./sending.ts";
import { changedOccurrences, partAt } from "./series-parts.ts";
import { changedData, notify, occurrenceData } from "./write.ts";

/**
 * Puts the end of several whole days right that was written before anybody knew how days end at Zoho. Harmless twice.
 *
 * @param wanted when the event has to start and end; with `recurrenceId`, that occurrence of it
 */
export async function endDays(
  place: Place,
  uid: string,
  { start, end }: Pick<EventFields, "start" | "end">,
  recurrenceId: EventTime | null = null,
): Promise<void> {
  if (start.kind !== "date" || durationBetween(start, end) <= dayMs) return;
  const object = await findObject(place, uid);
  if (object?.daysEnd !== "inclusive") return;
  const key = recurrenceId && recurrenceKey(recurrenceId);
  const occurrence = changedOccurrences(object).find(
    ({ event }) => event.recurrenceId && recurrenceKey(event.recurrenceId) === key,
  );
  const shown = key === null ? object.event : occurrence?.shown;
  // What ends somewhere else was changed by somebody since, or written by who knew.
  if (!shown || !isDeepStrictEqual(readSpan(shown, "exclusive"), { start, end })) return;
  const data = (recurrenceId ? occurrenceData : changedData)(shown, { start, end }, "inclusive");
  const part = recurrenceId ? partAt(object, recurrenceId, "only") : undefined;
  await replace(place, shown, { ...data, notify_attendee: notify.nobody }, part);
}
