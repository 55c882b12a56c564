import { davRequest, propfind as sendPropfind, syncCollection as sendSyncCollection } from "tsdav";
import { IntegrationError } from "../../../errors.ts";
import type { AccountFetch } from "../../account-fetch.ts";
import { pathOf } from "./path.ts";
import { isWellFormed } from "./well-formed.ts";

/** One `response` of a multistatus, with those properties only whose own status is 2xx (RFC 4918 §13). */
export interface Resource {
  /** See {@link pathOf}. */
  readonly path: string;
  /** Its href, resolved; what to ask the server for in the server's own spelling. */
  readonly url: string;
  /** Of the resource as a whole; 207 when only its properties have one. */
  readonly status: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Multistatus {
  readonly kind: "multistatus";
  readonly resources: readonly Resource[];
  /** Of a sync-collection (RFC 6578 §6.4). */
  readonly syncToken: string | null;
}

/** The server answered, and it was not what was asked for. */
export interface Refusal {
  readonly kind: "refusal";
  readonly url: string;
  readonly status: number;
  /** The failed precondition by its element name, for example `valid-sync-token`. */
  readonly precondition: string | null;
  readonly body: string;
}

/** Names of properties as tsdav wants them: prefix and element. */
export type PropertyNames = readonly `${"d" | "c" | "cs" | "ca"}:${string}`[];

/** @throws {IntegrationError} what the account's fetch throws, PROVIDER_REPLY_INVALID */
export async function propfind(
  fetch: AccountFetch,
  url: string,
  depth: "0" | "1",
  names: PropertyNames,
): Promise<Multistatus | Refusal> {
  return read(url, await sendPropfind({ url, depth, props: elements(names), fetch: asFetch(fetch) }));
}

/**
 * Everything that changed in a collection since `syncToken` (RFC 6578). No `d:limit` is sent: Nextcloud drops what is
 * beyond it and hands out the newest token all the same.
 */
export async function syncCollection(
  fetch: AccountFetch,
  url: string,
  syncToken: string,
  names: PropertyNames,
): Promise<Multistatus | Refusal> {
  const headers = { Depth: "0" };
  const props = elements(names);
  return read(url, await sendSyncCollection({ url, headers, props, syncLevel: 1, syncToken, fetch: asFetch(fetch) }));
}

/** Any other REPORT. tsdav's own functions for them throw when a single row is missing, so the body comes from here. */
export async function report(
  fetch: AccountFetch,
  url: string,
  name: `c:${string}`,
  names: PropertyNames,
  body: Readonly<Record<string, unknown>>,
): Promise<Multistatus | Refusal> {
  const init = {
    method: "REPORT" as const,
    headers: { Depth: "1" },
    body: { [name]: { _attributes: namespaces, "d:prop": elements(names), ...body } },
  };
  return read(url, await davRequest({ url, init, fetch: asFetch(fetch) }));
}

/** @throws {IntegrationError} NOT_FOUND, PROVIDER_REFUSED, PROVIDER_REPLY_INVALID */
export function requireMultistatus(reply: Multistatus | Refusal): Multistatus {
  if (reply.kind === "refusal") throw refusalError(reply);
  return reply;
}

/** The error that a refusal is, when nobody knows better. */
export function refusalError({ status, url, precondition }: Refusal): IntegrationError {
  const { host } = new URL(url);
  const providerCode = precondition ?? `HTTP ${status}`;
  if (status === 404 || status === 410) {
    return new IntegrationError("NOT_FOUND", `${host} has nothing at this address`, { providerCode });
  }
  if (status >= 400) {
    return new IntegrationError("PROVIDER_REFUSED", `${host} refused the request (${providerCode})`, {
      providerCode,
      remedy: remedies.get(precondition ?? "") ?? remedies.get(String(status)),
    });
  }
  return new IntegrationError("PROVIDER_REPLY_INVALID", `${host} answered with something other than WebDAV`, {
    providerCode,
    remedy: "Check that the address is that of a CalDAV server and not of its web page.",
  });
}

/** Reads an answer to a write: the status that counts, which a 207 hides in its body (Xandikos), and why. */
export async function readRefusal(url: string, response: Response): Promise<Refusal> {
  const body = await response.text();
  const inner =
    response.status === 207 ? /<(?:[\w.-]+:)?status[^>]*>\s*HTTP\/\S+\s+(\d{3})/.exec(body)?.[1] : undefined;
  return { kind: "refusal", url, status: Number(inner ?? response.status), precondition: preconditionIn(body), body };
}

/** tsdav guesses types and leaves CDATA wrapped: a calendar named 2026 is a number, an empty element is {}. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? null : textOf(value[0]);
  const { _cdata: cdata, _text: text } = (value ?? {}) as Record<string, unknown>;
  if (Array.isArray(cdata)) return cdata.join("");
  return cdata === undefined && text === undefined ? null : textOf(cdata ?? text);
}

/** The names of the elements inside a property, in camel case and without their namespace. */
export function childrenOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(childrenOf);
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

/** Every href inside a property. */
export function hrefsOf(value: unknown): readonly string[] {
  const { href } = (value ?? {}) as Record<string, unknown>;
  return [href].flat().flatMap((one) => textOf(one) ?? []);
}

/**
 * An ETag as opaque text. A weak mark goes, because Cyrus sets it on compressed answers only and means the same version.
 */
export function etagOf(value: unknown): string | null {
  return textOf(value)?.replace(/^W\//, "") ?? null;
}

const namespaces = {
  "xmlns:d": "DAV:",
  "xmlns:c": "urn:ietf:params:xml:ns:caldav",
  "xmlns:cs": "http://calendarserver.org/ns/",
  "xmlns:ca": "http://apple.com/ns/ical/",
};

/** RFC 3744 §7.1.1, RFC 4791 §5.3.2.1, RFC 6578 §3.2, RFC 6638 §3.2.4. The order matters: the first one found counts. */
const preconditions = [
  "valid-sync-token",
  "no-uid-conflict",
  "unique-scheduling-object-resource",
  "need-privileges",
  "valid-calendar-data",
  "valid-calendar-object-resource",
  "supported-calendar-data",
  "supported-calendar-component",
  "max-resource-size",
  "max-attendees-per-instance",
  "max-instances",
  "min-date-time",
  "max-date-time",
  "quota-not-exceeded",
  "sufficient-disk-space",
  "allowed-attendee-scheduling-object-change",
  "allowed-organizer-scheduling-object-change",
  "same-organizer-in-all-components",
  "number-of-matches-within-limits",
];

const remedies = new Map([
  ["403", "Give the account write access to this calendar, or choose another calendar."],
  ["need-privileges", "Give the account write access to this calendar, or choose another calendar."],
  ["413", "Shorten the description or invite fewer people: the calendar server refuses an event of this size."],
  ["max-resource-size", "Shorten the description: the calendar server refuses an event of this size."],
  ["max-attendees-per-instance", "Invite fewer people."],
  ["507", "The calendar account is full: remove old events, or ask for more space."],
  ["quota-not-exceeded", "The calendar account is full: remove old events, or ask for more space."],
  ["allowed-attendee-scheduling-object-change", "Only the organizer can change this event."],
]);

function elements(names: PropertyNames): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

/**
 * What tsdav is given as `fetch`; it calls it with text only.
 *
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID for a multistatus that was cut off
 */
export function asFetch(fetch: AccountFetch): typeof globalThis.fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : input;
    const reply = await fetch(url, init);
    if (reply.status === 207 && !isWellFormed(await reply.clone().text())) {
      throw new IntegrationError("PROVIDER_REPLY_INVALID", `${new URL(url).host} sent XML that breaks off`);
    }
    return reply;
  };
}

function preconditionIn(body: string): string | null {
  return preconditions.find((name) => body.includes(name)) ?? null;
}

/** What tsdav makes of a `response`; everything in it is unchecked. */
interface TsdavResponse {
  readonly href?: unknown;
  readonly status: number;
  readonly props?: Record<string, unknown>;
  readonly raw?: unknown;
}

/**
 * tsdav reports a web page and an HTTP error in the same shape as a result, so each answer is looked at before it is
 * believed: only a parsed `multistatus` counts.
 */
function read(url: string, responses: readonly TsdavResponse[]): Multistatus | Refusal {
  const [first] = responses;
  const raw = first?.raw;
  const multistatus = typeof raw === "object" && raw !== null && "multistatus" in raw ? raw.multistatus : undefined;
  if (typeof multistatus !== "object" || multistatus === null) {
    const body = typeof raw === "string" ? raw : "";
    return { kind: "refusal", url, status: first?.status ?? 0, precondition: preconditionIn(body), body };
  }
  const resources = responses.flatMap(({ href, status, props }) =>
    [href].flat().flatMap((one) => {
      const text = textOf(one);
      if (text === null || !URL.canParse(text, url)) return [];
      return { path: pathOf(text, url), url: new URL(text, url).href, status, properties: props ?? {} };
    }),
  );
  const { syncToken } = multistatus as { syncToken?: unknown };
  return { kind: "multistatus", resources, syncToken: textOf(syncToken) };
}
