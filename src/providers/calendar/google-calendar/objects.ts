import { createHash } from "node:crypto";
import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import type { EventTarget, RemoteEvent, RemoteObject } from "../provider.ts";
import { ask, type GoogleClient } from "./client.ts";
import { readEvent, readException } from "./read.ts";
import { EventPage, GoogleEvent } from "./shapes.ts";
import { creationMark, eventIdFor } from "./write.ts";

/** What Google keeps as several events, and everybody sees as one: a single, or a master with its exceptions. */
export interface GoogleObject {
  readonly event: GoogleEvent;
  readonly exceptions: readonly GoogleEvent[];
}

const Raw = z.object({ event: GoogleEvent, exceptions: z.array(GoogleEvent) });

/** @throws {IntegrationError} PROVIDER_REPLY_INVALID when one of its times cannot be read */
export function remoteObject({ event, exceptions }: GoogleObject): RemoteObject {
  const creationId = event.extendedProperties?.private?.[creationMark];
  return {
    externalId: event.id,
    etag: etagOf({ event, exceptions }),
    raw: JSON.stringify({ event, exceptions }),
    events: eventsOf({ event, exceptions }),
    ...(creationId !== undefined && eventIdFor(creationId) === event.id && { creationId }),
  };
}

export function eventsOf({ event, exceptions }: GoogleObject): readonly RemoteEvent[] {
  if (event.recurringEventId) return [readException(event, null)];
  const master = readEvent(event, exceptions);
  const changed = exceptions.filter(({ status }) => status !== "cancelled");
  return [master, ...changed.map((exception) => readException(exception, master.start))];
}

/** `{series}_{original start}`: what Google calls an occurrence. */
export function instanceId(seriesId: string, recurrenceId: EventTime): string {
  return `${seriesId}_${recurrenceKey(recurrenceId)}`;
}

/** What a target was read as. */
export function objectIn({ object }: Pick<EventTarget, "object">): GoogleObject {
  return Raw.parse(JSON.parse(object.raw));
}

/** The object as it stands now; null when it is gone. An id of a master, a single, or an exception without its master. */
export async function findObject(
  client: GoogleClient,
  calendarId: string,
  eventId: string,
): Promise<GoogleObject | null> {
  const event = await findEvent(client, calendarId, eventId);
  if (event === null || event.status === "cancelled") return null;
  return { event, exceptions: event.recurrence ? await exceptionsOf(client, calendarId, event) : [] };
}

export async function findEvent(
  client: GoogleClient,
  calendarId: string,
  eventId: string,
): Promise<GoogleEvent | null> {
  try {
    return await ask(client.events.get({ calendarId, eventId }), GoogleEvent);
  } catch (error) {
    if (isIntegrationError(error, "NOT_FOUND") && (await isThere(client, calendarId))) return null;
    throw error;
  }
}

/** A calendar that is gone says the same as an event that is gone. @throws {IntegrationError} NOT_FOUND */
async function isThere(client: GoogleClient, calendarId: string): Promise<true> {
  await ask(client.events.list({ calendarId, maxResults: 1 }), EventPage);
  return true;
}

/** The rest of a reading goes on without its series. */
export class UnreadableOccurrence extends IntegrationError {
  constructor() {
    super("PROVIDER_REPLY_INVALID", "An occurrence of it is not an event as Google describes them");
  }
}

/** All events of a series share its iCalUID; the cancelled ones among them stand for what was taken out. */
async function exceptionsOf(client: GoogleClient, calendarId: string, master: GoogleEvent): Promise<GoogleEvent[]> {
  const exceptions: GoogleEvent[] = [];
  const query = { calendarId, iCalUID: master.iCalUID ?? "", showDeleted: true, singleEvents: false, maxResults: 250 };
  let pageToken: string | undefined;
  do {
    const page = await ask(client.events.list({ ...query, ...(pageToken && { pageToken }) }), EventPage);
    for (const item of page.items) {
      const exception = GoogleEvent.safeParse(item);
      if (!exception.success) throw new UnreadableOccurrence();
      if (exception.data.recurringEventId === master.id) exceptions.push(exception.data);
    }
    pageToken = page.nextPageToken ?? undefined;
  } while (pageToken);
  return exceptions;
}

/** Of a series, the versions of all that belongs to it. */
function etagOf({ event, exceptions }: GoogleObject): string {
  if (exceptions.length === 0) return event.etag;
  const etags = [event, ...exceptions].map(({ id, etag }) => `${id} ${etag}`).sort();
  return `"${createHash("sha256").update(etags.join("\n")).digest("hex").slice(0, 24)}"`;
}
