import type { EventStore } from "./event-store.ts";
import { placeholder, type ShownEvent, shownEvent, shownOccurrence, type ViewOptions } from "./event-view.ts";
import { type Occurrence, occurrencesBetween, spanOf } from "./occurrences.ts";
import type { Range } from "./range.ts";
import type { StoredEvent } from "./state.ts";

export interface Listing extends Range {
  /** Each occurrence by itself, with few fields. */
  readonly isByInstance: boolean;
  readonly isLarge: boolean;
  /** In milliseconds; only what was changed since. */
  readonly modifiedSince: number | null;
}

/** There is no cursor and no page: a range is told whole, in order. https://www.zoho.com/calendar/help/api/get-events-list.html */
export function listEvents(store: EventStore, view: ViewOptions, listing: Listing): readonly ShownEvent[] {
  const { from, to, isByInstance, modifiedSince } = listing;
  const startOf = ({ fields }: Occurrence) => spanOf(fields, view.switches).from;
  const found = store
    .of(view.calendar)
    .filter(({ modifiedAt }) => modifiedSince === null || modifiedAt >= modifiedSince)
    .map((event) => ({ event, taking: occurrencesBetween(event, from, to, view.switches) }));
  if (isByInstance) {
    const all = found.flatMap(({ event, taking }) => taking.map((one) => ({ event, one })));
    const sorted = all.sort((first, second) => startOf(first.one) - startOf(second.one));
    return sorted.map(({ event, one }) => shownOccurrence(event, view, one.id));
  }
  return found
    .filter(({ taking }) => taking.length > 0)
    .flatMap(({ event, taking }) => {
      const changed = taking.flatMap(({ id }) => (id !== null && event.changed.has(id) ? [id] : []));
      const deleted = view.switches.listsDeletedOccurrences ? placeholders(event, view) : [];
      const { isLarge } = listing;
      return [
        shownEvent(event, view, { isLarge }),
        ...changed.map((id) => shownEvent(event, view, { id, isLarge })),
        ...deleted,
      ];
    });
}

/** One event whole: the series, its changed occurrences, and what is left of deleted ones. */
export function wholeEvent(event: StoredEvent, view: ViewOptions): readonly ShownEvent[] {
  const changed = [...event.changed.keys()].sort().map((id) => shownEvent(event, view, { id }));
  const deleted = placeholders(event, view);
  const first = view.switches.deletedOccurrencesFirst ? deleted : [];
  return [...first, shownEvent(event, view), ...changed, ...(first === deleted ? [] : deleted)];
}

function placeholders(event: StoredEvent, { switches }: ViewOptions): readonly ShownEvent[] {
  return [...event.deleted].sort().map((id) => placeholder(event, id, switches));
}
