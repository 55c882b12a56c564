import { createHash } from "node:crypto";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import type { EventPatch, EventTarget, RemoteEvent, WriteResult } from "../provider.ts";
import { changedSeries, differing, endedSeries, parted, restOfSeries, textOf } from "../series-text.ts";
import { ask } from "./client.ts";
import { eventsOf, findEvent, findObject, type GoogleObject, instanceId, remoteObject } from "./objects.ts";
import { copiedFields, ownFields } from "./own-fields.ts";
import { type Place, patchEvent, remove, send, standing, updatesFor } from "./sending.ts";
import { EventPage, GoogleEvent } from "./shapes.ts";
import { type EventBody, patchBody, splitMark } from "./write.ts";

/**
 * The master first, then its changed occurrences: where the start moves, Google drops those whose original start is no
 * longer one, and they are written again at their new places. What was taken out is written into the master's own lines,
 * so that it is not lost. A crash in between is mended by {@link finishSeries}.
 */
export async function patchSeries(place: Place, object: GoogleObject, patch: EventPatch): Promise<void> {
  const { after, followers } = editedSeries(object, patch);
  const hasMoved = patch.start !== undefined || patch.end !== undefined || patch.recurrence !== undefined;
  const times = hasMoved ? { start: after.start, end: after.end, recurrence: after.recurrence } : {};
  await patchEvent(place, object.event, { ...patch, ...times }, object.event.etag);
  for (const { id, body } of followers) await sendToOccurrence(place, id, body);
}

/** Writes the changed occurrences that {@link patchSeries} did not come to. Those that Google has are left as they are. */
export async function finishSeries(
  place: Place,
  object: GoogleObject,
  patch: EventPatch,
  found: GoogleObject,
): Promise<void> {
  const before = new Map(object.exceptions.map((exception) => [exception.id, exception.etag]));
  for (const { id, body } of editedSeries(object, patch).followers) {
    const current = found.exceptions.find((exception) => exception.id === id);
    if (!current || current.etag === before.get(id)) await sendToOccurrence(place, id, body);
  }
}

/** A changed occurrence that has to be written when its series was: its id at Google, and what to say. */
interface Follower {
  readonly id: string;
  readonly body: EventBody;
}

function editedSeries(object: GoogleObject, patch: EventPatch): { after: RemoteEvent; followers: readonly Follower[] } {
  const [after, ...overrides] = changedSeries(textOf(eventsOf(object)), patch);
  if (!after) throw new Error("A series without a master");
  const before = changedOccurrences(object);
  const followers = overrides.flatMap((override, index): Follower[] => {
    const { event, exception } = before[index] ?? {};
    if (!event?.recurrenceId || !exception || !override.recurrenceId) return [];
    if (recurrenceKey(event.recurrenceId) !== recurrenceKey(override.recurrenceId)) {
      return [followerIn(object.event.id, object.event, override, exception)];
    }
    const change = differing(override, event);
    return Object.keys(change).length === 0 ? [] : [{ id: exception.id, body: patchBody(change, null) }];
  });
  return { after, followers };
}

/** The changed occurrences of a series, in the order in which `textOf` writes them. */
function changedOccurrences(object: GoogleObject): readonly { event: RemoteEvent; exception: GoogleEvent }[] {
  const [, ...events] = eventsOf(object);
  const exceptions = object.exceptions.filter(({ status }) => status !== "cancelled");
  return events.flatMap((event, index) => {
    const exception = exceptions[index];
    return exception ? [{ event, exception }] : [];
  });
}

/** The occurrence written anew, as it was before in its series of before. */
function followerIn(seriesId: string, series: GoogleEvent, override: RemoteEvent, exception: GoogleEvent): Follower {
  if (!override.recurrenceId) throw new Error("An occurrence without an original start");
  const body = { ...ownFields(exception, series), ...patchBody(differing(override, null), null) };
  return { id: instanceId(seriesId, override.recurrenceId), body };
}

/** An occurrence that the changed rule no longer has needs no change. */
async function sendToOccurrence(place: Place, id: string, body: EventBody): Promise<void> {
  try {
    await send(place, id, body, undefined, false);
  } catch (error) {
    if (!isIntegrationError(error, "NOT_FOUND")) throw error;
  }
}

/** The rest becomes a series of its own before the old one ends: a crash leaves occurrences twice rather than not at all. */
export async function splitSeries(
  place: Place,
  { object: { externalId, etag }, writeId }: EventTarget,
  object: GoogleObject,
  recurrenceId: EventTime,
  patch: EventPatch,
): Promise<WriteResult> {
  requireOrganizer(object);
  const text = textOf(eventsOf(object));
  const head = endedSeries(text, recurrenceId);
  const [rest, ...overrides] = restOfSeries(text, recurrenceId, patch);
  if (!rest || !head?.[0]) throw new Error("A series that was split into nothing");
  // Google never takes an id twice, and what an earlier attempt made of another version of the series is made anew.
  const id = createHash("sha256").update(`${writeId} ${etag}`).digest("hex").slice(0, 32);
  const earlier = await findRests(place, writeId);
  for (const other of earlier.filter((found) => found.id !== id)) await remove(place, other.id, undefined);
  if (!earlier.some((found) => found.id === id)) await insertRest(place, { id, writeId }, object.event, rest, patch);
  const { leaving } = parted(changedOccurrences(object), head);
  for (const [index, override] of overrides.entries()) {
    const { exception } = leaving[index] ?? {};
    if (!exception) continue;
    const follower = followerIn(id, object.event, override, exception);
    await sendToOccurrence(place, follower.id, follower.body);
  }
  const { recurrence } = head[0];
  try {
    await patchEvent(place, object.event, { recurrence }, object.event.etag);
  } catch (error) {
    if (!isIntegrationError(error, "CONFLICT", "NOT_FOUND", "PROVIDER_REFUSED")) throw error;
    const current = await findEvent(place.client, place.calendarId, externalId);
    if (!current || JSON.stringify(current.recurrence) !== JSON.stringify(recurrence)) {
      // The series was definitely not ended, so its rest would happen twice.
      await remove(place, id, undefined);
      throw error;
    }
  }
  const [left, created] = [await standing(place, object), await findObject(place.client, place.calendarId, id)];
  return { ...left, ...(created && { created: remoteObject(created) }) };
}

/** The rest would be the guest's own event, and Google would invite everybody to it in the guest's name. */
function requireOrganizer({ event: { organizer } }: GoogleObject): void {
  if (!organizer?.email || organizer.self) return;
  throw new IntegrationError(
    "UNSUPPORTED_CAPABILITY",
    "Only its organizer can change a series from one occurrence on",
    { remedy: "Change one occurrence, or ask the organizer." },
  );
}

/** What earlier attempts of the same write made. */
async function findRests({ client, calendarId }: Place, writeId: string): Promise<readonly { id: string }[]> {
  const query = { calendarId, privateExtendedProperty: [`${splitMark}=${writeId}`], singleEvents: false };
  const { items } = await ask(client.events.list(query), EventPage);
  return items.flatMap((item) => {
    const event = GoogleEvent.safeParse(item);
    return event.success && !event.data.recurringEventId && event.data.status !== "cancelled" ? [event.data] : [];
  });
}

async function insertRest(
  place: Place,
  { id, writeId }: { readonly id: string; readonly writeId: string },
  from: GoogleEvent,
  rest: RemoteEvent,
  patch: EventPatch,
): Promise<void> {
  const { client, calendarId } = place;
  const { attendees, reminders } = patch;
  const own = { ...(attendees && { attendees }), ...(reminders !== undefined && { reminders }) };
  const said = patchBody({ ...differing(rest, null), recurrence: rest.recurrence, ...own }, from);
  const extendedProperties = {
    ...from.extendedProperties,
    private: { ...from.extendedProperties?.private, [splitMark]: writeId },
  };
  const requestBody = { ...copiedFields(from), ...said, extendedProperties, id };
  const sendUpdates = updatesFor(requestBody);
  await ask(client.events.insert({ calendarId, requestBody, conferenceDataVersion: 1, sendUpdates }), GoogleEvent);
}
