/** What the reference calls unverified, or says nothing about. */
export interface CareerBuilderSwitches {
  /** Whether a login that is wrong is told in the answer, or as a SOAP fault. */
  loginFailure: "error" | "fault";
  /** What becomes of an `add` of a JobID that is there: an error, or a change. */
  addOfKnown: "error" | "update";
  /** What becomes of a `delete` of a JobID that is not there. */
  deleteOfUnknown: "error" | "ok";
  /** How often the status of a job that was handed in is `Queued`. */
  pollsQueued: number;
  words: { queued: string; posted: string; failed: string };
  /** Why somebody at CareerBuilder does not post a job after all; null when they do. */
  refusedInQueue: string | null;
  /** How many postings the contract has left; null for as many as one likes. */
  postingsLeft: number | null;
  daysShown: number;
  maxTitle: number;
}

export function defaultSwitches(): CareerBuilderSwitches {
  return {
    loginFailure: "error",
    addOfKnown: "error",
    deleteOfUnknown: "error",
    pollsQueued: 2,
    words: { queued: "Queued", posted: "Posted", failed: "Error" },
    refusedInQueue: null,
    postingsLeft: null,
    daysShown: 30,
    maxTitle: 100,
  };
}
