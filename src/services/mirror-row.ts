import { isDeepStrictEqual } from "node:util";
import type { CalendarEvent } from "../entities/calendar-event.ts";
import { toJsonb } from "../entities/jsonb.ts";
import type { RemoteEvent } from "../providers/calendar/provider.ts";

/** The columns that say what people know of an event; a change of one of them is a change of the event. */
type KnownColumns = Pick<
  CalendarEvent,
  | "uid"
  | "kind"
  | "seriesId"
  | "title"
  | "description"
  | "location"
  | "conferenceUrl"
  | "reminders"
  | "status"
  | "transparency"
  | "classification"
  | "organizer"
  | "attendees"
  | "start"
  | "end"
  | "recurrence"
  | "sequence"
>;

export function columnsOf(event: RemoteEvent, seriesId: string | null): KnownColumns {
  const kind = event.recurrenceId ? "OCCURRENCE" : event.recurrence.length > 0 ? "SERIES" : "SINGLE";
  return {
    uid: event.uid,
    kind,
    seriesId,
    title: event.title,
    description: event.description,
    location: event.location,
    conferenceUrl: event.conferenceUrl,
    reminders: event.reminders,
    status: event.status,
    transparency: event.transparency,
    classification: event.classification,
    organizer: event.organizer,
    attendees: event.attendees,
    start: event.start,
    end: event.end,
    recurrence: event.recurrence,
    sequence: event.sequence,
  };
}

/** Whether people would notice. The sequence alone is bookkeeping between programs. */
export function differs(row: CalendarEvent, columns: KnownColumns): boolean {
  const { sequence: _sequence, ...noticed } = columns;
  return Object.entries(noticed).some(
    ([name, value]) => !isDeepStrictEqual(row[name as keyof KnownColumns], asStored(value)),
  );
}

/** As it comes back from the database. */
export function asStored(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(toJsonb(value));
}
