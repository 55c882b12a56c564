import type { TwinReply, TwinRequest } from "../twin.ts";
import { childOf, childrenOf, type XmlElement } from "../xml-reader.ts";
import { DavError } from "./dav-error.ts";
import { propstat } from "./multistatus.ts";
import { appleIcal, caldav, dav } from "./namespaces.ts";
import type { ReportTools } from "./reports.ts";
import type { Resource } from "./resources.ts";
import type { StoredCalendar } from "./state.ts";
import { hrefNode, node, type XmlNode } from "./xml-writer.ts";

/** MKCALENDAR (RFC 4791 §5.3.1), and MKCOL with a body (RFC 5689). @throws {DavError} */
export function makeCalendar(
  { dialect, store, resources }: ReportTools,
  resource: Resource,
  request: XmlElement | null,
): TwinReply {
  if (resource.kind === "calendar" || resource.kind === "special") throw new DavError("exists");
  if (resource.kind !== "vacant") throw new DavError("privileges");
  const isCollection = request?.ns === dav && request.name === "mkcol";
  const wanted = childrenOf(request ?? undefined, dav, "set").flatMap(
    (set) => childOf(set, dav, "prop")?.children ?? [],
  );
  const type = wanted.find(({ ns, name }) => ns === dav && name === "resourcetype");
  if (isCollection && !childOf(type, caldav, "calendar")) throw new DavError("privileges");
  dialect.checkNewCalendar(resources.home, request);
  const set = wanted.find(({ ns, name }) => ns === caldav && name === "supported-calendar-component-set");
  const components = childrenOf(set, caldav, "comp").map(({ attributes }) => attributes["name"] ?? "");
  const calendar = store.createCalendar(resources.home, { name: resource.name, ...(set && { components }) });
  for (const property of wanted) applyProperty(calendar, property);
  return { status: 201 };
}

/** RFC 4918 §9.2: all of it, or nothing. @throws {DavError} not-found, privileges */
export function patchProperties({ resources }: ReportTools, resource: Resource, request: XmlElement): XmlNode {
  if (resource.kind === "vacant") throw new DavError("not-found");
  if (resource.kind !== "calendar") throw new DavError("privileges");
  const { calendar } = resource;
  if (calendar.access !== "owner" && calendar.access !== "write-properties") throw new DavError("privileges");
  const named = (list: readonly XmlElement[]) => list.flatMap((one) => childOf(one, dav, "prop")?.children ?? []);
  const set = named(childrenOf(request, dav, "set"));
  const removed = named(childrenOf(request, dav, "remove"));
  const all = [...set, ...removed];
  const isProtected = ({ ns, name }: XmlElement) =>
    ns === dav ? name !== "displayname" : ns === caldav && name === "supported-calendar-component-set";
  const refused = all.filter(isProtected);
  const shown = (list: readonly XmlElement[]) => list.map(({ ns, name }) => node(ns, name));
  const groups =
    refused.length === 0
      ? [propstat(shown(all), 200)]
      : [propstat(shown(refused), 403), propstat(shown(all.filter((one) => !isProtected(one))), 424)];
  if (refused.length === 0) {
    for (const property of set) applyProperty(calendar, property);
    for (const { ns, name } of removed) calendar.properties.delete(`{${ns}}${name}`);
  }
  return node(dav, "response", hrefNode(resources.href(resource.path)), ...groups);
}

/** @throws {DavError} not-found, privileges */
export function deleteCalendar(
  { dialect, store, resources }: ReportTools,
  resource: Resource,
  { headers }: TwinRequest,
): TwinReply {
  if (resource.kind === "vacant") throw new DavError("not-found");
  if (resource.kind !== "calendar" || resource.calendar.access !== "owner") throw new DavError("privileges");
  const { calendar } = resource;
  const isForGood = headers["x-nc-caldav-no-trashbin"] === "1" || calendar.trashedAt !== null;
  if (dialect.trash && !isForGood) store.trashCalendar(calendar);
  else resources.home.calendars.delete(calendar.name);
  return { status: 204 };
}

function applyProperty(calendar: StoredCalendar, { ns, name, text }: XmlElement): void {
  if (ns === dav && name === "displayname") calendar.displayName = text;
  else if (ns === appleIcal && name === "calendar-color") calendar.color = text;
  else if (ns !== dav && !(ns === caldav && name === "supported-calendar-component-set")) {
    calendar.properties.set(`{${ns}}${name}`, text);
  }
}
