import type { EventTime } from "../../recurrence/event-time.ts";
import { recurrenceKey } from "../../recurrence/instant.ts";
import { readEvents } from "./icalendar/read.ts";
import { endBefore, isFirst, patchAll, patchOccurrence, restFrom } from "./icalendar/series.ts";
import { formatDraft } from "./icalendar/write.ts";
import type { EventFields, EventPatch, EventTarget, RemoteEvent } from "./provider.ts";

/**
 * A series as iCalendar text. What edits come to is worked out on it, the same for every vendor that keeps something else;
 * the vendor gets the outcome. Guests and reminders are not part of it: such vendors keep them on each event.
 */
export interface SeriesText {
  readonly text: string;
}

const compared = [
  "title",
  "description",
  "location",
  "status",
  "transparency",
  "classification",
  "start",
  "end",
] as const;

export function textOf([master, ...overrides]: readonly RemoteEvent[]): SeriesText {
  if (!master) throw new Error("An object without an event");
  const draft = { ...master, creationId: "", conference: false, attendees: [], reminders: null };
  let text = formatDraft(draft, writing());
  for (const { recurrenceId, ...override } of overrides) {
    if (recurrenceId) text = patchOccurrence(text, recurrenceId, differing(override, null), writing());
  }
  return { text };
}

/** The whole series changed by a patch, its changed occurrences along with it. @throws {IntegrationError} INVALID_INPUT */
export function changedSeries({ text }: SeriesText, patch: EventPatch): readonly RemoteEvent[] {
  const { attendees: _, reminders: __, ...said } = patch;
  return readEvents(patchAll(text, said, writing()));
}

/** The series up to an occurrence; null when nothing is left. */
export function endedSeries({ text }: SeriesText, recurrenceId: EventTime): readonly RemoteEvent[] | null {
  const head = endBefore(text, recurrenceId, writing());
  return head === null ? null : readEvents(head);
}

/** The series from an occurrence on, changed by a patch. */
export function restOfSeries({ text }: SeriesText, recurrenceId: EventTime, patch: EventPatch): readonly RemoteEvent[] {
  const { attendees: _, reminders: __, ...said } = patch;
  return readEvents(restFrom(text, recurrenceId, "rest", said, writing()));
}

/**
 * Which of the changed occurrences stay with the first part of a series that is cut, and which go with its rest.
 *
 * @param head the first part
 */
export function parted<T extends { readonly event: RemoteEvent }>(
  changed: readonly T[],
  [, ...head]: readonly RemoteEvent[],
): { readonly staying: readonly T[]; readonly leaving: readonly T[] } {
  const keyOf = ({ recurrenceId }: RemoteEvent) => recurrenceId && recurrenceKey(recurrenceId);
  const kept = new Set(head.map(keyOf));
  return {
    staying: changed.filter(({ event }) => kept.has(keyOf(event))),
    leaving: changed.filter(({ event }) => !kept.has(keyOf(event))),
  };
}

/** Whether an edit means a whole object: what follows the first occurrence is the whole series. */
export function meansAll(
  { recurrenceId, span }: Pick<EventTarget, "recurrenceId" | "span">,
  events: readonly RemoteEvent[],
): boolean {
  if (recurrenceId === null || span === "ALL") return true;
  return span === "THIS_AND_FOLLOWING" && isFirst(textOf(events).text, recurrenceId);
}

/** What one event says that another does not; everything when there is no other. */
export function differing(event: Pick<EventFields, (typeof compared)[number]>, other: RemoteEvent | null): EventPatch {
  const names = compared.filter(
    (name) => other === null || JSON.stringify(event[name]) !== JSON.stringify(other[name]),
  );
  return Object.fromEntries(names.map((name) => [name, event[name]]));
}

function writing() {
  return { now: new Date(), organizer: null };
}
