import { createHash } from "node:crypto";
import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventTarget, RemoteEvent, RemoteObject } from "../provider.ts";
import type { GraphClient } from "./client.ts";
import { ownResponse, readEvent, readException } from "./read.ts";
import { GraphCalendar, GraphEvent, Marked, SeriesParts } from "./shapes.ts";
import { creationMark } from "./write.ts";

/** One calendar of one account. */
export interface Place {
  readonly client: GraphClient;
  readonly calendarId: string;
  /** Of the account's owner, in lower case. */
  readonly addresses: readonly string[];
}

/** What Outlook keeps as several events, and everybody sees as one: a single, or a master with what differs from it. */
export interface GraphObject {
  readonly event: GraphEvent;
  readonly exceptions: readonly GraphEvent[];
  /** Days of what was taken out, on the clocks of the series. */
  readonly cancelled: readonly string[];
}

const Raw = z.object({
  event: GraphEvent,
  exceptions: z.array(GraphEvent),
  cancelled: z.array(z.string()),
});

/** @throws {IntegrationError} PROVIDER_REPLY_INVALID when one of its times cannot be read */
export function remoteObject(object: GraphObject, { addresses }: Pick<Place, "addresses">): RemoteObject {
  const { event, exceptions } = object;
  const sources = event.type === "exception" ? [event] : [event, ...exceptions];
  const isOurs = event.transactionId != null && z.uuid().safeParse(event.transactionId).success;
  return {
    externalId: event.id,
    etag: etagOf(object),
    raw: JSON.stringify(object),
    events: eventsOf(object).map((read, index) => withOwnAnswer(read, sources[index], addresses)),
    ...(isOurs && { creationId: event.transactionId ?? "" }),
  };
}

/** What a guest answered stands beside the guests: in their list only the organizer sees answers. */
function withOwnAnswer(read: RemoteEvent, source: GraphEvent | undefined, addresses: readonly string[]): RemoteEvent {
  const response = source?.isOrganizer === false ? ownResponse(source) : null;
  if (response === null) return read;
  const attendees = read.attendees.map((guest) => (addresses.includes(guest.email) ? { ...guest, response } : guest));
  return { ...read, attendees };
}

export function eventsOf({ event, exceptions, cancelled }: GraphObject): readonly RemoteEvent[] {
  if (event.type === "exception") return [readException(event, null)];
  const master = readEvent(event, cancelled);
  return [master, ...exceptions.map((exception) => readException(exception, master.start))];
}

/** What a target was read as. */
export function objectIn({ object }: Pick<EventTarget, "object">): GraphObject {
  return Raw.parse(JSON.parse(object.raw));
}

export function eventsPath({ calendarId }: Place): string {
  return `me/calendars/${encodeURIComponent(calendarId)}/events`;
}

export function eventPath(place: Place, eventId: string): string {
  return `${eventsPath(place)}/${encodeURIComponent(eventId)}`;
}

/** The object as it stands now; null when it is gone. An id of a master, a single, or an exception without its master. */
export async function findObject(place: Place, eventId: string): Promise<GraphObject | null> {
  const event = await findEvent(place, eventId);
  if (event?.type !== "seriesMaster") return event && { event, exceptions: [], cancelled: [] };
  const parts = await place.client.get(partsPath(place, eventId), SeriesParts);
  return withParts(event, parts);
}

export async function findEvent(place: Place, eventId: string): Promise<GraphEvent | null> {
  try {
    return await place.client.get(eventPath(place, eventId), GraphEvent);
  } catch (error) {
    if (isIntegrationError(error, "NOT_FOUND")) {
      await requireCalendar(place);
      return null;
    }
    throw error;
  }
}

/** Several series at once, in the order of their ids; null for those that are gone, or cannot be read. */
export async function findSeries(
  place: Place,
  ids: readonly string[],
): Promise<readonly (GraphObject | Unread | null)[]> {
  const [events, parts] = [
    await place.client.getAll(
      ids.map((id) => eventPath(place, id)),
      z.unknown(),
    ),
    await place.client.getAll(
      ids.map((id) => partsPath(place, id)),
      SeriesParts,
    ),
  ];
  return ids.map((externalId, index) => {
    const [event, found] = [events[index], parts[index]];
    if (!event) return null;
    const read = GraphEvent.safeParse(event);
    if (!read.success) return { unread: externalId };
    try {
      return withParts(read.data, found ?? {});
    } catch (error) {
      if (isIntegrationError(error)) return { unread: externalId };
      throw error;
    }
  });
}

/** Something that is there and is not as Graph describes it. */
export interface Unread {
  readonly unread: string;
}

/** What a creation of ours made; null when there is none. */
export async function findMarked(place: Place, creationId: string): Promise<GraphObject | null> {
  const filter = `singleValueExtendedProperties/Any(ep: ep/id eq '${creationMark}' and ep/value eq '${creationId}')`;
  const { value } = await place.client.get(
    `${eventsPath(place)}?$filter=${encodeURIComponent(filter)}&$select=id`,
    Marked,
  );
  const [first] = value;
  return first ? findObject(place, first.id) : null;
}

/** A calendar that is gone says the same as an event that is gone. @throws {IntegrationError} NOT_FOUND */
export async function requireCalendar({ client, calendarId }: Place): Promise<z.infer<typeof GraphCalendar>> {
  return client.get(`me/calendars/${encodeURIComponent(calendarId)}`, GraphCalendar);
}

function partsPath(place: Place, eventId: string): string {
  return `${eventPath(place, eventId)}?$select=id,cancelledOccurrences,exceptionOccurrences&$expand=exceptionOccurrences`;
}

function withParts(
  event: GraphEvent,
  { cancelledOccurrences, exceptionOccurrences }: z.infer<typeof SeriesParts>,
): GraphObject {
  const exceptions = (exceptionOccurrences ?? []).map((item) => {
    const exception = GraphEvent.safeParse(item);
    if (exception.success) return exception.data;
    throw new IntegrationError("PROVIDER_REPLY_INVALID", "An occurrence of it is not an event as Graph describes them");
  });
  const cancelled = (cancelledOccurrences ?? []).flatMap((id) => /\d{4}-\d{2}-\d{2}$/.exec(id)?.[0] ?? []);
  return { event, exceptions, cancelled: cancelled.toSorted() };
}

/** Graph's own version of the master, out of our version of a series; null for any other version. */
export function masterVersion(etag: string | null): string | null {
  return /^series-\S+ (.+)$/s.exec(etag ?? "")?.[1] ?? null;
}

/** Of a series, the versions of all that belongs to it. */
function etagOf({ event, exceptions, cancelled }: GraphObject): string {
  if (event.type !== "seriesMaster") return event["@odata.etag"];
  const etags = [event, ...exceptions].map(({ id, "@odata.etag": etag }) => `${id} ${etag}`).sort();
  const versions = [...etags, ...cancelled].join("\n");
  const hash = createHash("sha256").update(versions).digest("hex").slice(0, 24);
  return `series-${hash} ${event["@odata.etag"]}`;
}
