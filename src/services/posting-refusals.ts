import type { StoredMoney } from "../entities/job-posting.ts";
import { IntegrationError } from "../errors.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";

// Why something cannot be done to a job posting.

export function isPosted(): IntegrationError {
  return new IntegrationError("DUPLICATE", "This job stands on the board already, with another text", {
    remedy: "Change it with updateJobPosting.",
  });
}

export function takenReference(): IntegrationError {
  return new IntegrationError("DUPLICATE", "Another job has this reference on the board", {
    field: ["input", "job", "externalReference"],
    remedy: "Give each job a reference of its own.",
  });
}

export function fixedReference(): IntegrationError {
  return new IntegrationError("INVALID_INPUT", "The board knows this job by another reference, which never changes", {
    field: ["input", "job", "externalReference"],
    remedy: "Send the reference that it was posted with.",
  });
}

export function isClosed(): IntegrationError {
  return new IntegrationError("PREREQUISITE_MISSING", "This posting is closed", {
    remedy: "Open it again with reopenJobPosting, or post the job with postJob.",
  });
}

/** @param mirror a board that shows another board's jobs */
export function noOriginal(mirror: JobBoardProvider): IntegrationError {
  const original = nameOfOriginal(mirror);
  return new IntegrationError("PREREQUISITE_MISSING", `${mirror.name} shows the jobs that are posted to ${original}`, {
    remedy: `Post this job to ${original} first, or to both at once.`,
  });
}

/** @param mirror a board that shows another board's jobs */
export function notAlone(mirror: JobBoardProvider, operation: "UPDATE" | "CLOSE" | "REOPEN"): IntegrationError {
  const original = nameOfOriginal(mirror);
  const message = `${mirror.name} shows what ${original} shows, and cannot be told otherwise`;
  return new IntegrationError("UNSUPPORTED_CAPABILITY", message, {
    remedy: `${verbs[operation]} the posting on ${original}: this one follows.`,
  });
}

const verbs = { UPDATE: "Change", CLOSE: "Close", REOPEN: "Reopen" } as const;

function nameOfOriginal({ mirrorOf }: JobBoardProvider): string {
  return mirrorOf === undefined ? "another board" : jobBoard(mirrorOf).name;
}

export function hasEnded(): IntegrationError {
  return new IntegrationError("PREREQUISITE_MISSING", "The time of this job is over", {
    remedy: "Post it again with postJob, with a later `expiresAt` or none.",
  });
}

export function stillClosing(): IntegrationError {
  return new IntegrationError("CONFLICT", "This posting is still being closed at its board", {
    retryable: true,
    remedy: "Try again once it is CLOSED.",
  });
}

export function nothingToDecide(): IntegrationError {
  return new IntegrationError("CONFLICT", "Nobody has to decide on this posting", {
    remedy: "Read it again: somebody else may have decided.",
  });
}

export function ownRequest(): IntegrationError {
  return new IntegrationError("FORBIDDEN", "Whoever asked for a posting does not decide on it", {
    remedy: "Ask somebody else with the scope jobs:approve.",
  });
}

export function tooExpensive({ amount, currency }: StoredMoney): IntegrationError {
  return new IntegrationError("INVALID_INPUT", `It costs ${amount} ${currency}, which is more than that`, {
    field: ["input", "maxCost"],
  });
}

export function notApproved(reason: string | null): IntegrationError {
  return new IntegrationError(
    "APPROVAL_REQUIRED",
    reason === null ? "It was not approved" : `It was not approved: ${reason}`,
    {
      remedy: "Change it with updateJobPosting, or leave it.",
    },
  );
}

/** @param board one that tells by itself how its postings stand */
export function notPeoples({ name }: JobBoardProvider): IntegrationError {
  return new IntegrationError("UNSUPPORTED_CAPABILITY", `${name} says by itself how its postings stand`, {
    remedy: "Nobody has to confirm anything: read the posting's `state`.",
  });
}

export function nothingToConfirm(): IntegrationError {
  return new IntegrationError("CONFLICT", "Nobody has been asked to do anything for this posting", {
    remedy: "Read it again: `manualTask` says what is to be done.",
  });
}

/** @param field of the input of `confirmJobPosting` */
export function notConfirmed(field: string, message: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message, { field: ["input", field] });
}

/** @param reason the board's, as somebody has passed it on; null when nobody knows it */
export function refusedBy({ name }: JobBoardProvider, reason: string | null): IntegrationError {
  return new IntegrationError("PROVIDER_REFUSED", reason ?? `${name} did not take it, and nobody said why`, {
    remedy: "Change the job with updateJobPosting: it is tried again with the change.",
  });
}
