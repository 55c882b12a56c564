import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import { JobPosting, type StoredOperation } from "../entities/job-posting.ts";
import { isHeldBack, isIntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { ApplyAddress } from "../providers/job-board/applications.ts";
import type { BoardPosting, JobBoardProvider, PostingReport } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import { type Accounts, type OpenBoardAccount, requireUsable } from "./accounts.ts";
import { type ApplyAddresses, applyingElsewhere } from "./apply-addresses.ts";
import { type ApplyLinks, applyingByLink } from "./apply-links.ts";
import { isBatchBoard, leaveToBatch } from "./batch-tasks.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { jobPostingData } from "./integration-events.ts";
import type { IntegrationHealth } from "./integration-health.ts";
import { beginRenewals, handOver, isRenewalDue, nextTurn } from "./manual-plan.ts";
import { eventsOfFollowing, isUndecided, mirroredFrom } from "./mirrored-posting.ts";
import { findOriginal } from "./original-posting.ts";
import { cannot, methods } from "./posting-capability.ts";
import { causeItself, causeOf, eventOf, type PostingEvent } from "./posting-events.ts";
import {
  boardStateOf,
  earlierOf,
  ended,
  endsByItself,
  hasEndedUnsent,
  hasRunOut,
  isOpen,
  isOver,
  nextOperation,
} from "./posting-plan.ts";
import { bringSoon, savePosting } from "./posting-tasks.ts";
import { problemOf } from "./problem.ts";
import { missPosting, takeReport } from "./reported-posting.ts";
import { fromStored } from "./stored-job.ts";

/** What one attempt does: an operation, or only a look. */
interface Step {
  readonly posting: JobPosting;
  readonly integration: Integration;
  /** Whether an earlier attempt at the same operation may have got through. */
  readonly isRepeated: boolean;
  /** Where candidates who apply at the board come here. */
  readonly apply: ApplyAddress | null;
}

/** What came of it. */
interface Answer {
  /** Null when the board knows of no such posting, or cannot tell without a name of its own. */
  readonly report: PostingReport | null;
  /** Whether it was found to be there since before, and perhaps with the text of an attempt before this operation. */
  readonly isPerhapsOlder: boolean;
}

/** A board that has not said how a posting stands is asked for so many times at growing distances. */
const mostDoublings = 8;
const toleranceMs = 5_000;

/** Brings postings to where they are wanted, one call after the other, and looks how they stand. */
export class BoardWrites {
  constructor(
    private readonly database: Database,
    private readonly accounts: Pick<Accounts, "openBoard">,
    private readonly addresses: Pick<ApplyAddresses, "of" | "name">,
    private readonly links: Pick<ApplyLinks, "urlOf" | "keep">,
    private readonly health: IntegrationHealth,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  private async bringSoon(tx: TenantTransaction, { tenantId, id }: JobPosting, startAt?: Date): Promise<void> {
    await bringSoon(this.queue, { tenantId, id, ...(startAt && { startAt }) }, tx);
  }

  /**
   * Does what is next for a posting: the operation that brings it to where it is wanted, or a look how it stands. Harmless
   * twice: the intent is stored before the board is called, and what may have got through is looked up before it is repeated.
   *
   * @throws what it failed with, when it should be tried again
   */
  async bring(tenantId: string, id: string, isLastAttempt: boolean, signal: AbortSignal): Promise<void> {
    const step = await this.begin(tenantId, id);
    if (!step) return;
    try {
      const opened = await this.accounts.openBoard(tenantId, step.posting.integrationId, signal);
      requireUsable(opened.integration);
      await this.store(step, await this.call(opened, step), opened.provider);
    } catch (error) {
      const isFinal = (isLastAttempt && !isHeldBack(error)) || (isIntegrationError(error) && !error.retryable);
      if (!isFinal || signal.aborted) throw error;
      await this.giveUp(step, error);
    }
  }

  /** Stores what is about to be done. Null when there is nothing to do, or not yet. */
  private begin(tenantId: string, id: string): Promise<Step | null> {
    return this.database.inTenant(tenantId, async (tx) => {
      const found = await tx.manager.findOneBy(JobPosting, { tenantId, id });
      const integration = found && (await lockIntegration(tx, found.integrationId));
      const posting = integration && (await lockPosting(tx, id));
      if (!posting || integration.status === "DISCONNECTED") return null;
      if (posting.route === "MIRROR") {
        await this.follow(tx, posting, integration);
        return null;
      }
      const step = async (isRepeated: boolean): Promise<Step> => {
        const apply = await this.addresses.of(tx, integration, fromStored(posting.job));
        return { posting, integration, isRepeated, apply };
      };
      const board = jobBoard(integration.provider);
      if (posting.route === "MANUAL") return (await this.leaveToPeople(tx, posting, board)) ? step(true) : null;
      if (isBatchBoard(board)) {
        await leaveToBatch(this.queue, tx, posting, board, this.now());
        return null;
      }
      // Nobody knows whether that call got through.
      if (posting.operation !== null && posting.boardTaskId === null) return step(true);
      const now = this.now();
      if (hasEndedUnsent(posting, board, now)) return this.expire(tx, posting);
      if (hasRunOut(posting, board, now) && !isOver(posting, board, now)) return this.expire(tx, posting);
      const operation = posting.operation === null ? this.next(posting, board) : null;
      if (operation === null) return this.isDue(posting) && board.status ? step(true) : null;
      Object.assign(posting, {
        operation,
        operationId: newId(this.now()),
        operationVersion: posting.jobVersion,
        previousState: boardStateOf(posting.state) ?? posting.previousState,
        boardTaskId: null,
        looks: 0,
      });
      await tx.manager.save(JobPosting, posting);
      await this.addresses.name(tx, integration, posting);
      await this.links.keep(tx, posting);
      return step(posting.isUnsure);
    });
  }

  /** A board that shows another board's jobs is not called: what stands there stands here. */
  private async follow(tx: TenantTransaction, posting: JobPosting, integration: Integration): Promise<void> {
    const original = await findOriginal(tx, integration, posting.jobId);
    if (original === null || isUndecided(original)) return;
    const events = eventsOfFollowing(posting, original);
    Object.assign(posting, mirroredFrom(original));
    const cause = causeOf(original, integration.provider);
    for (const type of events) this.record(tx, type, posting, cause);
    await tx.manager.save(JobPosting, posting);
  }

  /**
   * What is next at a board that takes no calls is somebody's task: they are told of it, and of what is going to happen there.
   *
   * @returns whether it is time to look how the posting stands
   */
  private async leaveToPeople(tx: TenantTransaction, posting: JobPosting, board: JobBoardProvider): Promise<boolean> {
    const now = this.now();
    const told = [
      handOver(posting, board, now),
      isRenewalDue(posting, board, now) ? ("job_posting.renewal_due" as const) : null,
    ];
    for (const type of told) if (type) this.record(tx, type, posting, causeItself(posting));
    const mayLook = board.status !== undefined && posting.operation === null && isOpen(posting) && this.isDue(posting);
    if (!mayLook) await this.comeBack(tx, posting, nextTurn(posting, board));
    await savePosting(this.queue, tx, posting);
    return mayLook;
  }

  /** A job whose time was over before it was brought to its board goes there no more, and what its board showed so long is gone. */
  private async expire(tx: TenantTransaction, posting: JobPosting): Promise<null> {
    Object.assign(posting, { state: "EXPIRED", nextLookAt: null, updatedAt: this.now() });
    this.record(tx, eventOf[posting.state], posting, causeItself(posting));
    await savePosting(this.queue, tx, posting);
    return null;
  }

  private next(posting: JobPosting, board: JobBoardProvider): StoredOperation | null {
    return nextOperation(posting, isOver(posting, board, this.now()));
  }

  /** The queue's clock is another one than ours. */
  private isDue({ nextLookAt }: JobPosting): boolean {
    return nextLookAt !== null && nextLookAt.getTime() <= this.now().getTime() + toleranceMs;
  }

  private async call(opened: OpenBoardAccount, step: Step): Promise<Answer> {
    const { posting, isRepeated } = step;
    const { provider, account } = opened;
    const { operation, boardTaskId } = posting;
    const told = this.toldOf(step, provider);
    const look = async () => (await provider.status?.(account, told)) ?? null;
    if (operation === null || boardTaskId !== null) return { report: await look(), isPerhapsOlder: false };
    const makesOne = operation === "POST" || operation === "REOPEN";
    if (isRepeated && makesOne) {
      const found = await look();
      if (found && isOpen(found)) return { report: found, isPerhapsOlder: posting.isUnsure && posting.jobVersion > 1 };
    }
    const work = provider[methods[operation]];
    if (!work) throw cannot(provider, operation);
    return { report: await work(account, told), isPerhapsOlder: false };
  }

  private toldOf({ posting, apply }: Step, board: JobBoardProvider): BoardPosting {
    const job = applyingByLink(fromStored(posting.job), board, this.links.urlOf(posting));
    return {
      id: posting.id,
      job: apply ? job : applyingElsewhere(job),
      listedAt: posting.createdAt,
      now: this.now(),
      operation: posting.operation,
      previousState: boardStateOf(posting.operation === null ? posting.state : posting.previousState),
      boardPostingId: posting.boardPostingId,
      boardTaskId: posting.boardTaskId,
      url: posting.boardUrl,
      apply,
    };
  }

  private store(step: Step, { report, isPerhapsOlder }: Answer, board: JobBoardProvider): Promise<void> {
    const { findsBy } = board;
    return this.changed(step, async (tx, posting) => {
      const before = posting.state;
      const { operation } = posting;
      const isEnding = endsByItself(posting);
      if (report) takeReport(posting, report, board, this.now());
      else if (findsBy === undefined || posting[findsBy] !== null) missPosting(posting, board, this.now());
      // It is sent as it is now.
      if (isPerhapsOlder && posting.operation === null) posting.versionSent = null;
      if (posting.state === "CLOSED" && before !== "CLOSED") posting.closedAt = this.now();
      if (posting.state === "LIVE" && before !== "LIVE") beginRenewals(posting, board, this.now());
      const integration = await lockIntegration(tx, posting.integrationId);
      const provider = operation === null && integration ? integration.provider : null;
      const cause = isEnding ? causeItself(posting) : causeOf(posting, provider);
      if (report && operation === "UPDATE" && posting.operation === null) {
        this.record(tx, report.isTaken ? "job_posting.updated" : "job_posting.update_refused", posting, cause);
      }
      if (posting.state !== before) this.record(tx, eventOf[posting.state], posting, cause);
      if (integration) await this.health.succeeded(tx, integration, cause);
      await this.plan(tx, posting, board);
    });
  }

  /** When the posting is looked at next, or what follows at once. */
  private async plan(tx: TenantTransaction, posting: JobPosting, board: JobBoardProvider): Promise<void> {
    const { floorSeconds, defaultSeconds } = board.freshness;
    const isWaiting = posting.operation !== null || posting.state === "SUBMITTED" || posting.state === "IN_REVIEW";
    if (posting.operation === null && this.next(posting, board) !== null) {
      posting.nextLookAt = null;
      await this.bringSoon(tx, posting);
    } else if (isWaiting || isOpen(posting)) {
      const growing = Math.min(defaultSeconds, floorSeconds * 2 ** Math.min(posting.looks, mostDoublings));
      posting.looks += 1;
      const inSeconds = isWaiting ? growing : defaultSeconds;
      const look = board.status ? new Date(this.now().getTime() + inSeconds * 1000) : null;
      await this.comeBack(tx, posting, earlierOf(look, posting.operation === null ? nextTurn(posting, board) : null));
    } else {
      posting.nextLookAt = null;
    }
  }

  private async comeBack(tx: TenantTransaction, posting: JobPosting, at: Date | null): Promise<void> {
    posting.nextLookAt = at;
    if (at) await this.bringSoon(tx, posting, at);
  }

  /** Refused, or tried often enough. What the board has is left as it is. */
  private giveUp(step: Step, error: unknown): Promise<void> {
    return this.changed(step, async (tx, posting) => {
      const { operation, operationVersion } = posting;
      const isRefusal = isIntegrationError(error) && !error.retryable;
      const cause = causeOf(posting, null);
      Object.assign(posting, {
        problem: problemOf(error),
        operation: null,
        operationId: null,
        operationVersion: null,
        boardTaskId: null,
      });
      if (operation === "POST" || operation === "REOPEN") {
        const isBoards = isIntegrationError(error, "PROVIDER_REFUSED", "QUOTA_EXHAUSTED", "DUPLICATE");
        posting.state = isBoards ? "REJECTED" : "FAILED";
        posting.isUnsure = !isRefusal;
        this.record(tx, eventOf[posting.state], posting, cause);
      }
      if (operation === "UPDATE") {
        posting.versionRefused = operationVersion;
        this.record(tx, "job_posting.update_refused", posting, cause);
      }
      const integration = await lockIntegration(tx, posting.integrationId);
      if (integration && isIntegrationError(error, "CREDENTIALS_REJECTED", "REAUTHORIZATION_REQUIRED")) {
        await this.health.failed(tx, integration, error, cause);
      }
      await this.lookLater(tx, posting, jobBoard(step.integration.provider));
    });
  }

  /** What is still wanted, closing above all, is tried again as rarely as a posting is looked at. */
  private async lookLater(tx: TenantTransaction, posting: JobPosting, board: JobBoardProvider): Promise<void> {
    const isSettled = this.next(posting, board) === null;
    const isDone = isSettled && (ended.includes(posting.state) || !board.status);
    const later = new Date(this.now().getTime() + board.freshness.defaultSeconds * 1000);
    await this.comeBack(tx, posting, isDone ? nextTurn(posting, board) : later);
  }

  /** Changes the posting, unless somebody else has finished what the step was about. */
  private async changed(
    { posting: { tenantId, id, integrationId, operationId } }: Step,
    change: (tx: TenantTransaction, posting: JobPosting) => Promise<void>,
  ): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      await lockIntegration(tx, integrationId);
      const posting = await lockPosting(tx, id);
      if (!posting || posting.operationId !== operationId) return;
      await change(tx, posting);
      posting.updatedAt = this.now();
      await savePosting(this.queue, tx, posting);
    });
  }

  private record(tx: TenantTransaction, type: PostingEvent, posting: JobPosting, cause: Cause): void {
    const { integrationId, id: subjectId } = posting;
    this.log.record(tx, { type, integrationId, subjectId, data: jobPostingData(posting), cause });
  }
}

export function lockPosting(tx: TenantTransaction, id: string): Promise<JobPosting | null> {
  return tx.manager.findOne(JobPosting, { where: { tenantId: tx.tenantId, id }, lock: { mode: "pessimistic_write" } });
}
