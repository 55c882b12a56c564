import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { addDuration, durationBetween, recurrenceKey } from "../../../recurrence/instant.ts";
import type { EventFields, EventPatch, EventTarget, RemoteObject, WriteResult } from "../provider.ts";
import { meansAll } from "../series-text.ts";
import { takingEndAlong } from "../with-end.ts";
import { endDays } from "./end-days.ts";
import { eventsOf, objectIn, type ZohoObject } from "./objects.ts";
import type { Place } from "./place.ts";
import { readSpan, requireOrganizer } from "./read.ts";
import { remove, replace, standing } from "./sending.ts";
import { changedOccurrences, partAt, shownAt } from "./series-parts.ts";
import { finishSeries, finishSplit, patchSeries, splitSeries } from "./series-writes.ts";
import type { ShownEvent } from "./shapes.ts";
import { readRecurrenceId } from "./times.ts";
import { changedData, notifying, occurrenceData } from "./write.ts";

export async function updateEvent(place: Place, target: EventTarget, patch: EventPatch): Promise<WriteResult> {
  const object = objectIn(target);
  const { recurrenceId, span, writeId } = target;
  requireOrganizer(object.event);
  if (recurrenceId !== null && span === "THIS") {
    const times = await patchOccurrence(place, object, recurrenceId, patch);
    await endDays(place, object.event.uid, times, recurrenceId);
  } else if (recurrenceId !== null && !meansAll(target, eventsOf(object))) {
    return splitSeries(place, object, { recurrenceId, writeId }, patch);
  } else if (isSeries(object) || (patch.recurrence?.length ?? 0) > 0) {
    await patchSeries(place, object, patch);
  } else {
    await endDays(place, object.event.uid, await patchEvent(place, object, patch));
  }
  return standing(place, object.event.uid);
}

/** An update is one call, but of a series: there its changed occurrences, and those that were taken out, may be missing. */
export async function finishUpdate(
  place: Place,
  target: EventTarget,
  patch: EventPatch,
  found: RemoteObject,
): Promise<WriteResult> {
  const object = objectIn(target);
  const { recurrenceId, span, writeId } = target;
  const isOne = !isSeries(object) && (patch.recurrence ?? []).length === 0;
  if (isOne || (recurrenceId !== null && span === "THIS")) return { object: found };
  if (recurrenceId !== null && !meansAll(target, eventsOf(object))) {
    return finishSplit(place, object, { recurrenceId, writeId }, patch);
  }
  await finishSeries(place, object, patch);
  return standing(place, object.event.uid);
}

export async function deleteEvent(place: Place, target: EventTarget): Promise<WriteResult> {
  const object = objectIn(target);
  const { recurrenceId, span } = target;
  const isWhole = recurrenceId === null || meansAll(target, eventsOf(object)) || !isSeries(object);
  try {
    if (isWhole) await remove(place, object.event);
    else if (span === "THIS") await remove(place, shownAt(object, recurrenceId), partAt(object, recurrenceId, "only"));
    else await remove(place, object.event, partAt(object, recurrenceId, "following"));
  } catch (error) {
    if (!isIntegrationError(error, "NOT_FOUND")) throw error;
  }
  // What is gone already may be the occurrence alone.
  return isWhole ? { object: null } : standing(place, object.event.uid);
}

type Times = Pick<EventFields, "start" | "end">;

/** @returns when it starts and ends now */
async function patchEvent(place: Place, { event, daysEnd }: ZohoObject, patch: EventPatch): Promise<Times> {
  const before = readSpan(event, daysEnd);
  const said = takingEndAlong(before, patch);
  const data = changedData(event, said, daysEnd);
  await replace(place, event, { ...data, ...notifying(data) });
  return { ...before, ...said };
}

async function patchOccurrence(
  place: Place,
  object: ZohoObject,
  recurrenceId: EventTime,
  patch: EventPatch,
): Promise<Times> {
  const { shown, times } = occurrenceAt(object, recurrenceId);
  const said = { start: times.start, end: times.end, ...takingEndAlong(times, patch) };
  const data = occurrenceData(shown, said, object.daysEnd);
  await replace(place, shown, { ...data, ...notifying(data) }, partAt(object, recurrenceId, "only"));
  return said;
}

/**
 * An occurrence as it was changed before, or as its series has it.
 *
 * @throws {IntegrationError} NOT_FOUND when there is none, or it was taken out
 */
function occurrenceAt(
  object: ZohoObject,
  recurrenceId: EventTime,
): { readonly shown: ShownEvent; readonly times: Times } {
  const isIt = (time: EventTime | null) => time !== null && recurrenceKey(time) === recurrenceKey(recurrenceId);
  const known = changedOccurrences(object).find(({ event }) => isIt(event.recurrenceId));
  if (known) return { shown: known.shown, times: known.event };
  const { start, end } = readSpan(object.event, object.daysEnd);
  if (!isSeries(object) || object.deleted.some((id) => isIt(readRecurrenceId(id, start)))) {
    throw new IntegrationError("NOT_FOUND", "The series has no such occurrence");
  }
  const times = { start: recurrenceId, end: addDuration(recurrenceId, durationBetween(start, end)) };
  return { shown: object.event, times };
}

function isSeries({ event }: ZohoObject): boolean {
  return Boolean(event.rrule || event.repeat);
}
