import { isDeepStrictEqual } from "node:util";
import type { CalendarEvent, WriteIntent } from "../entities/calendar-event.ts";
import type {
  Attendee,
  CalendarProvider,
  EventPatch,
  RemoteEvent,
  RemoteObject,
} from "../providers/calendar/provider.ts";
import type { EventTime } from "../recurrence/event-time.ts";
import { recurrenceKey, toInstant } from "../recurrence/instant.ts";
import { asStored, columnsOf } from "./mirror-row.ts";

/** When it is and how it repeats belong together: two people who move the same event both change all of it. */
const times = ["start", "end", "recurrence"];

/** The part of an object that an edit means: the occurrence's own component, else the first one. */
export function componentOf(object: RemoteObject, recurrenceId: EventTime | null): RemoteEvent | undefined {
  const key = recurrenceId ? recurrenceKey(recurrenceId) : "";
  return (
    object.events.find((event) => (event.recurrenceId ? recurrenceKey(event.recurrenceId) : "") === key) ??
    object.events[0]
  );
}

/** Whether the vendor's version differs from ours in a field that the intent changes too. */
export function overlaps(intent: WriteIntent, ours: CalendarEvent, found: RemoteObject): boolean {
  const theirs = componentOf(found, intent.recurrenceId);
  if (!theirs) return true;
  const changed = Object.entries(columnsOf(theirs, ours.seriesId))
    .filter(
      ([name, value]) =>
        !["sequence", "seriesId", "kind"].includes(name) &&
        !isDeepStrictEqual(asStored(ours[name as keyof CalendarEvent]), asStored(value)),
    )
    .map(([name]) => name);
  if (intent.operation !== "UPDATE") return intent.operation === "DELETE" && changed.length > 0;
  const wanted = Object.keys(intent.body);
  return overlap(changed, wanted) || (overlap(changed, times) && overlap(wanted, times));
}

/** Whether the vendor has everything that an update wanted, in words of its own perhaps. */
export function hasWanted(
  { operation, body, recurrenceId }: WriteIntent,
  found: RemoteObject,
  { saidBack }: Pick<CalendarProvider, "saidBack"> = {},
): boolean {
  const component = componentOf(found, recurrenceId);
  if (operation !== "UPDATE" || !component) return false;
  const { start, end, recurrence, attendees, ...fields } = body as EventPatch;
  return (
    (start === undefined || isSameTime(start, component.start)) &&
    (end === undefined || isSameTime(end, component.end)) &&
    (recurrence === undefined ||
      isDeepStrictEqual(
        asStored(component.recurrence),
        asStored(saidBack?.(recurrence, component.start) ?? recurrence),
      )) &&
    (attendees === undefined || areInvited(attendees, component.attendees)) &&
    Object.entries(fields).every(([name, value]) =>
      isDeepStrictEqual(readBack(component[name as keyof RemoteEvent]), readBack(value)),
    )
  );
}

/** Vendors drop blank lines at the end of a text, and have no empty ones. */
function readBack(value: unknown): unknown {
  return typeof value === "string" ? value.trimEnd() || null : asStored(value);
}

/** Answers are the guests' own, and names the vendor's where we say none. */
function areInvited(wanted: readonly Attendee[], there: readonly Attendee[]): boolean {
  const isThere = ({ email, name, optional }: Attendee) =>
    there.some((one) => one.email === email && one.optional === optional && (name === null || one.name === name));
  return wanted.length === there.length && wanted.every(isThere);
}

/** Some vendors know zones by other names, of which several are one. */
function isSameTime(one: EventTime, other: EventTime): boolean {
  return one.kind === other.kind && toInstant(one, "UTC").getTime() === toInstant(other, "UTC").getTime();
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  return a.some((name) => b.includes(name));
}
