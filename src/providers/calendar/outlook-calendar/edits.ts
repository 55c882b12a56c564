import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventPatch, EventTarget, WriteResult } from "../provider.ts";
import { endedSeries, meansAll, textOf } from "../series-text.ts";
import { takingEndAlong } from "../with-end.ts";
import { exclude } from "./exclusions.ts";
import { eventPath, eventsOf, type GraphObject, objectIn, type Place } from "./objects.ts";
import { occurrence } from "./occurrences.ts";
import { readEvent } from "./read.ts";
import { patchEvent, remove, standing } from "./sending.ts";
import { endSeries, finishSeries, finishSplit, patchSeries, splitSeries } from "./series-writes.ts";

export async function updateEvent(place: Place, target: EventTarget, patch: EventPatch): Promise<WriteResult> {
  const object = objectIn(target);
  const { event } = object;
  const { recurrenceId, span } = target;
  if (recurrenceId !== null && span === "THIS") {
    const { recurrence: _, ...said } = patch;
    const found = await occurrence(place, object, recurrenceId);
    await patchEvent(place, found, takingEndAlong(readEvent(found), said), found["@odata.etag"]);
    return standing(place, event.id);
  }
  if (recurrenceId !== null && !meansAll(target, eventsOf(object)))
    return splitSeries(place, target, object, recurrenceId, patch);
  if (event.recurrence) await patchSeries(place, object, patch);
  else await patchSingle(place, object, patch);
  return standing(place, event.id);
}

/** An update is one call, but where a series comes of it: there what was changed or taken out of it may be missing. */
export async function finishUpdate(place: Place, target: EventTarget, patch: EventPatch): Promise<WriteResult> {
  const object = objectIn(target);
  const { event } = object;
  const { recurrenceId, span } = target;
  if (recurrenceId !== null && span === "THIS_AND_FOLLOWING" && !meansAll(target, eventsOf(object))) {
    return finishSplit(place, target, object, recurrenceId);
  }
  if (meansAll(target, eventsOf(object))) {
    if (event.recurrence) await finishSeries(place, object, patch);
    else await exclude(place, event.id, patch.recurrence ?? []);
  }
  return standing(place, event.id);
}

export async function deleteEvent(place: Place, target: EventTarget): Promise<WriteResult> {
  const object = objectIn(target);
  const { id, "@odata.etag": etag } = object.event;
  const { recurrenceId, span } = target;
  try {
    if (recurrenceId !== null && span === "THIS") {
      const found = await occurrence(place, object, recurrenceId);
      await remove(place, found.id, found["@odata.etag"]);
      return await standing(place, id);
    }
    const isWhole = recurrenceId === null || meansAll(target, eventsOf(object));
    const head = isWhole ? null : endedSeries(textOf(eventsOf(object)), recurrenceId);
    if (head === null) {
      await remove(place, id, etag);
      return { object: null };
    }
    await endSeries(place, object, head);
    return await standing(place, id);
  } catch (error) {
    if (!isIntegrationError(error, "NOT_FOUND")) throw error;
    // What is gone may be the occurrence alone.
    return recurrenceId === null ? { object: null } : standing(place, id);
  }
}

const answers = { ACCEPTED: "accept", DECLINED: "decline", TENTATIVE: "tentativelyAccept" } as const;

/** Outlook tells the organizer. https://learn.microsoft.com/en-us/graph/api/event-accept */
export async function respond(place: Place, target: EventTarget, response: keyof typeof answers): Promise<WriteResult> {
  const object = objectIn(target);
  const { recurrenceId, span } = target;
  if (span === "THIS_AND_FOLLOWING") {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Outlook has no answer to a part of a series", {
      remedy: "Answer for one occurrence, or for all of them.",
    });
  }
  const meant = recurrenceId !== null && span === "THIS" ? await occurrence(place, object, recurrenceId) : object.event;
  if (meant.isOrganizer !== false) {
    throw new IntegrationError("PREREQUISITE_MISSING", "This account is not among the guests of the event");
  }
  const path = `${eventPath(place, meant.id)}/${answers[response]}`;
  await place.client.tell("POST", path, { body: { sendResponse: true } });
  // Outlook puts what was declined away.
  return standing(place, object.event.id);
}

async function patchSingle(place: Place, object: GraphObject, patch: EventPatch): Promise<void> {
  const [single] = eventsOf(object);
  if (!single) throw new Error("An object without an event");
  const said = takingEndAlong(single, patch);
  // A rule is said together with the day that it begins on.
  const times = patch.recurrence ? { start: said.start ?? single.start, end: said.end ?? single.end } : {};
  await patchEvent(place, object.event, { ...said, ...times }, object.event["@odata.etag"]);
  await exclude(place, object.event.id, patch.recurrence ?? []);
}
