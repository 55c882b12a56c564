import { byTheBook } from "../caldav/by-the-book.ts";
import { DavError } from "../caldav/dav-error.ts";
import type { Dialect } from "../caldav/dialect.ts";
import { appleIcal, caldav, calendarServer, dav } from "../caldav/namespaces.ts";
import type { StoredHome } from "../caldav/state.ts";
import { childOf, type XmlElement } from "../xml-reader.ts";
import type { ICloudSwitches } from "./switches.ts";

/** How iCloud speaks CalDAV. @param homeHref absolute, at the account's partition */
export function icloudDialect(switches: ICloudSwitches, homeHref: (home: StoredHome) => string): Dialect {
  return {
    ...byTheBook,
    // Each element declares its namespace as the default one.
    xml: { prefixes: null, cdata: true },
    classes: "1, access-control, calendar-access, calendar-schedule, calendar-auto-schedule, calendar-audit",
    get refused() {
      return switches.expiredToken === "gone" ? { "stale-token": { status: 410 } } : {};
    },
    paths: {
      root: /^\/principals\/$/,
      principal: ({ id }) => `/${id}/principal/`,
      home: ({ id }) => `/${id}/calendars/`,
      homeHref,
      encode: encodeURIComponent,
    },
    addresses: ({ id, email }) => [`mailto:${email}`, `/${id}/principal/`, `urn:uuid:${id}`],
    specials: [...byTheBook.specials, notifications],
    tokens: {
      write: ({ id }, revision) => `${tokenPrefix}${Buffer.from(`${id}:${revision}`).toString("base64url")}`,
      read(calendar, text) {
        const coded = text.startsWith(tokenPrefix) ? text.slice(tokenPrefix.length) : "";
        const [id, revision = ""] = Buffer.from(coded, "base64url").toString().split(":");
        const known = id === calendar.id && /^\d+$/.test(revision) ? Number(revision) : -1;
        if (known >= calendar.expiredUntil && known <= calendar.revision) return known;
        return switches.expiredToken === "everything" ? "everything" : "stale";
      },
      ctag: ({ id }, revision) => `FT=-@RU=${id}@S=${revision}`,
    },
    sync: {
      ...byTheBook.sync,
      limit: "ignored",
      get pageSize() {
        return switches.syncPageSize;
      },
    },
    query: {
      ...byTheBook.query,
      needsComponent: true,
      shown(data, range) {
        if (range === null || !switches.marksExceptions) return data;
        return data.replace(/^RECURRENCE-ID/gm, "X-RECURRENCE-EXCEPTION:TRUE\r\nRECURRENCE-ID");
      },
    },
    writes: {
      ...byTheBook.writes,
      uidScope: "home",
      get needsEnd() {
        return switches.needsEnd;
      },
      maxBytes: 20 * 1024 * 1024,
      refolds: true,
      get shownAfterMs() {
        return switches.shownAfterMs;
      },
      etagAfter: () => switches.etagAfterPut === "always",
      scheduleTags: false,
      get guardsMeetings() {
        return switches.guardsMeetings;
      },
    },
    checkNewCalendar(home, request) {
      const { makesCalendars } = switches;
      if (home.calendars.size >= maxCalendars) throw new DavError("too-many-calendars");
      if (makesCalendars === "always" || (makesCalendars === "apple-form" && isAppleForm(request))) return;
      throw new DavError("privileges");
    },
  };
}

const tokenPrefix = "HwoQEgwAAA";
/** https://support.apple.com/en-us/103188 */
const maxCalendars = 100;
const notifications = {
  name: "notification",
  displayName: "notification",
  type: [calendarServer, "notification"],
} as const;

/** As Apple's Calendar asks for one: with name, colour and components. */
function isAppleForm(request: XmlElement | null): boolean {
  const properties = childOf(childOf(request ?? undefined, dav, "set"), dav, "prop");
  return [
    childOf(properties, dav, "displayname"),
    childOf(properties, appleIcal, "calendar-color"),
    childOf(properties, caldav, "supported-calendar-component-set"),
  ].every((property) => property !== undefined);
}
