import type ICAL from "ical.js";
import { childOf, childrenOf, type XmlElement } from "../xml-reader.ts";
import { componentsOf, readableObject } from "./calendar-object.ts";
import { DavError } from "./dav-error.ts";
import { caldav } from "./namespaces.ts";
import { isWithin, type TimeRange } from "./time-range.ts";

/** What a `calendar-query` asks for (RFC 4791 §9.7). */
export interface Filter {
  /** VEVENT or VTODO; null asks for every object. */
  readonly component: string | null;
  readonly range: TimeRange | null;
  readonly properties: readonly PropertyFilter[];
}

interface PropertyFilter {
  readonly name: string;
  readonly isNotDefined: boolean;
  readonly text: string | null;
  readonly isNegated: boolean;
}

/** @throws {DavError} filter */
export function readFilter(query: XmlElement): Filter {
  const outer = childOf(childOf(query, caldav, "filter"), caldav, "comp-filter");
  if (outer?.attributes["name"]?.toUpperCase() !== "VCALENDAR") throw new DavError("filter");
  const inner = childOf(outer, caldav, "comp-filter");
  const range = childOf(inner, caldav, "time-range");
  return {
    component: inner?.attributes["name"]?.toUpperCase() ?? null,
    range: range ? readRange(range) : null,
    properties: childrenOf(inner, caldav, "prop-filter").map((filter) => {
      const match = childOf(filter, caldav, "text-match");
      return {
        name: (filter.attributes["name"] ?? "").toLowerCase(),
        isNotDefined: childOf(filter, caldav, "is-not-defined") !== undefined,
        text: match?.text.toLowerCase() ?? null,
        isNegated: match?.attributes["negate-condition"] === "yes",
      };
    }),
  };
}

export function matches(data: string, filter: Filter): boolean {
  const object = readableObject(data);
  // What nobody can read is shown rather than hidden.
  if (!object) return true;
  const { component, calendar } = object;
  if (filter.component !== null && filter.component !== component) return false;
  if (filter.range && !isWithin(calendar, filter.range)) return false;
  return filter.properties.every((property) => componentsOf(calendar).some((part) => hasProperty(part, property)));
}

/** A text matches where it is part of the value, in any case (RFC 4791 §9.7.5). */
function hasProperty(part: ICAL.Component, { name, isNotDefined, text, isNegated }: PropertyFilter): boolean {
  const values = part.getAllProperties(name).map((property) => String(property.getFirstValue()).toLowerCase());
  if (isNotDefined) return values.length === 0;
  if (text === null) return values.length > 0;
  return values.some((value) => value.includes(text) !== isNegated);
}

/** Both ends are UTC; one may be left out (RFC 4791 §9.9). */
function readRange({ attributes }: XmlElement): TimeRange {
  const from = readInstant(attributes["start"]) ?? new Date(-8.64e15);
  const to = readInstant(attributes["end"]) ?? new Date(Date.UTC(2100, 0, 1));
  if (to <= from) throw new DavError("filter");
  return { from, to };
}

function readInstant(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const [year, month, day, hour, minute, second] = parts.map(Number);
  if (year === undefined || month === undefined) throw new DavError("filter");
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}
