import type { ShortMonths } from "./recurrence-days.ts";

/** What the reference calls unverified, or says of some answers only. */
export interface OutlookSwitches {
  /** A day that a month does not have. */
  shortMonths: ShortMonths;
  /** Another pattern, start or zone of a series puts its exceptions and cancelled occurrences back. */
  patternChangeDropsExceptions: boolean;
  /** A body without Outlook's join block ends the online meeting. */
  bodyWithoutBlockEndsMeeting: boolean;
  /** The join link is there on the next read only. */
  joinUrlComesLater: boolean;
  /** Who declines has the event no longer. */
  declineRemovesCopy: boolean;
  /** A guest's own answer is among the guests of the own copy too, not only beside them. */
  ownAnswerAmongGuests: boolean;
  /** Every so many writes is answered 412, If-Match or not; null for never. */
  conflictEvery: number | null;
  /** Every request is refused until somebody signs in with these claims; null for none. */
  claimsChallenge: string | null;
  /** How long each answer takes at least, so that requests can meet. */
  latencyMs: number;
  concurrentRequests: number;
  requestsPerTenMinutes: number;
  /** Of delta pages, where the caller names none. */
  deltaPageSize: number;
  /** Where a round has several pages, one item comes on two of them. */
  duplicatesAcrossPages: boolean;
  /** Where a round has several pages, the first is empty. */
  emptyPageFirst: boolean;
  /** Each round tells one item again that has not changed. */
  resendsUnchanged: boolean;
  /** A view's delta tells series as such, beside their occurrences. */
  mastersInDelta: boolean;
  /** A deleted occurrence is told as removed; in truth it is only left out. */
  deletedOccurrencesLeaveTombstone: boolean;
  /** What a series that is gone leaves. */
  removedSeries: "master" | "occurrences" | "all";
  /** Changes happen, and neither a message nor a delta tells of them. */
  losesChanges: boolean;
  /** How a dead token is refused; null takes turns. */
  expiredTokenStatus: 400 | 404 | 410 | null;
  /** How often each change is told to a subscriber, in one message. */
  notificationsPerChange: number;
  /** Of one request for free and busy times. */
  maxSchedules: number;
  maxScheduleDays: number;
  /** How long a subscriber has to say the validation token back. */
  handshakeMs: number;
}

export function defaultSwitches(): OutlookSwitches {
  return {
    shortMonths: "last-day",
    patternChangeDropsExceptions: true,
    bodyWithoutBlockEndsMeeting: true,
    joinUrlComesLater: false,
    declineRemovesCopy: true,
    ownAnswerAmongGuests: true,
    conflictEvery: null,
    claimsChallenge: null,
    latencyMs: 5,
    concurrentRequests: 4,
    requestsPerTenMinutes: 10_000,
    deltaPageSize: 10,
    duplicatesAcrossPages: true,
    emptyPageFirst: false,
    resendsUnchanged: false,
    mastersInDelta: true,
    deletedOccurrencesLeaveTombstone: false,
    removedSeries: "master",
    losesChanges: false,
    expiredTokenStatus: null,
    notificationsPerChange: 2,
    maxSchedules: 20,
    maxScheduleDays: 62,
    handshakeMs: 10_000,
  };
}
