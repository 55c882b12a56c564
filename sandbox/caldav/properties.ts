import type { Dialect } from "./dialect.ts";
import { appleIcal, caldav, calendarServer, dav, nextcloud } from "./namespaces.ts";
import type { Resource, Resources } from "./resources.ts";
import type { Access, StoredCalendar, StoredObject } from "./state.ts";
import type { CalDavStore } from "./store.ts";
import { dataNode, hrefNode, node, type XmlNode } from "./xml-writer.ts";

export interface PropertyName {
  readonly ns: string;
  readonly name: string;
}

/** All properties that an `allprop` shows; the others are told to those who name them (RFC 4918 §9.1). */
export const allProperties: readonly PropertyName[] = [
  { ns: dav, name: "resourcetype" },
  { ns: dav, name: "displayname" },
  { ns: dav, name: "getetag" },
  { ns: dav, name: "getcontenttype" },
  { ns: dav, name: "getlastmodified" },
];

const privileges: Readonly<Record<Access, readonly (readonly [ns: string, name: string])[]>> = {
  owner: [
    [dav, "read"],
    [dav, "write"],
    [dav, "write-properties"],
    [dav, "write-content"],
    [dav, "bind"],
    [dav, "unbind"],
    [dav, "read-current-user-privilege-set"],
    [caldav, "read-free-busy"],
  ],
  write: [
    [dav, "read"],
    [dav, "write-content"],
    [dav, "bind"],
    [dav, "unbind"],
    [caldav, "read-free-busy"],
  ],
  "write-properties": [
    [dav, "read"],
    [dav, "write-properties"],
    [caldav, "read-free-busy"],
  ],
  read: [
    [dav, "read"],
    [caldav, "read-free-busy"],
  ],
  "free-busy": [[caldav, "read-free-busy"]],
};

const reports: readonly (readonly [ns: string, name: string])[] = [
  [caldav, "calendar-multiget"],
  [caldav, "calendar-query"],
  [dav, "sync-collection"],
];

/** What the resources of one account are like, property by property. */
export class Properties {
  constructor(
    private readonly dialect: Dialect,
    private readonly store: CalDavStore,
    private readonly resources: Resources,
  ) {}

  /** Null for a property that the resource does not have. */
  of(resource: Resource, { ns, name }: PropertyName): XmlNode | null {
    const content = this.contentOf(resource, ns, name);
    if (content === null) return null;
    return ns === caldav && name === "calendar-data"
      ? dataNode(ns, name, String(content[0]))
      : node(ns, name, ...content);
  }

  private contentOf(resource: Resource, ns: string, name: string): readonly (XmlNode | string)[] | null {
    const common = this.ofAny(resource, ns, name);
    if (common !== null) return common;
    switch (resource.kind) {
      case "principal":
        return this.ofPrincipal(ns, name);
      case "calendar":
        return this.ofCalendar(resource.calendar, ns, name);
      case "object":
        return resource.object && this.ofObject(resource.object, ns, name);
      case "trashed":
        return this.ofObject(resource.trashed.object, ns, name);
      case "special":
        return ns === dav && name === "displayname" ? [resource.special.displayName] : null;
      default:
        return null;
    }
  }

  private ofAny(resource: Resource, ns: string, name: string): readonly (XmlNode | string)[] | null {
    if (ns !== dav) return null;
    const principal = hrefNode(this.resources.href(this.resources.principal.path));
    switch (name) {
      case "current-user-principal":
      case "principal-URL":
        return [principal];
      case "owner":
        return resource.kind === "root" ? null : [principal];
      case "principal-collection-set":
        return [hrefNode(this.resources.href(this.resources.principal.path.replace(/[^/]+\/$/, "")))];
      case "resourcetype":
        return this.typeOf(resource);
      default:
        return null;
    }
  }

  private typeOf(resource: Resource): readonly XmlNode[] {
    const collection = node(dav, "collection");
    switch (resource.kind) {
      case "principal":
        return [collection, node(dav, "principal")];
      case "special":
        return [collection, node(...resource.special.type)];
      case "calendar": {
        const { trashedAt, isSubscribed } = resource.calendar;
        if (trashedAt !== null) return [collection, node(nextcloud, "deleted-calendar")];
        return [collection, isSubscribed ? node(calendarServer, "subscribed") : node(caldav, "calendar")];
      }
      case "object":
      case "trashed":
        return [];
      default:
        return [collection];
    }
  }

  private ofPrincipal(ns: string, name: string): readonly (XmlNode | string)[] | null {
    const { home } = this.resources;
    if (ns === dav && name === "displayname") return [home.name];
    if (ns !== caldav) return null;
    switch (name) {
      case "calendar-home-set":
        return [hrefNode(this.dialect.paths.homeHref(home))];
      case "calendar-user-address-set":
        return this.dialect.addresses(home).map(hrefNode);
      case "schedule-inbox-URL":
      case "schedule-outbox-URL": {
        const kind = name.replace("-URL", "");
        const special = this.dialect.specials.find(({ type }) => type[1] === kind);
        return special ? [hrefNode(this.resources.href(this.resources.special(special).path))] : null;
      }
      default:
        return null;
    }
  }

  private ofCalendar(calendar: StoredCalendar, ns: string, name: string): readonly (XmlNode | string)[] | null {
    const shown = this.store.shownRevision(calendar);
    switch (`${ns} ${name}`) {
      case `${dav} displayname`:
        return [calendar.displayName];
      case `${dav} getcontenttype`:
        return ["text/calendar; charset=utf-8"];
      case `${dav} sync-token`:
        return calendar.isSubscribed ? null : [this.dialect.tokens.write(calendar, shown)];
      case `${calendarServer} getctag`:
        return calendar.isSubscribed ? null : [this.dialect.tokens.ctag(calendar, shown)];
      case `${dav} current-user-privilege-set`:
        return privileges[calendar.access].map(([uri, privilege]) => node(dav, "privilege", node(uri, privilege)));
      case `${dav} supported-report-set`:
        return reports.map(([uri, report]) => node(dav, "supported-report", node(dav, "report", node(uri, report))));
      case `${caldav} supported-calendar-component-set`:
        return calendar.components.map((component) => ({ ...node(caldav, "comp"), attributes: { name: component } }));
      case `${caldav} max-resource-size`:
        return [String(this.dialect.writes.maxBytes)];
      case `${appleIcal} calendar-color`:
        return [calendar.color];
      case `${nextcloud} deleted-at`:
        return calendar.trashedAt && [calendar.trashedAt.toISOString()];
      default: {
        const own = calendar.properties.get(`{${ns}}${name}`);
        return own === undefined ? null : [own];
      }
    }
  }

  private ofObject(object: StoredObject, ns: string, name: string): readonly string[] | null {
    switch (`${ns} ${name}`) {
      case `${dav} getetag`:
        return [object.etag];
      case `${dav} getcontenttype`:
        return [`text/calendar; charset=utf-8; component=${object.component.toLowerCase()}`];
      case `${dav} getcontentlength`:
        return [String(Buffer.byteLength(object.data))];
      case `${dav} getlastmodified`:
        return [object.modifiedAt.toUTCString()];
      case `${caldav} calendar-data`:
        return [object.data];
      case `${caldav} schedule-tag`:
        return object.scheduleTag === null ? null : [object.scheduleTag];
      default:
        return null;
    }
  }
}
