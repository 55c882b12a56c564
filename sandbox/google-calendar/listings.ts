import { createHash } from "node:crypto";
import { invalid } from "./errors.ts";

/** What a listing held when its first page was asked for; its pages are cut from that, whatever changes meanwhile. */
export interface StoredListing {
  readonly ids: readonly string[];
  /** Of the parameters, which stay the same from page to page. */
  readonly asked: string;
  /** For the last page; null when none is handed out. */
  readonly syncToken: string | null;
}

export interface PageSwitches {
  /** Fewer than asked for on each page; null for as many. */
  pageSize: number | null;
  /** The first of several pages holds nothing. */
  emptyPageFirst: boolean;
}

export interface PageOptions {
  /** What is listed: pages of one thing are not those of another. */
  readonly of: string;
  readonly query: URLSearchParams;
  readonly switches: PageSwitches;
  readonly defaultSize: number;
  readonly maxSize: number;
  readonly begin: () => Pick<StoredListing, "ids" | "syncToken">;
}

/** Older ones are no longer known. */
const maxKept = 100;

/** One page. @throws {ApiError} invalid, for a page token that is not of this listing */
export function pageOf(
  listings: Map<string, StoredListing>,
  { of, query, switches, defaultSize, maxSize, begin }: PageOptions,
): { readonly ids: readonly string[]; readonly next: { nextPageToken?: string; nextSyncToken?: string } } {
  const asked = hashOf([of, ...[...query].filter(([name]) => !["pageToken", "maxResults"].includes(name)).sort()]);
  const token = query.get("pageToken");
  const [key = "", offset] = token === null ? [undefined, 0] : readToken(token);
  const listing = token === null ? { ...begin(), asked } : listings.get(key);
  if (listing?.asked !== asked) throw invalid("Invalid page token value.", "pageToken");
  const wanted = Number(query.get("maxResults") ?? defaultSize);
  if (!Number.isInteger(wanted) || wanted < 1) throw invalid("Invalid value for maxResults.", "maxResults");
  const most = Math.min(wanted, maxSize);
  const size = Math.max(1, Math.min(switches.pageSize ?? most, most));
  const isEmpty = switches.emptyPageFirst && token === null && listing.ids.length > size;
  const ids = isEmpty ? [] : listing.ids.slice(offset, offset + size);
  const end = offset + ids.length;
  if (end >= listing.ids.length) {
    return { ids, next: listing.syncToken === null ? {} : { nextSyncToken: listing.syncToken } };
  }
  return { ids, next: { nextPageToken: writtenToken([key || kept(listings, listing), end]) } };
}

function kept(listings: Map<string, StoredListing>, listing: StoredListing): string {
  const [oldest] = listings.keys();
  if (listings.size >= maxKept && oldest !== undefined) listings.delete(oldest);
  const key = String(Number([...listings.keys()].at(-1) ?? 0) + 1);
  listings.set(key, listing);
  return key;
}

/** Short, and the same for the same words. */
export function hashOf(words: unknown): string {
  return createHash("sha1").update(JSON.stringify(words)).digest("hex").slice(0, 8);
}

export function writtenToken(content: unknown): string {
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}

function readToken(text: string): [string, number] {
  const content = contentOf(text);
  if (!Array.isArray(content) || typeof content[1] !== "number")
    throw invalid("Invalid page token value.", "pageToken");
  return [String(content[0]), content[1]];
}

/** What a token says; null when it is none of ours. */
export function contentOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return null;
  }
}
