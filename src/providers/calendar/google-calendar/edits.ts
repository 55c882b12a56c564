import { createHash } from "node:crypto";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { addDuration, durationBetween, recurrenceKey } from "../../../recurrence/instant.ts";
import type { EventPatch, EventTarget, RemoteEvent, RemoteObject, WriteResult } from "../provider.ts";
import { withEnd } from "../with-end.ts";
import { ask, type GoogleClient, tell } from "./client.ts";
import { eventsOf, findEvent, findObject, type GoogleObject, objectIn, remoteObject } from "./objects.ts";
import { readEvent } from "./read.ts";
import { changedSeries, differing, endedSeries, instanceId, isFirstOf, restOfSeries, textOf } from "./series.ts";
import { EventPage, GoogleEvent } from "./shapes.ts";
import { type EventBody, patchBody } from "./write.ts";

/** One calendar to write in. */
export interface Place {
  readonly client: GoogleClient;
  readonly calendarId: string;
}

export async function updateEvent(place: Place, target: EventTarget, patch: EventPatch): Promise<WriteResult> {
  const object = objectIn(target);
  const { recurrenceId, span } = target;
  if (recurrenceId !== null && span === "THIS") {
    await patchOccurrence(place, object, recurrenceId, patch);
    return standing(place, object);
  }
  if (recurrenceId !== null && span === "THIS_AND_FOLLOWING" && !isFirstOf(textOf(eventsOf(object)), recurrenceId)) {
    return splitSeries(place, target, object, recurrenceId, patch);
  }
  if (object.event.recurrence) await patchSeries(place, object, patch);
  else await patchEvent(place, object.event, takingEndAlong(readAny(object), patch), object.event.etag);
  return standing(place, object);
}

export async function deleteEvent(place: Place, target: EventTarget): Promise<WriteResult> {
  const object = objectIn(target);
  const { recurrenceId, span } = target;
  try {
    if (recurrenceId === null || span === "ALL") {
      await remove(place, object.event.id, object.event.etag);
      return { object: null };
    }
    if (span === "THIS") {
      const { id, etag } = await occurrence(place, object, recurrenceId);
      await remove(place, id, etag);
      return await standing(place, object);
    }
    const head = isFirstOf(textOf(eventsOf(object)), recurrenceId)
      ? null
      : endedSeries(textOf(eventsOf(object)), recurrenceId);
    if (head === null) {
      await remove(place, object.event.id, object.event.etag);
      return { object: null };
    }
    await patchEvent(place, object.event, { recurrence: head[0]?.recurrence ?? [] }, object.event.etag);
    return await standing(place, object);
  } catch (error) {
    if (isIntegrationError(error, "NOT_FOUND")) return { object: null };
    throw error;
  }
}

/** Changes the own answer and nothing else; Google tells the organizer. */
export async function respond(place: Place, target: EventTarget, responseStatus: string): Promise<WriteResult> {
  const object = objectIn(target);
  const { recurrenceId, span } = target;
  if (span === "THIS_AND_FOLLOWING") {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Google has no answer to a part of a series", {
      remedy: "Answer for one occurrence, or for all of them.",
    });
  }
  const meant = recurrenceId !== null && span === "THIS" ? await occurrence(place, object, recurrenceId) : object.event;
  const own = (meant.attendees ?? []).find(({ self }) => self);
  if (!own?.email) {
    throw new IntegrationError("PREREQUISITE_MISSING", "This account is not among the guests of the event");
  }
  const body = { attendeesOmitted: true, attendees: [{ email: own.email, responseStatus }] };
  await send(place, meant.id, body, meant.etag, true);
  return standing(place, object);
}

/** The object as Google has it after a write. */
async function standing(
  { client, calendarId }: Place,
  { event }: GoogleObject,
): Promise<{ object: RemoteObject | null }> {
  const found = await findObject(client, calendarId, event.id);
  return { object: found && remoteObject(found) };
}

/**
 * The master first, then its changed occurrences. Where the start moves, Google drops those whose original start is no
 * longer one; they are written again at their new places, and a crash right in between can lose one. What was taken out
 * is written into the master's own lines, so that it is not lost.
 */
async function patchSeries(place: Place, object: GoogleObject, patch: EventPatch): Promise<void> {
  const [before, ...overridesBefore] = eventsOf(object);
  const [after, ...overrides] = changedSeries(textOf(eventsOf(object)), patch);
  if (!before || !after) throw new Error("A series without a master");
  const hasMoved = patch.start !== undefined || patch.end !== undefined || patch.recurrence !== undefined;
  const times = hasMoved ? { start: after.start, end: after.end, recurrence: after.recurrence } : {};
  await patchEvent(place, object.event, { ...patch, ...times }, object.event.etag);
  if (patch.recurrence?.length === 0) return;
  for (const override of overrides) {
    if (!override.recurrenceId) continue;
    const key = recurrenceKey(override.recurrenceId);
    const stayed =
      overridesBefore.find((other) => other.recurrenceId && recurrenceKey(other.recurrenceId) === key) ?? null;
    const change = differing(override, stayed);
    if (Object.keys(change).length === 0) continue;
    await send(place, instanceId(object.event.id, override.recurrenceId), patchBody(change, null), undefined, false);
  }
}

async function patchOccurrence(
  place: Place,
  object: GoogleObject,
  recurrenceId: EventTime,
  patch: EventPatch,
): Promise<void> {
  const { recurrence: _, ...said } = patch;
  const event = await occurrence(place, object, recurrenceId);
  await patchEvent(place, event, takingEndAlong(readEvent(event), said), event.etag);
}

/**
 * The occurrence that is meant, as Google has it.
 *
 * @throws {IntegrationError} CONFLICT when it, or its series, is no longer the version that the change is based on
 */
async function occurrence(
  { client, calendarId }: Place,
  object: GoogleObject,
  recurrenceId: EventTime,
): Promise<GoogleEvent> {
  const id = instanceId(object.event.id, recurrenceId);
  const known = object.exceptions.find((exception) => exception.id === id);
  const current =
    (await findEvent(client, calendarId, id)) ?? (await instanceAt({ client, calendarId }, object, recurrenceId));
  if (known) {
    if (known.etag !== current.etag) throw changedMeanwhile();
    return current;
  }
  const master = await findEvent(client, calendarId, object.event.id);
  if (!master || master.status === "cancelled") throw gone();
  if (master.etag !== object.event.etag || current.status === "cancelled") throw changedMeanwhile();
  return current;
}

/** For series whose instances have other names than they usually have. */
async function instanceAt(place: Place, { event }: GoogleObject, recurrenceId: EventTime): Promise<GoogleEvent> {
  const { client, calendarId } = place;
  const key = recurrenceKey(recurrenceId);
  const day = `${key.slice(0, 4)}-${key.slice(4, 6)}-${key.slice(6, 8)}`;
  const originalStart =
    recurrenceId.kind === "date" ? day : `${day}T${key.slice(9, 11)}:${key.slice(11, 13)}:${key.slice(13, 15)}Z`;
  const page = await ask(client.events.instances({ calendarId, eventId: event.id, originalStart }), EventPage);
  const found = GoogleEvent.safeParse(page.items[0]);
  if (!found.success) throw gone();
  return found.data;
}

/** The rest would be the guest's own event, and Google would invite everybody to it in the guest's name. */
function requireOrganizer({ event: { organizer } }: GoogleObject): void {
  if (!organizer?.email || organizer.self) return;
  throw new IntegrationError(
    "UNSUPPORTED_CAPABILITY",
    "Only its organizer can change a series from one occurrence on",
    {
      remedy: "Change one occurrence, or ask the organizer.",
    },
  );
}

/** The rest becomes a series of its own before the old one ends: a crash leaves occurrences twice rather than not at all. */
async function splitSeries(
  place: Place,
  { object: { externalId, etag } }: EventTarget,
  object: GoogleObject,
  recurrenceId: EventTime,
  patch: EventPatch,
): Promise<WriteResult> {
  requireOrganizer(object);
  const text = textOf(eventsOf(object));
  const head = endedSeries(text, recurrenceId);
  const [rest, ...overrides] = restOfSeries(text, recurrenceId, patch);
  if (!rest || !head?.[0]) throw new Error("A series that was split into nothing");
  // The same each time the same split is repeated.
  const id = createHash("sha256")
    .update(`${externalId} ${etag} ${recurrenceKey(recurrenceId)}`)
    .digest("hex")
    .slice(0, 32);
  const earlier = await findEvent(place.client, place.calendarId, id);
  if (!earlier) await insertRest(place, id, object.event, rest, patch);
  for (const override of overrides) {
    if (!override.recurrenceId) continue;
    await send(
      place,
      instanceId(id, override.recurrenceId),
      patchBody(differing(override, null), null),
      undefined,
      false,
    );
  }
  const recurrence = head[0].recurrence;
  try {
    await patchEvent(place, object.event, { recurrence }, object.event.etag);
  } catch (error) {
    if (!isIntegrationError(error, "CONFLICT", "NOT_FOUND", "PROVIDER_REFUSED")) throw error;
    const current = earlier && (await findEvent(place.client, place.calendarId, externalId));
    const isEnded = current && JSON.stringify(current.recurrence) === JSON.stringify(recurrence);
    // The series was definitely not ended, so its rest would happen twice.
    if (!earlier) await remove(place, id, undefined);
    if (!isEnded) throw error;
  }
  const [left, created] = [await standing(place, object), await findObject(place.client, place.calendarId, id)];
  return { ...left, ...(created && { created: remoteObject(created) }) };
}

/** Fields that go with a series, and that we have no word for, or that each event of it has for itself. */
const carried = [
  ...["attendees", "reminders", "colorId", "visibility", "guestsCanInviteOthers", "guestsCanModify"],
  ...["guestsCanSeeOtherGuests", "source", "attachments", "conferenceData"],
];

async function insertRest(
  place: Place,
  id: string,
  from: GoogleEvent,
  rest: RemoteEvent,
  patch: EventPatch,
): Promise<void> {
  const { client, calendarId } = place;
  const copied = Object.fromEntries(carried.filter((name) => from[name] != null).map((name) => [name, from[name]]));
  const { attendees, reminders } = patch;
  const own = { ...(attendees && { attendees }), ...(reminders !== undefined && { reminders }) };
  const body = { ...copied, ...patchBody({ ...differing(rest, null), recurrence: rest.recurrence, ...own }, from), id };
  const sendUpdates = updatesFor(body as EventBody);
  await ask(
    client.events.insert({ calendarId, requestBody: body as EventBody, conferenceDataVersion: 1, sendUpdates }),
    GoogleEvent,
  );
}

async function patchEvent(place: Place, event: GoogleEvent, patch: EventPatch, etag: string): Promise<void> {
  const hasGuests = (event.attendees?.length ?? 0) > 0 || (patch.attendees?.length ?? 0) > 0;
  await send(place, event.id, patchBody(patch, event), etag, hasGuests);
}

async function send(
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

async function remove({ client, calendarId }: Place, eventId: string, etag: string | undefined): Promise<void> {
  const headers = etag === undefined ? {} : { "If-Match": etag };
  await tell(client.events.delete({ calendarId, eventId, sendUpdates: "all" }, { headers }));
}

export function updatesFor({ attendees }: EventBody): "all" | "none" {
  return (attendees?.length ?? 0) > 0 ? "all" : "none";
}

function readAny(object: GoogleObject): RemoteEvent {
  const [first] = eventsOf(object);
  if (!first) throw new Error("An object without an event");
  return first;
}

function takingEndAlong({ start, end }: RemoteEvent, patch: EventPatch): EventPatch {
  return withEnd({ start }, patch, (moved) => addDuration(moved, durationBetween(start, end)));
}

function changedMeanwhile(): IntegrationError {
  return new IntegrationError("CONFLICT", "The event was changed by somebody else meanwhile", {
    providerCode: "conditionNotMet",
  });
}

function gone(): IntegrationError {
  return new IntegrationError("NOT_FOUND", "The event is deleted");
}
