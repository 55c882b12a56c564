/** A time as it was written: a clock on the wall, and where the wall is. */
export interface WallTime {
  /** `2026-03-01T09:00:00`, without an offset. */
  readonly dateTime: string;
  /** As it was given: `W. Europe Standard Time`, or `Europe/Berlin`. */
  readonly timeZone: string;
}

export type PatternType =
  | "daily"
  | "weekly"
  | "absoluteMonthly"
  | "relativeMonthly"
  | "absoluteYearly"
  | "relativeYearly";

/** Filled with zeros where a property does not belong to the type, as the API reads it back. */
export interface Recurrence {
  readonly pattern: {
    readonly type: PatternType;
    readonly interval: number;
    readonly month: number;
    readonly dayOfMonth: number;
    readonly daysOfWeek: readonly string[];
    readonly firstDayOfWeek: string;
    readonly index: string;
  };
  readonly range: {
    readonly type: "noEnd" | "numbered" | "endDate";
    readonly startDate: string;
    readonly endDate: string;
    readonly recurrenceTimeZone: string;
    readonly numberOfOccurrences: number;
  };
}

export type ResponseType = "none" | "organizer" | "tentativelyAccepted" | "accepted" | "declined" | "notResponded";

export interface ResponseStatus {
  readonly response: ResponseType;
  readonly time: string;
}

export interface EmailAddress {
  readonly name: string;
  readonly address: string;
}

export interface Attendee {
  readonly type: string;
  status: ResponseStatus;
  readonly emailAddress: EmailAddress;
  proposedNewTime?: { readonly start: WallTime; readonly end: WallTime };
}

export interface OnlineMeeting {
  readonly joinUrl: string;
  readonly conferenceId: string;
}

/** What clients may write, and what an exception of a series may have of its own. */
export interface EventFields {
  subject: string;
  /** Below `<body>`, always as HTML. */
  html: string;
  start: WallTime;
  end: WallTime;
  isAllDay: boolean;
  location: Readonly<Record<string, unknown>>;
  locations: readonly Readonly<Record<string, unknown>>[];
  showAs: string;
  sensitivity: string;
  importance: string;
  categories: readonly string[];
  isReminderOn: boolean;
  reminderMinutesBeforeStart: number;
  responseRequested: boolean;
  allowNewTimeProposals: boolean;
  hideAttendees: boolean;
  attendees: readonly Attendee[];
  responseStatus: ResponseStatus;
  isCancelled: boolean;
  isOnlineMeeting: boolean;
  onlineMeetingProvider: string;
  onlineMeeting: OnlineMeeting | null;
  hasAttachments: boolean;
  /** By their id, `String {GUID} Name name`. */
  extendedProperties: Readonly<Record<string, string>>;
}

/** One appointment or series of one mailbox. Its occurrences are not stored, unless they were changed. */
export interface StoredEvent {
  /** Never changes, and is never shown. */
  readonly key: string;
  /** Changes when the event is moved to another calendar. */
  id: string;
  readonly immutableId: string;
  calendarId: string;
  /** The same in every mailbox that has a copy. */
  readonly uid: string;
  readonly organizer: EmailAddress;
  readonly transactionId: string | null;
  readonly createdAt: string;
  modifiedAt: string;
  /** Another one after every change, to the whole series when one occurrence changes. */
  version: number;
  fields: EventFields;
  originalStartTimeZone: string;
  originalEndTimeZone: string;
  recurrence: Recurrence | null;
  /** By the day on which the occurrence would have been: what is different there. */
  readonly exceptions: Map<string, Partial<EventFields>>;
  readonly cancelledDays: Set<string>;
}

export interface StoredCalendar {
  readonly id: string;
  name: string;
  readonly isDefault: boolean;
  canEdit: boolean;
  readonly owner: EmailAddress;
  readonly color: string;
  readonly hexColor: string;
  version: number;
}

export interface StoredSubscription {
  readonly id: string;
  readonly email: string;
  readonly calendarId: string;
  readonly resource: string;
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly clientState: string | null;
  readonly wantsImmutableIds: boolean;
  readonly latestSupportedTlsVersion: string;
  expiresAt: Date;
  /** Nothing is delivered until it is reauthorized or renewed. */
  isPaused: boolean;
}

/** What a delta token stands for: a window, and what its holder has been told of it. */
export interface SyncState {
  readonly email: string;
  readonly calendarId: string;
  readonly from: string;
  readonly to: string;
  readonly known: Map<string, KnownItem>;
  /** What the round tells that led here, over several pages. */
  readonly items: readonly DeltaItem[];
  isExpired: boolean;
}

export interface KnownItem {
  readonly version: number;
  readonly ids: ItemIds;
  /** Of the event, or of the series. */
  readonly key: string;
  readonly day: string | null;
}

export interface ItemIds {
  readonly id: string;
  readonly immutableId: string;
}

export type DeltaItem =
  | { readonly kind: "removed"; readonly ids: ItemIds }
  | { readonly kind: "event"; readonly event: StoredEvent; readonly day: string | null };

export interface Mailbox {
  readonly email: string;
  readonly name: string;
  readonly userId: string;
  /** An outlook.com account: no Teams, no schedules. */
  readonly isPersonal: boolean;
  /** Without a licence there is an account, and no calendar. */
  readonly hasMailbox: boolean;
  readonly timeZone: string;
  readonly calendars: Map<string, StoredCalendar>;
  readonly events: Map<string, StoredEvent>;
}

/** Everything the calendars know: plain data. */
export interface OutlookState {
  readonly mailboxes: Map<string, Mailbox>;
  readonly subscriptions: Map<string, StoredSubscription>;
  readonly syncStates: Map<string, SyncState>;
  /** Of versions: every change takes the next. */
  versions: number;
  /** Of ids: every new one takes the next. */
  items: number;
  /** Of changes that clients asked for. */
  writes: number;
}

export function emptyOutlookState(): OutlookState {
  return { mailboxes: new Map(), subscriptions: new Map(), syncStates: new Map(), versions: 0, items: 0, writes: 0 };
}
