import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import type { JobPosting } from "../entities/job-posting.ts";
import type { Cause } from "../events/event-log.ts";
import type { BoardState, JobBoardProvider, PostingReport } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import { type ApplyLinks, applyingByLink } from "./apply-links.ts";
import { lockPosting } from "./board-writes.ts";
import { lockVisible, notFound, requireChangeable } from "./found-integration.ts";
import { isId } from "./id.ts";
import { type PostingBoard, visiblePostings } from "./job-postings.ts";
import { beginRenewals, type ManualTask, manualTaskOf, nextTurn } from "./manual-plan.ts";
import { eventOf, type PostingEvent } from "./posting-events.ts";
import { boardStateOf, earlierOf, isOpen } from "./posting-plan.ts";
import { notConfirmed, nothingToConfirm, notPeoples, refusedBy } from "./posting-refusals.ts";
import { takeReport } from "./reported-posting.ts";
import { fromStored } from "./stored-job.ts";
import { requireScope, type Viewer } from "./viewer.ts";
import type { WantedPostings } from "./wanted-postings.ts";

/** What became of something that a person was to do at a board: it is done, sent and not seen yet, or the board refused it. */
export const confirmationOutcomes = ["DONE", "SENT", "REFUSED"] as const;

export interface Confirmation {
  readonly id: string;
  readonly outcome: (typeof confirmationOutcomes)[number];
  /** Where candidates see it; null when that was said before, or is not known. */
  readonly url: string | null;
  /** Which version of the job was entered; null for the one that is wanted now. */
  readonly jobVersion: number | null;
  /** Why the board refused it, in its words. */
  readonly reason: string | null;
}

/** What people do at boards that take no calls, and what they say of it. */
export class ManualPostings {
  constructor(
    private readonly database: Database,
    private readonly wanted: WantedPostings,
    private readonly links: Pick<ApplyLinks, "urlOf">,
    private readonly now: () => Date,
  ) {}

  /** What somebody has to do for a posting; null when nobody has to. @param board the posting's */
  taskFor(posting: JobPosting, { provider, settings }: Pick<PostingBoard, "provider" | "settings">): ManualTask | null {
    const board = jobBoard(provider);
    return manualTaskOf(
      posting,
      board,
      settings,
      applyingByLink(fromStored(posting.job), board, this.links.urlOf(posting)),
    );
  }

  /**
   * Takes somebody's word for how a posting stands at a board that does not tell us. Harmless twice.
   *
   * @throws {IntegrationError} NOT_FOUND, UNSUPPORTED_CAPABILITY at a board that tells by itself, CONFLICT when nothing was to be
   *   done, INVALID_INPUT for an address that is none of the board's, or is missing
   */
  confirm(viewer: Viewer, confirmation: Confirmation, cause: Cause): Promise<JobPosting> {
    requireScope(viewer, "jobs:write");
    const { id } = confirmation;
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const found = isId(id) ? await visiblePostings(tx, viewer).andWhere("posting.id = :id", { id }).getOne() : null;
      if (!found) throw notFound();
      const integration = await lockVisible(tx, viewer, found.integrationId);
      requireChangeable(viewer, integration);
      const posting = await lockPosting(tx, id);
      if (!posting) throw notFound();
      const board = jobBoard(integration.provider);
      if (posting.route === "API" || posting.route === "MIRROR") throw notPeoples(board);
      check(posting, confirmation, integration, board);
      const events = this.take(posting, confirmation, board);
      for (const type of events) this.wanted.record(tx, type, posting, cause);
      return this.saved(tx, viewer, posting, board, cause);
    });
  }

  /** @returns what there is to tell */
  private take(posting: JobPosting, confirmation: Confirmation, board: JobBoardProvider): readonly PostingEvent[] {
    const { operation } = posting;
    const report = reportOf(posting, confirmation, board);
    if (report === null) return [];
    const before = operation === "UPDATE" ? posting.previousState : posting.state;
    if (operation !== null) posting.operationVersion = confirmation.jobVersion ?? posting.jobVersion;
    takeReport(posting, report, board, this.now());
    const { state } = posting;
    Object.assign(posting, { dueAt: null, checkedAt: state === "SUBMITTED" ? posting.checkedAt : this.now() });
    if (state === "CLOSED") posting.closedAt = this.now();
    if (!isOpen(posting)) posting.renewsAt = null;
    if (state === "LIVE" && before !== "LIVE") beginRenewals(posting, board, this.now());
    const change: PostingEvent = report.isTaken ? "job_posting.updated" : "job_posting.update_refused";
    return [...(operation === "UPDATE" ? [change] : []), ...(state === before ? [] : [eventOf[state]])];
  }

  private async saved(
    tx: TenantTransaction,
    viewer: Viewer,
    posting: JobPosting,
    board: JobBoardProvider,
    cause: Cause,
  ): Promise<JobPosting> {
    const saved = await this.wanted.save(tx, viewer, posting, cause);
    const look = board.status && isOpen(saved) ? this.now() : null;
    saved.nextLookAt = earlierOf(look, nextTurn(saved, board));
    if (saved.nextLookAt) await this.wanted.bringSoon(tx, saved, saved.nextLookAt);
    return this.wanted.store(tx, saved);
  }
}

/** What a board would tell, and a person does not. */
const silent = {
  boardState: null,
  boardPostingId: null,
  boardTaskId: null,
  expiresAt: null,
  isPending: false,
} as const;

/** @throws {IntegrationError} CONFLICT, INVALID_INPUT */
function check(
  posting: JobPosting,
  confirmation: Confirmation,
  { settings }: Integration,
  board: JobBoardProvider,
): void {
  const { state, operation, boardUrl, jobVersion } = posting;
  const { outcome, url } = confirmation;
  const isTold = operation !== null || isOpen(posting) || state === "CLOSED" || state === "EXPIRED";
  if (!isTold || (outcome !== "DONE" && operation === null && state !== "SUBMITTED")) throw nothingToConfirm();
  if (outcome !== "DONE" && operation === "CLOSE")
    throw notConfirmed("outcome", "What is to be closed is closed, or is not yet");
  const version = confirmation.jobVersion ?? jobVersion;
  if (version < 1 || version > jobVersion) throw notConfirmed("jobVersion", "There is no such version of this job");
  const isShown = outcome === "DONE" && (operation === "POST" || operation === "REOPEN");
  if (url === null && board.manual && isShown && (operation === "REOPEN" || boardUrl === null)) {
    throw notConfirmed("url", `Say where candidates see it at ${board.name}`);
  }
  if (url !== null && board.manual && !board.manual.isPostingUrl(new URL(url), settings)) {
    throw notConfirmed("url", `This is no address of a posting at ${board.name}`);
  }
}

/** What somebody says of a posting, as a board would; null when that is nothing new. */
function reportOf(posting: JobPosting, confirmation: Confirmation, board: JobBoardProvider): PostingReport | null {
  const { operation, previousState } = posting;
  const { outcome, url, reason } = confirmation;
  if (outcome === "REFUSED") {
    const state = operation === "UPDATE" ? (boardStateOf(previousState) ?? "LIVE") : "REJECTED";
    return { ...silent, state, url, isTaken: false, refusal: refusedBy(board, reason) };
  }
  const state = stateAfter(posting, confirmation);
  return state && { ...silent, state, url, isTaken: true, refusal: null };
}

function stateAfter({ operation, state, wanted }: JobPosting, { outcome, url }: Confirmation): BoardState | null {
  if (outcome === "SENT") return operation === "UPDATE" ? "LIVE" : "SUBMITTED";
  if (operation === "CLOSE") return "CLOSED";
  if (operation !== null || isOpen({ state })) return "LIVE";
  // It was posted all the same, before whoever did it knew that nobody wanted it any more.
  return wanted === "CLOSED" && url !== null ? "LIVE" : null;
}
