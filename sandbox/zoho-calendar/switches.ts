/** What the reference calls unverified, or says of some answers only. */
export interface ZohoSwitches {
  /** `Authorization: Bearer` beside `Zoho-oauthtoken`: cal.com uses it. */
  takesBearer: boolean;
  /** Which calendars come when no category is asked for: unverified. */
  defaultCategory: "own" | "all";
  /** Whether a change of an event is one of its calendar's `ctag`: unverified. */
  ctagFollowsEvents: boolean;
  /** Which privileges let one write: all but the owner's are unverified. */
  writablePrivileges: readonly string[];
  /** Around what went wrong: unverified. `filter` is how Zoho's gateway words it elsewhere. */
  errorShape: "filter" | "list" | "object";
  /** Of keys and parameters that Zoho does not know: 400 here, 404 in Zoho Mail. */
  strayStatus: 400 | 404;
  /** Of a write with an etag that is no longer the event's: unverified. */
  staleEtag: { status: number; code: string };
  /** How too many requests are refused; null takes turns. */
  tooManyStatus: 400 | 429 | null;
  /** Of one account; null for as many as one likes: the numbers are not published. */
  requestsPerMinute: number | null;
  /** Of one account at a time: a recommendation, and no documented limit. */
  parallelRequests: number;
  /** How long each answer takes at least, so that requests can meet. */
  latencyMs: number;
  /** Of an address with its query: writes travel in it. That there is a limit is sure, the number is not. */
  maxUrlLength: number;
  /** `eventdata` and the like in a form body too: reported to work, unverified. */
  takesFormBody: boolean;
  /** Times without offset, on the clock of `timezone`, in writes: unverified. */
  takesFloatingTimes: boolean;
  /** Whether the last day of a whole-day event is its `end`, or the day before: unverified. */
  allDayEnd: "inclusive" | "exclusive";
  /** How times are read: all are seen. Without a time zone they are on the clock of the event's. */
  timeShape: "offset" | "floating" | "utc";
  /** How days are read: both are seen. */
  dayShape: "20261201" | "20261201Z";
  /** How an occurrence of a whole-day series is named: unverified. */
  dayRecurrenceId: "20261201T000000Z" | "20261201";
  /** An occurrence that is asked for alone ends a day late when it is a whole day: seen once, not in the reference. */
  lateEndOfWholeDays: boolean;
  /** A list without anything in it: some programs expect a message in the place of the first event. */
  emptyList: "none" | "message";
  /** Whether a listing by series tells deleted occurrences too, as the answer for one event does: unverified. */
  listsDeletedOccurrences: boolean;
  /** Deleted occurrences come before the series, not after it. */
  deletedOccurrencesFirst: boolean;
  /** What is left of an event that was deleted. */
  deletedEvent: "404" | "estatus";
  /** Another time or rule of a series puts its changed and deleted occurrences back: unverified. */
  planChangeDropsExceptions: boolean;
  /** Whether PATCH has to name the etag: unverified. */
  patchNeedsEtag: boolean;
  /** A `lastmodified` parameter of listings, as Pipedream's connector sends it: unverified. */
  takesLastModified: boolean;
  /** Which number of `transparency` means free: unverified. */
  transparent: 0 | 1;
}

export function defaultSwitches(): ZohoSwitches {
  return {
    takesBearer: true,
    defaultCategory: "own",
    ctagFollowsEvents: true,
    writablePrivileges: ["owner", "delegate", "edit"],
    errorShape: "filter",
    strayStatus: 400,
    staleEtag: { status: 412, code: "ETAG_MISMATCH" },
    tooManyStatus: null,
    requestsPerMinute: null,
    parallelRequests: 5,
    latencyMs: 5,
    maxUrlLength: 8000,
    takesFormBody: true,
    takesFloatingTimes: false,
    allDayEnd: "exclusive",
    timeShape: "offset",
    dayShape: "20261201",
    dayRecurrenceId: "20261201T000000Z",
    lateEndOfWholeDays: false,
    emptyList: "none",
    listsDeletedOccurrences: false,
    deletedOccurrencesFirst: false,
    deletedEvent: "404",
    planChangeDropsExceptions: true,
    patchNeedsEtag: true,
    takesLastModified: false,
    transparent: 1,
  };
}
