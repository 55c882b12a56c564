import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import { excludedIn } from "../excluded-times.ts";
import type { EventPatch, EventTarget, RemoteEvent, WriteResult } from "../provider.ts";
import {
  changedSeries,
  differing,
  endedSeries,
  parted,
  restOfSeries,
  type SeriesText,
  textOf,
} from "../series-text.ts";
import { uuidFrom } from "../uuid-from.ts";
import { changedOccurrences, copiedFields, restore } from "./changed-occurrences.ts";
import { eventsOf, eventsPath, findMarked, findObject, type GraphObject, type Place, remoteObject } from "./objects.ts";
import { graphRange, graphSeries, saidPattern } from "./patterned-recurrence.ts";
import { readEvent } from "./read.ts";
import { patchEvent, remove, send, standing } from "./sending.ts";
import { GraphEvent } from "./shapes.ts";
import { type EventBody, markedBy, patchBody } from "./write.ts";

/**
 * The master first. Outlook drops changed and deleted occurrences when the rule, the start or the zone changes: what is missing
 * afterwards is made again. A crash in between is mended by {@link finishSeries}.
 */
export async function patchSeries(place: Place, object: GraphObject, patch: EventPatch): Promise<void> {
  const after = changedSeries(textOf(eventsOf(object)), patch);
  if (patch.recurrence !== undefined) requireExclusions(object, after[0]);
  await patchEvent(place, object.event, { ...patch, ...timesOf(after, patch) }, object.event["@odata.etag"]);
  await restore(place, object.event.id, object, after, changedOccurrences(object));
}

export async function finishSeries(place: Place, object: GraphObject, patch: EventPatch): Promise<void> {
  const after = changedSeries(textOf(eventsOf(object)), patch);
  await restore(place, object.event.id, object, after, changedOccurrences(object));
}

/** @throws {IntegrationError} UNSUPPORTED_CAPABILITY when an occurrence would have to come back: Outlook only does that to all of them */
function requireExclusions({ event, cancelled }: GraphObject, after: RemoteEvent | undefined): void {
  if (!after || after.recurrence.length === 0 || cancelled.length === 0) return;
  const before = readEvent(event, cancelled);
  const planOf = ({ recurrence, start }: RemoteEvent) =>
    JSON.stringify([graphSeries(recurrence, start).recurrence.pattern, recurrenceKey(start)]);
  if (planOf(before) !== planOf(after)) return;
  const kept = new Set(excludedIn(after.recurrence, after.start).map(recurrenceKey));
  if (excludedIn(before.recurrence, before.start).every((time) => kept.has(recurrenceKey(time)))) return;
  throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Outlook does not bring back an occurrence that was deleted", {
    field: ["recurrence"],
    remedy: "Leave its EXDATE where it is, and create an event of its own for that time.",
  });
}

/** When it is and how it repeats go together in Graph. */
function timesOf([master]: readonly RemoteEvent[], { start, end, recurrence }: EventPatch): EventPatch {
  if (!master || (start === undefined && end === undefined && recurrence === undefined)) return {};
  return { start: master.start, end: master.end, recurrence: master.recurrence };
}

/** The rest becomes a series of its own before the old one ends: a crash leaves occurrences twice rather than not at all. */
export async function splitSeries(
  place: Place,
  target: EventTarget,
  object: GraphObject,
  recurrenceId: EventTime,
  patch: EventPatch,
): Promise<WriteResult> {
  requireOrganizer(object);
  const {
    object: { externalId, etag },
    writeId,
  } = target;
  const { text, head } = cut(object, recurrenceId);
  const rest = restOfSeries(text, recurrenceId, patch);
  if (!rest[0]) throw new Error("A series that was split into nothing");
  // What an earlier attempt made is made anew: the series may have changed since.
  const earlier = await findMarked(place, writeId);
  if (earlier) await remove(place, earlier.event.id);
  const transactionId = uuidFrom(`${writeId} ${etag} ${earlier?.event.id}`);
  const marks = { transactionId, singleValueExtendedProperties: [markedBy(writeId)] };
  const restId = await insertRest(place, marks, object.event, rest[0], patch);
  const { leaving } = parted(changedOccurrences(object), head);
  try {
    await restore(place, restId, object, rest, leaving);
    await endRule(place, object.event, head[0]);
  } catch (error) {
    if (!isIntegrationError(error) || error.retryable) throw error;
    const current = await findObject(place, externalId);
    if (!current || !isSameRule(current.event, head[0])) {
      // The series was definitely not ended, so its rest would happen twice.
      await remove(place, restId);
      throw error;
    }
  }
  return finishSplit(place, target, object, recurrenceId);
}

/** Of a split whose series has ended: what its first part may be missing. */
export async function finishSplit(
  place: Place,
  { writeId }: EventTarget,
  object: GraphObject,
  recurrenceId: EventTime,
): Promise<WriteResult> {
  const { head } = cut(object, recurrenceId);
  await restore(place, object.event.id, object, head, parted(changedOccurrences(object), head).staying);
  const [left, created] = [await standing(place, object.event.id), await findMarked(place, writeId)];
  return { ...left, ...(created && { created: remoteObject(created, place) }) };
}

interface Cut {
  readonly text: SeriesText;
  readonly head: readonly [RemoteEvent, ...RemoteEvent[]];
}

function cut(object: GraphObject, recurrenceId: EventTime): Cut {
  const text = textOf(eventsOf(object));
  const [first, ...others] = endedSeries(text, recurrenceId) ?? [];
  if (!first) throw new Error("A series that was split into nothing");
  return { text, head: [first, ...others] };
}

export async function endSeries(place: Place, object: GraphObject, head: readonly RemoteEvent[]): Promise<void> {
  if (!head[0]) throw new Error("A series that ended before it began");
  await endRule(place, object.event, head[0]);
  await restore(place, object.event.id, object, head, parted(changedOccurrences(object), head).staying);
}

/** Nothing but the end is another one: with another pattern or start Outlook would drop what was changed in the series. */
async function endRule(place: Place, event: GraphEvent, { recurrence, start }: RemoteEvent): Promise<void> {
  const pattern = event.recurrence && saidPattern(event.recurrence.pattern);
  await send(place, event.id, { recurrence: { pattern, range: graphRange(recurrence, start) } }, event["@odata.etag"]);
}

function isSameRule(event: GraphEvent, { recurrence, start }: RemoteEvent): boolean {
  return event.recurrence?.range.endDate === graphRange(recurrence, start).endDate;
}

/** The rest would be the guest's own event, and Outlook would invite everybody to it in the guest's name. */
function requireOrganizer({ event: { isOrganizer } }: GraphObject): void {
  if (isOrganizer !== false) return;
  throw new IntegrationError(
    "UNSUPPORTED_CAPABILITY",
    "Only its organizer can change a series from one occurrence on",
    {
      remedy: "Change one occurrence, or ask the organizer.",
    },
  );
}

async function insertRest(
  place: Place,
  marks: EventBody,
  from: GraphEvent,
  rest: RemoteEvent,
  patch: EventPatch,
): Promise<string> {
  const { attendees, reminders } = patch;
  const own = { ...(attendees && { attendees }), ...(reminders !== undefined && { reminders }) };
  const said = patchBody({ ...differing(rest, null), recurrence: rest.recurrence, ...own }, from);
  const meeting = from.isOnlineMeeting
    ? { isOnlineMeeting: true, onlineMeetingProvider: from["onlineMeetingProvider"] }
    : {};
  const body = { ...copiedFields(from), ...meeting, ...said, ...marks };
  return (await place.client.send("POST", eventsPath(place), body, GraphEvent)).id;
}
