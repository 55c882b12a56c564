import { isDeepStrictEqual } from "node:util";
import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import { excludedIn } from "../excluded-times.ts";
import type { EventPatch, EventTarget, RemoteEvent, WriteResult } from "../provider.ts";
import { changedSeries, differing, endedSeries, parted, restOfSeries, textOf } from "../series-text.ts";
import { uuidFrom } from "../uuid-from.ts";
import { endDays } from "./end-days.ts";
import { markedObject } from "./marked-objects.ts";
import { markedAddress } from "./marks.ts";
import { eventsOf, remoteObject, type ZohoObject } from "./objects.ts";
import type { Place } from "./place.ts";
import { remove, replace, standing } from "./sending.ts";
import { changedOccurrences, type Follower, partAt, restore } from "./series-parts.ts";
import { changedData, isExclusion, notify, notifying } from "./write.ts";

/** Changes a whole series, or makes one of a single. Its changed occurrences follow it in what they do not say otherwise. */
export async function patchSeries(place: Place, object: ZohoObject, patch: EventPatch): Promise<void> {
  const { before, after, followers } = editedSeries(object, patch);
  requireExclusions(before, after);
  const { start, end, recurrence } = after;
  const isMoved = patch.start !== undefined || patch.end !== undefined || patch.recurrence !== undefined;
  const said = isMoved ? { ...patch, start, end, recurrence } : patch;
  const data = changedData(object.event, said, object.daysEnd);
  await replace(place, object.event, { ...data, ...notifying(data) }, { recurrence_edittype: "all" });
  await endDays(place, object.event.uid, after);
  await restore(place, object.event.uid, followers, after);
}

/** What a crash left undone of it. @param object the series as it was before */
export async function finishSeries(place: Place, object: ZohoObject, patch: EventPatch): Promise<void> {
  const { after, followers } = editedSeries(object, patch);
  await endDays(place, object.event.uid, after);
  await restore(place, object.event.uid, followers, after);
}

/**
 * Zoho does not bring back what was taken out, while the rule stays.
 *
 * @throws {IntegrationError} UNSUPPORTED_CAPABILITY
 */
function requireExclusions(before: RemoteEvent, after: RemoteEvent): void {
  const planOf = ({ recurrence, start }: RemoteEvent) => [start, ...recurrence.filter((line) => !isExclusion(line))];
  if (!isDeepStrictEqual(planOf(before), planOf(after))) return;
  const kept = new Set(excludedIn(after.recurrence, after.start).map(recurrenceKey));
  if (excludedIn(before.recurrence, before.start).every((time) => kept.has(recurrenceKey(time)))) return;
  throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Zoho does not bring back an occurrence that was deleted", {
    field: ["recurrence"],
    remedy: "Leave the EXDATE where it is, and make a single event of the occurrence.",
  });
}

function editedSeries(
  object: ZohoObject,
  patch: EventPatch,
): { readonly before: RemoteEvent; readonly after: RemoteEvent; readonly followers: readonly Follower[] } {
  const [master] = eventsOf(object);
  const [after, ...overrides] = changedSeries(textOf(eventsOf(object)), patch);
  if (!master || !after) throw new Error("A series without a master");
  const changed = changedOccurrences(object);
  const followers = overrides.flatMap((override, index): Follower[] => {
    const known = changed[index];
    if (!known) return [];
    return [{ shown: known.shown, before: known.event, wanted: following(override, known.event, { master, patch }) }];
  });
  return { before: master, after, followers };
}

/** A changed occurrence after its series was changed: guests and reminders that it shared with it too. */
function following(
  override: RemoteEvent,
  before: RemoteEvent,
  { master, patch: { attendees, reminders } }: { readonly master: RemoteEvent; readonly patch: EventPatch },
): RemoteEvent {
  const { recurrenceId } = override;
  return {
    ...before,
    ...differing(override, before),
    recurrenceId,
    ...(attendees && isDeepStrictEqual(before.attendees, master.attendees) && { attendees }),
    ...(reminders && isDeepStrictEqual(before.reminders, master.reminders) && { reminders }),
  };
}

/**
 * Zoho cuts a series itself, in one call: what follows the occurrence becomes a series of its own, without the occurrences that
 * were changed or deleted. Those are made again. Repeating the write finds the rest by its mark.
 */
export async function splitSeries(
  place: Place,
  object: ZohoObject,
  { recurrenceId, writeId }: SplitAt,
  patch: EventPatch,
): Promise<WriteResult> {
  const { event, daysEnd } = object;
  const split = splitOf(object, recurrenceId, patch);
  const part = partAt(object, recurrenceId, "following");
  const mark = restMark(writeId);
  // An earlier attempt's rest has been an event of its own since: people may have changed it, and so may we.
  if (await markedObject(place, mark, split.rest.start)) {
    await remove(place, event, part, notify.nobody);
    return standingParts(place, object, { recurrenceId, writeId }, patch);
  }
  const { attendees, reminders } = patch;
  const { recurrence } = split.rest;
  const own = { ...(attendees && { attendees }), ...(reminders !== undefined && { reminders }) };
  const data = {
    ...changedData(event, { ...differing(split.rest, null), ...own, recurrence }, daysEnd),
    url: markedAddress(event.url, mark),
  };
  await replace(place, event, { ...data, ...notifying(data) }, part);
  return finishSplit(place, object, { recurrenceId, writeId }, patch);
}

/** What a crash left undone of it. @param object the series as it was before */
export async function finishSplit(
  place: Place,
  object: ZohoObject,
  at: SplitAt,
  patch: EventPatch,
): Promise<WriteResult> {
  const { head, rest, followers } = splitOf(object, at.recurrenceId, patch);
  const created = await markedObject(place, restMark(at.writeId), rest.start);
  if (created) {
    await endDays(place, created.event.uid, rest);
    await restore(place, created.event.uid, followers, rest);
  }
  await restore(place, object.event.uid, [], head);
  return standingParts(place, object, at, patch);
}

/** Where a series is cut, and by which write. */
type SplitAt = Pick<EventTarget, "writeId"> & { readonly recurrenceId: EventTime };

async function standingParts(
  place: Place,
  object: ZohoObject,
  { recurrenceId, writeId }: SplitAt,
  patch: EventPatch,
): Promise<WriteResult> {
  const { rest } = splitOf(object, recurrenceId, patch);
  const created = await markedObject(place, restMark(writeId), rest.start);
  const left = await standing(place, object.event.uid);
  return { ...left, ...(created && { created: remoteObject(created, place) }) };
}

function splitOf(object: ZohoObject, recurrenceId: EventTime, patch: EventPatch) {
  const text = textOf(eventsOf(object));
  const ended = endedSeries(text, recurrenceId);
  const [rest, ...overrides] = restOfSeries(text, recurrenceId, patch);
  const [head] = ended ?? [];
  const [master] = eventsOf(object);
  if (!rest || !ended || !head || !master) throw new Error("A series that was split into nothing");
  const { leaving } = parted(changedOccurrences(object), ended);
  const followers = overrides.flatMap((override, index): Follower[] => {
    const known = leaving[index];
    if (!known) return [];
    return [{ shown: known.shown, before: known.event, wanted: following(override, known.event, { master, patch }) }];
  });
  return { head, rest, followers };
}

function restMark(writeId: string): string {
  return uuidFrom(`rest ${writeId}`);
}
