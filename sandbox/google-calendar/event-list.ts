import { createHash } from "node:crypto";
import { ApiError, fullSyncRequired, invalid } from "./errors.ts";
import type { EventStore } from "./event-store.ts";
import type { GoogleEvent, StoredCalendar } from "./state.ts";
import { millisOf, shownTime } from "./times.ts";

const withoutSyncToken = [
  ...[
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
  ],
];
const defaultPage = 250;
const maxPage = 2500;

export interface ListSwitches {
  /** Fewer than asked for on each page; null for as many. */
  pageSize: number | null;
  /** The first of several pages holds nothing. */
  emptyPageFirst: boolean;
}

/** `events.list`: everything, or what changed since a sync token. https://developers.google.com/workspace/calendar/api/guides/sync */
export function listEvents(store: EventStore, query: URLSearchParams, switches: ListSwitches): Record<string, unknown> {
  const { calendar } = store;
  const fixed = hashOf(query);
  const syncToken = query.get("syncToken");
  const since = syncToken === null ? null : changesSince(calendar, syncToken, fixed, query);
  if (query.get("orderBy") === "startTime" && query.get("singleEvents") !== "true") {
    throw invalid("The requested ordering is not available for the particular query.", "orderBy");
  }
  const upTo = calendar.changes;
  const events = since === null ? found(store, query) : changed(store, since);
  const { offset, until } = pageOf(query, upTo);
  const asked = Math.min(Number(query.get("maxResults") ?? defaultPage), maxPage);
  const size = Math.max(1, Math.min(switches.pageSize ?? asked, asked));
  const isEmptyPage = switches.emptyPageFirst && offset === 0 && events.length > size && !query.has("pageToken");
  const items = isEmptyPage ? [] : events.slice(offset, offset + size);
  const next = offset + items.length;
  const isLast = !isEmptyPage && next >= events.length;
  return {
    kind: "calendar#events",
    etag: `"p${calendar.changes}"`,
    summary: calendar.summary,
    updated: events.at(-1)?.updated ?? "1970-01-01T00:00:00.000Z",
    timeZone: calendar.timeZone,
    accessRole: calendar.accessRole,
    defaultReminders: [{ method: "popup", minutes: 10 }],
    items: items.map((event) => shownEvent(store, event, { trimmed: since !== null, zone: query.get("timeZone") })),
    ...(isLast
      ? { nextSyncToken: token({ changes: until, fixed }) }
      : { nextPageToken: token({ offset: next, until }) }),
  };
}

export function shownEvent(
  store: EventStore,
  event: GoogleEvent,
  { trimmed = false, zone = null }: { trimmed?: boolean; zone?: string | null } = {},
): Record<string, unknown> {
  const at = zone ?? store.calendar.timeZone;
  const { id, etag, status, recurringEventId, originalStartTime } = event;
  if (trimmed && status === "cancelled") {
    const original = originalStartTime && { originalStartTime: shownTime(originalStartTime, at) };
    return { kind: "calendar#event", id, etag, status, ...(recurringEventId && { recurringEventId, ...original }) };
  }
  return {
    ...event,
    ...(event.start && { start: shownTime(event.start, at) }),
    ...(event.end && { end: shownTime(event.end, at) }),
    ...(originalStartTime && { originalStartTime: shownTime(originalStartTime, at) }),
  };
}

function changesSince(calendar: StoredCalendar, text: string, fixed: string, query: URLSearchParams): number {
  const forbidden = withoutSyncToken.find((name) => query.has(name));
  if (forbidden) throw new ApiError(400, "invalid", `Sync token cannot be used with ${forbidden}.`);
  if (query.get("showDeleted") === "false") throw new ApiError(400, "invalid", "showDeleted must be set to true.");
  const known = read(text);
  if (typeof known?.["changes"] !== "number") throw fullSyncRequired();
  if (known["changes"] < calendar.expiredUntil) throw fullSyncRequired();
  if (known["fixed"] !== fixed) throw invalid("The request does not match the sync token.", "syncToken");
  return known["changes"];
}

function changed({ calendar }: EventStore, since: number): GoogleEvent[] {
  return [...calendar.changedAt]
    .filter(([, at]) => at > since)
    .sort(([, one], [, other]) => one - other)
    .flatMap(([id]) => calendar.events.get(id) ?? []);
}

function found(store: EventStore, query: URLSearchParams): GoogleEvent[] {
  const { calendar } = store;
  const showDeleted = query.get("showDeleted") === "true";
  const stored = [...calendar.events.values()];
  const isSingles = query.get("singleEvents") === "true";
  const listed = isSingles ? stored.flatMap((event) => expanded(store, event)) : stored;
  const tests: ((event: GoogleEvent) => boolean)[] = [
    (event) => event.status !== "cancelled" || showDeleted || (!isSingles && isLiveException(calendar, event)),
    (event) => inRange(store, event, query),
    ({ iCalUID }) => !query.has("iCalUID") || iCalUID === query.get("iCalUID"),
    (event) =>
      !query.has("q") ||
      JSON.stringify(event)
        .toLowerCase()
        .includes((query.get("q") ?? "").toLowerCase()),
    ({ updated }) => !query.has("updatedMin") || Date.parse(updated) >= Date.parse(query.get("updatedMin") ?? ""),
    ({ eventType = "default" }) => !query.has("eventTypes") || query.getAll("eventTypes").includes(eventType),
    ({ extendedProperties }) =>
      query.getAll("privateExtendedProperty").every((pair) => {
        const [name = "", value] = pair.split("=", 2);
        return extendedProperties?.private?.[name] === value;
      }),
  ];
  const events = listed.filter((event) => tests.every((test) => test(event)));
  const startOf = (event: GoogleEvent) => (event.start ? millisOf(event.start, calendar.timeZone) : 0);
  if (query.get("orderBy") === "startTime") events.sort((one, other) => startOf(one) - startOf(other));
  if (query.get("orderBy") === "updated") events.sort((one, other) => (one.updated < other.updated ? -1 : 1));
  return events;
}

/** Cancelled exceptions of a series that is there are part of it, unless `showDeleted` and `singleEvents` are both false. */
function isLiveException(calendar: StoredCalendar, { recurringEventId }: GoogleEvent): boolean {
  const master = recurringEventId === undefined ? undefined : calendar.events.get(recurringEventId);
  return master !== undefined && master.status !== "cancelled";
}

function expanded(store: EventStore, event: GoogleEvent): GoogleEvent[] {
  if (!event.recurrence || event.status === "cancelled") return [event];
  const changedIds = new Set(store.exceptionsOf(event.id).map(({ id }) => id));
  return [...store.instances(event.id).keys()]
    .filter((id) => !changedIds.has(id))
    .flatMap((id) => store.virtualInstance(id) ?? []);
}

/** timeMin bounds the end, timeMax the start, both exclusive. */
function inRange({ calendar }: EventStore, event: GoogleEvent, query: URLSearchParams): boolean {
  const [min, max] = [query.get("timeMin"), query.get("timeMax")];
  if ((min === null && max === null) || !event.start || !event.end) return true;
  if ((min && Number.isNaN(Date.parse(min))) || (max && Number.isNaN(Date.parse(max))))
    throw invalid("Invalid timeMin or timeMax.");
  // A series is listed when it may reach the range; whether it does is seen in its instances.
  const isAfter =
    min === null || event.recurrence !== undefined || millisOf(event.end, calendar.timeZone) > Date.parse(min);
  return isAfter && (max === null || millisOf(event.start, calendar.timeZone) < Date.parse(max));
}

function pageOf(query: URLSearchParams, upTo: number): { offset: number; until: number } {
  const text = query.get("pageToken");
  if (text === null) return { offset: 0, until: upTo };
  const page = read(text);
  if (typeof page?.["offset"] !== "number") throw invalid("Invalid page token value.", "pageToken");
  return { offset: page["offset"], until: Number(page["until"]) };
}

/** Parameters that have to stay the same from one sync to the next. */
function hashOf(query: URLSearchParams): string {
  const ignored = ["syncToken", "pageToken", "maxResults", "alt", "prettyPrint", "showDeleted"];
  const kept = [...query].filter(([name]) => !ignored.includes(name)).sort();
  return createHash("sha1").update(JSON.stringify(kept)).digest("hex").slice(0, 8);
}

function token(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}

function read(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
  } catch {
    return null;
  }
}
