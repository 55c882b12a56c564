import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { Change, ReadOutcome, ReadRequest } from "../provider.ts";
import { ask, type GoogleClient } from "./client.ts";
import { findObject, type GoogleObject, remoteObject, UnreadableOccurrence } from "./objects.ts";
import { EventPage, GoogleEvent } from "./shapes.ts";

const batchSize = 100;
/** What is known even of an event that cannot be read: its object, which for an occurrence is the series. */
const Named = GoogleEvent.pick({ id: true, recurringEventId: true });
/** Google shows them as events; they are notes about people and days. */
const skippedTypes = ["birthday", "workingLocation"];

const calendarIsGone = new Set<string | undefined>(["notFound", "HTTP 404"]);

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
    const changes = await changesOfSeries(client, calendarId, id, changed);
    if (changes.length > 0) yield changes;
  }
  return { cursor: step.value, mode: "INCREMENTAL" };
}

async function changesOfSeries(
  client: GoogleClient,
  calendarId: string,
  externalId: string,
  changed: readonly GoogleEvent[],
): Promise<readonly Change[]> {
  try {
    const object = await findObject(client, calendarId, externalId);
    // Without a series they are on their own; a series that is gone is told by its own line.
    return object ? [upserted(object)] : changed.map(onItsOwn);
  } catch (error) {
    if (!(error instanceof UnreadableOccurrence)) throw error;
    return [{ kind: "unreadable", externalId, etag: null, reason: error.message }];
  }
}

/** Everything, compared with what is known. An exception may come before its master. */
async function* readAll(client: GoogleClient, calendarId: string, request: ReadRequest): Reading {
  const known = await request.known("all");
  const seen = new Set<string>();
  const masters = new Map<string, GoogleEvent>();
  const exceptions = new Map<string, GoogleEvent[]>();
  const unreadables = new Set<string>();
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
        unreadables.add(unreadable.externalId);
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

  const objects = grouped(masters, exceptions, unreadables);
  for (const { event } of objects) seen.add(event.id);
  const left = [
    ...objects.map(upserted).filter(isNews),
    ...[...known.keys()].filter((id) => !seen.has(id)).map((externalId): Change => ({ kind: "removed", externalId })),
  ];
  for (let start = 0; start < left.length; start += batchSize) yield left.slice(start, start + batchSize);
  return { cursor: step.value, mode: "FULL" };
}

/** A series is told with all of its occurrences, or not at all; an occurrence without its series is on its own. */
function grouped(
  masters: ReadonlyMap<string, GoogleEvent>,
  exceptions: ReadonlyMap<string, readonly GoogleEvent[]>,
  unreadables: ReadonlySet<string>,
): readonly GoogleObject[] {
  const series = [...masters.values()]
    .filter(({ id }) => !unreadables.has(id))
    .map((event) => ({ event, exceptions: exceptions.get(event.id) ?? [] }));
  const orphans = [...exceptions]
    .filter(([id]) => !masters.has(id))
    .flatMap(([, events]) => events.filter(({ status }) => status !== "cancelled"));
  return [...series, ...orphans.map((event) => ({ event, exceptions: [] }))];
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
        // Of a listing, 404 means the calendar, and 410 the sync token, by whichever name.
        const isGone = isIntegrationError(error, "NOT_FOUND") && !calendarIsGone.has(error.providerCode);
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
  const named = Named.safeParse(item);
  const externalId = named.success ? (named.data.recurringEventId ?? named.data.id) : "";
  return {
    unreadable: { kind: "unreadable", externalId, etag: null, reason: "It is not an event as Google describes them" },
  };
}

function upserted(object: GoogleObject): Change {
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
