/** What the reference calls unverified, says in two ways, or says of some answers only. */
export interface LinkedInSwitches {
  /** How long a token is good: half an hour in the guide, an hour in the SDK's example. */
  tokenSeconds: number;
  /** Whether looking up a child application shows its secret again. It does not in the SDK's example. */
  lookupShowsSecret: boolean;
  /** The oldest version of the API that is served, `yyyymm`. */
  oldestVersion: string;
  /** How elements of a batch are answered: null is `newer` below `/rest` and `older` below `/v2`. */
  elementShape: "older" | "newer" | null;
  /** Answers come in the order of the request: unverified. */
  elementOrder: "request" | "reversed";
  /** Whether a batch that is no good is refused element by element, or whole. */
  badBatch: "elements" | "call";
  /** 75 in the SDK, 200 in the older description. */
  maxExternalIdLength: number;
  /** 365 in the guide, 180 in the older description. */
  maxListingDays: number;
  /** Whether `expireAt` has to be a day ahead when a job is renewed or closed, too. */
  expiryCountsForAllOperations: boolean;
  /** What a second CREATE of an open job is: unverified. */
  secondCreate: "same-job" | "refused";
  /** Whether closing a closed job is refused. */
  secondClose: "succeeds" | "refused";
  /** How an operation is refused that the job is in no state for: later by its task, or at once. */
  wrongState: "task" | "element";
  /** A task says IN_PROGRESS so many times, unless it is older than `taskSeconds`. */
  pollsUntilDone: number;
  taskSeconds: number;
  /** How long a task can be asked for: 30 days in the guide, one day in the older description. */
  taskDays: number;
  /** A listing says IN_PROGRESS so many times, unless it waits for longer than `reviewSeconds`. */
  readsUntilReviewed: number;
  reviewSeconds: number;
  /** How long a job with `[closed-by-member]` in its title stays listed. */
  memberReportSeconds: number;
  /** Of one application and UTC day. */
  callsPerDay: { simpleJobPostingTasks: number; jobPostingStatus: number };
  /** Batches of one application at a time. */
  parallelBatches: number;
  /** In 429s: unverified. */
  retryAfterSeconds: number | null;
  /** How long each batch takes at least, so that batches can meet. */
  latencyMs: number;
  /** An `externalJobPostingId` of digits comes back as a number. */
  numericIds: boolean;
  /** As in the SDK's class, or as in its example. */
  companyDetails: "companyName" | "name";
  /** The tags that a description keeps: the list is unverified. */
  descriptionTags: readonly string[];
  /** The spellings of the newer lifecycle actions are unverified. */
  takesNewerActions: boolean;
  /** What `applicationId` of a challenge looks like. */
  applicationId: "number" | "urn" | "client-id";
  /** How long a webhook has to answer a challenge. */
  challengeMs: number;
  recheckMinutes: number;
  /** Challenges in a row that a webhook may fail. */
  maxFailedChallenges: number;
  /** Whether the signature stands in its header with `hmacsha256=` in front. */
  signaturePrefix: boolean;
  /** How messages are sent. They are signed escaped either way. */
  sentAs: "escaped" | "utf-8";
  escapeDigits: "lower" | "upper";
  /** When the first delivery of a job has failed. */
  deliveryFailsAfter: "first-attempt" | "all-attempts";
  /** How often a message is sent again; when is not documented. */
  resends: number;
  resendDelayMs: number;
  /** How the status webhook names jobs: unverified. */
  changedJobs: "list" | "single";
  maxResumeBytes: number;
  mediaDays: number;
}

export function defaultSwitches(): LinkedInSwitches {
  return {
    tokenSeconds: 1800,
    lookupShowsSecret: false,
    oldestVersion: "202504",
    elementShape: null,
    elementOrder: "request",
    badBatch: "elements",
    maxExternalIdLength: 75,
    maxListingDays: 365,
    expiryCountsForAllOperations: false,
    secondCreate: "same-job",
    secondClose: "succeeds",
    wrongState: "task",
    pollsUntilDone: 1,
    taskSeconds: 300,
    taskDays: 30,
    readsUntilReviewed: 1,
    reviewSeconds: 600,
    memberReportSeconds: 60,
    callsPerDay: { simpleJobPostingTasks: 300_000, jobPostingStatus: 300_000 },
    parallelBatches: 1,
    retryAfterSeconds: null,
    latencyMs: 5,
    numericIds: true,
    companyDetails: "name",
    descriptionTags: ["b", "strong", "i", "em", "u", "p", "br", "ul", "ol", "li"],
    takesNewerActions: true,
    applicationId: "number",
    challengeMs: 3000,
    recheckMinutes: 120,
    maxFailedChallenges: 3,
    signaturePrefix: false,
    sentAs: "escaped",
    escapeDigits: "lower",
    deliveryFailsAfter: "first-attempt",
    resends: 6,
    resendDelayMs: 1000,
    changedJobs: "list",
    maxResumeBytes: 2 * 1024 * 1024,
    mediaDays: 30,
  };
}
