import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { ApplicationStatus, BoardDispositions, StatusChange } from "../applications.ts";
import type { BoardAccount } from "../provider.ts";
import { sendSignal } from "./client.ts";

/** Hiring signals. https://www.ziprecruiter.com/partner/documentation/#hiring-signals */
export const dispositions: BoardDispositions = {
  batchSize: 1,
  words: {
    NEW: "received",
    VIEWED: "viewed",
    RESUME_DOWNLOADED: "viewed",
    IN_REVIEW: "viewed",
    SHORTLISTED: "viewed",
    CONTACTED: "contacted",
    SCREENING: "assessment",
    ASSESSMENT: "assessment",
    INTERVIEWING: "interviewed",
    BACKGROUND_CHECK: "prehire",
    BACKGROUND_CHECK_FAILED: "rejected",
    OFFER_EXTENDED: "offered",
    // Nobody was rejected: what it is, only our own word tells.
    OFFER_DECLINED: "unable_to_map",
    HIRED: "hired",
    REJECTED: "rejected",
    WITHDRAWN: "rejected",
    ON_HOLD: "unable_to_map",
    JOB_CLOSED: "rejected",
  },
  async send(account, changes) {
    const refusals: (IntegrationError | null)[] = [];
    for (const change of changes) refusals.push(await tell(account, change));
    return refusals;
  },
};

/** Why ZipRecruiter is told that somebody was rejected, where nobody said so. */
const reasons: Partial<Record<ApplicationStatus, string>> = {
  BACKGROUND_CHECK_FAILED: "failed_checks",
  WITHDRAWN: "other",
  JOB_CLOSED: "closed",
};

/** @returns why ZipRecruiter does not take it; null when it does @throws {IntegrationError} what may pass, or is about the key */
async function tell(account: BoardAccount, change: StatusChange): Promise<IntegrationError | null> {
  const { zrApplicationId } = change.boardReferences;
  if (zrApplicationId === undefined) return nobodyApplied();
  try {
    await sendSignal(account, signalOf(change, zrApplicationId));
    return null;
  } catch (error) {
    // It has heard this already.
    if (isIntegrationError(error, "DUPLICATE")) return null;
    if (isIntegrationError(error, "NOT_FOUND")) return unknown(error);
    if (isIntegrationError(error, "PROVIDER_REFUSED")) return error;
    throw error;
  }
}

function signalOf({ status, reason, stage, details, changedAt }: StatusChange, zrApplicationId: string): object {
  const event = dispositions.words[status];
  const why = reason?.toLowerCase() ?? reasons[status] ?? "other";
  return {
    zr_application_id: zrApplicationId,
    event,
    event_timestamp: changedAt.toISOString(),
    status_name: stage?.trim() || status,
    ...(event === "rejected" && { reason: why }),
    ...(details !== null && { additional_data: { details } }),
  };
}

function nobodyApplied(): IntegrationError {
  const message = "This person was found in ZipRecruiter's résumé database, and has not applied there";
  return new IntegrationError("UNSUPPORTED_CAPABILITY", message, {
    remedy: "Nothing has to be done: ZipRecruiter wants to hear of applications alone.",
  });
}

function unknown({ providerCode }: IntegrationError): IntegrationError {
  return new IntegrationError("PROVIDER_REFUSED", "ZipRecruiter knows of no such application", {
    providerCode,
    remedy: "Nothing has to be done: ZipRecruiter has forgotten it.",
  });
}
