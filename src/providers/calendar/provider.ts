import type { EventTime } from "../../recurrence/event-time.ts";
import type { ProvenIdentity, ProviderBase, SecondSignIn, VendorAccount } from "../provider.ts";

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
  /**
   * When its owner is reminded, in minutes before it starts; empty for never, null for as the calendar does by itself and
   * where the vendor's provider cannot tell.
   */
  readonly reminders: readonly number[] | null;
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
  /** When it was changed last, by the vendor's clock; null or absent where the vendor does not say. */
  readonly modifiedAt?: Date | null;
  /** The creation of ours that made it, where the vendor keeps our mark and not the draft's uid. */
  readonly creationId?: string;
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
  /**
   * The cursor that a reading would end with at the moment of the listing. Where it is the one that the last reading ended
   * with, nothing has changed, and the calendar need not be read. Null or absent where the listing does not tell.
   */
  readonly currentCursor?: string | null;
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
  /** Whether the vendor's own video meeting is wanted. */
  readonly conference: boolean;
};

/** Only what is named changes. */
export type EventPatch = Partial<Omit<EventFields, "conferenceUrl" | "organizer">>;

/** The whole object or, with `recurrenceId`, the occurrence that originally started then. */
export interface EventTarget {
  readonly object: Pick<RemoteObject, "externalId" | "etag" | "raw">;
  readonly recurrenceId: EventTime | null;
  readonly span: Span;
  /** The same each time the same write is repeated; what it makes besides is found again by it. Lower-case UUID. */
  readonly writeId: string;
}

export interface WriteResult {
  /** The object as it stands now, read back from the vendor; null when nothing is left of it. */
  readonly object: RemoteObject | null;
  /** A further object that the write made, for example the rest of a series that was split. */
  readonly created?: RemoteObject;
}

/** What a person's login proved to be. */
export interface ProvenAccount extends ProvenIdentity {
  readonly calendars: readonly RemoteCalendar[];
}

export type PasswordSignIn = SecondSignIn<ProvenAccount>;

export type CalendarAccount = VendorAccount;

/** Busy times of one calendar; which events they are is not told. */
export interface BusyCalendar {
  readonly calendar: string;
  readonly busy: readonly Interval[];
}

/** A vendor's promise to tell us when a calendar changes, until it expires. */
export interface PushGrant {
  /** The vendor's own name for it. */
  readonly externalId: string;
  readonly expiresAt: Date;
}

export interface PushRequest {
  /** Ours; told to the vendor, and by the vendor with every message. A UUID, never used twice. */
  readonly channelId: string;
  /** Where the vendor sends messages. */
  readonly address: string;
  /** The vendor repeats it, so that nobody else can send messages. */
  readonly secret: string;
}

/** A message as it arrived. Header names are in lower case. */
export interface PushMessage {
  /** Of the address that it was sent to. */
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is known of the channel that a message came in on. */
export interface KnownPushChannel {
  readonly channelId: string;
  /** Null while the vendor's answer to our request has not arrived yet. */
  readonly externalId: string | null;
  /** In constant time. */
  isSecret(text: string): boolean;
}

/** How a vendor tells us that a calendar changed. Messages are hints: what changed is read. */
export interface CalendarPush {
  /** A calendar with a live channel is read this often all the same: messages get lost. */
  readonly backstopSeconds: number;
  /** @throws {IntegrationError} UNSUPPORTED_CAPABILITY when this calendar cannot be watched */
  start(account: CalendarAccount, calendar: string, request: PushRequest): Promise<PushGrant>;
  /**
   * Prolongs a channel; absent where the vendor only makes new ones. `externalId` stays.
   *
   * @throws {IntegrationError} NOT_FOUND when it is over
   */
  renew?(account: CalendarAccount, channel: { readonly externalId: string }): Promise<PushGrant>;
  /** Ends it; what is over already is no error. */
  stop(account: CalendarAccount, channel: { readonly channelId: string; readonly externalId: string }): Promise<void>;
  /** What to answer, as plain text, to a vendor that only asks whether the address is ours; null for a message. */
  handshake?(query: PushMessage["query"]): string | null;
  /**
   * What a message says. "confirmed" means that the channel works and nothing changed; "gone" that the calendar is no more;
   * "expiring" that the channel wants to be prolonged, and may be silent until then; "ended" that it is over, and changes may have been missed.
   *
   * @throws {IntegrationError} FORBIDDEN when it is not the vendor's, never telling which part was wrong
   */
  receive(message: PushMessage, channel: KnownPushChannel): "changed" | "confirmed" | "gone" | "expiring" | "ended";
}

/**
 * One vendor's calendars. `calendar` is always its externalId. An optional member that is there is a capability; no flag says it twice.
 *
 * Every call may throw an {@link IntegrationError}: CREDENTIALS_REJECTED, RATE_LIMITED, PROVIDER_UNAVAILABLE,
 * PROVIDER_REPLY_INVALID, PROVIDER_REFUSED or EGRESS_REFUSED. A read that fails throws; it is never an empty answer.
 */
export interface CalendarProvider extends ProviderBase<ProvenAccount> {
  readonly kind: "CALENDAR";
  /** Who names new events: "draft" stores the draft's uid, "vendor" gives one of its own. */
  readonly uidFrom: "draft" | "vendor";

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

  /** @throws DUPLICATE when the calendar has this uid already, PROVIDER_REFUSED, UNSUPPORTED_CAPABILITY with the field */
  createEvent(account: CalendarAccount, calendar: string, draft: EventDraft): Promise<RemoteObject>;

  /**
   * Does what is missing of a creation whose first call got through, and whose others may not have. Absent where a creation
   * is one call. Harmless twice.
   */
  finishCreate?(
    account: CalendarAccount,
    calendar: string,
    draft: EventDraft,
    found: RemoteObject,
  ): Promise<RemoteObject>;

  /**
   * Changes what the patch names and keeps all else, properties we do not know included. Keeps the externalId.
   *
   * @throws CONFLICT when the object is no longer the version in `target`, NOT_FOUND when it is gone,
   *   UNSUPPORTED_CAPABILITY when the vendor cannot express the change
   */
  updateEvent(account: CalendarAccount, calendar: string, target: EventTarget, patch: EventPatch): Promise<WriteResult>;

  /**
   * Does what is missing of an update whose first call got through, and whose others may not have. Absent where an update
   * is one call. Harmless twice.
   *
   * @param target the object as it was before the update
   * @param found the object as it stands
   */
  finishUpdate?(
    account: CalendarAccount,
    calendar: string,
    target: EventTarget,
    patch: EventPatch,
    found: RemoteObject,
  ): Promise<WriteResult>;

  /** Deleting what is gone already succeeds. @throws CONFLICT when it is no longer the version in `target` */
  deleteEvent(account: CalendarAccount, calendar: string, target: EventTarget): Promise<WriteResult>;

  /** Answers an invitation in the account owner's name. */
  respond?(
    account: CalendarAccount,
    calendar: string,
    target: EventTarget,
    response: "ACCEPTED" | "DECLINED" | "TENTATIVE",
  ): Promise<WriteResult>;

  /** When these calendars are busy within the interval: merged, sorted by start, private events included. */
  freeBusy?(account: CalendarAccount, calendars: readonly string[], within: Interval): Promise<readonly BusyCalendar[]>;

  /** How the vendor says recurrence lines back that it was given; absent where it keeps them as they are. */
  saidBack?(recurrence: readonly string[], start: EventTime): readonly string[];

  /** Absent where the vendor cannot tell us of changes; the account is then read on schedule alone. */
  readonly push?: CalendarPush;
  /** Absent where the vendor has no video meetings of its own to put on an event. */
  readonly conferences?: { readonly name: string };
  /** Absent where reminders cannot be read and set. */
  readonly reminders?: { readonly max: number };
}
