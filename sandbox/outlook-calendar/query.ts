import { GraphError } from "./errors.ts";
import type { Expansion } from "./event-view.ts";
import { fieldsOf, type Item } from "./series.ts";
import { instantOf, momentOf } from "./times.ts";

/** `$select`; null for everything. */
export function readSelect(query: URLSearchParams): readonly string[] | null {
  const text = query.get("$select");
  return text === null ? null : text.split(",").map((name) => name.trim());
}

/** `$expand`. https://learn.microsoft.com/en-us/graph/api/singlevaluelegacyextendedproperty-get */
export function readExpand(query: URLSearchParams): Expansion {
  const text = query.get("$expand") ?? "";
  const ids = [...text.matchAll(/id\s+eq\s+'((?:[^']|'')*)'/gi)].map(([, id = ""]) => id.replaceAll("''", "'"));
  const [, first = ""] = /^\s*(\w+)/.exec(text) ?? [];
  const known = ["", "exceptionOccurrences", "singleValueExtendedProperties", "extensions", "calendar", "attachments"];
  if (!known.includes(first)) {
    throw new GraphError(400, "BadRequest", `Parsing OData Select and Expand failed: '${first}'.`);
  }
  return {
    exceptions: /\bexceptionOccurrences\b/.test(text),
    extendedProperties: text.includes("singleValueExtendedProperties") ? ids : null,
  };
}

type Test = (item: Item) => boolean;

/**
 * `$filter`: comparisons joined by `and`.
 *
 * @throws {GraphError} ErrorInvalidUrlQueryFilter for what the twin does not know
 */
export function readFilter(query: URLSearchParams): Test {
  const text = query.get("$filter");
  if (text === null) return () => true;
  const property = extendedPropertyTest(text.trim());
  if (property) return property;
  const tests = text.split(/\s+and\s+/i).map((part) => comparison(part.trim()));
  return (item) => tests.every((test) => test(item));
}

/** Ids are compared letter by letter, values without case. */
function extendedPropertyTest(text: string): Test | null {
  const form =
    /^singleValueExtendedProperties\/any\((\w+):\s*\1\/id\s+eq\s+'((?:[^']|'')*)'\s+and\s+\1\/value\s+eq\s+'((?:[^']|'')*)'\)$/i;
  const [whole, , id = "", value = ""] = form.exec(text) ?? [];
  if (whole === undefined) return null;
  const wanted = unquoted(value).toLowerCase();
  return (item) => fieldsOf(item).extendedProperties[unquoted(id)]?.toLowerCase() === wanted;
}

function comparison(part: string): Test {
  const [, name = "", operator = "", literal = ""] = /^([\w/]+)\s+(eq|ne|ge|gt|le|lt)\s+(.+)$/.exec(part) ?? [];
  const value = literalOf(literal);
  const read = readers[name];
  if (value === undefined || !read) {
    throw new GraphError(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.");
  }
  const wanted = name.endsWith("ateTime") ? instantOf(String(value)) : value;
  return (item) => compares(read(item), operator, wanted);
}

type Comparable = string | number | boolean;

const readers: Readonly<Record<string, (item: Item) => Comparable>> = {
  subject: (item) => fieldsOf(item).subject,
  iCalUId: ({ event }) => event.uid,
  uid: ({ event }) => event.uid,
  isAllDay: (item) => fieldsOf(item).isAllDay,
  isCancelled: (item) => fieldsOf(item).isCancelled,
  "start/dateTime": (item) => momentOf(fieldsOf(item).start).toMillis(),
  "end/dateTime": (item) => momentOf(fieldsOf(item).end).toMillis(),
  createdDateTime: ({ event }) => Date.parse(event.createdAt),
  lastModifiedDateTime: ({ event }) => Date.parse(event.modifiedAt),
};

function compares(value: Comparable, operator: string, wanted: Comparable): boolean {
  switch (operator) {
    case "eq":
      return value === wanted;
    case "ne":
      return value !== wanted;
    case "ge":
      return value >= wanted;
    case "gt":
      return value > wanted;
    case "le":
      return value <= wanted;
    default:
      return value < wanted;
  }
}

function literalOf(literal: string): Comparable | undefined {
  if (/^'.*'$/.test(literal)) return unquoted(literal.slice(1, -1));
  if (literal === "true" || literal === "false") return literal === "true";
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d\d:\d\d)?$/.test(literal) ? literal : undefined;
}

const unquoted = (text: string) => text.replaceAll("''", "'");

/** `$orderby` over what `$filter` can compare; in no order without it. */
export function sorted(items: readonly Item[], query: URLSearchParams): readonly Item[] {
  const [name = "", direction = "asc"] = (query.get("$orderby") ?? "").split(/[ ,]+/);
  const read = readers[name];
  if (!read) return items;
  const sign = direction === "desc" ? -1 : 1;
  return items.toSorted((one, other) => (read(one) < read(other) ? -sign : read(one) > read(other) ? sign : 0));
}
