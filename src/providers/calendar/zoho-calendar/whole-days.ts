import { toInstant } from "../../../recurrence/instant.ts";
import { timeZoneOf } from "../../../recurrence/time-zone.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import type { Interval } from "../provider.ts";
import { fitted } from "./client.ts";
import { listEntries, occurrencesIn } from "./listings.ts";
import { type ZohoObject } from "./objects.ts";
import { type Place } from "./place.ts";
import { type DaysEnd, isAmbiguous } from "./read.ts";
import { Entry, type ShownEvent, type ShownOccurrence } from "./shapes.ts";
import { readTime } from "./times.ts";

const hourMs = 60 * 60 * 1000;

/**
 * How the whole days of an object end, which Zoho's pages do not say: whether it still takes place on the day of its `end`
 * tells it. Asked once per operation, and only for what lasts longer than a day.
 */
export async function howDaysEnd(
  place: Place,
  { event, changed }: Pick<ZohoObject, "event" | "changed">,
): Promise<DaysEnd> {
  const longer = [event, ...changed].find(isAmbiguous);
  if (place.found.daysEnd === undefined && longer !== undefined) {
    const isSeries = longer === event && Boolean(event.rrule || event.repeat);
    const asked = isSeries ? await firstLonger(place, event) : longer;
    // Nothing is left of it that could be asked about.
    if (!asked) return "exclusive";
    place.found.daysEnd = (await takesPlaceOnItsEnd(place, asked)) ? "inclusive" : "exclusive";
  }
  return place.found.daysEnd ?? "exclusive";
}

/** The first occurrence of a series that is there and lasts longer than a day. */
async function firstLonger(place: Place, event: ShownEvent): Promise<ShownOccurrence | undefined> {
  const starts = toInstant(readTime(event.dateandtime.start, null, true), "UTC").getTime();
  const month = { from: new Date(starts - dayMs), to: new Date(starts + 29 * dayMs) };
  return (await occurrencesIn(place, event.uid, month)).find(isAmbiguous);
}

async function takesPlaceOnItsEnd(place: Place, shown: ShownOccurrence): Promise<boolean> {
  const noon = noonOfItsEnd(shown);
  if (shown.recurrenceid) {
    const there = await occurrencesIn(place, shown.uid, noon);
    return there.some(({ recurrenceid }) => recurrenceid === shown.recurrenceid);
  }
  return (await listEntries(place, noon)).some((entry) => fitted(entry, Entry).uid === shown.uid);
}

/** Around noon it is the same day in all zones that people are likely to look from. */
function noonOfItsEnd({ dateandtime: { end, timezone } }: ShownOccurrence): Interval {
  const midnight = toInstant(readTime(end, null, true), timeZoneOf(timezone ?? "UTC").timeZone).getTime();
  return { from: new Date(midnight + 12 * hourMs), to: new Date(midnight + 13 * hourMs) };
}
