import type { EventTime } from "../../../recurrence/event-time.ts";
import { toInstant } from "../../../recurrence/instant.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import { listEntries } from "./listings.ts";
import { markIn } from "./marks.ts";
import { findObject, type ZohoObject } from "./objects.ts";
import { type Place } from "./place.ts";
import { ShownEvent } from "./shapes.ts";

/**
 * What an earlier attempt made, by the mark that it left: null where there is none. Zoho cannot be asked for a mark, so the
 * month that begins with the event is looked through.
 */
export async function markedObject(place: Place, mark: string, start: EventTime): Promise<ZohoObject | null> {
  const begins = toInstant(start, "UTC").getTime();
  const month = { from: new Date(begins - dayMs), to: new Date(begins + 29 * dayMs) };
  for (const entry of await listEntries(place, month)) {
    const shown = ShownEvent.safeParse(entry);
    if (!shown.success || shown.data.recurrenceid || markIn(shown.data.url) !== mark) continue;
    const found = await findObject(place, shown.data.uid);
    if (found) return found;
  }
  return null;
}
