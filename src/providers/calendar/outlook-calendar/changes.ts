import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import type { Change, Interval, ReadOutcome, ReadRequest } from "../provider.ts";
import {
  eventPath,
  findSeries,
  type GraphObject,
  masterVersion,
  type Place,
  remoteObject,
  requireCalendar,
  type Unread,
} from "./objects.ts";
import { DeltaItem, GraphEvent, Page, Versioned } from "./shapes.ts";

const batchSize = 100;
/** Outlook need not keep to the size that is asked for. */
const maxChanges = 500;
/** A delta goes on looking at the days it was begun with; after so long it is begun anew, further on. */
const rollAfterMs = 7 * dayMs;
const pageSize = "odata.maxpagesize=100";

type Reading = AsyncGenerator<readonly Change[], ReadOutcome>;

/** Where the last reading ended, and until when it looks. */
const Cursor = z.object({ link: z.string(), until: z.coerce.date() });

/** https://learn.microsoft.com/en-us/graph/delta-query-events */
export async function* readChanges(place: Place, request: ReadRequest): Reading {
  const cursor = readCursor(request.cursor);
  if (cursor && request.window.to.getTime() - cursor.until.getTime() <= rollAfterMs) {
    try {
      return yield* readSince(place, cursor, request);
    } catch (error) {
      if (!isIntegrationError(error, "CURSOR_EXPIRED")) throw error;
    }
  }
  return yield* readWindow(place, request);
}

/** Only what changed. */
async function* readSince(place: Place, { link, until }: z.infer<typeof Cursor>, request: ReadRequest): Reading {
  const told = new Told();
  const end = yield* readPages(place, link, told);
  // What left the window is said to be gone like what was deleted; of what we never had, nothing needs to be said.
  const known = await request.known([...told.removed]);
  for await (const changes of inBatches([...known.keys()], (ids) => standing(place, ids))) yield changes;
  // What we do not know may be an occurrence, of a series that is gone or has none left, without a line of its own.
  const series = known.size < told.removed.size ? await seriesIn(request) : new Map<string, string>();
  const untold = [...series.keys()].filter((id) => !told.seen.has(id));
  for await (const changes of inBatches(untold, (ids) => changedAmong(place, ids, series))) yield changes;
  return { cursor: cursorOf(end, until), mode: "INCREMENTAL" };
}

/** Everything within the window, compared with what is known. */
async function* readWindow(place: Place, request: ReadRequest): Reading {
  const known = await request.known("window");
  const told = new Told(known);
  const end = yield* readWhole(place, firstLink(place, request.window), told);
  // A listing of days lacks what was moved to others.
  const unseen = [...known.keys()].filter((id) => !told.seen.has(id));
  for await (const changes of inBatches(unseen, (ids) => standing(place, ids))) yield changes;
  return { cursor: cursorOf(end, request.window.to), mode: "FULL" };
}

/** What one reading has told already: Graph repeats itself, in any order. */
class Told {
  readonly seen = new Set<string>();
  readonly removed = new Set<string>();
  /** By id, with the ids of the changed occurrences of it that came along. */
  readonly series = new Map<string, string[]>();
  private readonly versions: Map<string, string | null>;

  constructor(known: ReadonlyMap<string, string | null> = new Map()) {
    this.versions = new Map(known);
  }

  /** Whether this has not been told, in this version. */
  isNews(change: Change): boolean {
    if (change.kind === "removed") return true;
    const { externalId, etag } = change.kind === "upserted" ? change.object : change;
    this.seen.add(externalId);
    if (etag !== null && this.versions.get(externalId) === etag) return false;
    this.versions.set(externalId, etag);
    return true;
  }
}

/**
 * The pages of a delta. Singles come whole; a series is read again when anything of it is named, because its occurrences come
 * as stubs, and one that was taken out is not named at all.
 *
 * @returns the link to go on from
 */
async function* readPages(place: Place, first: string, told: Told): AsyncGenerator<readonly Change[], string> {
  let link = first;
  for (;;) {
    const page: z.infer<typeof Page> = await place.client.get(link, Page, pageSize).catch((error: unknown) => {
      throw link.includes("token=") ? explainToken(error) : error;
    });
    const changes = page.value.flatMap((item) => changeOf(place, item, told)).filter((change) => told.isNews(change));
    for (let at = 0; at < changes.length; at += maxChanges) yield changes.slice(at, at + maxChanges);
    const [next, end] = [page["@odata.nextLink"], page["@odata.deltaLink"]];
    if (next === undefined) {
      if (end === undefined) throw new IntegrationError("PROVIDER_REPLY_INVALID", "Microsoft's listing has no end");
      for await (const ofSeries of inBatches([...told.series.keys()], (ids) => seriesChanges(place, ids, told))) {
        const news = ofSeries.filter((change) => told.isNews(change));
        if (news.length > 0) yield news;
      }
      return end;
    }
    link = next;
  }
}

/** What a line says by itself; what it leads to is noted. */
function changeOf(place: Place, item: unknown, told: Told): Change[] {
  const line = DeltaItem.safeParse(item);
  if (!line.success) return [unreadable("", "It is not an event as Graph describes them")];
  const { id, type, seriesMasterId } = line.data;
  if (line.data["@removed"]) {
    told.removed.add(id);
    return [];
  }
  told.removed.delete(id);
  if (type === "seriesMaster" || seriesMasterId) {
    const changed = told.series.get(seriesMasterId || id) ?? [];
    told.series.set(seriesMasterId || id, type === "exception" ? [...changed, id] : changed);
    return [];
  }
  const event = GraphEvent.safeParse(item);
  if (!event.success) return [unreadable(id, "It is not an event as Graph describes them")];
  return [upserted(place, { event: event.data, exceptions: [], cancelled: [] })];
}

async function seriesChanges(place: Place, ids: readonly string[], told: Told): Promise<readonly Change[]> {
  const found = await findSeries(place, ids);
  const there = found.flatMap((series) => (series === null ? [] : [changeOfSeries(place, series)]));
  // Somebody who is invited to one occurrence never sees its series; or the series went since.
  const onTheirOwn = ids.flatMap((id, index) => (found[index] === null ? (told.series.get(id) ?? []) : []));
  return [...there, ...(await standing(place, onTheirOwn))];
}

/** What became of objects that a listing no longer has. */
async function standing(place: Place, ids: readonly string[]): Promise<readonly Change[]> {
  const items = await place.client.getAll(
    ids.map((id) => eventPath(place, id)),
    z.unknown(),
  );
  if (items.includes(null)) await requireCalendar(place);
  const series: string[] = [];
  const changes = ids.flatMap((id, index): Change[] => {
    if (items[index] === null) return [{ kind: "removed", externalId: id }];
    const event = GraphEvent.safeParse(items[index]);
    if (!event.success) return [unreadable(id, "It is not an event as Graph describes them")];
    if (event.data.type !== "seriesMaster")
      return [upserted(place, { event: event.data, exceptions: [], cancelled: [] })];
    series.push(id);
    return [];
  });
  const there = await findSeries(place, series);
  return [...changes, ...there.flatMap((object) => (object === null ? [] : [changeOfSeries(place, object)]))];
}

/** Graph's versions of the masters of all series that are known. */
async function seriesIn(request: ReadRequest): Promise<ReadonlyMap<string, string>> {
  const known = await request.known("all");
  return new Map(
    [...known].flatMap(([id, etag]) => {
      const version = masterVersion(etag);
      return version === null ? [] : [[id, version] as const];
    }),
  );
}

async function changedAmong(
  place: Place,
  ids: readonly string[],
  versions: ReadonlyMap<string, string>,
): Promise<readonly Change[]> {
  const items = await place.client.getAll(
    ids.map((id) => `${eventPath(place, id)}?$select=id`),
    Versioned,
  );
  return standing(
    place,
    ids.filter((id, index) => items[index]?.["@odata.etag"] !== versions.get(id)),
  );
}

function changeOfSeries(place: Place, object: GraphObject | Unread): Change {
  if ("unread" in object) return unreadable(object.unread, "It is not an event as Graph describes them");
  return upserted(place, object);
}

function upserted(place: Place, object: GraphObject): Change {
  try {
    return { kind: "upserted", object: remoteObject(object, place) };
  } catch (error) {
    if (!isIntegrationError(error)) throw error;
    return unreadable(object.event.id, error.message, object.event["@odata.etag"]);
  }
}

function unreadable(externalId: string, reason: string, etag: string | null = null): Change {
  return { kind: "unreadable", externalId, etag, reason };
}

async function* inBatches(
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<readonly Change[]>,
): AsyncGenerator<readonly Change[]> {
  for (let first = 0; first < ids.length; first += batchSize) {
    const changes = await read(ids.slice(first, first + batchSize));
    if (changes.length > 0) yield changes;
  }
}

function firstLink({ calendarId }: Place, { from, to }: Interval): string {
  const days = `startDateTime=${from.toISOString()}&endDateTime=${to.toISOString()}`;
  return `me/calendars/${encodeURIComponent(calendarId)}/calendarView/delta?${days}`;
}

/** A listing that is begun anew has no cursor that could be over: what Graph lost, it finds when it is asked again. */
async function* readWhole(...reading: Parameters<typeof readPages>): ReturnType<typeof readPages> {
  try {
    return yield* readPages(...reading);
  } catch (error) {
    if (!isIntegrationError(error, "CURSOR_EXPIRED")) throw error;
    const { providerCode } = error;
    throw new IntegrationError("PROVIDER_UNAVAILABLE", "Microsoft broke off a listing", { providerCode });
  }
}

/** Graph says in many ways that a token is over, one of them a 410 without a word: what it refuses then is the token. */
function explainToken(error: unknown): unknown {
  if (!isIntegrationError(error)) return error;
  const { code, providerCode } = error;
  const isOver = code === "PROVIDER_REFUSED" || (code === "PROVIDER_REPLY_INVALID" && providerCode === "HTTP 410");
  if (!isOver) return error;
  return new IntegrationError("CURSOR_EXPIRED", "Microsoft no longer knows where the last sync ended", {
    providerCode,
  });
}

function cursorOf(link: string, until: Date): string {
  return JSON.stringify({ link, until });
}

/** Null for what is no cursor of ours: everything is read. */
function readCursor(text: string | null): z.infer<typeof Cursor> | null {
  try {
    return text === null ? null : Cursor.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
