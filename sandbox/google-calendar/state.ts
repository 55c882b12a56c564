import type { StoredListing } from "./listings.ts";

/** An event as the API shows it; only what the twin itself reads has a type. */
export interface GoogleEvent {
  id: string;
  etag: string;
  status: "confirmed" | "tentative" | "cancelled";
  updated: string;
  iCalUID: string;
  sequence: number;
  start?: GoogleTime;
  end?: GoogleTime;
  recurrence?: string[];
  recurringEventId?: string;
  originalStartTime?: GoogleTime;
  attendees?: GoogleAttendee[];
  organizer?: { email: string; self?: boolean };
  transparency?: string;
  summary?: string;
  eventType?: string;
  extendedProperties?: { private?: Record<string, string>; shared?: Record<string, string> };
  [field: string]: unknown;
}

export interface GoogleTime {
  date?: string;
  dateTime?: string;
  timeZone?: string;
}

export interface GoogleAttendee {
  email: string;
  responseStatus: string;
  organizer?: boolean;
  self?: boolean;
  [field: string]: unknown;
}

export type AccessRole = "owner" | "writer" | "reader" | "freeBusyReader";

export interface StoredCalendar {
  readonly id: string;
  summary: string;
  timeZone: string;
  primary: boolean;
  accessRole: AccessRole;
  unwatchable: boolean;
  /** By id; deleted ones stay, since their ids do. */
  readonly events: Map<string, GoogleEvent>;
  /** Counts every change; each event's latest is in `changedAt`. */
  changes: number;
  readonly changedAt: Map<string, number>;
  /** Sync tokens from before are no longer known. */
  expiredUntil: number;
  /** When they were forgotten; what changed earlier cannot be asked for either. */
  expiredAt: Date;
}

export interface StoredAccount {
  readonly name: string;
  readonly calendars: Map<string, StoredCalendar>;
  /** Counts every change of the list; each calendar's latest, also of those that are gone, is in `listChangedAt`. */
  listChanges: number;
  readonly listChangedAt: Map<string, number>;
  listExpiredUntil: number;
}

export interface StoredChannel {
  readonly id: string;
  readonly token: string | null;
  readonly address: string;
  readonly resourceId: string;
  readonly email: string;
  /** Null watches the list of calendars. */
  readonly calendarId: string | null;
  readonly expiration: Date;
  messages: number;
  stopped: boolean;
}

/** Everything the calendars know: plain data. */
export interface GoogleCalendarState {
  readonly accounts: Map<string, StoredAccount>;
  readonly channels: Map<string, StoredChannel>;
  /** Those that have another page, the oldest first. */
  readonly listings: Map<string, StoredListing>;
  counter: number;
}

export function emptyGoogleCalendarState(): GoogleCalendarState {
  return { accounts: new Map(), channels: new Map(), listings: new Map(), counter: 1000 };
}
