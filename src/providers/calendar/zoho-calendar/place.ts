import type { ZohoClient } from "./client.ts";
import type { DaysEnd } from "./read.ts";

/** One calendar of one account. */
export interface Place {
  readonly client: ZohoClient;
  readonly calendarUid: string;
  /** Of the account's owner, in lower case. */
  readonly address: string;
  /** What was found out on the way: how days end for all of Zoho's events, and that the calendar is there. */
  readonly found: { daysEnd?: DaysEnd; calendar?: true };
}

export function eventsPath({ calendarUid }: Place): string {
  return `calendars/${encodeURIComponent(calendarUid)}/events`;
}

export function eventPath(place: Place, uid: string): string {
  return `${eventsPath(place)}/${encodeURIComponent(uid)}`;
}
