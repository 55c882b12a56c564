/** So many requests in a window. */
export interface Limit {
  readonly seconds: number;
  readonly requests: number;
}

/** What the reference calls unverified, or says in two ways. */
export interface IndeedSwitches {
  /** Whether the partner may use the APIs. */
  isApproved: boolean;
  /** Nearly everything comes with 200; whether a dead token does too, is not written. */
  unauthenticatedStatus: 200 | 401;
  /** Of DOWNSTREAM_SERVICE_ERROR and INTERNAL_SERVER_ERROR. */
  troubleStatus: 200 | 500 | 503;
  /** `extensions.classification` beside the code. */
  withClassification: boolean;
  /** Of a field that the schema does not have: usual, unverified. */
  unknownFieldCode: "GRAPHQL_VALIDATION_FAILED" | "BAD_USER_INPUT";
  /** Where a required field is missing, the whole call fails, or the job alone: the nullability is unverified. */
  missingFieldRefuses: "call" | "job";
  /** What stands in `results` for a job that was refused: the reference says both. */
  refusedJob: "null-posting" | "null-result";
  /** Where `errors[].path` leads for such a job: unverified. */
  errorPath: "exact" | "mutation" | "none";
  /** `surfaceStatuses` is written like a list, and read like an object. */
  surfaceStatuses: "list" | "object";
  /** The values of `lifecycleStatus`: unverified. */
  lifecycle: { readonly pending: string; readonly active: string; readonly inactive: string };
  /** The status query that first tells of a live posting; time alone makes it live too. */
  liveAfterCalls: number;
  liveAfterSeconds: number;
  /** How long after its end a posting comes back with the ids that it had. */
  reactivationDays: number;
  /** Jobs never expire by themselves; whether they do at `expirationDate`, is told both ways. */
  expiresAtExpirationDate: boolean;
  /** What was ended because of a 410 stays so, when it is sent again: "may be ignored". */
  ignoresRepostAfterGone: boolean;
  /** Of a `sourcedPostingId` that nobody knows: not written. */
  expiryOfUnknown: "not-found" | "accepted";
  /** Of an id that nobody knows, in `node`: an error beside null, or null alone. */
  unknownNode: "not-found" | "null";
  /** A title with pay, place, company or shouting in it is moderated away. */
  moderatesTitles: boolean;
  /** Of markup that is not allowed: what Indeed does about it is not written. */
  otherMarkup: "refused" | "rejected" | "accepted";
  /** A job without a place is fully remote when its words say so: which words, is not written. */
  remoteWords: readonly string[];
  /** By how many jobs a call has; the last of these rows has no `maxJobs`. */
  quotas: readonly { readonly maxJobs: number | null; readonly limits: readonly Limit[] }[];
  /** Whether a 429 says when to come back. */
  tellsRetryAfter: boolean;
  maxDispositions: number;
  /** Of a disposition that is older than one that is there already: not written. */
  refusesOutOfOrder: boolean;
  /** Seconds before each further attempt to deliver an application: unverified. */
  retryAfterSeconds: readonly number[];
  /** Which answers make Indeed try again: all but 200, 409 and 410, or failures of the server only. */
  retries: "others" | "server-errors";
  /** A 2xx that is not 200 means delivered too. */
  takesAny2xx: boolean;
  /** The answer to a choice is its value, or value and label: it differs by schema version. */
  choiceAnswers: "value" | "option";
  /** Where the answers stand in an application. */
  answersIn: "screenerQuestionsAndAnswers" | "questionsAndAnswers";
  /** `analytics` tells that somebody came from Glassdoor. */
  tellsGlassdoor: boolean;
  /** Applications tell a relay's address instead of the candidate's own. */
  relaysMail: boolean;
}

const per = (second: number, minute: number, tenMinutes: number, hour: number): readonly Limit[] => [
  { seconds: 1, requests: second },
  { seconds: 60, requests: minute },
  { seconds: 600, requests: tenMinutes },
  { seconds: 3600, requests: hour },
];

export function defaultSwitches(): IndeedSwitches {
  return {
    isApproved: true,
    unauthenticatedStatus: 200,
    troubleStatus: 200,
    withClassification: true,
    unknownFieldCode: "GRAPHQL_VALIDATION_FAILED",
    missingFieldRefuses: "job",
    refusedJob: "null-posting",
    errorPath: "exact",
    surfaceStatuses: "list",
    lifecycle: { pending: "PENDING", active: "ACTIVE", inactive: "INACTIVE" },
    liveAfterCalls: 2,
    liveAfterSeconds: 3600,
    reactivationDays: 30,
    expiresAtExpirationDate: true,
    ignoresRepostAfterGone: false,
    expiryOfUnknown: "not-found",
    unknownNode: "not-found",
    moderatesTitles: true,
    otherMarkup: "refused",
    remoteWords: ["remote", "work from home", "telecommute"],
    quotas: [
      { maxJobs: 1, limits: per(150, 4000, 20_000, 80_000) },
      { maxJobs: 10, limits: per(30, 800, 4000, 16_000) },
      { maxJobs: null, limits: per(1, 40, 200, 800) },
    ],
    tellsRetryAfter: false,
    maxDispositions: 25,
    refusesOutOfOrder: true,
    retryAfterSeconds: [1, 10, 60, 600],
    retries: "others",
    takesAny2xx: false,
    choiceAnswers: "value",
    answersIn: "screenerQuestionsAndAnswers",
    tellsGlassdoor: false,
    relaysMail: false,
  };
}
