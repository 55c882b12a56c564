import { isDeepStrictEqual } from "node:util";
import { isIntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import { excludedIn } from "../excluded-times.ts";
import type { EventFields, EventPatch, RemoteEvent } from "../provider.ts";
import { differing } from "../series-text.ts";
import { eventsOf, findObject, type ZohoObject } from "./objects.ts";
import type { Place } from "./place.ts";
import { readSpan } from "./read.ts";
import { type OccurrencePart, remove, replace } from "./sending.ts";
import type { ShownEvent } from "./shapes.ts";
import { readRecurrenceId, recurrenceIdOf } from "./times.ts";
import { notify, occurrenceData } from "./write.ts";

/** A changed occurrence as it has to be, and as it was before its series changed. */
export interface Follower {
  readonly wanted: RemoteEvent;
  readonly before: RemoteEvent;
  readonly shown: ShownEvent;
}

/** A changed occurrence of a series, as Zoho shows it and as everybody reads it. */
export interface ChangedOccurrence {
  readonly event: RemoteEvent;
  readonly shown: ShownEvent;
}

/** In the order in which `textOf` writes them. */
export function changedOccurrences(object: ZohoObject): readonly ChangedOccurrence[] {
  const all = object.event.recurrenceid ? [object.event, ...object.changed] : object.changed;
  const events = eventsOf(object).filter(({ recurrenceId }) => recurrenceId !== null);
  return events.flatMap((event, index) => {
    const shown = all[index];
    return shown ? [{ event, shown }] : [];
  });
}

/**
 * The part of a series that an occurrence is.
 *
 * @param object the series
 */
export function partAt(
  { event, changed, deleted, daysEnd }: ZohoObject,
  time: EventTime,
  recurrence_edittype: OccurrencePart["recurrence_edittype"],
): OccurrencePart {
  const { start } = readSpan(event, daysEnd);
  const key = recurrenceKey(time);
  const ids = [...changed.flatMap(({ recurrenceid }) => recurrenceid ?? []), ...deleted];
  // Whole days have two names, of which Zoho has one.
  const known = ids.find((id) => recurrenceKey(readRecurrenceId(id, start)) === key);
  return { recurrence_edittype, recurrenceid: known ?? recurrenceIdOf(time) };
}

/** An occurrence that was changed, or else the series that it is like: the version that a write to it is based on. */
export function shownAt(object: ZohoObject, time: EventTime): ShownEvent {
  const key = recurrenceKey(time);
  return changedOccurrences(object).find(({ event }) => keyOf(event) === key)?.shown ?? object.event;
}

/**
 * Makes the changed and the deleted occurrences of a series what they have to be. Whether they stay when a series moves, Zoho's
 * pages do not say; none of them come along when one is cut. One after another, since each write changes the etag. What
 * somebody else has changed since stays. Harmless twice.
 */
export async function restore(
  place: Place,
  uid: string,
  followers: readonly Follower[],
  { recurrence, start }: Pick<EventFields, "recurrence" | "start">,
): Promise<void> {
  let object = await findObject(place, uid);
  for (const { wanted, before, shown } of followers) {
    if (!object || !wanted.recurrenceId) return;
    const key = recurrenceKey(wanted.recurrenceId);
    const there = changedOccurrences(object).find(({ event }) => keyOf(event) === key);
    if (there && (isSame(there.event, wanted) || !isSame(there.event, before))) continue;
    if (keysOfDeleted(object, start).has(key)) continue;
    const data = { ...occurrenceData(shown, patchTo(wanted, before), object.daysEnd), notify_attendee: notify.nobody };
    await ifThere(replace(place, there?.shown ?? object.event, data, partAt(object, wanted.recurrenceId, "only")));
    object = await findObject(place, uid);
  }
  if (object) await excludeFrom(place, object, { recurrence, start });
}

/** Takes out of a series what its lines take out, as far as it is still there. Harmless twice. */
export async function exclude(
  place: Place,
  uid: string,
  { recurrence, start }: Pick<EventFields, "recurrence" | "start">,
): Promise<void> {
  const object = excludedIn(recurrence, start).length === 0 ? null : await findObject(place, uid);
  if (object) await excludeFrom(place, object, { recurrence, start });
}

async function excludeFrom(
  place: Place,
  series: ZohoObject,
  { recurrence, start }: Pick<EventFields, "recurrence" | "start">,
): Promise<void> {
  let object: ZohoObject | null = series;
  for (const time of excludedIn(recurrence, start)) {
    if (!object || keysOfDeleted(object, start).has(recurrenceKey(time))) continue;
    await ifThere(remove(place, shownAt(object, time), partAt(object, time, "only"), notify.nobody));
    object = await findObject(place, object.event.uid);
  }
}

function keysOfDeleted({ deleted }: ZohoObject, start: EventTime): ReadonlySet<string> {
  return new Set(deleted.map((id) => recurrenceKey(readRecurrenceId(id, start))));
}

/** An occurrence that the changed rule no longer has needs no change. */
async function ifThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isIntegrationError(error, "NOT_FOUND")) throw error;
  }
}

/** What makes one event of another. */
function patchTo(wanted: RemoteEvent, before: RemoteEvent): EventPatch {
  const { attendees, reminders } = wanted;
  return {
    ...differing(wanted, before),
    ...(!isDeepStrictEqual(attendees, before.attendees) && { attendees }),
    ...(!isDeepStrictEqual(reminders, before.reminders) && { reminders }),
  };
}

function isSame(one: RemoteEvent, other: RemoteEvent): boolean {
  const guests = ({ attendees }: RemoteEvent) =>
    attendees.map(({ email, optional }) => `${email} ${optional}`).toSorted();
  return (
    Object.keys(differing(one, other)).length === 0 &&
    isDeepStrictEqual(guests(one), guests(other)) &&
    isDeepStrictEqual(one.reminders, other.reminders)
  );
}

function keyOf({ recurrenceId }: RemoteEvent): string | null {
  return recurrenceId && recurrenceKey(recurrenceId);
}
