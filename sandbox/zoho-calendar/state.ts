import type { DataCenter } from "./data-centers.ts";

export interface StoredAccount {
  readonly email: string;
  readonly name: string;
  /** Zoho's number of the person. */
  readonly zuid: number;
  readonly dataCenter: DataCenter;
  readonly timeZone: string;
  /** Whether others may see when they are busy. */
  sharesFreeBusy: boolean;
}

export type Privilege = "owner" | "delegate" | "edit" | "view" | "freebusy";
export type Category = "own" | "group" | "app" | "others";

export interface StoredCalendar {
  readonly uid: string;
  readonly id: string;
  name: string;
  description: string;
  color: string;
  readonly timeZone: string;
  /** Whose it is; nobody's account, where it is a group's or an app's. */
  readonly owner: string;
  readonly isDefault: boolean;
  includeInFreeBusy: boolean;
  readonly createdAt: number;
  ctag: number;
  /** By address, also the owner's. */
  readonly members: Map<string, { readonly privilege: Privilege; readonly category: Category }>;
}

export interface Attendee {
  readonly email: string;
  readonly status: string;
  readonly permission: number;
  readonly attendance: number;
}

/** What clients may write, and what an occurrence of a series may have of its own. */
export interface EventFields {
  readonly title: string;
  /** `20261201T100000` on the clock of `timezone`, or `20261201`. */
  readonly start: string;
  readonly end: string;
  readonly timezone: string;
  readonly isallday: boolean;
  readonly isprivate: boolean;
  readonly location: string;
  readonly description: string;
  readonly richtext_description: string;
  readonly url: string;
  readonly color: string;
  readonly attendees: readonly Attendee[];
  readonly group_attendees: readonly unknown[];
  readonly reminders: readonly { readonly action: string; readonly minutes: string }[];
  readonly transparency: number;
  readonly allowForwarding: boolean;
  readonly conference: string;
}

/** One event or series, in the calendar of one person. Its occurrences are not stored, unless they were changed. */
export interface StoredEvent {
  /** The same in the calendars of all who are invited. */
  readonly uid: string;
  calendarUid: string;
  readonly organizer: string;
  /** Milliseconds; another one after every change, to the whole series when one occurrence changes. */
  etag: number;
  readonly createdAt: number;
  modifiedAt: number;
  fields: EventFields;
  /** `FREQ=DAILY;COUNT=5` */
  rrule: string | null;
  /** By when the occurrence would have been, in UTC or as a day: what it is like instead. */
  readonly changed: Map<string, EventFields>;
  readonly deleted: Set<string>;
}

/** A message to a guest, instead of the mail. */
export interface StoredMail {
  readonly to: string;
  readonly eventUid: string;
  readonly about: "invited" | "updated" | "cancelled";
  readonly at: string;
}

/** Everything the calendars know: plain data. */
export interface ZohoState {
  readonly accounts: Map<string, StoredAccount>;
  readonly calendars: Map<string, StoredCalendar>;
  /** By calendar and uid. */
  readonly events: Map<string, StoredEvent>;
  /** By calendar and uid: when it was deleted. */
  readonly gone: Map<string, number>;
  readonly mails: StoredMail[];
  /** The latest etag: the next one is later. */
  latest: number;
}

export function emptyZohoState(): ZohoState {
  return { accounts: new Map(), calendars: new Map(), events: new Map(), gone: new Map(), mails: [], latest: 0 };
}
