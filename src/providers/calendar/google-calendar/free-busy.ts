import { IntegrationError } from "../../../errors.ts";
import { mergedIntervals } from "../merged-intervals.ts";
import type { BusyCalendar, Interval } from "../provider.ts";
import { ask, type GoogleClient } from "./client.ts";
import { FreeBusy } from "./shapes.ts";

/** Google answers for so many calendars at a time, and refuses ranges of more than some three months. */
const maxCalendars = 50;
const maxRangeMs = 60 * 24 * 60 * 60 * 1000;

/** When each calendar is busy: merged, sorted by start. */
export async function freeBusy(
  client: GoogleClient,
  calendars: readonly string[],
  { from, to }: Interval,
): Promise<readonly BusyCalendar[]> {
  const busy = new Map<string, Interval[]>(calendars.map((calendar) => [calendar, []]));
  for (let first = 0; first < calendars.length; first += maxCalendars) {
    const items = calendars.slice(first, first + maxCalendars).map((id) => ({ id }));
    for (let start = from.getTime(); start < to.getTime(); start += maxRangeMs) {
      const timeMin = new Date(start).toISOString();
      const timeMax = new Date(Math.min(start + maxRangeMs, to.getTime())).toISOString();
      const answer = await ask(client.freebusy.query({ requestBody: { timeMin, timeMax, items } }), FreeBusy);
      for (const { id } of items) busy.get(id)?.push(...busyIn(answer.calendars[id]));
    }
  }
  return [...busy].map(([calendar, intervals]) => ({ calendar, busy: mergedIntervals(intervals) }));
}

/** An error inside a successful answer: a calendar that cannot be read is not one that is free. */
function busyIn(
  calendar: { errors?: { reason: string }[] | undefined; busy: { start: string; end: string }[] } | undefined,
) {
  const reason = calendar ? calendar.errors?.[0]?.reason : "missing";
  if (!calendar || reason !== undefined) {
    const code = reason === "notFound" ? "NOT_FOUND" : "PROVIDER_UNAVAILABLE";
    throw new IntegrationError(code, "Google cannot say when this calendar is busy", { providerCode: reason });
  }
  return calendar.busy.map(({ start, end }) => ({ from: new Date(start), to: new Date(end) }));
}
