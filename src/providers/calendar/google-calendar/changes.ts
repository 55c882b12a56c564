import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { Change, ReadOutcome, ReadRequest } from "../provider.ts";
import { ask, type GoogleClient } from "./client.ts";
import { findObject, remoteObject } from "./objects.ts";
import { EventPage, GoogleEvent } from "./shapes.ts";

const batchSize = 100;
/** Google shows them as events; they are notes about people and days. */
const skippedTypes = ["birthday", "workingLocation"];

type Reading = AsyncGenerator<readonly Change[], ReadOutcome>;

/** https://developers.google.com/workspace/calendar/api/guides/sync */
export async function* readChanges(client: GoogleClient, calendarId: string, request: ReadRequest): Reading {
  if (request.cursor !== null) {
    try {
      return yield* readSince(client, calendarId, request.cursor);
    } catch (error) {
      if (!isIntegrationError(error, "CURSOR_EXPIRED")) throw error;
    }
  }
  return yield* readAll(client, calendarId, request);
}

/** Only what changed. A series is read whole when anything of it did. */
async function* readSince(client: GoogleClient, calendarId: string, syncToken: string): Reading {
  const exceptions = new Map<string, GoogleEvent[]>();
  const pages = pagesOf(client, calendarId, syncToken);
  let step = await pages.next();
  while (!step.done) {
    const changes: Change[] = [];
    for (const item of step.value) {
      const { event, unreadable } = read(item);
      if (unreadable) changes.push(unreadable);
      if (!event || isSkipped(event)) continue;
      if (event.recurringEventId) addTo(exceptions, event.recurringEventId, event);
      else if (event.status === "cancelled") changes.push({ kind: "removed", externalId: event.id });
      else if (event.recurrence) addTo(exceptions, event.id);
      else changes.push(upserted({ event, exceptions: [] }));
    }
    if (changes.length > 0) yield changes;
    step = await pages.next();
  }
  for (const [id, changed] of exceptions) {
    const object = await findObject(client, calendarId, id);
    // Without a series they are on their own; a series that is gone is told by its own line.
    const changes = object ? [upserted(object)] : changed.map(onItsOwn);
    if (changes.length > 0) yield changes;
  }
  return { cursor: step.value, mode: "INCREMENTAL" };
}

/** Everything, compared with what is known. An exception may come before its master. */
async function* readAll(client: GoogleClient, calendarId: string, request: ReadRequest): Reading {
  const known = await request.known("all");
  const seen = new Set<string>();
  const masters = new Map<string, GoogleEvent>();
  const exceptions = new Map<string, GoogleEvent[]>();
  const isNews = (change: Change) =>
    change.kind !== "upserted" || known.get(change.object.externalId) !== change.object.etag;

  const pages = pagesOf(client, calendarId, null);
  let step = await pages.next();
  while (!step.done) {
    const changes: Change[] = [];
    for (const item of step.value) {
      const { event, unreadable } = read(item);
      if (unreadable) {
        changes.push(unreadable);
        seen.add(unreadable.externalId);
      }
      if (!event || isSkipped(event)) continue;
      if (event.recurringEventId) {
        addTo(exceptions, event.recurringEventId, event);
      } else if (event.status === "cancelled") continue;
      else if (event.recurrence) masters.set(event.id, event);
      else {
        seen.add(event.id);
        changes.push(upserted({ event, exceptions: [] }));
      }
    }
    const news = changes.filter(isNews);
    if (news.length > 0) yield news;
    step = await pages.next();
  }

  const grouped = [...masters.values()].map((event) => ({ event, exceptions: exceptions.get(event.id) ?? [] }));
  // Somebody who is invited to one occurrence never sees its series.
  const orphans = [...exceptions]
    .filter(([id]) => !masters.has(id))
    .flatMap(([, events]) => events.filter(({ status }) => status !== "cancelled"));
  const objects = [...grouped, ...orphans.map((event) => ({ event, exceptions: [] }))];
  for (const { event } of objects) seen.add(event.id);
  const left = [
    ...objects.map(upserted).filter(isNews),
    ...[...known.keys()].filter((id) => !seen.has(id)).map((externalId): Change => ({ kind: "removed", externalId })),
  ];
  for (let start = 0; start < left.length; start += batchSize) yield left.slice(start, start + batchSize);
  return { cursor: step.value, mode: "FULL" };
}

/** @returns the sync token to go on from */
async function* pagesOf(
  client: GoogleClient,
  calendarId: string,
  syncToken: string | null,
): AsyncGenerator<readonly unknown[], string> {
  // The same each time: a sync token is good for the parameters that it was given for.
  const query = { calendarId, singleEvents: false, maxResults: 250, ...(syncToken !== null && { syncToken }) };
  let pageToken: string | undefined;
  for (;;) {
    const page = await ask(client.events.list({ ...query, ...(pageToken && { pageToken }) }), EventPage).catch(
      (error: unknown) => {
        const isGone = isIntegrationError(error) && error.providerCode === "HTTP 410";
        if (syncToken === null || !isGone) throw error;
        throw new IntegrationError("CURSOR_EXPIRED", "Google no longer knows where the last sync ended");
      },
    );
    yield page.items;
    if (page.nextSyncToken) return page.nextSyncToken;
    if (!page.nextPageToken) throw new IntegrationError("PROVIDER_REPLY_INVALID", "Google's listing has no end");
    pageToken = page.nextPageToken;
  }
}

function addTo(exceptions: Map<string, GoogleEvent[]>, id: string, ...events: readonly GoogleEvent[]): void {
  exceptions.set(id, [...(exceptions.get(id) ?? []), ...events]);
}

/** Somebody who is invited to one occurrence never sees its series. */
function onItsOwn(event: GoogleEvent): Change {
  if (event.status === "cancelled") return { kind: "removed", externalId: event.id };
  return upserted({ event, exceptions: [] });
}

type Unreadable = Extract<Change, { kind: "unreadable" }>;

function read(item: unknown): { event?: GoogleEvent; unreadable?: Unreadable } {
  const event = GoogleEvent.safeParse(item);
  if (event.success) return { event: event.data };
  const externalId = typeof item === "object" && item !== null && "id" in item ? String(item.id) : "";
  return {
    unreadable: { kind: "unreadable", externalId, etag: null, reason: "It is not an event as Google describes them" },
  };
}

function upserted(object: Parameters<typeof remoteObject>[0]): Change {
  try {
    return { kind: "upserted", object: remoteObject(object) };
  } catch (error) {
    if (!isIntegrationError(error)) throw error;
    const { id: externalId, etag } = object.event;
    return { kind: "unreadable", externalId, etag, reason: error.message };
  }
}

function isSkipped({ eventType }: GoogleEvent): boolean {
  return eventType != null && skippedTypes.includes(eventType);
}
