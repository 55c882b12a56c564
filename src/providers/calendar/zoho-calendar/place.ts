import type { ZohoClient } from "./client.ts";
import type { DaysEnd } from "./read.ts";

/** One calendar of one account. */
export interface Place {
  readonly client: ZohoClient;
  readonly calendarUid: string;
  /** Of the account's owner, in lower case. */
  readonly address: string;
  /** What was found out on the way, and holds for all of the vendor's events. */
  readonly found: { daysEnd?: DaysEnd };
}

export function eventsPath({ calendarUid }: Place): string {
  return `calendars/${encodeURIComponent(calendarUid)}/events`;
}

export function eventPath(place: Place, uid: string): string {
  return `${eventsPath(place)}/${encodeURIComponent(uid)}`;
}
