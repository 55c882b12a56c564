import { In } from "typeorm";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import { JobPosting } from "../entities/job-posting.ts";
import { JobPostingVersion } from "../entities/job-posting-version.ts";
import type { EventLog } from "../events/event-log.ts";
import type { BoardPosting } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import { applyingElsewhere } from "./apply-addresses.ts";
import { type ApplyLinks, applyingByLink } from "./apply-links.ts";
import { type PlannedPosting, planOf } from "./batch-plan.ts";
import { type BatchBoard, isBatchBoard, nextMailAt, sendSoon } from "./batch-tasks.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { jobPostingData } from "./integration-events.ts";
import { causeItself, eventOf } from "./posting-events.ts";
import { boardStateOf, hasEndedUnsent } from "./posting-plan.ts";
import { savePosting } from "./posting-tasks.ts";
import { nothingUnderWay } from "./reported-posting.ts";
import { fromStored } from "./stored-job.ts";

/** A posting as it is, and what becomes of it. */
export interface BatchEntry extends PlannedPosting {
  readonly posting: JobPosting;
}

/** One mail: what is in it, and what that does. */
export interface BatchStep {
  readonly integration: Integration;
  readonly board: BatchBoard;
  readonly attemptId: string;
  readonly entries: readonly BatchEntry[];
  /** The jobs that are to stand at the board. */
  readonly told: readonly BoardPosting[];
}

/** What a mail to a board that gets all open jobs of an account at once is going to bring, stored before it is sent. */
export class BatchSteps {
  constructor(
    private readonly database: Database,
    private readonly links: Pick<ApplyLinks, "urlOf" | "keep">,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /** Stores what is about to be sent. Null when there is nothing to send, or not yet. */
  begin(tenantId: string, integrationId: string): Promise<BatchStep | null> {
    return this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockIntegration(tx, integrationId);
      const board = integration && jobBoard(integration.provider);
      if (!board || !isBatchBoard(board) || integration.status === "DISCONNECTED") return null;
      const notBefore = await nextMailAt(tx, integrationId, board.batch, this.now());
      if (notBefore) {
        await sendSoon(this.queue, tx, integrationId, notBefore);
        return null;
      }
      const entries = await this.plan(tx, await lockStanding(tx, integrationId), board);
      if (entries.every(({ operation }) => operation === null)) return null;
      for (const entry of entries) await this.mark(tx, entry);
      const attemptId = newId(this.now());
      await tx.query(
        `INSERT INTO job_batch (tenant_id, integration_id, attempt_id, begun_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, integration_id) DO UPDATE SET attempt_id = excluded.attempt_id, begun_at = excluded.begun_at`,
        [tenantId, integrationId, attemptId, this.now()],
      );
      return { integration, board, attemptId, entries, told: await this.toldOf(tx, entries, board) };
    });
  }

  private async plan(tx: TenantTransaction, postings: readonly JobPosting[], board: BatchBoard): Promise<BatchEntry[]> {
    const entries: BatchEntry[] = [];
    for (const posting of postings) {
      // An attempt that never came back may have got through.
      if (posting.operation === "POST" || posting.operation === "REOPEN") posting.isUnsure = true;
      if (hasEndedUnsent(posting, board, this.now())) await this.expire(tx, posting);
      else entries.push({ posting, ...planOf(posting, board, this.now()) });
    }
    return entries;
  }

  /** A job whose time was over before it was sent. */
  private async expire(tx: TenantTransaction, posting: JobPosting): Promise<void> {
    Object.assign(posting, { state: "EXPIRED", nextLookAt: null, updatedAt: this.now() });
    const { integrationId, id: subjectId } = posting;
    const about = { integrationId, subjectId, data: jobPostingData(posting), cause: causeItself(posting) };
    this.log.record(tx, { type: eventOf.EXPIRED, ...about });
    await savePosting(this.queue, tx, posting);
  }

  private async mark(tx: TenantTransaction, { posting, version, operation }: BatchEntry): Promise<void> {
    if (operation === null) {
      if (posting.operation === null) return;
      Object.assign(posting, nothingUnderWay);
    } else {
      Object.assign(posting, {
        operation,
        operationId: newId(this.now()),
        operationVersion: version ?? posting.jobVersion,
        previousState: boardStateOf(posting.state) ?? posting.previousState,
      });
      if (version !== null) await this.links.keep(tx, posting);
    }
    await tx.manager.save(JobPosting, posting);
  }

  /** The jobs in the mail, each in the version that is to stand there; those that stand there longest come first. */
  private async toldOf(
    tx: TenantTransaction,
    entries: readonly BatchEntry[],
    board: BatchBoard,
  ): Promise<BoardPosting[]> {
    const standing = entries.filter(({ version }) => version !== null);
    const older = standing.filter(({ posting, version }) => version !== posting.jobVersion);
    const texts = await tx.manager.findBy(JobPostingVersion, {
      tenantId: tx.tenantId,
      jobPostingId: In(older.map(({ posting }) => posting.id)),
    });
    const textOf = ({ posting, version }: BatchEntry) =>
      texts.find((text) => text.jobPostingId === posting.id && text.version === version)?.job ?? posting.job;
    const since = ({ posting }: BatchEntry) => posting.submittedAt?.getTime() ?? Number.POSITIVE_INFINITY;
    return standing
      .toSorted((one, other) => since(one) - since(other) || (one.posting.id < other.posting.id ? -1 : 1))
      .map((entry) => this.told(entry.posting, textOf(entry), board));
  }

  private told(posting: JobPosting, text: JobPosting["job"], board: BatchBoard): BoardPosting {
    return {
      id: posting.id,
      job: applyingElsewhere(applyingByLink(fromStored(text), board, this.links.urlOf(posting))),
      listedAt: posting.createdAt,
      now: this.now(),
      operation: posting.operation,
      previousState: boardStateOf(posting.operation === null ? posting.state : posting.previousState),
      boardPostingId: posting.boardPostingId,
      boardTaskId: posting.boardTaskId,
      url: posting.boardUrl,
      apply: null,
    };
  }
}

/** All postings of an account that are at the board, may be, or are to be. */
function lockStanding(tx: TenantTransaction, integrationId: string): Promise<JobPosting[]> {
  return tx.manager
    .createQueryBuilder(JobPosting, "posting")
    .where("posting.tenantId = :tenantId AND posting.integrationId = :integrationId", {
      tenantId: tx.tenantId,
      integrationId,
    })
    .andWhere(
      `(posting.state IN ('QUEUED', 'SUBMITTED', 'IN_REVIEW', 'LIVE', 'LIMITED')
        OR posting.operation IS NOT NULL OR posting.isUnsure)`,
    )
    .orderBy("posting.id")
    .setLock("pessimistic_write")
    .getMany();
}
