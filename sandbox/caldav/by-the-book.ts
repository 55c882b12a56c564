import type { Dialect } from "./dialect.ts";
import { appleIcal, caldav, calendarServer, dav } from "./namespaces.ts";

/** A server that does what the RFCs say and nothing else; vendors say where they differ. */
export const byTheBook: Dialect = {
  xml: { prefixes: { [dav]: "d", [caldav]: "c", [calendarServer]: "cs", [appleIcal]: "ic" }, cdata: false },
  classes: "1, 3, access-control, calendar-access, calendar-auto-schedule, extended-mkcol",
  refused: {},
  describe: () => [],
  paths: {
    root: /^\/dav\/$/,
    principal: ({ id }) => `/principals/${encodeURIComponent(id)}/`,
    home: ({ id }) => `/calendars/${encodeURIComponent(id)}/`,
    homeHref: ({ id }) => `/calendars/${encodeURIComponent(id)}/`,
    encode: encodeURIComponent,
  },
  addresses: ({ email }) => [`mailto:${email}`],
  specials: [
    { name: "inbox", displayName: "Inbox", type: [caldav, "schedule-inbox"] },
    { name: "outbox", displayName: "Outbox", type: [caldav, "schedule-outbox"] },
  ],
  trash: false,
  trashKeepsUid: false,
  trashKeepsName: false,
  tokens: {
    write: ({ id }, revision) => `data:,${id}-${revision}`,
    read(calendar, text) {
      const [, id, revision = ""] = /^data:,(\d+)-(\d+)$/.exec(text) ?? [];
      const known = id === calendar.id ? Number(revision) : -1;
      return known >= calendar.expiredUntil && known <= calendar.revision ? known : "stale";
    },
    ctag: ({ id }, revision) => `${id}-${revision}`,
  },
  sync: { pageSize: null, limit: "pages", tells: "latest" },
  query: { needsComponent: false, needsDepth: false, looseMs: 0, combines: true, shown: (data) => data },
  multigetTellsMissing: true,
  writes: {
    uidScope: "calendar",
    keepsUid: true,
    needsEnd: false,
    maxBytes: 10_000_000,
    refolds: false,
    shownAfterMs: 0,
    etagAfter: ({ isScheduled }) => !isScheduled,
    scheduleTags: true,
    guardsMeetings: true,
    delivers: (agent) => agent === "SERVER",
    scheduleStatus: "1.1",
    missingIsCondition: false,
  },
  weakEtagWithGzip: false,
  checkNewCalendar() {},
};
