import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import type { Approval, JobPosting } from "../entities/job-posting.ts";
import { isIntegrationError } from "../errors.ts";
import type { Cause } from "../events/event-log.ts";
import type { Job } from "../providers/job-board/job.ts";
import { jobBoard } from "../providers/registry.ts";
import type { ApplyAddresses } from "./apply-addresses.ts";
import { refusalsOf } from "./asked-board.ts";
import { lockPosting } from "./board-writes.ts";
import { lockVisible, notFound, requireChangeable } from "./found-integration.ts";
import { isId, possibleNames } from "./id.ts";
import { mistakesIn } from "./job-check.ts";
import { visiblePostings } from "./job-postings.ts";
import { findOriginal, isStanding } from "./original-posting.ts";
import { type BoardOverride, type BoardResult, overridden } from "./post-request.ts";
import { cannot, takes } from "./posting-capability.ts";
import { ended, isAtBoard, isOver } from "./posting-plan.ts";
import { fixedReference, hasEnded, isClosed, notAlone, stillClosing } from "./posting-refusals.ts";
import { fromStored } from "./stored-job.ts";
import { requireScope, type Viewer } from "./viewer.ts";
import { isSameJob, type WantedPostings } from "./wanted-postings.ts";

/** Which postings are meant: one, or all of a job. */
export type PostingReference = { readonly id: string } | { readonly jobId: string };

interface Change {
  readonly operation: "UPDATE" | "CLOSE" | "REOPEN";
  readonly reference: PostingReference;
  /** Whether the original is so already, and what shows it at the board of `mirror` is about to be. */
  readonly isDone: (original: JobPosting, mirror: Integration) => boolean;
}

/** What is wanted of postings that there are: another text, their end, or to be there again. */
export class JobPostingChanges {
  constructor(
    private readonly database: Database,
    private readonly addresses: Pick<ApplyAddresses, "missing">,
    private readonly wanted: WantedPostings,
    private readonly now: () => Date,
  ) {}

  /** Changes the job of postings that are open, or wait to be. @throws {IntegrationError} NOT_FOUND, INVALID_INPUT */
  async update(
    viewer: Viewer,
    reference: PostingReference,
    job: Job,
    overrides: readonly BoardOverride[],
    cause: Cause,
  ): Promise<readonly BoardResult[]> {
    requireScope(viewer, "jobs:write");
    const [mistake] = mistakesIn(job);
    if (mistake) throw mistake;
    const isDone = (original: JobPosting, { id }: Integration) =>
      original.wanted === "OPEN" && isSameJob(original, overridden(job, overrides, id));
    const change = { operation: "UPDATE", reference, isDone } as const;
    return this.eachPosting(viewer, change, cause, (tx, posting, integration) =>
      this.updateOne(tx, viewer, posting, { integration, job, overrides }, cause),
    );
  }

  /** Takes postings off their boards, however long that takes. @throws {IntegrationError} NOT_FOUND */
  async close(
    viewer: Viewer,
    reference: PostingReference,
    reason: string | null,
    cause: Cause,
  ): Promise<readonly BoardResult[]> {
    requireScope(viewer, "jobs:write");
    const isDone = ({ wanted }: JobPosting) => wanted === "CLOSED";
    return this.eachPosting(viewer, { operation: "CLOSE", reference, isDone }, cause, async (tx, posting) => {
      if (posting.wanted === "CLOSED") return;
      const isNowhere = posting.operation === null && !isAtBoard(posting);
      Object.assign(posting, { wanted: "CLOSED", closeReason: reason, approval: withoutQuestion(posting.approval) });
      if (isNowhere && !ended.includes(posting.state)) {
        Object.assign(posting, { state: "CLOSED", closedAt: this.now() });
        this.wanted.record(tx, "job_posting.closed", posting, cause);
      }
      await this.wanted.bringSoon(tx, posting);
    });
  }

  /** Puts postings back that were closed, have expired, were refused or failed. @throws {IntegrationError} NOT_FOUND */
  async reopen(viewer: Viewer, reference: PostingReference, cause: Cause): Promise<readonly BoardResult[]> {
    requireScope(viewer, "jobs:write");
    const isDone = (original: JobPosting) => isStanding(original);
    const change = { operation: "REOPEN", reference, isDone } as const;
    return this.eachPosting(viewer, change, cause, async (tx, posting, integration) => {
      const provider = jobBoard(integration.provider);
      if (!takes(provider, "REOPEN")) throw cannot(provider, "REOPEN");
      if (posting.state === "PENDING_MANUAL") {
        // Nobody has confirmed yet that it is closed: they need not close it.
        Object.assign(posting, { wanted: "OPEN", closeReason: null });
        return;
      }
      if (posting.operation === "CLOSE") throw stillClosing();
      if (!ended.includes(posting.state)) return;
      if (isOver(posting, provider, this.now())) throw hasEnded();
      this.wanted.queueAgain(tx, viewer, posting, { integration, provider, job: fromStored(posting.job) }, cause);
      await this.wanted.bringSoon(tx, posting);
    });
  }

  private async updateOne(
    tx: TenantTransaction,
    viewer: Viewer,
    posting: JobPosting,
    wish: { readonly integration: Integration; readonly job: Job; readonly overrides: readonly BoardOverride[] },
    cause: Cause,
  ): Promise<void> {
    const { integration, overrides } = wish;
    const provider = jobBoard(integration.provider);
    const job = overridden(wish.job, overrides, integration.id);
    if (posting.wanted === "CLOSED" || ["CLOSED", "EXPIRED"].includes(posting.state)) throw isClosed();
    if (job.externalReference !== posting.reference) throw fixedReference();
    if (!takes(provider, "UPDATE")) throw cannot(provider, "UPDATE");
    const board = { integration, provider, job, applyMissing: await this.addresses.missing(tx, integration, job) };
    const [refusal] = refusalsOf(board, this.now());
    if (refusal) throw refusal;
    if (!(await this.wanted.keepVersion(tx, posting, job))) return;
    if (posting.state === "REJECTED" || posting.state === "FAILED") {
      // The board never took it: the change is a new attempt.
      if (!isAtBoard(posting) || posting.state === "FAILED") {
        this.wanted.queueAgain(tx, viewer, posting, { integration, provider, job }, cause);
        await this.wanted.bringSoon(tx, posting);
        return;
      }
    }
    this.wanted.ask(tx, viewer, posting, { integration, provider, job }, cause);
    await this.wanted.bringSoon(tx, posting);
  }

  /** Each posting in a transaction of its own: one that cannot be changed stops no other. */
  private async eachPosting(
    viewer: Viewer,
    change: Change,
    cause: Cause,
    work: (tx: TenantTransaction, posting: JobPosting, integration: Integration) => Promise<void>,
  ): Promise<readonly BoardResult[]> {
    const found = await this.database.inTenant(viewer.tenantId, (tx) => meant(tx, viewer, change.reference));
    if (found.length === 0) throw notFound();
    return Promise.all(
      found.map(async ({ id, integrationId }) => {
        try {
          const jobPosting = await this.changeOne(viewer, { id, integrationId }, change, cause, work);
          return { integrationId, jobPosting, errors: [] };
        } catch (error) {
          if (!isIntegrationError(error)) throw error;
          return { integrationId, jobPosting: found.find((one) => one.id === id) ?? null, errors: [error] };
        }
      }),
    );
  }

  private changeOne(
    viewer: Viewer,
    { id, integrationId }: Pick<JobPosting, "id" | "integrationId">,
    change: Change,
    cause: Cause,
    work: (tx: TenantTransaction, posting: JobPosting, integration: Integration) => Promise<void>,
  ): Promise<JobPosting> {
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integration = await lockVisible(tx, viewer, integrationId);
      requireChangeable(viewer, integration);
      const posting = await lockPosting(tx, id);
      if (!posting) throw notFound();
      if (posting.route === "MIRROR") {
        await this.follow(tx, posting, integration, change);
        return posting;
      }
      await work(tx, posting, integration);
      return this.wanted.save(tx, viewer, posting, cause);
    });
  }

  /** What shows another board's job is changed with the original, and not alone. */
  private async follow(
    tx: TenantTransaction,
    posting: JobPosting,
    integration: Integration,
    { operation, reference, isDone }: Change,
  ): Promise<void> {
    const original = (await findOriginal(tx, integration, posting.jobId)) ?? posting;
    if ("id" in reference && !isDone(original, integration)) throw notAlone(jobBoard(integration.provider), operation);
    await this.wanted.bringSoon(tx, posting);
  }
}

async function meant(tx: TenantTransaction, viewer: Viewer, reference: PostingReference): Promise<JobPosting[]> {
  const query = visiblePostings(tx, viewer).orderBy("posting.id");
  if ("jobId" in reference) {
    return query.andWhere("posting.jobId = ANY(:jobIds)", { jobIds: possibleNames([reference.jobId]) }).getMany();
  }
  return isId(reference.id) ? query.andWhere("posting.id = :id", { id: reference.id }).getMany() : [];
}

/** Nobody decides any more on what is not wanted. */
function withoutQuestion(approval: Approval | null): Approval | null {
  return approval?.state === "PENDING" ? null : approval;
}
