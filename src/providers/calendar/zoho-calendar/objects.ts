import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventTarget, RemoteEvent, RemoteObject } from "../provider.ts";
import { listCalendars } from "./calendars.ts";
import { markIn } from "./marks.ts";
import { eventPath, type Place } from "./place.ts";
import { type DaysEnd, ownResponse, readEvent, readOccurrence } from "./read.ts";
import { Entry, EventList, isDeleted, ShownEvent } from "./shapes.ts";
import { withoutStrays } from "./strays.ts";
import { notAnEvent, UnreadableEvent } from "./unreadable-event.ts";
import { howDaysEnd } from "./whole-days.ts";

/** What Zoho shows as several entries, and everybody sees as one: a single, or a series with what differs from it. */
export interface ZohoObject {
  /** Where the account was invited to single occurrences, the first of them. */
  readonly event: ShownEvent;
  readonly changed: readonly ShownEvent[];
  /** The `recurrenceid` of each occurrence that was taken out. */
  readonly deleted: readonly string[];
  readonly daysEnd: DaysEnd;
}

const Raw = z.object({
  event: ShownEvent,
  changed: z.array(ShownEvent),
  deleted: z.array(z.string()),
  daysEnd: z.enum(["inclusive", "exclusive"]),
});

/** @throws {UnreadableEvent} when one of its times cannot be read */
export function remoteObject(object: ZohoObject, { address }: Pick<Place, "address">): RemoteObject {
  const { event, changed } = object;
  const creationId = markIn(event.url);
  const sources = [event, ...changed];
  return {
    externalId: event.uid,
    etag: versionOf(object),
    raw: JSON.stringify(object),
    events: eventsOf(object).map((read, index) => withOwnAnswer(read, sources[index], address)),
    ...(creationId !== undefined && { creationId }),
  };
}

/** A guest's own answer is told beside the guests. */
function withOwnAnswer(read: RemoteEvent, source: ShownEvent | undefined, address: string): RemoteEvent {
  const response = source ? ownResponse(source) : null;
  if (response === null) return read;
  const attendees = read.attendees.map((guest) => (guest.email === address ? { ...guest, response } : guest));
  return { ...read, attendees };
}

export function eventsOf({ event, changed, deleted, daysEnd }: ZohoObject): readonly RemoteEvent[] {
  if (event.recurrenceid) return [event, ...changed].map((one) => readOccurrence(one, daysEnd, null));
  const master = readEvent(event, daysEnd, deleted);
  return [master, ...changed.map((one) => readOccurrence(one, daysEnd, master.start))];
}

/** What a target was read as. */
export function objectIn({ object }: Pick<EventTarget, "object">): ZohoObject {
  return Raw.parse(JSON.parse(object.raw));
}

/** The object as it stands now; null when it is gone. */
export async function findObject(place: Place, uid: string): Promise<ZohoObject | null> {
  const entries = await entriesOf(place, uid);
  const parts = entries && partsOf(entries);
  return parts && withoutStrays({ ...parts, daysEnd: await howDaysEnd(place, parts) });
}

async function entriesOf(place: Place, uid: string): Promise<readonly unknown[] | null> {
  try {
    return (await place.client.get(eventPath(place, uid), {}, EventList)).events;
  } catch (error) {
    if (!isIntegrationError(error, "NOT_FOUND")) throw error;
    await requireCalendar(place);
    return null;
  }
}

/** A calendar that is gone says the same as an event that is gone. @throws {IntegrationError} NOT_FOUND */
async function requireCalendar({ client, calendarUid, found }: Place): Promise<void> {
  if (found.calendar) return;
  const calendars = await listCalendars(client);
  if (calendars.some(({ externalId }) => externalId === calendarUid)) return;
  throw new IntegrationError("NOT_FOUND", "Zoho has no such calendar any more");
}

/**
 * The entries of one event, told apart; null when nothing of it is left. They come in no order that one could rely on.
 *
 * @throws {UnreadableEvent}
 */
export function partsOf(entries: readonly unknown[]): Omit<ZohoObject, "daysEnd"> | null {
  const all = entries.map((entry) => read(entry, Entry));
  const there = all.filter((entry) => !isDeleted(entry)).map((entry) => read(entry, ShownEvent));
  const changed = there.filter(({ recurrenceid }) => recurrenceid);
  const event = there.find(({ recurrenceid }) => !recurrenceid) ?? changed[0];
  if (!event) return null;
  const deleted = all.flatMap((entry) => (isDeleted(entry) && entry.recurrenceid ? [entry.recurrenceid] : []));
  return { event, changed: changed.filter((one) => one !== event), deleted: deleted.toSorted() };
}

function read<S extends z.ZodType>(entry: unknown, shape: S): z.output<S> {
  const found = shape.safeParse(entry);
  if (found.success) return found.data;
  throw new UnreadableEvent(notAnEvent);
}

/** The etag of the event, and those of its changed occurrences that have another one. */
function versionOf({ event, changed }: ZohoObject): string {
  const others = changed.filter(({ etag }) => String(etag) !== String(event.etag));
  return [String(event.etag), ...others.map(({ recurrenceid, etag }) => `${recurrenceid}=${etag}`).toSorted()].join(
    " ",
  );
}

/** Whether an entry of a listing is of the version that is known. */
export function isOfVersion(version: string, { etag, recurrenceid }: ShownEvent): boolean {
  const [own, ...others] = version.split(" ");
  const other = others.find((one) => one.startsWith(`${recurrenceid}=`));
  return String(etag) === (other === undefined ? own : other.slice(other.indexOf("=") + 1));
}
