import type { XmlElement } from "../xml-reader.ts";
import type { Refused, Violation } from "./dav-error.ts";
import type { StoredCalendar, StoredHome } from "./state.ts";
import type { TimeRange } from "./time-range.ts";
import type { XmlNode, XmlStyle } from "./xml-writer.ts";

/** A collection in a home that is no calendar. */
export interface SpecialCollection {
  readonly name: string;
  readonly displayName: string;
  /** Beside `collection`. */
  readonly type: readonly [ns: string, name: string];
}

/** What one vendor's CalDAV has of its own. Members that tell are read at each request, so they may be switches. */
export interface Dialect {
  readonly xml: XmlStyle;
  /** The `DAV:` header. */
  readonly classes: string;
  /** Answers that differ from the book. */
  readonly refused: Readonly<Partial<Record<Violation, Refused>>>;
  /** What an error's body has beside the precondition. */
  describe(refused: Refused): readonly XmlNode[];
  readonly paths: {
    /** Where discovery may begin, besides `/`. */
    readonly root: RegExp;
    /** Encoded, below the twin, with a slash at both ends. */
    principal(home: StoredHome): string;
    home(home: StoredHome): string;
    /** As it is in `calendar-home-set`. */
    homeHref(home: StoredHome): string;
    encode(segment: string): string;
  };
  /** `calendar-user-address-set`; the preferred one is first. */
  addresses(home: StoredHome): readonly string[];
  readonly specials: readonly SpecialCollection[];
  /** Deleted calendars and objects lie in a bin. */
  readonly trash: boolean;
  /** The UID of an object in the bin cannot be made again. */
  readonly trashKeepsUid: boolean;
  /** An object cannot go to the bin while one of its name lies there. */
  readonly trashKeepsName: boolean;
  readonly tokens: {
    write(calendar: StoredCalendar, revision: number): string;
    /** The revision; `stale` for none of ours, `everything` where that is answered as if there were no token. */
    read(calendar: StoredCalendar, text: string): number | "stale" | "everything";
    ctag(calendar: StoredCalendar, revision: number): string;
  };
  readonly sync: {
    /** Of a page, where the client names no limit; null for no pages. */
    readonly pageSize: number | null;
    /** What becomes of a client's `d:limit`. */
    readonly limit: "pages" | "drops" | "ignored";
    /** Of several changes in one window, which is told: added < modified < deleted, or what is true in the end. */
    readonly tells: "latest" | "strongest";
  };
  readonly query: {
    /** A query without a component inside VCALENDAR is refused. */
    readonly needsComponent: boolean;
    /** Without `Depth` it is refused (400); otherwise 1 is assumed. */
    readonly needsDepth: boolean;
    /** How far around a range it looks as well. */
    readonly looseMs: number;
    /** Of a range and a property together, the range alone counts. */
    readonly combines: boolean;
    /** What becomes of the data that a query with a range finds. */
    shown(data: string, range: TimeRange | null): string;
  };
  /** A multiget tells of what is not there. */
  readonly multigetTellsMissing: boolean;
  readonly writes: {
    /** No UID twice in it. */
    readonly uidScope: "calendar" | "home";
    /** An object cannot become another UID's. */
    readonly keepsUid: boolean;
    readonly needsEnd: boolean;
    readonly maxBytes: number;
    readonly refolds: boolean;
    /** How long listings leave a change out that a client made. */
    readonly shownAfterMs: number;
    etagAfter(written: { readonly hasOrganizer: boolean; readonly isScheduled: boolean }): boolean;
    readonly scheduleTags: boolean;
    /** A guest cannot change what the organizer says, and nobody the organizer. */
    readonly guardsMeetings: boolean;
    /** Whether the server delivers to guests with this SCHEDULE-AGENT. */
    delivers(agent: string): boolean;
    readonly scheduleStatus: string;
    /** A second DELETE with `If-Match`. */
    readonly missingIsCondition: boolean;
  };
  readonly weakEtagWithGzip: boolean;
  /** @throws {DavError} why a calendar cannot be made */
  checkNewCalendar(home: StoredHome, request: XmlElement | null): void;
}
