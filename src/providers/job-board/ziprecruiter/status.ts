import { IntegrationError } from "../../../errors.ts";
import type { BoardAccount, BoardPosting, BoardState, PostingReport } from "../provider.ts";
import { boostAskedFor, hasBoost } from "./boost.ts";
import { readJob } from "./client.ts";
import { jobIdOf } from "./document.ts";
import { asksQuestions, hasQuestions } from "./questions.ts";

/**
 * How a job stands. Null too while it is being made and nobody knows whether its questions are asked: it is then sent once more,
 * which is harmless, and is not shown without them.
 */
export async function readStatus(account: BoardAccount, posting: BoardPosting): Promise<PostingReport | null> {
  const found = await readJobStatus(account, posting);
  const isShown = found?.state === "LIVE" || found?.state === "LIMITED";
  if (!isShown || !hasQuestions(posting)) return found;
  // Those of an earlier text may still be there, under the same ids.
  if (posting.operation === "REOPEN") return null;
  const areAsked = await asksQuestions(account, posting);
  if (areAsked === true) return found;
  if (posting.operation === "POST") return null;
  return areAsked === null ? found : unasked(found, null);
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
  const remedy = "Send it again with updateJobPosting when ZipRecruiter can sell it, or leave `promotion` out.";
  return lacking(report, "TrafficBoost", cause, remedy);
}

/** It is shown, and does not ask what it is to ask. @param cause null when nobody knows why */
export function unasked(report: PostingReport, cause: IntegrationError | null): PostingReport {
  const remedy = "Change the questions, or send them again, with updateJobPosting.";
  return lacking(report, "screening questions", cause, remedy);
}

function lacking(report: PostingReport, what: string, cause: IntegrationError | null, remedy: string): PostingReport {
  const message = `The job is shown without its ${what}${cause ? `. ${cause.message}` : ""}`;
  const refusal = new IntegrationError(cause?.code ?? "PROVIDER_REFUSED", message, {
    remedy,
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
