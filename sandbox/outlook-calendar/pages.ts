import { badQuery } from "./errors.ts";

const defaultPage = 10;
const maxPage = 1000;

export interface PageRequest {
  readonly query: URLSearchParams;
  readonly maxPageSize: number | null;
  /** The whole address without its query. */
  readonly url: string;
}

/** One page of a listing, and the address of the next, to be followed as it is. https://learn.microsoft.com/en-us/graph/paging */
export function pageOf<T>(
  all: readonly T[],
  { query, maxPageSize, url }: PageRequest,
): { readonly items: readonly T[]; readonly links: Readonly<Record<string, unknown>> } {
  const skip = count(query, "$skip", 0);
  const size = Math.min(count(query, "$top", maxPageSize ?? defaultPage), maxPage);
  if (size < 1) throw badQuery("Invalid value for $top.");
  const items = all.slice(skip, skip + size);
  const counted = query.get("$count") === "true" && { "@odata.count": all.length };
  if (skip + size >= all.length) return { items, links: { ...counted } };
  const next = new URLSearchParams(query);
  next.set("$skip", String(skip + size));
  return { items, links: { ...counted, "@odata.nextLink": `${url}?${linkText(next)}` } };
}

/** A dollar stays one in Graph's links. */
export const linkText = (query: URLSearchParams): string => query.toString().replaceAll("%24", "$");

function count(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d+$/.test(text)) throw badQuery(`The query specified in the URI is not valid. Invalid value for ${name}.`);
  return Number(text);
}
