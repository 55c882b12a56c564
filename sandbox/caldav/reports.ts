import { childOf, childrenOf, type XmlElement } from "../xml-reader.ts";
import { DavError } from "./dav-error.ts";
import type { Dialect } from "./dialect.ts";
import { type Filter, matches, readFilter } from "./filter.ts";
import { foundResponse, statusResponse } from "./multistatus.ts";
import { caldav, dav } from "./namespaces.ts";
import { type Properties, type PropertyName } from "./properties.ts";
import type { Resource, Resources } from "./resources.ts";
import type { StoredCalendar, StoredObject } from "./state.ts";
import type { CalDavStore } from "./store.ts";
import { windowSince } from "./sync-collection.ts";
import { node, type XmlNode } from "./xml-writer.ts";

/** What a REPORT of one account works with. */
export interface ReportTools {
  readonly dialect: Dialect;
  readonly store: CalDavStore;
  readonly resources: Resources;
  readonly properties: Properties;
}

/** The parts of the multistatus. @throws {DavError} */
export function answerReport(
  tools: ReportTools,
  resource: Resource,
  report: XmlElement,
  depth: string | undefined,
): readonly XmlNode[] {
  const wanted = childOf(report, dav, "prop")?.children ?? [];
  switch (`${report.ns} ${report.name}`) {
    case `${caldav} calendar-multiget`:
      return multiget(tools, report, wanted);
    case `${caldav} calendar-query`:
      return query(tools, calendarOf(resource), report, wanted, depth);
    case `${dav} sync-collection`:
      return syncCollection(tools, calendarOf(resource), report, wanted);
    default:
      throw new DavError("unknown-report");
  }
}

/** RFC 4791 §7.9. */
function multiget(
  { dialect, resources, properties }: ReportTools,
  report: XmlElement,
  wanted: readonly PropertyName[],
): readonly XmlNode[] {
  return childrenOf(report, dav, "href").flatMap(({ text: href }) => {
    const path = resources.pathFrom(href);
    const found = path === null ? null : resourceOrNull(resources, path);
    if (found?.kind === "object" && found.object) {
      return [foundResponse(resources.href(found.path), found, wanted, properties)];
    }
    return dialect.multigetTellsMissing ? [statusResponse(href, 404)] : [];
  });
}

/** RFC 4791 §7.8. */
function query(
  tools: ReportTools,
  calendar: StoredCalendar,
  report: XmlElement,
  wanted: readonly PropertyName[],
  depth: string | undefined,
): readonly XmlNode[] {
  const { dialect, store, resources, properties } = tools;
  const filter = readFilter(report);
  if (dialect.query.needsComponent && filter.component === null) throw new DavError("filter");
  if (depth === undefined && dialect.query.needsDepth) throw new DavError("bad-request");
  // The calendar itself is no calendar object.
  if (depth === "0") return [];
  const asked = loosened(filter, dialect);
  return store
    .shownObjects(calendar)
    .filter(({ data }) => matches(data, asked))
    .map((object) => {
      const shown: StoredObject = { ...object, data: dialect.query.shown(object.data, filter.range) };
      const resource = { ...resources.object(calendar, object.name), object: shown };
      return foundResponse(resources.href(resource.path), resource, wanted, properties);
    });
}

function loosened(filter: Filter, { query: { looseMs, combines } }: Dialect): Filter {
  if (!filter.range) return filter;
  const from = new Date(Math.max(filter.range.from.getTime() - looseMs, -8.64e15));
  const to = new Date(filter.range.to.getTime() + looseMs);
  return { ...filter, range: { from, to }, properties: combines ? filter.properties : [] };
}

/** RFC 6578 §3. */
function syncCollection(
  { dialect, store, resources, properties }: ReportTools,
  calendar: StoredCalendar,
  report: XmlElement,
  wanted: readonly PropertyName[],
): readonly XmlNode[] {
  const token = childOf(report, dav, "sync-token");
  if (!token || childOf(report, dav, "sync-level")?.text !== "1") throw new DavError("bad-request");
  const results = childOf(childOf(report, dav, "limit"), dav, "nresults");
  const limit = results ? Number(results.text) : null;
  if (limit !== null && !(limit >= 1)) throw new DavError("bad-request");
  const { rows, until, isTruncated } = windowSince({ dialect, store }, calendar, token.text, limit);
  const responses = rows.map(({ name, isGone }) => {
    const resource = resources.object(calendar, name);
    const href = resources.href(resource.path);
    return isGone ? statusResponse(href, 404) : foundResponse(href, resource, wanted, properties);
  });
  const cut = node(dav, "error", node(dav, "number-of-matches-within-limits"));
  const collection = resources.href(resources.calendar(calendar).path);
  return [
    ...responses,
    ...(isTruncated ? [statusResponse(collection, 507, cut)] : []),
    node(dav, "sync-token", dialect.tokens.write(calendar, until)),
  ];
}

function calendarOf(resource: Resource): StoredCalendar {
  if (resource.kind === "calendar" && !resource.calendar.isSubscribed) return resource.calendar;
  throw new DavError(resource.kind === "vacant" ? "not-found" : "unknown-report");
}

function resourceOrNull(resources: Resources, path: string): Resource | null {
  try {
    return resources.at(path);
  } catch (error) {
    if (error instanceof DavError) return null;
    throw error;
  }
}
