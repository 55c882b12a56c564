import { childOf, type XmlElement } from "../xml-reader.ts";
import { DavError } from "./dav-error.ts";
import { foundResponse } from "./multistatus.ts";
import { dav } from "./namespaces.ts";
import { allProperties } from "./properties.ts";
import type { ReportTools } from "./reports.ts";
import type { Resource } from "./resources.ts";
import type { XmlNode } from "./xml-writer.ts";

/** The parts of the multistatus (RFC 4918 §9.1). @throws {DavError} not-found, bad-request, privileges */
export function answerPropfind(
  tools: ReportTools,
  resource: Resource,
  request: XmlElement | null,
  depth: string | undefined,
): readonly XmlNode[] {
  if (resource.kind === "vacant" || (resource.kind === "object" && !resource.object)) throw new DavError("not-found");
  if (request && !(request.ns === dav && request.name === "propfind")) throw new DavError("bad-request");
  // Without the header it is infinite, which no server allows (RFC 4918 §9.1).
  if (depth !== "0" && depth !== "1") throw new DavError("privileges");
  const wanted = childOf(request ?? undefined, dav, "prop")?.children;
  const all = depth === "0" ? [resource] : [resource, ...membersOf(tools, resource)];
  return all.map((one) => {
    const names = wanted ?? allProperties.filter((name) => tools.properties.of(one, name) !== null);
    return foundResponse(tools.resources.href(one.path), one, names, tools.properties);
  });
}

function membersOf({ dialect, store, resources }: ReportTools, resource: Resource): readonly Resource[] {
  const { home } = resources;
  switch (resource.kind) {
    case "home": {
      const calendars = [...home.calendars.values()].map((calendar) => resources.calendar(calendar));
      return [...calendars, ...dialect.specials.map((special) => resources.special(special))];
    }
    case "calendar":
      return store.shownObjects(resource.calendar).map(({ name }) => resources.object(resource.calendar, name));
    case "special":
      return resource.special.type[1] === "trash-bin" ? home.trash.map((trashed) => resources.trashed(trashed)) : [];
    default:
      return [];
  }
}
