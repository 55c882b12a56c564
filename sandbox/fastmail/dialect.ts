import { byTheBook } from "../caldav/by-the-book.ts";
import type { Dialect } from "../caldav/dialect.ts";
import { appleIcal, caldav, calendarServer, dav } from "../caldav/namespaces.ts";
import type { FastmailSwitches } from "./switches.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** How Fastmail, which is Cyrus, speaks CalDAV. @param mount where the twin is: `/fastmail` */
export function fastmailDialect(switches: FastmailSwitches, mount: () => string): Dialect {
  const encode = (segment: string) =>
    switches.encodesAtSigns ? encodeURIComponent(segment) : encodeURIComponent(segment).replaceAll("%40", "@");
  const homeOf = (email: string) => `/dav/calendars/user/${encode(email)}/`;

  return {
    ...byTheBook,
    xml: { prefixes: { [dav]: "D", [caldav]: "C", [calendarServer]: "CS", [appleIcal]: "A" }, cdata: true },
    classes: "1, 2, 3, access-control, extended-mkcol, calendar-access, calendar-auto-schedule, calendar-no-timezone",
    paths: {
      root: /^\/dav\/((principals|calendars)\/)?$/,
      principal: ({ id }) => `/dav/principals/user/${encode(id)}/`,
      home: ({ id }) => homeOf(id),
      homeHref: ({ id }) => (switches.leadsAway?.at === "home" ? switches.leadsAway.to : `${mount()}${homeOf(id)}`),
      encode,
    },
    specials: [
      { name: "Inbox", displayName: "Inbox", type: [caldav, "schedule-inbox"] },
      { name: "Outbox", displayName: "Outbox", type: [caldav, "schedule-outbox"] },
    ],
    sync: {
      ...byTheBook.sync,
      get pageSize() {
        return switches.syncPageSize;
      },
    },
    query: {
      ...byTheBook.query,
      get looseMs() {
        return switches.looseRanges ? dayMs : 0;
      },
      get combines() {
        return switches.combinesFilters;
      },
    },
    writes: {
      ...byTheBook.writes,
      get uidScope() {
        return switches.uidOncePerAccount ? ("home" as const) : ("calendar" as const);
      },
      maxBytes: 2_147_483_647,
      refolds: true,
      // An object with an ORGANIZER has a Schedule-Tag instead (cyrusimap/cyrus-imapd#2456).
      etagAfter: ({ hasOrganizer }) => !hasOrganizer,
    },
    get weakEtagWithGzip() {
      return switches.weakEtags;
    },
  };
}
