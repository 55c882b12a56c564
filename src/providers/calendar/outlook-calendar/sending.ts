import type { EventPatch, RemoteObject } from "../provider.ts";
import { bodyAroundMeeting } from "./body.ts";
import { eventPath, findObject, type Place, remoteObject } from "./objects.ts";
import { readEvent } from "./read.ts";
import { Bodied, GraphEvent } from "./shapes.ts";
import { type EventBody, patchBody } from "./write.ts";

/**
 * @param etag absent where any version will do
 * @param further what has no word of ours; the patch wins
 * @throws {IntegrationError} CONFLICT when the event is not the version of this etag, NOT_FOUND
 */
export async function patchEvent(
  place: Place,
  event: GraphEvent,
  patch: EventPatch,
  etag?: string,
  further: EventBody = {},
): Promise<void> {
  const body = { ...further, ...patchBody(withBoth(event, patch), event) };
  const isMeeting = event.isOnlineMeeting === true && patch.description !== undefined;
  const meeting = isMeeting ? { body: await meetingBody(place, event, patch.description ?? null) } : {};
  await send(place, event.id, { ...body, ...meeting }, etag);
}

/** Start and end go together: an hour that becomes a day is one at both ends. */
function withBoth(event: GraphEvent, patch: EventPatch): EventPatch {
  if ((patch.start === undefined) === (patch.end === undefined)) return patch;
  const { start, end } = readEvent(event);
  return { start, end, ...patch };
}

export async function send(place: Place, eventId: string, body: EventBody, etag?: string): Promise<void> {
  if (Object.keys(body).length === 0) return;
  await place.client.send("PATCH", eventPath(place, eventId), body, GraphEvent, etag);
}

/** Guests of what its organizer deletes are told. */
export async function remove(place: Place, eventId: string, etag?: string): Promise<void> {
  await place.client.tell("DELETE", eventPath(place, eventId), etag === undefined ? {} : { etag });
}

/** The object as Graph has it after a write. */
export async function standing(place: Place, eventId: string): Promise<{ object: RemoteObject | null }> {
  const found = await findObject(place, eventId);
  return { object: found && remoteObject(found, place) };
}

async function meetingBody(place: Place, { id }: GraphEvent, description: string | null): Promise<object> {
  const prefer = 'outlook.body-content-type="html"';
  const { body } = await place.client.get(`${eventPath(place, id)}?$select=body`, Bodied, prefer);
  return bodyAroundMeeting(description, body.content);
}
