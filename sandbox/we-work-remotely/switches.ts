/** What the reference calls unverified, or says nothing about. */
export interface WeWorkRemotelySwitches {
  /** How the header names a token: `Token token=…`, or `Bearer …`. The challenge alone is known. */
  headerForm: "token" | "bearer" | "either";
  /** The body of a refusal: a list of fields, a map of them, or text. */
  errorBody: "list" | "map" | "text";
  invalidStatus: 400 | 422;
  createdStatus: 200 | 201;
  /** Under which name an answer has its job; null for none, where the job is the answer. */
  envelope: string | null;
  ids: "numbers" | "texts";
  updateVerb: "PUT" | "PATCH" | "either";
  /** Of the verb that is not the one. */
  otherVerbStatus: 404 | 405;
  /** What an update leaves out is gone, or stays. */
  update: "replace" | "merge";
  /** Fields that nobody has written about. */
  otherFields: "refused" | "ignored";
  /** What becomes of tags that are not shown. */
  otherTags: "refused" | "stripped";
  /** Words of `job_listing_type`; the two are known, and that there are more. */
  jobListingTypes: readonly string[];
  /** Whether the jobs of a token are listed: a page shows how one job is shown, and none how they are listed. */
  listing: "own" | "none";
  /** Whether a listing has all of a job, or id, title and status alone. */
  listed: "whole" | "short";
  /** Jobs on one page of the listing; null for all of them. */
  pageSize: number | null;
  /** Where "All Skills" is; null for nowhere. */
  skillsPath: string | null;
  /** Whether it has ids beside the names. */
  skillsAs: "objects" | "names";
  /** Whether somebody at We Work Remotely looks at a job before it is seen. */
  reviews: boolean;
  /** What a job is when it is read that was canceled, and one whose days are over. */
  canceledJob: "shown" | "not-found";
  expiredJob: "expired" | "approved" | "not-found";
  /** Whether an update with the status `approved` brings back what was canceled. */
  canceledCanReturn: boolean;
  daysShown: number;
  /** What one post costs, in US dollars. */
  price: number;
  /** How many posts a partner has paid for; null for as many as it likes, with a bill. */
  postsPaidFor: number | null;
  unpaidStatus: 402 | 403;
  /** Requests of one token from one midnight UTC to the next; null for as many as one likes. */
  requestsPerDay: number | null;
  overLimitStatus: 429 | 403;
  tellsRetryAfter: boolean;
}

export function defaultSwitches(): WeWorkRemotelySwitches {
  return {
    headerForm: "token",
    errorBody: "list",
    invalidStatus: 422,
    createdStatus: 201,
    envelope: null,
    ids: "numbers",
    updateVerb: "either",
    otherVerbStatus: 404,
    update: "replace",
    otherFields: "ignored",
    otherTags: "refused",
    jobListingTypes: ["Full-Time", "Contract"],
    listing: "own",
    listed: "whole",
    pageSize: null,
    skillsPath: "/skills",
    skillsAs: "objects",
    reviews: false,
    canceledJob: "shown",
    expiredJob: "expired",
    canceledCanReturn: false,
    daysShown: 30,
    price: 299,
    postsPaidFor: null,
    unpaidStatus: 402,
    requestsPerDay: 1000,
    overLimitStatus: 429,
    tellsRetryAfter: false,
  };
}
