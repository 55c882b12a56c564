/** What the reference calls unverified, or says of some answers only. */
export interface ICloudSwitches {
  /** What a host that is not the account's partition does with requests for its home. */
  otherHosts: "redirect" | "serve" | "refuse";
  /** Whether the first host has homes too; otherwise it is as any that is not the account's. */
  mainHostServes: boolean;
  /** The first host sends those who look for the principal to the account's partition. */
  redirectsPrincipal: boolean;
  redirectStatus: 301 | 302 | 307 | 308;
  /** Discovery leads to somebody else: `/` or the principal is redirected, or the home is there. */
  leadsAway: { readonly at: "root" | "principal" | "home"; readonly to: string } | null;
  /** How an old sync token is met. */
  expiredToken: "gone" | "condition" | "everything";
  etagAfterPut: "never" | "always";
  /** How long listings leave out what a client wrote. */
  shownAfterMs: number;
  /** Of one account, over a minute that slides; null for no limit. */
  requestsPerMinute: number | null;
  /** In turn, when there were too many. */
  throttledWith: readonly (403 | 429 | 503)[];
  /** Overrides get X-RECURRENCE-EXCEPTION where a query names a range. */
  marksExceptions: boolean;
  makesCalendars: "apple-form" | "always" | "never";
  /** An event must say its end. */
  needsEnd: boolean;
  /** A guest cannot change what the organizer says. */
  guardsMeetings: boolean;
  /** Of sync-collection; null for all at once. */
  syncPageSize: number | null;
}

export function defaultICloudSwitches(): ICloudSwitches {
  return {
    otherHosts: "redirect",
    mainHostServes: true,
    redirectsPrincipal: false,
    redirectStatus: 301,
    leadsAway: null,
    expiredToken: "gone",
    etagAfterPut: "never",
    shownAfterMs: 0,
    requestsPerMinute: null,
    throttledWith: [503, 429, 403],
    marksExceptions: true,
    makesCalendars: "apple-form",
    needsEnd: true,
    guardsMeetings: true,
    syncPageSize: null,
  };
}
