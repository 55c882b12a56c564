import type { Change, ReadOutcome, ReadRequest } from "../provider.ts";
import { askForAll, listEntries, partsOfInterval } from "./listings.ts";
import { findObject, isOfVersion, partsOf, remoteObject, type ZohoObject } from "./objects.ts";
import type { Place } from "./place.ts";
import { Entry, isDeleted, ShownEvent } from "./shapes.ts";
import { notAnEvent, UnreadableEvent } from "./unreadable-event.ts";
import { howDaysEnd } from "./whole-days.ts";

const batchSize = 100;

type Reading = AsyncGenerator<readonly Change[], ReadOutcome>;

/**
 * Zoho tells nobody what changed: all of the window is listed, month by month, and compared with what is known. What a listing
 * lacks was deleted or moved out of the window, which is asked by name.
 */
export async function* readChanges(place: Place, request: ReadRequest): Reading {
  const known = await request.known("window");
  const seen = new Set<string>();
  const told = new Set<string>();
  const months = partsOfInterval(request.window);
  for await (const listings of askForAll(months, (month) => listEntries(place, month))) {
    const events = byUid(listings.flat());
    for (const uid of events.keys()) seen.add(uid);
    const news = [...events].filter(([uid, entries]) => !told.has(uid) && isNews(entries, known.get(uid)));
    for (const [uid] of news) told.add(uid);
    yield* inBatches(askForAll(news, ([uid, entries]) => changeOf(place, uid, entries)));
  }
  const unseen = [...known.keys()].filter((uid) => !seen.has(uid));
  yield* inBatches(askForAll(unseen, (uid) => standing(place, uid)));
  return { cursor: null, mode: "WINDOW" };
}

/** What stands for something deleted does not say that the event is there. */
function byUid(entries: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const item of entries) {
    const entry = Entry.safeParse(item);
    if (entry.success && isDeleted(entry.data)) continue;
    const uid = entry.success ? entry.data.uid : "";
    found.set(uid, [...(found.get(uid) ?? []), item]);
  }
  return found;
}

function isNews(entries: readonly unknown[], version: string | null | undefined): boolean {
  if (version == null) return true;
  return entries.some((item) => {
    const shown = ShownEvent.safeParse(item);
    return !shown.success || !isOfVersion(version, shown.data);
  });
}

/** A single is told whole in a listing; a series only as far as it takes place in that month. */
async function changeOf(place: Place, uid: string, entries: readonly unknown[]): Promise<Change> {
  if (uid === "") return unreadable(uid, notAnEvent);
  const [single] = entries;
  const shown = ShownEvent.safeParse(single);
  if (!shown.success || !isWholeSingle(shown.data)) return standing(place, uid);
  return readable(place, uid, async () => {
    const parts = partsOf([single]);
    return parts && { ...parts, daysEnd: await howDaysEnd(place, parts) };
  });
}

/** Descriptions are missing where the listing's large form was not given; hidden details are missing everywhere. */
function isWholeSingle(shown: ShownEvent): boolean {
  const isSingle = !shown.recurrenceid && !shown.rrule && !shown.repeat;
  return isSingle && (shown.description !== undefined || shown.title === undefined);
}

/** What became of an event, asked by name. */
function standing(place: Place, uid: string): Promise<Change> {
  return readable(place, uid, () => findObject(place, uid));
}

async function readable(place: Place, uid: string, find: () => Promise<ZohoObject | null>): Promise<Change> {
  try {
    const object = await find();
    return object ? { kind: "upserted", object: remoteObject(object, place) } : { kind: "removed", externalId: uid };
  } catch (error) {
    if (!(error instanceof UnreadableEvent)) throw error;
    return unreadable(uid, error.message);
  }
}

function unreadable(externalId: string, reason: string): Change {
  return { kind: "unreadable", externalId, etag: null, reason };
}

async function* inBatches(answers: AsyncIterable<readonly Change[]>): AsyncGenerator<readonly Change[]> {
  let batch: Change[] = [];
  for await (const changes of answers) {
    batch = [...batch, ...changes];
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
