import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import type { EventPatch, EventTarget, RemoteEvent, WriteResult } from "../provider.ts";
import { changedSeries, differing, endedSeries, restOfSeries, textOf } from "../series-text.ts";
import { uuidFrom } from "../uuid-from.ts";
import { exclude } from "./exclusions.ts";
import { eventsOf, eventsPath, findMarked, findObject, type GraphObject, type Place, remoteObject } from "./objects.ts";
import { isOriginally, occurrenceAt } from "./occurrences.ts";
import { readEvent, readException } from "./read.ts";
import { patchEvent, remove, send, standing } from "./sending.ts";
import { GraphEvent } from "./shapes.ts";
import { creationMark, type EventBody, patchBody } from "./write.ts";

/**
 * The master first. Outlook drops changed and deleted occurrences when the rule, the start or the zone changes: what is missing
 * afterwards is made again. A crash in between is mended by {@link finishSeries}.
 */
export async function patchSeries(place: Place, object: GraphObject, patch: EventPatch): Promise<void> {
  const after = changedSeries(textOf(eventsOf(object)), patch);
  await patchEvent(place, object.event, { ...patch, ...timesOf(after, patch) }, object.event["@odata.etag"]);
  await restore(place, object.event.id, object, after);
}

export async function finishSeries(place: Place, object: GraphObject, patch: EventPatch): Promise<void> {
  await restore(place, object.event.id, object, changedSeries(textOf(eventsOf(object)), patch));
}

/** When it is and how it repeats go together in Graph. */
function timesOf([master]: readonly RemoteEvent[], { start, end, recurrence }: EventPatch): EventPatch {
  if (!master || (start === undefined && end === undefined && recurrence === undefined)) return {};
  return { start: master.start, end: master.end, recurrence: master.recurrence };
}

/** Makes a series have what was taken out of it, and what was changed in it, as far as it does not. */
async function restore(
  place: Place,
  seriesId: string,
  before: GraphObject,
  [master, ...overrides]: readonly RemoteEvent[],
): Promise<void> {
  if (!master || master.recurrence.length === 0) return;
  await exclude(place, seriesId, master.recurrence);
  if (overrides.length === 0) return;
  const current = await findObject(place, seriesId);
  if (!current) return;
  const sources = changedOccurrences(before).slice(-overrides.length);
  for (const [index, override] of overrides.entries()) {
    const source = sources[index];
    if (source && override.recurrenceId) await restoreOne(place, { seriesId, before, current }, override, source);
  }
}

interface Restoring {
  readonly seriesId: string;
  readonly before: GraphObject;
  readonly current: GraphObject;
}

/** An occurrence that was changed: as it was, at its new place. One that somebody has changed meanwhile is left alone. */
async function restoreOne(
  place: Place,
  { seriesId, before, current }: Restoring,
  override: RemoteEvent,
  { event, exception }: ChangedOccurrence,
): Promise<void> {
  const { recurrenceId } = override;
  if (!recurrenceId || !event.recurrenceId) return;
  const isInPlace = seriesId === before.event.id && recurrenceKey(recurrenceId) === recurrenceKey(event.recurrenceId);
  const standing = current.exceptions.find((other) => isOriginally(other, current.event, recurrenceId));
  if (standing && isInPlace) {
    const now = readException(standing, readEvent(current.event).start);
    await send(place, standing.id, patchBody(stillToSay(differing(override, event), event, now), null));
    return;
  }
  const isOld = before.exceptions.some(
    ({ id, "@odata.etag": etag }) => id === standing?.id && etag === standing["@odata.etag"],
  );
  if (standing && !isOld) return;
  const target = standing ?? (await occurrenceAt(place, current.event, recurrenceId));
  // The changed rule may no longer have it.
  if (!target) return;
  await send(place, target.id, {
    ...ownFields(exception, before.event),
    ...patchBody(differing(override, null), null),
  });
}

/** What nobody has changed meanwhile. */
function stillToSay(patch: EventPatch, before: RemoteEvent, now: RemoteEvent): EventPatch {
  const untouched = Object.entries(patch).filter(
    ([name]) => JSON.stringify(now[name as keyof EventPatch]) === JSON.stringify(before[name as keyof EventPatch]),
  );
  return Object.fromEntries(untouched);
}

interface ChangedOccurrence {
  readonly event: RemoteEvent;
  readonly exception: GraphEvent;
}

/** The changed occurrences of a series, in the order in which `textOf` writes them. */
function changedOccurrences(object: GraphObject): readonly ChangedOccurrence[] {
  const [, ...events] = eventsOf(object);
  return events.flatMap((event, index) => {
    const exception = object.exceptions[index];
    return exception ? [{ event, exception }] : [];
  });
}

/** What can be written, has no word of ours or none in series text, and goes with a copy. */
const carried = [
  ...["attendees", "categories", "importance", "hideAttendees", "allowNewTimeProposals", "responseRequested"],
  ...["isReminderOn", "reminderMinutesBeforeStart", "showAs", "sensitivity"],
];

function copiedFields(event: GraphEvent): EventBody {
  return Object.fromEntries(carried.filter((name) => event[name] != null).map((name) => [name, event[name]]));
}

/** What a changed occurrence says otherwise than its series. */
function ownFields(exception: GraphEvent, series: GraphEvent): EventBody {
  return Object.fromEntries(
    Object.entries(copiedFields(exception)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(series[name]),
    ),
  );
}

/** The rest becomes a series of its own before the old one ends: a crash leaves occurrences twice rather than not at all. */
export async function splitSeries(
  place: Place,
  { object: { externalId, etag }, writeId }: EventTarget,
  object: GraphObject,
  recurrenceId: EventTime,
  patch: EventPatch,
): Promise<WriteResult> {
  requireOrganizer(object);
  const text = textOf(eventsOf(object));
  const head = endedSeries(text, recurrenceId);
  const rest = restOfSeries(text, recurrenceId, patch);
  if (!rest[0] || !head?.[0]) throw new Error("A series that was split into nothing");
  // What an earlier attempt made is made anew: the series may have changed since.
  const earlier = await findMarked(place, writeId);
  if (earlier) await remove(place, earlier.event.id);
  const marks = { mark: writeId, transactionId: uuidFrom(`${writeId} ${etag} ${earlier?.event.id}`) };
  const restId = await insertRest(place, marks, object.event, rest[0], patch);
  await restore(place, restId, object, rest);
  try {
    await patchEvent(place, object.event, timesOf(head, head[0]), object.event["@odata.etag"]);
  } catch (error) {
    if (!isIntegrationError(error, "CONFLICT", "NOT_FOUND", "PROVIDER_REFUSED")) throw error;
    const current = await findObject(place, externalId);
    if (!current || !sameRule(readEvent(current.event).recurrence, head[0].recurrence)) {
      // The series was definitely not ended, so its rest would happen twice.
      await remove(place, restId);
      throw error;
    }
  }
  await restore(place, externalId, object, head);
  const [left, created] = [await standing(place, externalId), await findObject(place, restId)];
  return { ...left, ...(created && { created: remoteObject(created) }) };
}

export async function endSeries(place: Place, object: GraphObject, head: readonly RemoteEvent[]): Promise<void> {
  if (!head[0]) throw new Error("A series that ended before it began");
  await patchEvent(place, object.event, timesOf(head, head[0]), object.event["@odata.etag"]);
  await restore(place, object.event.id, object, head);
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
  { mark, transactionId }: { readonly mark: string; readonly transactionId: string },
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
  const marks = { transactionId, singleValueExtendedProperties: [{ id: creationMark, value: mark }] };
  const body = { ...copiedFields(from), ...meeting, ...said, ...marks };
  return (await place.client.send("POST", eventsPath(place), body, GraphEvent)).id;
}

function sameRule([one]: readonly string[], [other]: readonly string[]): boolean {
  return one === other;
}
