import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import type { EventPatch, EventTarget, RemoteEvent, RemoteObject, WriteResult } from "../provider.ts";
import { endedSeries, meansAll, textOf } from "../series-text.ts";
import { takingEndAlong } from "../with-end.ts";
import { ask } from "./client.ts";
import { eventsOf, findEvent, type GoogleObject, instanceId, objectIn } from "./objects.ts";
import { readEvent } from "./read.ts";
import { gone, type Place, patchEvent, remove, send, standing } from "./sending.ts";
import { finishSeries, patchSeries, splitSeries } from "./series-writes.ts";
import { EventPage, GoogleEvent } from "./shapes.ts";

export async function updateEvent(place: Place, target: EventTarget, patch: EventPatch): Promise<WriteResult> {
  const object = objectIn(target);
  const { recurrenceId, span } = target;
  if (recurrenceId !== null && span === "THIS") {
    await patchOccurrence(place, object, recurrenceId, patch);
    return standing(place, object);
  }
  if (recurrenceId !== null && !meansAll(target, eventsOf(object))) {
    return splitSeries(place, target, object, recurrenceId, patch);
  }
  if (object.event.recurrence) await patchSeries(place, object, patch);
  else await patchEvent(place, object.event, takingEndAlong(readAny(object), patch), object.event.etag);
  return standing(place, object);
}

/** An update is one call, but of a series that moves: there its changed occurrences may be missing. */
export async function finishUpdate(
  place: Place,
  target: EventTarget,
  patch: EventPatch,
  found: RemoteObject,
): Promise<WriteResult> {
  const object = objectIn(target);
  if (!object.event.recurrence || !meansAll(target, eventsOf(object))) return { object: found };
  await finishSeries(place, object, patch, objectIn({ object: found }));
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
    const head = meansAll(target, eventsOf(object)) ? null : endedSeries(textOf(eventsOf(object)), recurrenceId);
    if (head === null) {
      await remove(place, object.event.id, object.event.etag);
      return { object: null };
    }
    await patchEvent(place, object.event, { recurrence: head[0]?.recurrence ?? [] }, object.event.etag);
    return await standing(place, object);
  } catch (error) {
    if (!isIntegrationError(error, "NOT_FOUND")) throw error;
    // What is gone may be the occurrence alone.
    return recurrenceId === null ? { object: null } : standing(place, object);
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

function readAny(object: GoogleObject): RemoteEvent {
  const [first] = eventsOf(object);
  if (!first) throw new Error("An object without an event");
  return first;
}

function changedMeanwhile(): IntegrationError {
  return new IntegrationError("CONFLICT", "The event was changed by somebody else meanwhile", {
    providerCode: "conditionNotMet",
  });
}
