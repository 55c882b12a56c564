import { byTheBook } from "../caldav/by-the-book.ts";
import { DavError, type Refused, type Violation } from "../caldav/dav-error.ts";
import type { Dialect } from "../caldav/dialect.ts";
import { appleIcal, caldav, calendarServer, dav, nextcloud, sabre } from "../caldav/namespaces.ts";
import type { StoredHome } from "../caldav/state.ts";
import { node } from "../caldav/xml-writer.ts";
import type { NextcloudSwitches } from "./switches.ts";

const base = "/remote.php/dav";
const tokenPrefix = "http://sabre.io/ns/sync/";
const homePath = ({ id }: StoredHome) => `${base}/calendars/${encodeURIComponent(id)}/`;
const tokenOf = (revision: number) => `${tokenPrefix}${revision + 1}`;

/** How Nextcloud, which is sabre/dav, speaks CalDAV. @param mount where the twin is: `/nextcloud` */
export function nextcloudDialect(
  switches: NextcloudSwitches,
  mount: () => string,
  checkRate: (home: StoredHome) => void,
): Dialect {
  const prefixes = {
    [dav]: "d",
    [caldav]: "cal",
    [calendarServer]: "cs",
    [sabre]: "s",
    [nextcloud]: "nc",
    [appleIcal]: "x1",
  };
  return {
    ...byTheBook,
    xml: { prefixes, cdata: false },
    classes: "1, 3, extended-mkcol, access-control, calendar-access, calendar-proxy, calendar-auto-schedule",
    get refused() {
      return { ...refused, ...(switches.trashedUid === "bad-request" && { "trashed-uid": trashedUidBefore25 }) };
    },
    describe: ({ exception, message = "" }) =>
      exception === undefined ? [] : [node(sabre, "exception", exception), node(sabre, "message", message)],
    paths: {
      root: /^\/remote\.php\/(dav|caldav)\/((principals|calendars)\/)?$/,
      principal: ({ id }) => `${base}/principals/users/${encodeURIComponent(id)}/`,
      home: homePath,
      homeHref: (home) => `${mount()}${homePath(home)}`,
      encode: encodeURIComponent,
    },
    addresses: ({ id, email }) => [`mailto:${email}`, `${mount()}${base}/principals/users/${encodeURIComponent(id)}/`],
    get specials() {
      return switches.trashBin ? [...byTheBook.specials, trashBin] : byTheBook.specials;
    },
    get trash() {
      return switches.trashBin;
    },
    get trashKeepsUid() {
      return switches.trashedUid !== "fine";
    },
    get trashKeepsName() {
      return switches.trashedNameBlocksDelete;
    },
    tokens: {
      write: (_, revision) => tokenOf(revision),
      // Any number is taken, an old one and one that is yet to come (nextcloud/server#44126).
      read({ expiredUntil }, text) {
        const number = text.startsWith(tokenPrefix) ? text.slice(tokenPrefix.length) : "";
        const revision = Number(number) - 1;
        const isForgotten = expiredUntil > 0 && revision < expiredUntil;
        return /^\d+$/.test(number) && !isForgotten ? revision : "stale";
      },
      ctag: (_, revision) => tokenOf(revision),
    },
    sync: {
      ...byTheBook.sync,
      limit: "drops",
      get tells() {
        return switches.reusedHrefs;
      },
    },
    query: { ...byTheBook.query, needsDepth: true },
    multigetTellsMissing: false,
    writes: {
      ...byTheBook.writes,
      keepsUid: false,
      scheduleTags: false,
      guardsMeetings: false,
      // With SCHEDULE-AGENT=NONE it still tries.
      delivers: (agent) => agent !== "CLIENT",
      get scheduleStatus() {
        return switches.mailIsSetUp ? "1.1" : "5.0";
      },
      missingIsCondition: true,
    },
    checkNewCalendar(home) {
      if (home.calendars.size >= switches.maxCalendars) throw new DavError("too-many-calendars");
      checkRate(home);
    },
  };
}

const trashBin = { name: "trashbin", displayName: "", type: [nextcloud, "trash-bin"] } as const;
const exception = (name: string) => `Sabre\\DAV\\Exception\\${name}`;
const trashedUidBefore25: Refused = {
  status: 400,
  exception: exception("BadRequest"),
  message: "Calendar object with uid already exists in this calendar collection.",
};

const refused: Readonly<Partial<Record<Violation, Refused>>> = {
  "bad-request": { status: 400, exception: exception("BadRequest") },
  "not-found": { status: 404, exception: exception("NotFound"), message: "File not found" },
  "no-parent": { status: 409, exception: exception("Conflict"), message: "Parent node does not exist" },
  "not-allowed": { status: 405, exception: exception("MethodNotAllowed") },
  exists: {
    status: 405,
    exception: exception("MethodNotAllowed"),
    message: "The resource you tried to create already exists",
  },
  condition: {
    status: 412,
    exception: exception("PreconditionFailed"),
    message: "An If-Match header was specified, but none of the specified ETags matched.",
  },
  privileges: {
    status: 403,
    condition: [dav, "need-privileges"],
    exception: "Sabre\\DAVACL\\Exception\\NeedPrivileges",
  },
  "uid-conflict": trashedUidBefore25,
  "uid-conflict-scheduling": trashedUidBefore25,
  "invalid-data": {
    status: 415,
    exception: exception("UnsupportedMediaType"),
    message: "This resource only supports valid iCalendar 2.0 data.",
  },
  "has-method": {
    status: 415,
    exception: exception("UnsupportedMediaType"),
    message: "Validation error in iCalendar: A calendar object on a CalDAV server MUST NOT have a METHOD property.",
  },
  "media-type": { status: 415, exception: exception("UnsupportedMediaType") },
  component: {
    status: 403,
    condition: [caldav, "supported-calendar-component"],
    exception: "Sabre\\CalDAV\\Exception\\InvalidComponentType",
  },
  "too-large": { status: 403, exception: exception("Forbidden") },
  "stale-token": {
    status: 403,
    condition: [dav, "valid-sync-token"],
    exception: exception("InvalidSyncToken"),
    message: "Invalid or unknown sync token",
  },
  limit: { status: 507, exception: exception("InsufficientStorage") },
  "unknown-report": {
    status: 415,
    condition: [dav, "supported-report"],
    exception: exception("ReportNotSupported"),
  },
  "trashed-uid": {
    status: 500,
    exception: "OC\\DB\\Exceptions\\DbalException",
    message: "An exception occurred while executing a query: UNIQUE constraint failed",
  },
  "trashed-name": {
    status: 403,
    exception: exception("Forbidden"),
    message: "An object of that name with -deleted.ics already exists",
  },
  "too-many-calendars": {
    status: 403,
    exception: exception("Forbidden"),
    message: "Calendar limit reached",
  },
  "too-fast": {
    status: 429,
    exception: "OCA\\DAV\\Connector\\Sabre\\Exception\\TooManyRequests",
    message: "Too many calendars created",
  },
};
