import { IANAZone } from "luxon";
import { invalid } from "./errors.ts";
import type { EventStore } from "./event-store.ts";
import type { GoogleEvent } from "./state.ts";
import { shownTime } from "./times.ts";

/** What a reader may ask of the form. */
export interface ShownAs {
  readonly zone: string | null;
  readonly maxAttendees: number | null;
}

/** @throws {ApiError} invalid */
export function shownAs(query: URLSearchParams): ShownAs {
  const [zone, max] = [query.get("timeZone"), query.get("maxAttendees")];
  if (zone !== null && !IANAZone.isValidZone(zone)) throw invalid("Invalid time zone definition.", "timeZone");
  return { zone, maxAttendees: max === null ? null : Number(max) };
}

/** As `get` and writes answer it. */
export function shownEvent(
  { calendar, email }: EventStore,
  event: GoogleEvent,
  { zone, maxAttendees }: ShownAs = { zone: null, maxAttendees: null },
): Record<string, unknown> {
  const at = zone ?? calendar.timeZone;
  const { attendees = [], start, end, originalStartTime } = event;
  const isCut = maxAttendees !== null && attendees.length > maxAttendees;
  return {
    ...event,
    ...(start && { start: shownTime(start, at) }),
    ...(end && { end: shownTime(end, at) }),
    ...(originalStartTime && { originalStartTime: shownTime(originalStartTime, at) }),
    ...(isCut && { attendees: attendees.filter((one) => one.email === email), attendeesOmitted: true }),
  };
}

/** As listings show it: of what is cancelled little more than its id, and for an occurrence which one it was. */
export function listedEvent(store: EventStore, event: GoogleEvent, as: ShownAs): Record<string, unknown> {
  const shown = shownEvent(store, event, as);
  if (event.status !== "cancelled") return shown;
  const { id, etag, status, recurringEventId, originalStartTime } = shown;
  const occurrence = recurringEventId === undefined ? {} : { recurringEventId, originalStartTime };
  return { kind: "calendar#event", id, etag, status, ...occurrence };
}

/** What stands around the events of every listing. */
export function eventsEnvelope(
  { calendar }: EventStore,
  items: readonly Record<string, unknown>[],
  next: object,
): Record<string, unknown> {
  const updated = items
    .map((item) => String(item["updated"] ?? ""))
    .reduce((one, other) => (one > other ? one : other), "");
  return {
    kind: "calendar#events",
    etag: `"p${calendar.changes}"`,
    summary: calendar.summary,
    updated: updated === "" ? "1970-01-01T00:00:00.000Z" : updated,
    timeZone: calendar.timeZone,
    accessRole: calendar.accessRole,
    defaultReminders: [{ method: "popup", minutes: 10 }],
    items,
    ...next,
  };
}
