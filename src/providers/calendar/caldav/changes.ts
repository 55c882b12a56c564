import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { AccountFetch } from "../../account-fetch.ts";
import type { Change, Interval, ReadOutcome, ReadRequest } from "../provider.ts";
import { type CalendarState, cursorAt, formatCursor, parseCursor, stateIn, stateNames } from "./cursor.ts";
import { askAlone, comp, type Found, maxObjectBytes, multigetSize, readObjects, tooLarge } from "./objects.ts";
import { pathOf, urlOf } from "./path.ts";
import {
  childrenOf,
  etagOf,
  type Multistatus,
  propfind,
  report,
  requireMultistatus,
  syncCollection,
  textOf,
} from "./webdav.ts";

/**
 * What changed in a calendar, on the highest rung that its server has:
 *
 * 1. sync-collection with the token of the last reading (RFC 6578),
 * 2. a listing of all objects and their ETags, when the calendar's ctag is another one,
 * 3. a listing of those within the window, every time.
 *
 * A token that the server no longer takes, or takes silently for none, leads to a listing, which needs none. An object is only reported as removed
 * after it was asked for by name, and was not there.
 *
 * @throws {IntegrationError} NOT_FOUND when the calendar is gone
 */
export async function* readChanges(
  fetch: AccountFetch,
  calendar: string,
  request: ReadRequest,
): AsyncGenerator<readonly Change[], ReadOutcome> {
  const cursor = parseCursor(request.cursor);
  // Read before the listing, so that nothing that comes falls between the two.
  const state = await readState(fetch, calendar);
  if (request.cursor !== null && request.cursor === cursorAt(state)) {
    return { cursor: request.cursor, mode: "UNCHANGED" };
  }

  if (cursor.syncToken !== undefined && state.syncToken !== null) {
    const delta = await readDelta(fetch, calendar, cursor.syncToken);
    if (delta !== null) {
      const known = await request.known([...delta.listed.keys(), ...delta.missing]);
      if (!(await isRepetition(delta, known, request))) {
        yield* download(fetch, calendar, delta, known);
        return { cursor: formatCursor({ syncToken: delta.syncToken }), mode: "INCREMENTAL" };
      }
    }
  }

  const isTracked = state.syncToken !== null || state.ctag !== null;
  const listing = await list(fetch, calendar, isTracked ? null : request.window);
  const known = await request.known(isTracked ? "all" : "window");
  const missing = listing.isComplete ? [...known.keys()].filter((path) => !listing.listed.has(path)) : [];
  const isSettled = !hasNews(listing.listed, known) || (await isStill(fetch, calendar, state));
  yield* download(fetch, calendar, { listed: listing.listed, missing }, known);
  return outcomeOf(state, { ...listing, isSettled }, known);
}

function hasNews(listed: ReadonlyMap<string, Listed>, known: ReadonlyMap<string, string | null>): boolean {
  return [...listed].some(([path, { etag }]) => etag === null || etag !== known.get(path));
}

/**
 * Whether a calendar is as it was before it was listed. What came in between is in the listing and not in the cursor; where a
 * server's token is made of what the calendar holds, as at Xandikos, nobody would tell that it is gone again.
 */
async function isStill(fetch: AccountFetch, calendar: string, before: CalendarState): Promise<boolean> {
  const cursor = cursorAt(before);
  return cursor === null || cursor === cursorAt(await readState(fetch, calendar));
}

interface Listed {
  readonly url: string;
  /** Null where the server has none: the object itself tells then whether it changed. */
  readonly etag: string | null;
  readonly bytes: number;
}

interface Delta {
  readonly listed: ReadonlyMap<string, Listed>;
  /** Paths that the server no longer lists, or named as gone. */
  readonly missing: readonly string[];
}

async function readState(fetch: AccountFetch, calendar: string): Promise<CalendarState> {
  const { resources } = requireMultistatus(await propfind(fetch, calendar, "0", ["d:resourcetype", ...stateNames]));
  const properties = resources.find(({ path }) => isSamePath(path, calendar))?.properties ?? resources[0]?.properties;
  // Nextcloud keeps a deleted calendar where it was for 30 days.
  if (properties === undefined || childrenOf(properties["resourcetype"]).includes("deletedCalendar")) {
    throw new IntegrationError("NOT_FOUND", "The calendar is gone");
  }
  return stateIn(properties);
}

/** All pages of a sync-collection; null when the server does not take the token, whatever it says instead. */
async function readDelta(
  fetch: AccountFetch,
  calendar: string,
  since: string,
): Promise<(Delta & { syncToken: string }) | null> {
  const listed = new Map<string, Listed>();
  const missing = new Set<string>();
  let token = since;
  for (let page = 0; page < maxPages; page++) {
    const reply = await readPage(fetch, calendar, token);
    if (reply === null) return null;
    for (const [path, one] of listedIn(reply, calendar)) {
      listed.set(path, one);
      missing.delete(path);
    }
    for (const { path, status } of reply.resources) {
      if (status !== 404 && status !== 410) continue;
      listed.delete(path);
      missing.add(path);
    }
    if (reply.syncToken === null) {
      throw new IntegrationError("PROVIDER_REPLY_INVALID", "The calendar server sent changes without a sync token");
    }
    if (!isTruncated(reply)) return { listed, missing: [...missing], syncToken: reply.syncToken };
    if (reply.syncToken === token) return null;
    token = reply.syncToken;
  }
  return null;
}

/**
 * Whether a server lists what is known instead of what changed. DAViCal does so when it no longer knows a token, and iCloud
 * is said to; what is gone they leave out. Our own writes are listed once more, too, so it takes half of the calendar.
 */
async function isRepetition(
  { listed }: Delta,
  known: ReadonlyMap<string, string | null>,
  request: ReadRequest,
): Promise<boolean> {
  const repeated = [...listed].filter(([path, { etag }]) => etag !== null && etag === known.get(path)).length;
  return repeated > 0 && repeated * 2 >= (await request.known("all")).size;
}

/**
 * A refusal may be a bad token in any of its forms (403, 409, 410, 412 and 400 with `valid-sync-token`, a bare 418) or
 * a real one; the listing that follows meets the real one again. Only a calendar that is gone is certain.
 */
async function readPage(fetch: AccountFetch, calendar: string, token: string): Promise<Multistatus | null> {
  try {
    const reply = await syncCollection(fetch, calendar, token, listedNames);
    if (reply.kind === "refusal" && reply.status === 404) return requireMultistatus(reply);
    if (reply.kind === "refusal" && reply.status < 400) return requireMultistatus(reply);
    return reply.kind === "multistatus" ? reply : null;
  } catch (error) {
    // Xandikos 0.2.8 fails on a token it does not know.
    if (isIntegrationError(error, "PROVIDER_UNAVAILABLE") && error.providerCode === "HTTP 500") return null;
    throw error;
  }
}

async function list(
  fetch: AccountFetch,
  calendar: string,
  window: Interval | null,
): Promise<{ listed: ReadonlyMap<string, Listed>; isComplete: boolean }> {
  const range =
    window === null
      ? {}
      : { "c:time-range": { _attributes: { start: utc(window.from, -dayMs), end: utc(window.to, dayMs) } } };
  const filter = comp("VCALENDAR", comp("VEVENT", range));
  const reply = requireMultistatus(
    await report(fetch, calendar, "c:calendar-query", listedNames, { "c:filter": filter }),
  );
  const isAnswered = ({ path, status }: { path: string; status: number }) =>
    status < 300 || (isSamePath(path, calendar) && status === 404);
  return { listed: listedIn(reply, calendar), isComplete: reply.resources.every(isAnswered) };
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += multigetSize) yield all.slice(start, start + multigetSize);
}

/**
 * Asks for what is new, and once more for what is missing: a listing may be wrong, an object's own 404 hardly. Nextcloud says
 * *gone* of an address that was used again, also of one that nobody here has known.
 */
async function* download(
  fetch: AccountFetch,
  calendar: string,
  { listed, missing }: Delta,
  known: ReadonlyMap<string, string | null>,
): AsyncGenerator<readonly Change[]> {
  const fresh = [...listed].filter(([path, { etag }]) => etag === null || etag !== known.get(path));
  const isTooLarge = ([, { bytes }]: readonly [string, Listed]) => bytes > maxObjectBytes;
  for (const batch of batches(fresh.filter(isTooLarge))) {
    yield batch.map(([externalId, { etag }]) => ({ kind: "unreadable", externalId, etag, reason: tooLarge }));
  }
  for (const batch of batches(fresh.filter((one) => !isTooLarge(one)))) {
    const found = await readObjects(
      fetch,
      calendar,
      batch.map(([, { url }]) => url),
    );
    const changes: Change[] = [];
    for (const [path, one] of found) {
      // It was listed a moment ago, and silence could be a server that leaves out what it finds too much.
      const certain = one.kind === "unmentioned" ? await askAlone(fetch, calendar, path) : one;
      changes.push(...changesOf(path, certain, known));
    }
    if (changes.length > 0) yield changes;
  }
  for (const batch of batches(missing)) {
    const found = await readObjects(
      fetch,
      calendar,
      batch.map((path) => urlOf(path, calendar)),
    );
    const changes = [...found].flatMap(([path, one]) => {
      if (one.kind !== "gone" && one.kind !== "unmentioned") return changesOf(path, one, known);
      return known.has(path) ? [{ kind: "removed", externalId: path } as const] : [];
    });
    if (changes.length > 0) yield changes;
  }
}

function changesOf(path: string, found: Found, known: ReadonlyMap<string, string | null>): readonly Change[] {
  switch (found.kind) {
    case "object":
      return found.object.etag === known.get(path) ? [] : [{ kind: "upserted", object: found.object }];
    case "unreadable":
      return [{ kind: "unreadable", externalId: path, etag: found.etag, reason: found.reason }];
    case "other":
      return known.has(path) ? [{ kind: "removed", externalId: path }] : [];
    default:
      // Deleted since it was listed: the next reading is told so.
      return [];
  }
}

function outcomeOf(
  state: CalendarState,
  { listed, isComplete, isSettled }: { listed: ReadonlyMap<string, Listed>; isComplete: boolean; isSettled: boolean },
  known: ReadonlyMap<string, string | null>,
): ReadOutcome {
  const cursor = cursorAt(state);
  if (cursor === null) return { cursor, mode: "WINDOW" };
  // A listing cut short, overtaken or suddenly empty must not count as the state of a calendar that then "has not changed".
  const isSuspect = !isComplete || !isSettled || (listed.size === 0 && known.size > 0);
  return { cursor: isSuspect ? null : cursor, mode: "FULL" };
}

const listedNames = ["d:getetag", "d:getcontentlength"] as const;

function listedIn({ resources }: Multistatus, calendar: string): ReadonlyMap<string, Listed> {
  // What is listed with a failure of its own is asked for all the same.
  const objects = resources.filter(
    ({ path, status }) => ![404, 410, 507].includes(status) && !path.endsWith("/") && !isSamePath(path, calendar),
  );
  return new Map(
    objects.map(({ path, url, properties }) => {
      const bytes = Number(textOf(properties["getcontentlength"]) ?? 0);
      return [path, { url, etag: etagOf(properties["getetag"]), bytes }];
    }),
  );
}

/** RFC 6578 §3.6. */
function isTruncated({ resources }: Multistatus): boolean {
  return resources.some(({ status }) => status === 507);
}

function isSamePath(path: string, calendar: string): boolean {
  return path.replace(/\/$/, "") === pathOf(calendar, calendar).replace(/\/$/, "");
}

/** Servers read whole days and floating times in a zone of their own, so a day more is asked for on either side. */
const dayMs = 86_400_000;

function utc(instant: Date, shiftMs: number): string {
  return new Date(instant.getTime() + shiftMs).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** A server that never comes to an end is worse than a listing. */
const maxPages = 1000;
