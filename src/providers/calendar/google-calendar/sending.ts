import { IntegrationError } from "../../../errors.ts";
import type { EventPatch, RemoteObject } from "../provider.ts";
import { ask, type GoogleClient, tell } from "./client.ts";
import { findObject, type GoogleObject, remoteObject } from "./objects.ts";
import { GoogleEvent } from "./shapes.ts";
import { type EventBody, patchBody } from "./write.ts";

/** One calendar to write in. */
export interface Place {
  readonly client: GoogleClient;
  readonly calendarId: string;
}

/** The object as Google has it after a write. */
export async function standing(
  { client, calendarId }: Place,
  { event }: GoogleObject,
): Promise<{ object: RemoteObject | null }> {
  const found = await findObject(client, calendarId, event.id);
  return { object: found && remoteObject(found) };
}

export async function patchEvent(place: Place, event: GoogleEvent, patch: EventPatch, etag: string): Promise<void> {
  const hasGuests = (event.attendees?.length ?? 0) > 0 || (patch.attendees?.length ?? 0) > 0;
  await send(place, event.id, patchBody(patch, event), etag, hasGuests);
}

/** @throws {IntegrationError} CONFLICT when the event is not the version of this etag, NOT_FOUND */
export async function send(
  { client, calendarId }: Place,
  eventId: string,
  requestBody: EventBody,
  etag: string | undefined,
  hasGuests: boolean,
): Promise<void> {
  const sendUpdates = hasGuests ? "all" : "none";
  const headers = etag === undefined ? {} : { "If-Match": etag };
  const changed = await ask(
    client.events.patch({ calendarId, eventId, requestBody, sendUpdates }, { headers }),
    GoogleEvent,
  );
  if (changed.status === "cancelled" && requestBody.status !== "cancelled") throw gone();
}

export async function remove({ client, calendarId }: Place, eventId: string, etag: string | undefined): Promise<void> {
  const headers = etag === undefined ? {} : { "If-Match": etag };
  await tell(client.events.delete({ calendarId, eventId, sendUpdates: "all" }, { headers }));
}

export function updatesFor({ attendees }: EventBody): "all" | "none" {
  return (attendees?.length ?? 0) > 0 ? "all" : "none";
}

export function gone(): IntegrationError {
  return new IntegrationError("NOT_FOUND", "The event is deleted");
}
