/** What the reference calls unverified, or says of some answers only. */
export interface FastmailSwitches {
  /** A request without credentials is told so in a 207, as Cyrus does, instead of being refused. */
  answersStrangers: boolean;
  /** A range is taken loosely: a day more at both ends. */
  looseRanges: boolean;
  /** A query for a range and a property finds what is in both; otherwise the range alone counts. */
  combinesFilters: boolean;
  /** One UID cannot be in two calendars of an account. */
  uidOncePerAccount: boolean;
  /** A GET that may be packed has a weak ETag. */
  weakEtags: boolean;
  /** Discovery leads to somebody else: the well-known address or the principal is redirected, or the home is there. */
  leadsAway: { readonly at: "well-known" | "principal" | "home"; readonly to: string } | null;
  /** An @ in a path comes encoded; Cyrus leaves it as it is. */
  encodesAtSigns: boolean;
  /** Of sync-collection, where the client names no limit; null for all at once. */
  syncPageSize: number | null;
}

export function defaultFastmailSwitches(): FastmailSwitches {
  return {
    answersStrangers: false,
    looseRanges: true,
    combinesFilters: false,
    uidOncePerAccount: true,
    weakEtags: true,
    leadsAway: null,
    encodesAtSigns: false,
    syncPageSize: null,
  };
}
