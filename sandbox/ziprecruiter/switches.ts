/** What the reference calls unverified, or says nothing about. */
export interface ZipRecruiterSwitches {
  /** Whether the key goes into the header as it is, or as base64 of the key and a colon. */
  keyEncoding: "raw" | "base64-colon" | "either";
  /** The body of a refusal. */
  errorBody: "errors" | "text";
  invalidStatus: 400 | 422;
  createdStatus: 200 | 201;
  /** Of a job that is created a second time. */
  existsStatus: 400 | 409;
  /** What a PUT leaves out is gone, or stays. */
  put: "replace" | "merge";
  /** A PUT of a job that does not exist makes it. */
  putCreates: boolean;
  /** Of another `employer_id` in a PUT: not written. */
  employerMayChange: boolean;
  /** What a closed job is when it is read. */
  closedJob: "not-found" | "closed";
  /** What a job is when it is read that a quality review has hidden. */
  hiddenJob: "open" | "not-found";
  /** Fields that nobody has written about. */
  otherFields: "refused" | "ignored";
  /** The United Kingdom is said to be open too. */
  countries: readonly string[];
  /** Of questions that are there already, in a POST. */
  questionsPost: "replace" | "exists";
  /** A PUT of questions makes those of a job that has none: not written. */
  questionsPutCreates: boolean;
  /** How many open jobs an employer has paid for; null for as many as it likes. What is said beyond that, is not written. */
  jobSlots: number | null;
  noSlotStatus: 402 | 403;
  /** Of one key; null for as many as one likes: no limit is published. */
  requestsPerSecond: number | null;
  tellsRetryAfter: boolean;
  /** Signing is optional. */
  signs: boolean;
  /** What the timestamp in the signature counts, and what the version is called: not written. */
  timestampUnit: "seconds" | "milliseconds";
  signatureVersion: string;
  /** How late the timestamp of a message is. */
  timestampAgeSeconds: number;
  /** Seconds before each further attempt to deliver an application. */
  retryAfterSeconds: readonly number[];
  /** What an answer is called beside its `question_id`: not written. */
  answerField: "answer" | "value";
  /** Of a signal about an application that nobody knows. */
  unknownApplicationStatus: 400 | 404;
}

export function defaultSwitches(): ZipRecruiterSwitches {
  return {
    keyEncoding: "either",
    errorBody: "errors",
    invalidStatus: 400,
    createdStatus: 200,
    existsStatus: 409,
    put: "replace",
    putCreates: false,
    employerMayChange: false,
    closedJob: "not-found",
    hiddenJob: "open",
    otherFields: "refused",
    countries: ["US", "CA", "AU"],
    questionsPost: "replace",
    questionsPutCreates: true,
    jobSlots: null,
    noSlotStatus: 402,
    requestsPerSecond: null,
    tellsRetryAfter: false,
    signs: true,
    timestampUnit: "seconds",
    signatureVersion: "v1",
    timestampAgeSeconds: 0,
    retryAfterSeconds: [1, 10, 60, 600],
    answerField: "answer",
    unknownApplicationStatus: 404,
  };
}
