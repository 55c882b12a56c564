import type { EventTime } from "../../recurrence/event-time.ts";
import type { AccountFetch } from "../account-fetch.ts";
import type { ProviderAuth, ProviderLimits, TokenRenewal } from "../provider.ts";

/** Somebody who organizes or attends. `email` is lower case and without `mailto:`. */
export interface Participant {
  readonly email: string;
  readonly name: string | null;
}

export interface Attendee extends Participant {
  readonly response: "NEEDS_ACTION" | "ACCEPTED" | "DECLINED" | "TENTATIVE" | "DELEGATED";
  readonly optional: boolean;
}

/** What people know of a calendar event, in our words. */
export interface EventFields {
  readonly title: string;
  readonly description: string | null;
  readonly location: string | null;
  /** The link people join at, wherever the vendor keeps it. Read only. */
  readonly conferenceUrl: string | null;
  readonly status: "CONFIRMED" | "TENTATIVE" | "CANCELLED";
  /** Whether it blocks time (RFC 5545 §3.8.2.7). */
  readonly transparency: "OPAQUE" | "TRANSPARENT";
  /** RFC 5545 §3.8.1.3. */
  readonly classification: "PUBLIC" | "PRIVATE" | "CONFIDENTIAL";
  readonly organizer: Participant | null;
  readonly attendees: readonly Attendee[];
  readonly start: EventTime;
  /** Exclusive. Same kind as `start`. */
  readonly end: EventTime;
  /** RRULE, RDATE, EXRULE and EXDATE lines as RFC 5545 writes them, times in the zone of `start`; empty for a single. */
  readonly recurrence: readonly string[];
}

/** One VEVENT: a single, the master of a series, or one changed occurrence of it. */
export interface RemoteEvent extends EventFields {
  readonly uid: string;
  /** The original start of the occurrence this one replaces; null for a single and for a master. */
  readonly recurrenceId: EventTime | null;
  readonly sequence: number;
}

/** What the vendor stores and versions as one thing: for CalDAV a resource with a master and its exceptions. */
export interface RemoteObject {
  /** Unique within its calendar and stable over updates; for CalDAV the path of the href, decoded once. */
  readonly externalId: string;
  /** The vendor's version of it; null where the vendor has none. */
  readonly etag: string | null;
  /** As the vendor sent it, so that nothing is lost on the way back. */
  readonly raw: string;
  /** At least one; the master, when there is one, comes first. */
  readonly events: readonly RemoteEvent[];
}

export interface RemoteCalendar {
  /** For CalDAV the absolute URL. */
  readonly externalId: string;
  readonly name: string;
  readonly writable: boolean;
  /** The one the account's owner books in; exactly one calendar of a list is primary. */
  readonly primary: boolean;
  /** IANA; null when the vendor does not say. */
  readonly timeZone: string | null;
  readonly color: string | null;
}

/** A half-open interval of instants. */
export interface Interval {
  readonly from: Date;
  readonly to: Date;
}

export type Change =
  | { readonly kind: "upserted"; readonly object: RemoteObject }
  | { readonly kind: "removed"; readonly externalId: string }
  /** The vendor has it, we cannot read it. It is reported and skipped; what we know of it stays. */
  | { readonly kind: "unreadable"; readonly externalId: string; readonly etag: string | null; readonly reason: string };

export interface ReadRequest {
  /** Where the last complete reading ended; null reads everything. */
  readonly cursor: string | null;
  /** What a server without change tracking is asked for; deletions are only concluded within it. */
  readonly window: Interval;
  /**
   * Versions the mirror has, by externalId: all of them, those named, or those with an occurrence in the window.
   * An adapter asks for as little as it needs.
   */
  known(scope: "all" | "window" | readonly string[]): Promise<ReadonlyMap<string, string | null>>;
}

/** How one reading went, told when it is over. */
export interface ReadOutcome {
  /** Kept once every change of this reading is stored; null when the next reading must read everything. */
  readonly cursor: string | null;
  readonly mode: "INCREMENTAL" | "FULL" | "WINDOW" | "UNCHANGED";
}

/** What becomes of a series when one of its occurrences is edited. */
export type Span = "THIS" | "THIS_AND_FOLLOWING" | "ALL";

export type EventDraft = Omit<EventFields, "conferenceUrl" | "organizer"> & {
  readonly uid: string;
  /** The same each time the same creation is repeated; vendors' ids and file names are made from it. Lower-case UUID. */
  readonly creationId: string;
};

/** Only what is named changes. */
export type EventPatch = Partial<Omit<EventFields, "conferenceUrl" | "organizer">>;

/** The whole object or, with `recurrenceId`, the occurrence that originally started then. */
export interface EventTarget {
  readonly object: Pick<RemoteObject, "externalId" | "etag" | "raw">;
  readonly recurrenceId: EventTime | null;
  readonly span: Span;
}

export interface WriteResult {
  /** The object as it stands now, read back from the vendor; null when nothing is left of it. */
  readonly object: RemoteObject | null;
  /** A further object that the write made, for example the rest of a series that was split. */
  readonly created?: RemoteObject;
}

/** What a person's login proved to be. */
export interface ConnectedAccount {
  /** Who it is at the vendor; reconnecting must meet the same one. */
  readonly externalId: string;
  /** Shown to people, for example the user name. */
  readonly displayName: string;
  /** What the adapter needs at every call and nobody has to hide. */
  readonly settings: Readonly<Record<string, string>>;
  /** Sealed before it is stored. */
  readonly secret: Readonly<Record<string, string>>;
  readonly calendars: readonly RemoteCalendar[];
}

/** One account as an adapter sees it: what to call with, and where. It knows no password. */
export interface CalendarAccount {
  readonly fetch: AccountFetch;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * One vendor's calendars. `calendar` is always its externalId. An optional member that is there is a capability; no flag says it twice.
 *
 * Every call may throw an {@link IntegrationError}: CREDENTIALS_REJECTED, RATE_LIMITED, PROVIDER_UNAVAILABLE,
 * PROVIDER_REPLY_INVALID, PROVIDER_REFUSED or EGRESS_REFUSED. A read that fails throws; it is never an empty answer.
 */
export interface CalendarProvider {
  readonly kind: "CALENDAR";
  /** In the graph, and in front of this provider's settings: `GOOGLE_CALENDAR`. */
  readonly id: string;
  readonly name: string;
  readonly auth: ProviderAuth<ConnectedAccount>;
  readonly renewal: TokenRenewal;
  readonly limits: ProviderLimits;
  /** How often an account is read when the vendor does not push. */
  readonly freshness: { readonly floorSeconds: number; readonly defaultSeconds: number };

  /** Every calendar that can hold events. @throws NOT_FOUND when the account's calendar home is gone */
  listCalendars(account: CalendarAccount): Promise<readonly RemoteCalendar[]>;

  /**
   * What changed since `request.cursor`, in batches of at most 500; the generator's return value is the outcome.
   * A cursor that the vendor no longer knows is not an error: everything is read and compared with what is known,
   * so that only real changes come out. A removal is only told when the vendor named it, or when a complete listing
   * without any error lacks it.
   *
   * @throws NOT_FOUND when the calendar itself is gone
   */
  readChanges(
    account: CalendarAccount,
    calendar: string,
    request: ReadRequest,
  ): AsyncGenerator<readonly Change[], ReadOutcome>;

  /** The object as it stands now; null when it is gone. */
  readObject(account: CalendarAccount, calendar: string, externalId: string): Promise<RemoteObject | null>;

  /** What `createEvent` made or would have made of this draft, whether or not its answer ever arrived. */
  findCreated(account: CalendarAccount, calendar: string, draft: EventDraft): Promise<RemoteObject | null>;

  /** @throws DUPLICATE when the calendar has this uid already, PROVIDER_REFUSED */
  createEvent(account: CalendarAccount, calendar: string, draft: EventDraft): Promise<RemoteObject>;

  /**
   * Changes what the patch names and keeps all else, properties we do not know included. Keeps the externalId.
   *
   * @throws CONFLICT when the object is no longer the version in `target`, NOT_FOUND when it is gone,
   *   UNSUPPORTED_CAPABILITY when the vendor cannot express the change
   */
  updateEvent(account: CalendarAccount, calendar: string, target: EventTarget, patch: EventPatch): Promise<WriteResult>;

  /** Deleting what is gone already succeeds. @throws CONFLICT when it is no longer the version in `target` */
  deleteEvent(account: CalendarAccount, calendar: string, target: EventTarget): Promise<WriteResult>;

  /** Answers an invitation in the account owner's name. */
  respond?(
    account: CalendarAccount,
    calendar: string,
    target: EventTarget,
    response: "ACCEPTED" | "DECLINED" | "TENTATIVE",
  ): Promise<WriteResult>;
}
