import { IntegrationError } from "../../../errors.ts";
import type { BoardAccount, BoardPosting, BoardState, PostingReport } from "../provider.ts";
import { boostAskedFor, hasBoost } from "./boost.ts";
import { readJob } from "./client.ts";
import { jobIdOf } from "./document.ts";
import { asksQuestions } from "./questions.ts";

/**
 * How a job stands. One that is being posted, and whose questions are not asked yet, is not there yet: null, so that it is sent
 * once more.
 */
export async function readStatus(account: BoardAccount, posting: BoardPosting): Promise<PostingReport | null> {
  const found = await readJobStatus(account, posting);
  const isShown = found?.state === "LIVE" || found?.state === "LIMITED";
  if (!isShown || (await asksQuestions(account, posting))) return found;
  return posting.operation === "POST" || posting.operation === "REOPEN" ? null : unasked(found, null);
}

/**
 * The same without a look at its questions: it is there, or it is not. ZipRecruiter documents no review, and no word on what it
 * hides.
 */
export async function readJobStatus(account: BoardAccount, posting: BoardPosting): Promise<PostingReport | null> {
  const job = await readJob(account, jobIdOf(posting));
  if (job === null) return isToBeGone(posting) ? closed(posting) : null;
  const found = { ...taken(posting), state: stateIn(job.status), boardState: job.status ?? "HTTP 200" };
  const isUnboosted = boostAskedFor(posting.job, account.settings) !== null && !(await hasBoost(account, posting));
  return found.state === "LIVE" && isUnboosted ? unboosted(found, null) : found;
}

/** ZipRecruiter has taken it; whether it shows it is not known. */
export function taken(posting: BoardPosting): PostingReport {
  return {
    state: "SUBMITTED",
    boardState: null,
    boardPostingId: jobIdOf(posting),
    boardTaskId: null,
    url: null,
    expiresAt: null,
    isPending: false,
    isTaken: true,
    refusal: null,
  };
}

/** Some ZipRecruiters answer 404 for what is closed. */
export function closed(posting: BoardPosting): PostingReport {
  return { ...taken(posting), state: "CLOSED", boardState: "closed" };
}

/** It is shown, without the boost that was asked for. @param cause null when nobody knows why */
export function unboosted(report: PostingReport, cause: IntegrationError | null): PostingReport {
  const message = `The job is shown without its TrafficBoost${cause ? `. ${cause.message}` : ""}`;
  const refusal = new IntegrationError(cause?.code ?? "PROVIDER_REFUSED", message, {
    remedy: "Send it again with updateJobPosting when ZipRecruiter can sell it, or leave `promotion` out.",
    ...(cause?.providerCode !== undefined && { providerCode: cause.providerCode }),
  });
  return { ...report, state: "LIMITED", refusal };
}

/** It is shown, and does not ask what it is to ask. @param cause null when nobody knows why */
export function unasked(report: PostingReport, cause: IntegrationError | null): PostingReport {
  const message = `The job is shown without its screening questions${cause ? `. ${cause.message}` : ""}`;
  const refusal = new IntegrationError(cause?.code ?? "PROVIDER_REFUSED", message, {
    remedy: "Change the questions, or send them again, with updateJobPosting.",
    ...(cause?.providerCode !== undefined && { providerCode: cause.providerCode }),
  });
  return { ...report, state: "LIMITED", refusal };
}

function isToBeGone({ operation, previousState }: BoardPosting): boolean {
  return operation === "CLOSE" || (operation === null && previousState === "CLOSED");
}

/** Words for it are not documented. */
function stateIn(status: string | null | undefined): BoardState {
  if (/expired/i.test(status ?? "")) return "EXPIRED";
  return /closed|deleted|removed|inactive/i.test(status ?? "") ? "CLOSED" : "LIVE";
}
