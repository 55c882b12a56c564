import { IntegrationError } from "../../../errors.ts";
import type { BoardAccount, BoardPosting, BoardState, PostingReport } from "../provider.ts";
import { type JobPostStatus, readJobStatus, type SurfaceStatus } from "./client.ts";
import { nameOf, readName, type SourcedPosting } from "./posting-name.ts";

/** What is known of a job that Indeed has just taken: it is checked and indexed within minutes or hours. */
export function taken({ operation, previousState }: BoardPosting, posting: SourcedPosting): PostingReport {
  const stays = operation === "UPDATE" && isAlive(previousState);
  return { ...nothingElse, state: stays ? previousState : "SUBMITTED", boardPostingId: nameOf(posting) };
}

export function ended(posting: SourcedPosting): PostingReport {
  return { ...nothingElse, state: "CLOSED", boardPostingId: nameOf(posting) };
}

/**
 * Null for a job that Indeed does not know, and while nobody knows what Indeed calls it. Where it told no id to ask by, nothing
 * is held against what is known already.
 */
export async function readStatus(account: BoardAccount, posting: BoardPosting): Promise<PostingReport | null> {
  const { boardPostingId, previousState } = posting;
  if (boardPostingId === null) return null;
  const { employerJobId } = readName(boardPostingId);
  if (employerJobId === null) return { ...nothingElse, state: previousState ?? "SUBMITTED", boardPostingId };
  const status = await readJobStatus(account, employerJobId);
  if (status === null) return null;
  const { state, refusal } = standing(posting, status);
  const boardState = status.globalStatus?.lifecycleStatus ?? null;
  return { ...nothingElse, state, refusal, boardState, boardPostingId, expiresAt: posting.job.expiresAt };
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

/** The values are not documented; what nobody knows is a job that is still being checked. */
const active = ["ACTIVE", "LIVE", "OPEN", "PUBLISHED"];
const inactive = ["INACTIVE", "EXPIRED", "CLOSED", "ENDED", "DELETED", "REMOVED"];

type Standing = Pick<PostingReport, "state" | "refusal">;

function standing(posting: BoardPosting, { globalStatus, surfaceStatuses }: JobPostStatus): Standing {
  const lifecycle = globalStatus?.lifecycleStatus?.toUpperCase() ?? "";
  const surfaces = surfaceStatuses ?? [];
  if (inactive.includes(lifecycle)) return over(posting);
  const rejected = surfaces.filter(({ isRejected }) => isRejected);
  if (rejected.length > 0) return rejected.length < surfaces.length ? limited(rejectedInPart()) : rejectedByAll();
  if (!active.includes(lifecycle)) return { state: "IN_REVIEW", refusal: null };
  return surfaces.some(lacksSponsorship) ? limited(unsponsored()) : { state: "LIVE", refusal: null };
}

/**
 * What was sent to be shown, and is not, may be so by and by, as indexing takes hours; or never, where Indeed has heard that the
 * job is closed. It is looked at for as long as somebody wants it to be shown.
 */
function over(posting: BoardPosting): Standing {
  if (hasRunOut(posting)) return { state: "EXPIRED", refusal: null };
  const isAwaited = posting.operation === null && posting.previousState === "SUBMITTED";
  return isAwaited ? { state: "SUBMITTED", refusal: notShown() } : { state: "CLOSED", refusal: null };
}

function hasRunOut({ job, now, operation, previousState }: BoardPosting): boolean {
  if (operation === "CLOSE" || (operation === null && previousState === "CLOSED")) return false;
  return job.expiresAt !== null && job.expiresAt <= now;
}

function lacksSponsorship({ isMissingRequiredSponsorship, isSponsorshipRequired }: SurfaceStatus): boolean {
  return (isMissingRequiredSponsorship ?? isSponsorshipRequired) === true;
}

function isAlive(state: BoardState | null): state is "LIVE" | "LIMITED" | "IN_REVIEW" {
  return state === "LIVE" || state === "LIMITED" || state === "IN_REVIEW";
}

function limited(refusal: IntegrationError): Standing {
  return { state: "LIMITED", refusal };
}

function rejectedByAll(): Standing {
  return { state: "REJECTED", refusal: refused("Indeed's check keeps the job from candidates", "isRejected") };
}

function rejectedInPart(): IntegrationError {
  return refused("Indeed's check keeps the job from some of its sites", "isRejected");
}

function notShown(): IntegrationError {
  return new IntegrationError("PROVIDER_REFUSED", "Indeed has taken the job, and does not show it so far", {
    remedy: "It may take hours. Where it stays so, close the posting, and post the job under another reference.",
  });
}

function unsponsored(): IntegrationError {
  return new IntegrationError("PROVIDER_REFUSED", "Indeed shows the job to few: it has to be sponsored", {
    providerCode: "isMissingRequiredSponsorship",
    remedy: "Give it a budget in the company's account at Indeed.",
  });
}

function refused(message: string, providerCode: string): IntegrationError {
  return new IntegrationError("PROVIDER_REFUSED", message, {
    providerCode,
    remedy: "Compare it with Indeed's job posting standards, change it with updateJobPosting, or ask Indeed.",
  });
}
