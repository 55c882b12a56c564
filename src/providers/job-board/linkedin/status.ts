import { IntegrationError } from "../../../errors.ts";
import type { BoardAccount, BoardPosting, BoardState, PostingReport } from "../provider.ts";
import { takesApplications } from "./apply-configuration.ts";
import { type Listing, readListing, readTask, type Task } from "./client.ts";

/** What is known right after a job was sent: that LinkedIn has it, and by which task it tells the rest. */
export function submitted({ operation, previousState }: BoardPosting, boardTaskId: string): PostingReport {
  return { ...nothingElse, state: stateMeanwhile(operation, previousState), boardTaskId, isPending: true };
}

/** How a job stands: by its last task as long as that is not over, then by its listing. */
export async function readStatus(account: BoardAccount, posting: BoardPosting): Promise<PostingReport | null> {
  const { boardTaskId, operation, previousState, job } = posting;
  const task = boardTaskId === null ? null : await readTask(account, boardTaskId);
  if (task?.status === "IN_PROGRESS") return { ...submitted(posting, boardTaskId ?? ""), boardState: task.status };
  const listing = await readListing(account, job.externalReference);
  const boardPostingId = idIn(task) ?? posting.boardPostingId;
  if (listing) {
    const limits = limitsOf(posting, account, listing);
    const report = fromListing(posting, listing, limits);
    return { ...report, boardPostingId, ...outcomeOf(posting, task, listing, report.state, limits) };
  }
  if (task?.status === "FAILED") return withoutListing(posting, task);
  if (task === null) return null;
  // Accepted, and not listed yet: where a company still moves from its feed to the API, that lasts.
  const changed = operation === "UPDATE" ? (previousState ?? "IN_REVIEW") : "IN_REVIEW";
  return { ...nothingElse, state: operation === "CLOSE" ? "CLOSED" : changed, boardState: task.status, boardPostingId };
}

const nothingElse = {
  boardState: null,
  boardPostingId: null,
  boardTaskId: null,
  url: null,
  expiresAt: null,
  isPending: false,
  isTaken: true,
  refusal: null,
} as const satisfies Partial<PostingReport>;

function stateMeanwhile(operation: BoardPosting["operation"], previous: BoardState | null): BoardState {
  return operation === "UPDATE" || operation === "CLOSE" ? (previous ?? "LIVE") : "SUBMITTED";
}

/** A job that is gone is closed; whatever else was to be done to it was not done. */
function withoutListing({ operation, previousState }: BoardPosting, task: Task): PostingReport {
  if (operation === "CLOSE") return { ...nothingElse, state: "CLOSED", boardState: task.status };
  const state = operation === "UPDATE" ? (previousState ?? "REJECTED") : "REJECTED";
  return { ...nothingElse, state, boardState: task.status, isTaken: false, refusal: refused(task.errorMessage) };
}

function fromListing(
  { operation, previousState, now }: BoardPosting,
  listing: Listing,
  limits: readonly IntegrationError[],
): PostingReport {
  const { listingStatus, listingStatusDetail, jobPostingUrl, jobPostingInfo } = listing;
  const expiresAt = jobPostingInfo?.expireAt ? new Date(jobPostingInfo.expireAt) : null;
  const known = { ...nothingElse, boardState: listingStatus, url: jobPostingUrl ?? null, expiresAt };
  if (listingStatus === "LISTED") return { ...known, state: limits.length > 0 ? "LIMITED" : "LIVE" };
  if (listingStatus !== "NOT_LISTED") return { ...known, state: "IN_REVIEW" };
  if (operation === "CLOSE" || (operation === null && previousState === "CLOSED")) return { ...known, state: "CLOSED" };
  if (listingStatusDetail?.errorType) return { ...known, state: "REJECTED" };
  return { ...known, state: expiresAt !== null && expiresAt <= now ? "EXPIRED" : "CLOSED" };
}

/** What was asked for and is not so, with LinkedIn's words: promotion, or that candidates apply there. */
function limitsOf(
  { apply }: BoardPosting,
  { settings }: BoardAccount,
  { promotionStatus, promotionStatusDetail, linkedInApplyStatus, linkedInApplyStatusDetail }: Listing,
): readonly IntegrationError[] {
  const isUnpromoted = promotionStatus === "NOT_PROMOTED" && Boolean(promotionStatusDetail?.errorCode);
  const isOffsite = linkedInApplyStatus === "NOT_ENABLED" && apply !== null && takesApplications(settings);
  return [
    ...(isUnpromoted ? [refused(promotionStatusDetail?.statusMessage, promotionStatusDetail?.errorCode)] : []),
    ...(isOffsite ? [appliedElsewhere(linkedInApplyStatusDetail)] : []),
  ];
}

/** Whether the last operation was taken, and why not, or why the job is not listed as it should be. */
function outcomeOf(
  posting: BoardPosting,
  task: Task | null,
  { listingStatusDetail }: Listing,
  state: BoardState,
  limits: readonly IntegrationError[],
): Pick<PostingReport, "isTaken" | "refusal"> {
  if (task?.status === "FAILED" && !isDoneAnyway(posting, state)) {
    return { isTaken: false, refusal: refused(task.errorMessage) };
  }
  if (state !== "REJECTED") return { isTaken: true, refusal: state === "LIMITED" ? (limits[0] ?? null) : null };
  return { isTaken: true, refusal: refused(listingStatusDetail?.statusMessage, listingStatusDetail?.errorCode) };
}

/** An earlier attempt, whose answer nobody got, has done it: this one found a job that is open, or closed, already. */
function isDoneAnyway({ operation }: BoardPosting, state: BoardState): boolean {
  if (operation === "CLOSE") return state === "CLOSED";
  const isThere = state === "LIVE" || state === "LIMITED" || state === "IN_REVIEW";
  return (operation === "POST" || operation === "REOPEN") && isThere;
}

function idIn(task: Task | null): string | null {
  return task?.jobPosting ?? null;
}

function refused(words: string | null | undefined, providerCode?: string | null): IntegrationError {
  return new IntegrationError("PROVIDER_REFUSED", `LinkedIn: ${(words ?? "the job was refused").slice(0, 300)}`, {
    remedy: "Change what LinkedIn names with updateJobPosting, or post the job again.",
    ...(providerCode && { providerCode }),
  });
}

function appliedElsewhere(detail: Listing["linkedInApplyStatusDetail"]): IntegrationError {
  const words = (detail?.statusMessage ?? "candidates do not apply at LinkedIn").slice(0, 300);
  return new IntegrationError("PROVIDER_REFUSED", `LinkedIn sends candidates to the job's own page: ${words}`, {
    remedy:
      "Candidates apply at `applyUrl` meanwhile. Once what LinkedIn names is mended, change the job with updateJobPosting.",
    ...(detail?.errorCode && { providerCode: detail.errorCode }),
  });
}
