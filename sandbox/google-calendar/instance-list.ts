import type { EventStore } from "./event-store.ts";
import { type PageSwitches, pageOf } from "./listings.ts";
import { eventsEnvelope, listedEvent, shownAs } from "./shown-event.ts";
import type { GoogleCalendarState, GoogleEvent } from "./state.ts";
import { rangeOf } from "./time-range.ts";
import { millisOf } from "./times.ts";

/** `events.instances`. https://developers.google.com/workspace/calendar/api/v3/reference/events/instances */
export function listInstances(
  state: GoogleCalendarState,
  store: EventStore,
  masterId: string,
  query: URLSearchParams,
  switches: PageSwitches,
): Record<string, unknown> {
  const { calendar, email } = store;
  store.get(masterId);
  const original = query.get("originalStart");
  const isInRange = rangeOf(query, calendar.timeZone);
  const isListed = ({ status }: GoogleEvent) => status !== "cancelled" || query.get("showDeleted") === "true";
  const isOriginal = ({ originalStartTime: at }: GoogleEvent) =>
    original === null || at?.date === original || Date.parse(at?.dateTime ?? "") === Date.parse(original);
  const startOf = ({ start }: GoogleEvent) => (start ? millisOf(start, calendar.timeZone) : 0);
  const { ids, next } = pageOf(state.listings, {
    of: `${email} ${calendar.id} ${masterId}`,
    query,
    switches,
    defaultSize: 250,
    maxSize: 2500,
    begin: () => ({
      ids: [...new Set([...store.instances(masterId).keys(), ...store.exceptionsOf(masterId).map(({ id }) => id)])]
        .flatMap((id) => store.find(id) ?? [])
        .filter((event) => isListed(event) && isOriginal(event) && isInRange(event))
        .sort((one, other) => startOf(one) - startOf(other))
        .map(({ id }) => id),
      syncToken: null,
    }),
  });
  const items = ids.flatMap((id) => store.find(id) ?? []).filter(isListed);
  const as = shownAs(query);
  return eventsEnvelope(
    store,
    items.map((event) => listedEvent(store, event, as)),
    next,
  );
}
