/** A calendar object resource: one UID with all its components (RFC 4791 §4.1). */
export interface StoredObject {
  readonly name: string;
  readonly uid: string;
  /** VEVENT or VTODO. */
  readonly component: string;
  readonly data: string;
  readonly etag: string;
  /** RFC 6638 §3.2.10; null where it has no guests. */
  readonly scheduleTag: string | null;
  readonly modifiedAt: Date;
}

export type Operation = "added" | "modified" | "deleted";

export interface Change {
  readonly name: string;
  readonly operation: Operation;
  readonly revision: number;
  /** Listings tell of it from then on. */
  readonly shownAt: Date;
}

/** What its user may do with a calendar; `free-busy` shows times alone, `write-properties` renames it. */
export type Access = "owner" | "write" | "write-properties" | "read" | "free-busy";

export interface StoredCalendar {
  /** Never the same for two of them, not even when a deleted one's name is taken again. */
  readonly id: string;
  readonly name: string;
  displayName: string;
  color: string;
  components: readonly string[];
  access: Access;
  /** Follows an address on the web. */
  readonly isSubscribed: boolean;
  /** Properties that mean nothing to the server, by `{namespace}name`. */
  readonly properties: Map<string, string>;
  readonly objects: Map<string, StoredObject>;
  /** The oldest first. */
  readonly changes: Change[];
  /** Counts every change. */
  revision: number;
  /** Sync tokens from before are no longer known. */
  expiredUntil: number;
  /** In the trash bin since then; null for one that is not. */
  trashedAt: Date | null;
}

export interface TrashedObject {
  readonly calendarName: string;
  readonly object: StoredObject;
  readonly deletedAt: Date;
}

/** What one account has. */
export interface StoredHome {
  /** In its addresses: DSID, user id, or mail address. */
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly calendars: Map<string, StoredCalendar>;
  readonly trash: TrashedObject[];
}

/** A message that the server sent to a guest (RFC 6638 §3). */
export interface SentMessage {
  readonly from: string;
  readonly to: string;
  readonly method: "REQUEST" | "CANCEL" | "REPLY";
  readonly uid: string;
}

/** Everything that a CalDAV server knows: plain data. */
export interface CalDavState {
  /** By id. */
  readonly homes: Map<string, StoredHome>;
  readonly sent: SentMessage[];
  counter: number;
}

export function emptyCalDavState(): CalDavState {
  return { homes: new Map(), sent: [], counter: 1 };
}
