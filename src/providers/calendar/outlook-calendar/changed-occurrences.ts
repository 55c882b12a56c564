import { isIntegrationError } from "../../../errors.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import type { EventPatch, RemoteEvent } from "../provider.ts";
import { differing } from "../series-text.ts";
import { exclude } from "./exclusions.ts";
import { eventsOf, findObject, type GraphObject, type Place } from "./objects.ts";
import { isOriginally, occurrenceAt } from "./occurrences.ts";
import { readEvent, readException } from "./read.ts";
import { patchEvent } from "./sending.ts";
import type { GraphEvent } from "./shapes.ts";
import type { EventBody } from "./write.ts";

/**
 * Makes a series have what was taken out of it, and what was changed in it, as far as it does not.
 *
 * @param sources what each of its changed occurrences was, in their order
 */
export async function restore(
  place: Place,
  seriesId: string,
  before: GraphObject,
  [master, ...overrides]: readonly RemoteEvent[],
  sources: readonly ChangedOccurrence[],
): Promise<void> {
  if (!master || master.recurrence.length === 0) return;
  await exclude(place, seriesId, master.recurrence);
  if (overrides.length === 0) return;
  const current = await findObject(place, seriesId);
  if (!current) return;
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
  const asItIs = (occurrence: GraphEvent) => readException(occurrence, readEvent(current.event).start);
  const isInPlace = seriesId === before.event.id && recurrenceKey(recurrenceId) === recurrenceKey(event.recurrenceId);
  const standing = current.exceptions.find((other) => isOriginally(other, current.event, recurrenceId));
  if (standing && isInPlace) {
    await patchWithin(place, standing, stillToSay(differing(override, event), event, asItIs(standing)), {});
    return;
  }
  const isOld = before.exceptions.some(
    ({ id, "@odata.etag": etag }) => id === standing?.id && etag === standing["@odata.etag"],
  );
  if (standing && !isOld) return;
  const target = standing ?? (await occurrenceAt(place, current.event, recurrenceId));
  // The changed rule may no longer have it.
  if (!target) return;
  const own = ownFields(exception, before.event);
  await patchWithin(place, target, differing(override, asItIs(target)), own);
}

/** Outlook moves no occurrence past another one: where its own time would be, it keeps that of the series. */
async function patchWithin(place: Place, target: GraphEvent, patch: EventPatch, own: EventBody): Promise<void> {
  try {
    await patchEvent(place, target, patch, undefined, own);
  } catch (error) {
    const isPast = isIntegrationError(error) && error.providerCode?.toLowerCase() === "erroroccurrencecrossingboundary";
    if (!isPast) throw error;
    const { start: _, end: __, ...others } = patch;
    await patchEvent(place, target, others, undefined, own);
  }
}

/** What nobody has changed meanwhile. */
function stillToSay(patch: EventPatch, before: RemoteEvent, now: RemoteEvent): EventPatch {
  const untouched = Object.entries(patch).filter(
    ([name]) => JSON.stringify(now[name as keyof EventPatch]) === JSON.stringify(before[name as keyof EventPatch]),
  );
  return Object.fromEntries(untouched);
}

export interface ChangedOccurrence {
  readonly event: RemoteEvent;
  readonly exception: GraphEvent;
}

/** The changed occurrences of a series, in the order in which `textOf` writes them. */
export function changedOccurrences(object: GraphObject): readonly ChangedOccurrence[] {
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

export function copiedFields(event: GraphEvent): EventBody {
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
