import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { JobPosting } from "../entities/job-posting.ts";
import { JobPostingVersion } from "../entities/job-posting-version.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { Job } from "../providers/job-board/job.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import type { ApplyLinks } from "./apply-links.ts";
import type { AskedBoard } from "./asked-board.ts";
import { lockIntegration } from "./found-integration.ts";
import { jobPostingData } from "./integration-events.ts";
import { handOver } from "./manual-plan.ts";
import { causeOf, type PostingEvent } from "./posting-events.ts";
import { approvalAfter, approvalFor } from "./posting-plan.ts";
import { bringSoon, savePosting } from "./posting-tasks.ts";
import { toStored } from "./stored-job.ts";
import type { Viewer } from "./viewer.ts";

/** Writes down what is wanted of postings, in the transaction of whoever changes that; a task brings it to the boards. */
export class WantedPostings {
  constructor(
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly links: Pick<ApplyLinks, "keep">,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /** @param startAt at once when left out */
  bringSoon(tx: TenantTransaction, { tenantId, id }: JobPosting, startAt?: Date): Promise<void> {
    return bringSoon(this.queue, { tenantId, id, ...(startAt && { startAt }) }, tx);
  }

  /** To be posted once more, by the same name. */
  queueAgain(tx: TenantTransaction, viewer: Viewer, posting: JobPosting, board: AskedBoard, cause: Cause): void {
    const { state } = posting;
    Object.assign(posting, {
      previousState: state === "CLOSED" || state === "EXPIRED" ? state : null,
      state: "QUEUED",
      wanted: "OPEN",
      closeReason: null,
      closedAt: null,
      problem: null,
      boardTaskId: null,
      versionRefused: null,
      looks: 0,
    });
    // A new posting costs anew.
    posting.approval = null;
    this.ask(tx, viewer, posting, board, cause);
    if (posting.state === "QUEUED") this.record(tx, "job_posting.queued", posting, cause);
  }

  /** Whether somebody has to decide on it, as it is now. */
  ask(
    tx: TenantTransaction,
    viewer: Viewer,
    posting: JobPosting,
    { integration, provider, job }: AskedBoard,
    cause: Cause,
  ): void {
    const { cost, subject } = approvalFor(provider, job, integration.settings);
    const before = posting.approval;
    const approval = approvalAfter(before, subject, viewer.userId, this.now());
    const mustWait = approval?.state === "PENDING";
    const isWaiting = posting.state === "QUEUED" || posting.state === "PENDING_APPROVAL";
    const state = isWaiting && posting.operation === null ? (mustWait ? "PENDING_APPROVAL" : "QUEUED") : posting.state;
    Object.assign(posting, { cost, approval, state });
    if (mustWait && approval !== before) this.record(tx, "job_posting.approval_requested", posting, cause);
  }

  /** @returns whether it is another job than before */
  async keepVersion(tx: TenantTransaction, posting: JobPosting, job: Job): Promise<boolean> {
    if (isSameJob(posting, job)) return false;
    Object.assign(posting, { job: toStored(job), jobVersion: posting.jobVersion + 1 });
    await this.keepText(tx, posting);
    return true;
  }

  async keepText(tx: TenantTransaction, { tenantId, id: jobPostingId, jobVersion, job }: JobPosting) {
    const version = { tenantId, jobPostingId, version: jobVersion, job, createdAt: this.now() };
    await tx.manager.save(JobPostingVersion, Object.assign(new JobPostingVersion(), version));
  }

  save(tx: TenantTransaction, viewer: Viewer, posting: JobPosting, { correlationId }: Cause): Promise<JobPosting> {
    Object.assign(posting, { requestedBy: viewer.userId, correlationId });
    return this.store(tx, posting);
  }

  async store(tx: TenantTransaction, posting: JobPosting): Promise<JobPosting> {
    if (posting.route === "MANUAL") await this.handOver(tx, posting);
    posting.updatedAt = this.now();
    return savePosting(this.queue, tx, posting);
  }

  /** What no task can do is somebody's to do, and they hear of it at once. */
  private async handOver(tx: TenantTransaction, posting: JobPosting): Promise<void> {
    const integration = await lockIntegration(tx, posting.integrationId);
    const told = integration && handOver(posting, jobBoard(integration.provider), this.now());
    if (told === "job_posting.manual_action_required") await this.links.keep(tx, posting);
    if (told) this.record(tx, told, posting, causeOf(posting, null));
  }

  record(tx: TenantTransaction, type: PostingEvent, posting: JobPosting, cause: Cause): void {
    const { integrationId, id: subjectId } = posting;
    this.log.record(tx, { type, integrationId, subjectId, data: jobPostingData(posting), cause });
  }
}

export function isSameJob({ job }: JobPosting, other: Job): boolean {
  return canonical(job) === canonical(toStored(other));
}

/** jsonb keeps its keys in an order of its own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    typeof held === "object" && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([one], [other]) => (one < other ? -1 : 1)))
      : held,
  );
}
