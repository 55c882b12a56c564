import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Approval, JobPosting, StoredMoney } from "../entities/job-posting.ts";
import type { Cause } from "../events/event-log.ts";
import type { Money } from "../providers/job-board/job.ts";
import { lockPosting } from "./board-writes.ts";
import { lockVisible, notFound } from "./found-integration.ts";
import { isId } from "./id.ts";
import { isMore } from "./job-check.ts";
import { visiblePostings } from "./job-postings.ts";
import { notApproved, nothingToDecide, ownRequest, tooExpensive } from "./posting-refusals.ts";
import { problemOf } from "./problem.ts";
import { requireScope, type Viewer } from "./viewer.ts";
import type { WantedPostings } from "./wanted-postings.ts";

/** Deciding on what somebody else wants to be posted. */
export class JobPostingApprovals {
  constructor(
    private readonly database: Database,
    private readonly wanted: WantedPostings,
    private readonly now: () => Date,
  ) {}

  /**
   * Lets a posting go to its board, for no more than `maxCost`.
   *
   * @throws {IntegrationError} NOT_FOUND, FORBIDDEN for whoever asked for it, CONFLICT when nothing is to be decided,
   *   INVALID_INPUT when it costs more
   */
  approve(viewer: Viewer, id: string, maxCost: Money | null, cause: Cause): Promise<JobPosting> {
    return this.decide(viewer, id, async (tx, posting, approval) => {
      const money = posting.cost?.money ?? null;
      if (money && maxCost && isMore(money, maxCost)) throw tooExpensive(money);
      posting.approval = this.decided(viewer, approval, { state: "APPROVED", maxCost: maxCost ?? money, reason: null });
      if (posting.state === "PENDING_APPROVAL") posting.state = "QUEUED";
      this.wanted.record(tx, "job_posting.approved", posting, cause);
      await this.wanted.bringSoon(tx, posting);
    });
  }

  /** Keeps it from its board. What the board has already stays as it is. @throws as `approve` */
  reject(viewer: Viewer, id: string, reason: string | null, cause: Cause): Promise<JobPosting> {
    return this.decide(viewer, id, async (tx, posting, approval) => {
      posting.approval = this.decided(viewer, approval, { state: "REJECTED", maxCost: null, reason });
      posting.versionRefused = posting.jobVersion;
      posting.problem = problemOf(notApproved(reason));
      if (posting.state === "PENDING_APPROVAL") posting.state = "REJECTED";
      this.wanted.record(tx, "job_posting.approval_refused", posting, cause);
    });
  }

  private async decide(
    viewer: Viewer,
    id: string,
    work: (tx: TenantTransaction, posting: JobPosting, approval: Approval) => Promise<void>,
  ): Promise<JobPosting> {
    requireScope(viewer, "jobs:approve");
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const found = isId(id) ? await visiblePostings(tx, viewer).andWhere("posting.id = :id", { id }).getOne() : null;
      if (!found) throw notFound();
      await lockVisible(tx, viewer, found.integrationId);
      const posting = await lockPosting(tx, id);
      if (posting?.approval?.state !== "PENDING") throw nothingToDecide();
      if (posting.approval.requestedBy === viewer.userId) throw ownRequest();
      await work(tx, posting, posting.approval);
      return this.wanted.store(tx, posting);
    });
  }

  private decided(
    { userId }: Viewer,
    approval: Approval,
    decision: {
      readonly state: "APPROVED" | "REJECTED";
      readonly maxCost: StoredMoney | null;
      readonly reason: string | null;
    },
  ): Approval {
    return { ...approval, ...decision, decidedBy: userId, decidedAt: this.now().toISOString() };
  }
}
