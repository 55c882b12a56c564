import { createHash } from "node:crypto";
import { createCalendarObject, deleteCalendarObject, updateCalendarObject } from "tsdav";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { AccountFetch } from "../../account-fetch.ts";
import { readEvents } from "../icalendar/read.ts";
import type { RemoteObject } from "../provider.ts";
import { pathOf, urlOf } from "./path.ts";
import {
  asFetch,
  etagOf,
  type Multistatus,
  propfind,
  type Refusal,
  type Resource,
  readRefusal,
  refusalError,
  report,
  requireMultistatus,
  textOf,
} from "./webdav.ts";

/** What became of an object that was asked for. */
export type Found =
  | { readonly kind: "object"; readonly object: RemoteObject }
  | { readonly kind: "unreadable"; readonly etag: string | null; readonly reason: string }
  /** It holds no event, only a task or the like. */
  | { readonly kind: "other" }
  | { readonly kind: "gone" }
  /** The server said nothing at all about it; sabre/dav and DAViCal do so for what is gone. */
  | { readonly kind: "unmentioned" };

/** An object is not read beyond this, whatever its calendar holds. */
export const maxObjectBytes = 1_000_000;

/** How many objects are asked for at a time: servers differ in what they bear, and all bear this. */
export const multigetSize = 50;

/**
 * Reads objects of a calendar by their URLs, at most {@link multigetSize} of them.
 *
 * @returns by path; every object asked for is in it
 */
export async function readObjects(
  fetch: AccountFetch,
  calendar: string,
  urls: readonly string[],
): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>(urls.map((url) => [pathOf(url, calendar), { kind: "unmentioned" }]));
  // DAViCal answers 500 to a request for nothing.
  if (urls.length === 0) return found;
  const hrefs = urls.map((url) => new URL(url).pathname);
  const reply = requireMultistatus(
    await report(fetch, calendar, "c:calendar-multiget", objectNames, { "d:href": hrefs }),
  );
  for (const { path, status, properties } of reply.resources) {
    if (!found.has(path)) continue;
    if (status >= 500) {
      throw new IntegrationError("PROVIDER_UNAVAILABLE", "The calendar server cannot read an object now");
    }
    if (status === 404 || status === 410) found.set(path, { kind: "gone" });
    else found.set(path, readFound(path, stampIn(properties), textOf(properties["calendarData"])));
  }
  return found;
}

const objectNames = ["d:getetag", "d:getlastmodified", "c:calendar-data"] as const;

/** What a server says of an object beside its data. */
interface Stamp {
  readonly etag: string | null;
  readonly modifiedAt: Date | null;
}

function stampIn(properties: Resource["properties"]): Stamp {
  // RFC 4918 §15.7
  const modifiedMs = Date.parse(textOf(properties["getlastmodified"]) ?? "");
  const modifiedAt = Number.isNaN(modifiedMs) ? null : new Date(modifiedMs);
  return { etag: etagOf(properties["getetag"]), modifiedAt };
}

/** One object as it stands; null when it is gone. */
export async function readObject(fetch: AccountFetch, calendar: string, path: string): Promise<RemoteObject | null> {
  const [mentioned] = (await readObjects(fetch, calendar, [urlOf(path, calendar)])).values();
  const found = mentioned?.kind === "unmentioned" ? await askAlone(fetch, calendar, path) : mentioned;
  if (found?.kind === "unreadable") {
    throw new IntegrationError("PROVIDER_REPLY_INVALID", `The calendar object cannot be read: ${found.reason}`);
  }
  return found?.kind === "object" ? found.object : null;
}

/** Asks for an object by a GET, which no server leaves unanswered. */
export async function askAlone(fetch: AccountFetch, calendar: string, path: string): Promise<Found> {
  const url = urlOf(path, calendar);
  const response = await fetch(url, { method: "GET", headers: { Accept: "text/calendar" } });
  if (response.status === 404 || response.status === 410) return { kind: "gone" };
  if (response.status !== 200) throw refusalError(await readRefusal(url, response));
  // A proxy that compresses marks the ETag, and then no longer knows it.
  const etag = etagOf(response.headers.get("etag"))?.replace(/-(gzip|br|deflate)"$/, '"') ?? null;
  return readFound(path, { etag, modifiedAt: null }, await response.text());
}

/** The object with this UID, whatever its file is called; null when there is none or the server cannot search. */
export async function findByUid(fetch: AccountFetch, calendar: string, uid: string): Promise<RemoteObject | null> {
  const match = { _attributes: { collation: "i;octet" }, _text: uid };
  const filter = comp(
    "VCALENDAR",
    comp("VEVENT", { "c:prop-filter": { _attributes: { name: "UID" }, "c:text-match": match } }),
  );
  const reply = await report(fetch, calendar, "c:calendar-query", ["d:getetag"], { "c:filter": filter });
  if (reply.kind === "refusal") return null;
  // text-match also finds what merely contains the text.
  const urls = reply.resources.filter(({ status }) => status < 300).map(({ url }) => url);
  const found = await readObjects(fetch, calendar, urls.slice(0, multigetSize));
  for (const one of found.values()) {
    if (one.kind === "object" && one.object.events.some((event) => event.uid === uid)) return one.object;
  }
  return null;
}

/**
 * Stores a new object and reads it back.
 *
 * @throws {IntegrationError} DUPLICATE when the calendar has the file or its UID already, PROVIDER_REFUSED, NOT_FOUND
 */
export async function createObject(
  fetch: AccountFetch,
  calendar: string,
  { filename, uid, raw }: { filename: string; uid: string; raw: string },
): Promise<RemoteObject> {
  const target = urlOf(`${pathOf(calendar, calendar)}${filename}`, calendar);
  const request = { calendar: { url: calendar }, filename, iCalString: raw, fetch: asFetch(fetch) };
  const response = await createCalendarObject(request).catch((error: unknown) => {
    if (isIntegrationError(error) && error.providerCode === takenInStore) throw duplicate(takenInStore, error);
    throw error;
  });
  const refusal = await refusalOf(target, response);
  if (refusal === null) {
    const location = response.headers.get("location");
    return readBack(fetch, calendar, pathOf(location ?? target, target), response, raw);
  }
  if (isDuplicate(refusal) || (await existsAlready(fetch, calendar, uid, refusal))) {
    throw duplicate(refusal.precondition ?? `HTTP ${refusal.status}`);
  }
  if (refusal.status === 409) await requireCalendar(fetch, calendar);
  throw refusalError(refusal);
}

/** The version of an object that a write is based on. */
type Version = Pick<RemoteObject, "externalId" | "etag" | "raw">;

/**
 * Replaces this version of an object and reads it back.
 *
 * @throws {IntegrationError} CONFLICT when the object is another version, NOT_FOUND when it is gone, PROVIDER_REFUSED
 */
export async function replaceObject(
  fetch: AccountFetch,
  calendar: string,
  version: Version,
  raw: string,
): Promise<RemoteObject> {
  const { externalId } = version;
  const url = urlOf(externalId, calendar);
  const condition = await conditionFor(fetch, calendar, version);
  if (condition === null) throw gone();
  const response = await updateCalendarObject({
    calendarObject: { url, data: raw, ...condition },
    fetch: asFetch(fetch),
  });
  const refusal = await refusalOf(url, response);
  if (refusal === null) return readBack(fetch, calendar, externalId, response, raw);
  if (refusal.status === 412 && (await readObject(fetch, calendar, externalId)) !== null) throw conflict();
  if (refusal.status === 412 || refusal.status === 404 || refusal.status === 410) throw gone();
  throw refusalError(refusal);
}

/**
 * Deletes this version of an object. What is gone already is deleted.
 *
 * @throws {IntegrationError} CONFLICT when the object is another version, PROVIDER_REFUSED
 */
export async function deleteObject(fetch: AccountFetch, calendar: string, version: Version): Promise<void> {
  const { externalId } = version;
  const url = urlOf(externalId, calendar);
  const condition = await conditionFor(fetch, calendar, version);
  if (condition === null) return;
  const response = await deleteCalendarObject({ calendarObject: { url, ...condition }, fetch: asFetch(fetch) });
  const refusal = await refusalOf(url, response);
  if (refusal === null || refusal.status === 404 || refusal.status === 410) return;
  if (refusal.status !== 412) throw refusalError(refusal);
  // Nextcloud answers 412 for what is gone, too.
  if ((await readObject(fetch, calendar, externalId)) !== null) throw conflict();
}

/** A nested comp-filter (RFC 4791 §9.7.1). iCloud refuses a query that does not name VEVENT within VCALENDAR. */
export function comp(name: string, content: object): object {
  return { "c:comp-filter": { _attributes: { name }, ...content } };
}

function readFound(path: string, { etag, modifiedAt }: Stamp, raw: string | null): Found {
  if (raw === null) return { kind: "unreadable", etag, reason: "The server does not show its data" };
  const version = versionOf(etag, raw);
  if (Buffer.byteLength(raw) > maxObjectBytes) return { kind: "unreadable", etag: version, reason: tooLarge };
  try {
    const events = readEvents(raw);
    return events.length === 0
      ? { kind: "other" }
      : { kind: "object", object: { externalId: path, etag: version, raw, events, modifiedAt } };
  } catch (error) {
    // Whatever a parser trips over in somebody's data must not keep the other objects from arriving.
    const reason = isIntegrationError(error) ? error.message : "It is not valid iCalendar";
    return { kind: "unreadable", etag: version, reason };
  }
}

/** The version of an object: its ETag, or a hash of the data where the server has none. */
function versionOf(etag: string | null, raw: string): string {
  return etag ?? `${hashPrefix}${createHash("sha256").update(raw).digest("hex")}`;
}

/** Whether a version is our own hash, which the server knows nothing of. */
function isHash(version: string | null): boolean {
  return version?.startsWith(hashPrefix) ?? false;
}

const hashPrefix = "sha256:";

export const tooLarge = `It is larger than ${maxObjectBytes} bytes`;

/**
 * The object to write from, with its version. Where a write could not be read back nobody knows that version: what is there
 * now must say the same, and has what other programs have put on it since.
 *
 * @throws {IntegrationError} CONFLICT when it says something else, NOT_FOUND when it is gone
 */
export async function asItStands(fetch: AccountFetch, calendar: string, object: Version): Promise<Version> {
  if (object.etag !== null) return object;
  const current = await readObject(fetch, calendar, object.externalId);
  if (current === null) throw gone();
  if (!saysTheSame(current.raw, object.raw)) throw conflict();
  return current;
}

/**
 * What to send as If-Match; null when the object is gone. Where there is no ETag to send, a look at what is there has to
 * do: it must be what the write is based on.
 */
async function conditionFor(
  fetch: AccountFetch,
  calendar: string,
  { externalId, etag, raw }: Version,
): Promise<{ etag?: string } | null> {
  if (etag !== null && !isHash(etag)) return { etag };
  const current = await readObject(fetch, calendar, externalId);
  if (current === null) return null;
  const isSame = etag === null ? saysTheSame(current.raw, raw) : current.etag === etag;
  if (!isSame) throw conflict();
  return current.etag === null || isHash(current.etag) ? {} : { etag: current.etag };
}

function saysTheSame(one: string, other: string): boolean {
  return JSON.stringify(readEvents(one)) === JSON.stringify(readEvents(other));
}

/**
 * Servers rewrite what they are sent, so that only a reading tells what there is (RFC 4791 §5.3.4). The write is done,
 * whatever becomes of that reading: iCloud shows what it has just taken some seconds later.
 */
async function readBack(
  fetch: AccountFetch,
  calendar: string,
  path: string,
  response: Response,
  sent: string,
): Promise<RemoteObject> {
  const object = await readObject(fetch, calendar, path).catch((error: unknown) => {
    if (isIntegrationError(error)) return null;
    throw error;
  });
  const etag = etagOf(response.headers.get("etag"));
  return object ?? { externalId: path, etag, raw: sent, events: readEvents(sent) };
}

/**
 * Null when the write succeeded. Xandikos says 207 when it did not.
 *
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID for a web page, which something in front of the server sent in its place
 */
async function refusalOf(url: string, response: Response): Promise<Refusal | null> {
  if (response.status === 201 || response.status === 204) {
    await response.body?.cancel();
    return null;
  }
  const refusal = await readRefusal(url, response);
  if (response.status !== 200) return refusal;
  if (!/^\s*<(!doctype html|html)\b/i.test(refusal.body)) return null;
  throw new IntegrationError("PROVIDER_REPLY_INVALID", `${new URL(url).host} answered a write with a web page`);
}

/** What a server's `errorCodeIn` makes of a failure of its database, which has this UID or name already. */
export const takenInStore = "UniqueConstraintViolation";

function duplicate(providerCode: string, cause?: unknown): IntegrationError {
  return new IntegrationError("DUPLICATE", "The calendar has this event already", {
    providerCode,
    remedy: "Where it is not to be seen, it lies in the calendar's trash bin: restore it there, or create it again.",
    cause,
  });
}

/** `If-None-Match: *` failed, or the UID is taken; Nextcloud says the latter in words. */
function isDuplicate({ status, precondition, body }: Refusal): boolean {
  return (
    status === 412 ||
    precondition === "no-uid-conflict" ||
    precondition === "unique-scheduling-object-resource" ||
    (status === 400 && /uid already exists/i.test(body))
  );
}

async function existsAlready(fetch: AccountFetch, calendar: string, uid: string, refusal: Refusal): Promise<boolean> {
  if (![400, 403, 409].includes(refusal.status) || refusal.precondition === "need-privileges") return false;
  return (await findByUid(fetch, calendar, uid)) !== null;
}

/** @throws {IntegrationError} NOT_FOUND when the calendar is gone */
async function requireCalendar(fetch: AccountFetch, calendar: string): Promise<Multistatus> {
  return requireMultistatus(await propfind(fetch, calendar, "0", ["d:resourcetype"]));
}

function conflict(): IntegrationError {
  return new IntegrationError("CONFLICT", "The event was changed in the calendar meanwhile");
}

function gone(): IntegrationError {
  return new IntegrationError("NOT_FOUND", "The event is no longer in the calendar");
}
