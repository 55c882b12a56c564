import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { BoardDispositions, StatusChange } from "../applications.ts";
import type { BoardAccount } from "../provider.ts";
import { call } from "./client.ts";

/** What LinkedIn is told of applications. https://learn.microsoft.com/en-us/linkedin/talent/apply-connect/sync-job-application-feedback */
export const dispositions: BoardDispositions = {
  batchSize: 1,
  words: {
    // LinkedIn tells candidates by itself that they have applied.
    NEW: null,
    VIEWED: "APPLICATION_VIEWED",
    RESUME_DOWNLOADED: "RESUME_DOWNLOADED",
    IN_REVIEW: null,
    SHORTLISTED: null,
    CONTACTED: null,
    // How LinkedIn spells these three, for screened, interviewed and hired, its pages do not show.
    SCREENING: "APPLICATION_SCREENED",
    ASSESSMENT: "APPLICATION_SCREENED",
    INTERVIEWING: "APPLICATION_INTERVIEWED",
    HIRED: "APPLICATION_HIRED",
    BACKGROUND_CHECK: null,
    BACKGROUND_CHECK_FAILED: "APPLICATION_REJECTED",
    OFFER_EXTENDED: null,
    OFFER_DECLINED: null,
    REJECTED: "APPLICATION_REJECTED",
    WITHDRAWN: null,
    ON_HOLD: null,
    JOB_CLOSED: "APPLICATION_REJECTED",
  },
  async send(account, changes) {
    const refusals: (IntegrationError | null)[] = [];
    for (const change of changes) refusals.push(await tell(account, change));
    return refusals;
  },
};

/** @returns why LinkedIn does not take it */
async function tell(account: BoardAccount, change: StatusChange): Promise<IntegrationError | null> {
  try {
    await call(account.fetch, new URL("v2/jobApplicationLifecycleActions", account.apiUrl), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-restli-method": "create",
        "x-restli-protocol-version": "2.0.0",
      },
      body: JSON.stringify(actionOf(change, account)),
    });
    return null;
  } catch (error) {
    // It was told before.
    if (isIntegrationError(error, "DUPLICATE")) return null;
    if (isIntegrationError(error, "PROVIDER_REFUSED", "PARTNER_APPROVAL_REQUIRED")) return refused(error);
    throw error;
  }
}

function actionOf({ boardApplicationId, status, changedAt }: StatusChange, { settings }: BoardAccount): object {
  return {
    jobApplicationId: boardApplicationId,
    action: dispositions.words[status],
    performedAt: changedAt.getTime(),
    integrationContext: settings["organization"],
  };
}

function refused({ message, providerCode }: IntegrationError): IntegrationError {
  return new IntegrationError("PROVIDER_REFUSED", `LinkedIn does not take this change of an application. ${message}`, {
    remedy: "Nothing has to be done for the application. LinkedIn takes no change of one that it no longer has.",
    ...(providerCode !== undefined && { providerCode }),
  });
}
