import { ApiError, fullSyncRequired, invalid, updatedMinTooLongAgo } from "./errors.ts";
import type { EventStore } from "./event-store.ts";
import { contentOf, hashOf, type PageSwitches, pageOf, writtenToken } from "./listings.ts";
import { eventsEnvelope, listedEvent, shownAs } from "./shown-event.ts";
import type { GoogleCalendarState, GoogleEvent, StoredCalendar } from "./state.ts";
import { instantOf, rangeOf } from "./time-range.ts";
import { millisOf } from "./times.ts";

/** Bounds of a first listing, whose sync token goes on without them. */
const bounds = ["timeMin", "timeMax"];
/** What selects or sorts; a listing with one of these hands out no sync token. */
const selections = ["iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin"];
const withoutSyncToken = [...selections, ...bounds];
/** May differ from one listing to the next. */
const free = ["syncToken", "pageToken", "maxResults", "showDeleted", "alt", "prettyPrint", ...withoutSyncToken];

/** `events.list`: everything, or what changed since a sync token. https://developers.google.com/workspace/calendar/api/guides/sync */
export function listEvents(
  state: GoogleCalendarState,
  store: EventStore,
  query: URLSearchParams,
  switches: PageSwitches,
): Record<string, unknown> {
  const { calendar, email } = store;
  const isSync = query.has("syncToken");
  const fixed = hashOf([email, calendar.id, ...[...query].filter(([name]) => !free.includes(name)).sort()]);
  const since = isSync ? changesSince(calendar, query, fixed) : null;
  if (query.get("orderBy") === "startTime" && query.get("singleEvents") !== "true") {
    throw invalid("The requested ordering is not available for the particular query.", "orderBy");
  }
  const showsCancelled = isSync || query.get("showDeleted") === "true" || query.has("updatedMin");
  const isSingles = query.get("singleEvents") === "true";
  const isListed = (event: GoogleEvent) =>
    event.status !== "cancelled" || showsCancelled || (!isSingles && isLiveException(calendar, event));
  const { ids, next } = pageOf(state.listings, {
    of: `${email} ${calendar.id}`,
    query,
    switches,
    defaultSize: 250,
    maxSize: 2500,
    begin: () => ({
      ids: (since === null ? found(store, query).filter(isListed) : changed(store, since, isSingles)).map(
        ({ id }) => id,
      ),
      syncToken: selections.some((name) => query.has(name)) ? null : writtenToken({ changes: calendar.changes, fixed }),
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

/** @throws {ApiError} invalid, fullSyncRequired */
function changesSince(calendar: StoredCalendar, query: URLSearchParams, fixed: string): number {
  const forbidden = withoutSyncToken.find((name) => query.has(name));
  if (forbidden) throw new ApiError(400, "invalid", `Sync token cannot be used with ${forbidden}.`);
  if (query.get("showDeleted") === "false") throw new ApiError(400, "invalid", "showDeleted must be set to true.");
  const known = contentOf(query.get("syncToken") ?? "") as { changes?: unknown; fixed?: unknown } | null;
  if (typeof known?.changes !== "number" || known.changes < calendar.expiredUntil) throw fullSyncRequired();
  if (known.fixed !== fixed) throw invalid("The request does not match the sync token.", "syncToken");
  return known.changes;
}

/** Where series are listed as occurrences, those that a changed rule no longer has are not told. */
function changed(store: EventStore, since: number, isSingles: boolean): GoogleEvent[] {
  const { changedAt, events } = store.calendar;
  const stored = [...changedAt]
    .filter(([, at]) => at > since)
    .sort(([, one], [, other]) => one - other)
    .flatMap(([id]) => events.get(id) ?? []);
  return isSingles ? stored.flatMap((event) => expanded(store, event)) : stored;
}

function found(store: EventStore, query: URLSearchParams): GoogleEvent[] {
  const { calendar } = store;
  const stored = [...calendar.events.values()];
  const isSingles = query.get("singleEvents") === "true";
  const updatedMin = instantOf(query, "updatedMin");
  if (updatedMin !== null && updatedMin < calendar.expiredAt.getTime()) throw updatedMinTooLongAgo();
  const q = query.get("q")?.toLowerCase();
  const tests: ((event: GoogleEvent) => boolean)[] = [
    rangeOf(query, calendar.timeZone),
    ({ iCalUID }) => !query.has("iCalUID") || iCalUID === query.get("iCalUID"),
    (event) => q === undefined || JSON.stringify(event).toLowerCase().includes(q),
    ({ updated }) => updatedMin === null || Date.parse(updated) >= updatedMin,
    ({ eventType = "default" }) => !query.has("eventTypes") || query.getAll("eventTypes").includes(eventType),
    ({ extendedProperties: of }) => query.getAll("privateExtendedProperty").every((pair) => hasPair(of?.private, pair)),
    ({ extendedProperties: of }) => query.getAll("sharedExtendedProperty").every((pair) => hasPair(of?.shared, pair)),
  ];
  const listed = isSingles ? stored.flatMap((event) => expanded(store, event)) : stored;
  const events = listed.filter((event) => tests.every((test) => test(event)));
  const startOf = (event: GoogleEvent) => (event.start ? millisOf(event.start, calendar.timeZone) : 0);
  if (query.get("orderBy") === "startTime") events.sort((one, other) => startOf(one) - startOf(other));
  if (query.get("orderBy") === "updated") events.sort((one, other) => (one.updated < other.updated ? -1 : 1));
  return events;
}

function hasPair(properties: Readonly<Record<string, string>> | undefined, pair: string): boolean {
  const at = pair.indexOf("=");
  return properties?.[pair.slice(0, at)] === pair.slice(at + 1);
}

/** Cancelled occurrences of a series that is there are listed where neither `showDeleted` nor `singleEvents` is asked for. */
function isLiveException(calendar: StoredCalendar, { recurringEventId }: GoogleEvent): boolean {
  const master = recurringEventId === undefined ? undefined : calendar.events.get(recurringEventId);
  return master !== undefined && master.status !== "cancelled";
}

/** The instances of a series, those that were changed apart, which are events of their own. */
function expanded(store: EventStore, event: GoogleEvent): GoogleEvent[] {
  if (!event.recurrence) return [event];
  const changedIds = new Set(store.exceptionsOf(event.id).map(({ id }) => id));
  return [...store.instances(event.id).keys()]
    .filter((id) => !changedIds.has(id))
    .flatMap((id) => store.virtualInstance(id) ?? []);
}
