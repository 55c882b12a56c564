import { toInstant } from "../../../recurrence/instant.ts";
import { timeZoneOf } from "../../../recurrence/time-zone.ts";
import { mergedIntervals } from "../merged-intervals.ts";
import type { BusyCalendar, Interval } from "../provider.ts";
import { allOccurrencesIn, askForAll, listEntries, partsOfInterval } from "./listings.ts";
import type { Place } from "./place.ts";
import { free, isAmbiguous, ownResponse, readSpan } from "./read.ts";
import { ShownEvent, type ShownOccurrence } from "./shapes.ts";
import { howDaysEnd } from "./whole-days.ts";

/**
 * When each calendar is busy. Out of its own listings: Zoho's answer for free and busy is about a person, whatever the calendar,
 * and only where that person shares it. One listing says when everything takes place, another one what blocks time.
 */
export async function freeBusy(places: readonly Place[], within: Interval): Promise<readonly BusyCalendar[]> {
  const busy: BusyCalendar[] = [];
  for (const place of places) {
    const intervals: Interval[] = [];
    for await (const parts of askForAll(partsOfInterval(within), (part) => busyTimes(place, part))) {
      intervals.push(...parts.flat());
    }
    const clipped = intervals.map(({ from, to }) => ({
      from: from < within.from ? within.from : from,
      to: to > within.to ? within.to : to,
    }));
    busy.push({ calendar: place.calendarUid, busy: mergedIntervals(clipped.filter(({ from, to }) => from < to)) });
  }
  return busy;
}

async function busyTimes(place: Place, within: Interval): Promise<readonly Interval[]> {
  const [entries, occurrences] = [await listEntries(place, within), await allOccurrencesIn(place, within)];
  const shown = entries.flatMap((entry) => {
    const read = ShownEvent.safeParse(entry);
    return read.success ? [read.data] : [];
  });
  const blocking = new Map(shown.map((event) => [nameOf(event), blocks(event)]));
  // What cannot be read is busy.
  const isBusy = ({ uid, recurrenceid }: ShownOccurrence) =>
    blocking.get(nameOf({ uid, recurrenceid })) ?? blocking.get(nameOf({ uid })) ?? true;
  const longer = shown.find(isAmbiguous);
  const daysEnd = longer ? await howDaysEnd(place, { event: longer, changed: [] }) : "exclusive";
  return occurrences.filter(isBusy).map((occurrence) => {
    const { start, end } = readSpan(occurrence, daysEnd);
    const zone = timeZoneOf(occurrence.dateandtime.timezone ?? "UTC").timeZone;
    return { from: toInstant(start, zone), to: toInstant(end, zone) };
  });
}

function nameOf({ uid, recurrenceid }: Pick<ShownOccurrence, "uid" | "recurrenceid">): string {
  return `${uid} ${recurrenceid ?? ""}`;
}

/** Who has declined is not kept busy by it. */
function blocks(shown: ShownEvent): boolean {
  return Number(shown.transparency ?? 0) !== free && ownResponse(shown) !== "DECLINED";
}
