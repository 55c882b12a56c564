import type * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import { toInstant } from "../../../recurrence/instant.ts";
import { timeZoneOf } from "../../../recurrence/time-zone.ts";
import { mergedIntervals } from "../merged-intervals.ts";
import type { BusyCalendar, Interval } from "../provider.ts";
import type { GraphClient } from "./client.ts";
import { freeWords } from "./read.ts";
import { BusyEvent, Page } from "./shapes.ts";

/**
 * When each calendar is busy. From the calendar's own view, which personal accounts have too: `getSchedule` answers for
 * people, not for calendars, and only within organizations.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/calendar-list-calendarview
 */
export async function freeBusy(
  client: GraphClient,
  calendars: readonly string[],
  within: Interval,
): Promise<readonly BusyCalendar[]> {
  const busy: BusyCalendar[] = [];
  for (const calendar of calendars) {
    busy.push({ calendar, busy: mergedIntervals(await busyTimes(client, calendar, within)) });
  }
  return busy;
}

async function busyTimes(client: GraphClient, calendar: string, { from, to }: Interval): Promise<readonly Interval[]> {
  const intervals: Interval[] = [];
  const days = `startDateTime=${from.toISOString()}&endDateTime=${to.toISOString()}`;
  const fields = "$select=start,end,showAs,isCancelled,isAllDay,originalStartTimeZone&$top=500";
  let link: string | undefined = `me/calendars/${encodeURIComponent(calendar)}/calendarView?${days}&${fields}`;
  while (link) {
    const page: z.infer<typeof Page> = await client.get(link, Page);
    for (const event of page.value.map(readBusy).filter(blocks)) {
      const [starts, ends] = [instantOf(event, event.start.dateTime), instantOf(event, event.end.dateTime)];
      intervals.push({ from: starts < from ? from : starts, to: ends > to ? to : ends });
    }
    link = page["@odata.nextLink"];
  }
  return intervals.filter((interval) => interval.from < interval.to);
}

function readBusy(item: unknown): z.infer<typeof BusyEvent> {
  const event = BusyEvent.safeParse(item);
  if (event.success) return event.data;
  throw new IntegrationError("PROVIDER_REPLY_INVALID", "Microsoft's answer is not what its documentation describes");
}

function blocks({ showAs, isCancelled }: z.infer<typeof BusyEvent>): boolean {
  return !isCancelled && !freeWords.has(showAs?.toLowerCase() ?? "busy");
}

/** In UTC, which no other zone was asked instead of; whole days are those of the zone they were made in. */
function instantOf({ isAllDay, originalStartTimeZone }: z.infer<typeof BusyEvent>, dateTime: string): Date {
  if (!isAllDay) return new Date(`${dateTime.slice(0, 19)}Z`);
  return toInstant({ kind: "date", date: dateTime.slice(0, 10) }, timeZoneOf(originalStartTimeZone ?? "UTC").timeZone);
}
