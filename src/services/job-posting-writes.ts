import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import { type Approval, JobPosting, type StoredMoney } from "../entities/job-posting.ts";
import { JobPostingVersion } from "../entities/job-posting-version.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { Job, Money, Promotion } from "../providers/job-board/job.ts";
import type { JobBoardProvider, JobFinding, PostingCost, PostingRoute } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import { requireUsable } from "./accounts.ts";
import { type BoardWrites, cannot, eventOf, lockPosting, type PostingEvent } from "./board-writes.ts";
import { findVisible, lockVisible, notFound, requireChangeable } from "./found-integration.ts";
import { isId, newId, possibleNames } from "./id.ts";
import type { Idempotency } from "./idempotency.ts";
import { jobPostingData } from "./integration-events.ts";
import { isMore, mistakesIn } from "./job-check.ts";
import { visiblePostings } from "./job-postings.ts";
import { approvalAfter, approvalFor, ended, isAtBoard } from "./posting-plan.ts";
import {
  fixedReference,
  isClosed,
  isPosted,
  notApproved,
  nothingToDecide,
  ownRequest,
  stillClosing,
  takenReference,
  tooExpensive,
} from "./posting-refusals.ts";
import { problemOf } from "./problem.ts";
import { fromStored, toStored } from "./stored-job.ts";
import { requireScope, type Viewer } from "./viewer.ts";

/** What one board gets other than the others; what is left out is the job's. */
export interface BoardOverride {
  readonly integrationId: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly applyUrl?: string | undefined;
  readonly contactEmail?: string | undefined;
  readonly promotion?: Promotion | null | undefined;
  readonly boardCodes?: Job["boardCodes"] | undefined;
}

export interface PostRequest {
  readonly jobId: string;
  readonly job: Job;
  /** A job for the tenant's own people goes to no board. */
  readonly internalOnly: boolean;
  readonly integrationIds: readonly string[];
  readonly overrides: readonly BoardOverride[];
}

/** What became of one board's part. */
export interface BoardResult {
  readonly integrationId: string;
  readonly jobPosting: JobPosting | null;
  /** Why there is none, or why it stays as it was. */
  readonly errors: readonly IntegrationError[];
}

/** What would become of it. */
export interface PostingPreview {
  readonly integrationId: string;
  readonly route: PostingRoute | null;
  readonly findings: readonly JobFinding[];
  readonly cost: PostingCost | null;
  readonly needsApproval: boolean;
  /** As it would be sent; null when there is no such board. */
  readonly description: string | null;
  readonly errors: readonly IntegrationError[];
}

/** Which postings are meant: one, or all of a job. */
export type PostingReference = { readonly id: string } | { readonly jobId: string };

interface Board {
  readonly integration: Integration;
  readonly provider: JobBoardProvider;
  readonly job: Job;
}

const maxBoards = 50;

/** What is wanted of job postings: it is stored at once, and a task brings it to the boards. */
export class JobPostingWrites {
  constructor(
    private readonly database: Database,
    private readonly boards: BoardWrites,
    private readonly idempotency: Idempotency,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /**
   * Posts a job to boards. A job that stands on a board already is the same posting. One board's refusal stops no other.
   *
   * @throws {IntegrationError} INVALID_INPUT when the job is none for any board, IDEMPOTENCY_KEY_REUSED …
   */
  async post(viewer: Viewer, request: PostRequest, key: string | null, cause: Cause): Promise<readonly BoardResult[]> {
    requireScope(viewer, "jobs:write");
    checkRequest(request);
    let results: readonly BoardResult[] | null = null;
    await this.idempotency.once(viewer, { mutation: "postJob", key, input: request }, async (id) => {
      results = await this.each(request, (integrationId) => this.postAt(viewer, integrationId, request, cause));
      return id;
    });
    return results ?? this.each(request, (integrationId) => this.foundAt(viewer, integrationId, request));
  }

  /** What `post` would do, and what each board would refuse, leave out or change. Nothing is stored or sent. */
  async preview(viewer: Viewer, request: PostRequest): Promise<readonly PostingPreview[]> {
    requireScope(viewer, "jobs:read");
    checkRequest(request);
    return Promise.all(
      request.integrationIds.map(async (integrationId) => {
        const nothing = {
          integrationId,
          route: null,
          findings: [],
          cost: null,
          needsApproval: false,
          description: null,
        };
        try {
          const board = await this.boardOf(viewer, integrationId, request);
          return previewOf(board);
        } catch (error) {
          if (!isIntegrationError(error)) throw error;
          return { ...nothing, errors: [error] };
        }
      }),
    );
  }

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
    return this.eachPosting(viewer, reference, cause, (tx, posting, integration) =>
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
    return this.eachPosting(viewer, reference, cause, async (tx, posting) => {
      if (posting.wanted === "CLOSED") return;
      const isNowhere = posting.operation === null && !isAtBoard(posting);
      Object.assign(posting, { wanted: "CLOSED", closeReason: reason, approval: withoutQuestion(posting.approval) });
      if (isNowhere && !ended.includes(posting.state)) {
        Object.assign(posting, { state: "CLOSED", closedAt: this.now() });
        this.record(tx, "job_posting.closed", posting, cause);
      }
      await this.boards.bringSoon(tx, posting);
    });
  }

  /** Puts postings back that were closed, have expired, were refused or failed. @throws {IntegrationError} NOT_FOUND */
  async reopen(viewer: Viewer, reference: PostingReference, cause: Cause): Promise<readonly BoardResult[]> {
    requireScope(viewer, "jobs:write");
    return this.eachPosting(viewer, reference, cause, async (tx, posting, integration) => {
      const provider = jobBoard(integration.provider);
      if (!provider.reopen) throw cannot(provider.name, "REOPEN");
      if (posting.operation === "CLOSE") throw stillClosing();
      if (!ended.includes(posting.state)) return;
      this.queueAgain(tx, viewer, posting, { integration, provider, job: fromStored(posting.job) }, cause);
      await this.boards.bringSoon(tx, posting);
    });
  }

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
      this.record(tx, "job_posting.approved", posting, cause);
      await this.boards.bringSoon(tx, posting);
    });
  }

  /** Keeps it from its board. What the board has already stays as it is. @throws as `approve` */
  reject(viewer: Viewer, id: string, reason: string | null, cause: Cause): Promise<JobPosting> {
    return this.decide(viewer, id, async (tx, posting, approval) => {
      posting.approval = this.decided(viewer, approval, { state: "REJECTED", maxCost: null, reason });
      posting.versionRefused = posting.jobVersion;
      posting.problem = problemOf(notApproved(reason));
      if (posting.state === "PENDING_APPROVAL") posting.state = "REJECTED";
      this.record(tx, "job_posting.approval_refused", posting, cause);
    });
  }

  private async postAt(
    viewer: Viewer,
    integrationId: string,
    request: PostRequest,
    cause: Cause,
  ): Promise<Omit<BoardResult, "integrationId">> {
    const board = await this.boardOf(viewer, integrationId, request);
    const errors = refusalsOf(board);
    if (!board.provider.post) errors.unshift(cannot(board.provider.name, "POST"));
    if (errors.length > 0) return { jobPosting: null, errors };
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integration = await lockVisible(tx, viewer, integrationId);
      const known = await samePosting(tx, integrationId, request.jobId, board.job.externalReference);
      if (!known)
        return { jobPosting: await this.insert(tx, viewer, request.jobId, { ...board, integration }, cause), errors };
      if (known.jobId !== request.jobId) throw takenReference();
      if (!ended.includes(known.state) && known.wanted === "OPEN") {
        return { jobPosting: known, errors: isSameJob(known, board.job) ? [] : [isPosted()] };
      }
      if (known.operation === "CLOSE" || (known.wanted === "CLOSED" && !ended.includes(known.state)))
        throw stillClosing();
      if (known.reference !== board.job.externalReference) throw fixedReference();
      await this.keepVersion(tx, known, board.job);
      this.queueAgain(tx, viewer, known, board, cause);
      await this.boards.bringSoon(tx, known);
      return { jobPosting: await this.save(tx, viewer, known, cause), errors };
    });
  }

  /** What an earlier call with the same key made; a board that refused refuses again. */
  private async foundAt(
    viewer: Viewer,
    integrationId: string,
    request: PostRequest,
  ): Promise<Omit<BoardResult, "integrationId">> {
    const board = await this.boardOf(viewer, integrationId, request);
    const { externalReference } = board.job;
    const jobPosting = await this.database.inTenant(viewer.tenantId, (tx) =>
      samePosting(tx, integrationId, request.jobId, externalReference),
    );
    return { jobPosting, errors: jobPosting ? [] : refusalsOf(board) };
  }

  private async insert(
    tx: TenantTransaction,
    viewer: Viewer,
    jobId: string,
    { integration, provider, job }: Board,
    cause: Cause,
  ): Promise<JobPosting> {
    const now = this.now();
    const { cost, subject } = approvalFor(provider, job, integration.settings);
    const approval = approvalAfter(null, subject, viewer.userId, now);
    const posting = Object.assign(new JobPosting(), {
      tenantId: viewer.tenantId,
      id: newId(now),
      integrationId: integration.id,
      jobId,
      reference: job.externalReference,
      route: provider.route(integration.settings),
      state: approval ? ("PENDING_APPROVAL" as const) : ("QUEUED" as const),
      wanted: "OPEN" as const,
      job: toStored(job),
      jobVersion: 1,
      versionSent: null,
      versionRefused: null,
      operation: null,
      operationId: null,
      operationVersion: null,
      previousState: null,
      isUnsure: false,
      boardState: null,
      boardPostingId: null,
      boardTaskId: null,
      boardUrl: null,
      closeReason: null,
      approval,
      cost,
      problem: null,
      requestedBy: viewer.userId,
      correlationId: cause.correlationId,
      looks: 0,
      nextLookAt: null,
      checkedAt: null,
      submittedAt: null,
      expiresAt: null,
      closedAt: null,
      createdAt: now,
      updatedAt: now,
    });
    await tx.manager.save(JobPosting, posting);
    await this.keepText(tx, posting);
    this.record(tx, eventOf[posting.state], posting, cause);
    if (!approval) await this.boards.bringSoon(tx, posting);
    return posting;
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
    if (!provider.update) throw cannot(provider.name, "UPDATE");
    const [refusal] = refusalsOf({ integration, provider, job });
    if (refusal) throw refusal;
    if (!(await this.keepVersion(tx, posting, job))) return;
    if (posting.state === "REJECTED" || posting.state === "FAILED") {
      // The board never took it: the change is a new attempt.
      if (!isAtBoard(posting) || posting.state === "FAILED") {
        this.queueAgain(tx, viewer, posting, { integration, provider, job }, cause);
        await this.boards.bringSoon(tx, posting);
        return;
      }
    }
    this.ask(tx, viewer, posting, { integration, provider, job }, cause);
    await this.boards.bringSoon(tx, posting);
  }

  /** To be posted once more, by the same name. */
  private queueAgain(tx: TenantTransaction, viewer: Viewer, posting: JobPosting, board: Board, cause: Cause): void {
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
  private ask(
    tx: TenantTransaction,
    viewer: Viewer,
    posting: JobPosting,
    { integration, provider, job }: Board,
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
  private async keepVersion(tx: TenantTransaction, posting: JobPosting, job: Job): Promise<boolean> {
    if (isSameJob(posting, job)) return false;
    Object.assign(posting, { job: toStored(job), jobVersion: posting.jobVersion + 1 });
    await this.keepText(tx, posting);
    return true;
  }

  private async keepText(tx: TenantTransaction, { tenantId, id: jobPostingId, jobVersion, job }: JobPosting) {
    const version = { tenantId, jobPostingId, version: jobVersion, job, createdAt: this.now() };
    await tx.manager.save(JobPostingVersion, Object.assign(new JobPostingVersion(), version));
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
      posting.updatedAt = this.now();
      return tx.manager.save(JobPosting, posting);
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

  private each(
    { integrationIds }: PostRequest,
    work: (integrationId: string) => Promise<Omit<BoardResult, "integrationId">>,
  ): Promise<readonly BoardResult[]> {
    return Promise.all(
      integrationIds.map(async (integrationId, index) => {
        try {
          return { integrationId, ...(await work(integrationId)) };
        } catch (error) {
          if (!isIntegrationError(error)) throw error;
          return { integrationId, jobPosting: null, errors: [atBoard(error, index)] };
        }
      }),
    );
  }

  /** Each posting in a transaction of its own: one that cannot be changed stops no other. */
  private async eachPosting(
    viewer: Viewer,
    reference: PostingReference,
    cause: Cause,
    work: (tx: TenantTransaction, posting: JobPosting, integration: Integration) => Promise<void>,
  ): Promise<readonly BoardResult[]> {
    const found = await this.database.inTenant(viewer.tenantId, (tx) => meant(tx, viewer, reference));
    if (found.length === 0) throw notFound();
    return Promise.all(
      found.map(async ({ id, integrationId }) => {
        try {
          const jobPosting = await this.changeOne(viewer, { id, integrationId }, cause, work);
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
    cause: Cause,
    work: (tx: TenantTransaction, posting: JobPosting, integration: Integration) => Promise<void>,
  ): Promise<JobPosting> {
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integration = await lockVisible(tx, viewer, integrationId);
      requireChangeable(viewer, integration);
      const posting = await lockPosting(tx, id);
      if (!posting) throw notFound();
      await work(tx, posting, integration);
      return this.save(tx, viewer, posting, cause);
    });
  }

  private save(
    tx: TenantTransaction,
    viewer: Viewer,
    posting: JobPosting,
    { correlationId }: Cause,
  ): Promise<JobPosting> {
    Object.assign(posting, { requestedBy: viewer.userId, correlationId, updatedAt: this.now() });
    return tx.manager.save(JobPosting, posting);
  }

  private async boardOf(viewer: Viewer, integrationId: string, request: PostRequest): Promise<Board> {
    const integration = await this.database.inTenant(viewer.tenantId, (tx) => findVisible(tx, viewer, integrationId));
    requireChangeable(viewer, integration);
    if (integration.status === "DISCONNECTED") throw notFound();
    requireUsable(integration);
    const provider = jobBoard(integration.provider);
    return { integration, provider, job: overridden(request.job, request.overrides, integrationId) };
  }

  private record(tx: TenantTransaction, type: PostingEvent, posting: JobPosting, cause: Cause): void {
    const { integrationId, id: subjectId } = posting;
    this.log.record(tx, { type, integrationId, subjectId, data: jobPostingData(posting), cause });
  }
}

function checkRequest({ job, internalOnly, integrationIds }: PostRequest): void {
  if (internalOnly) {
    throw new IntegrationError("INVALID_INPUT", "A job for your own people alone goes to no board", {
      field: ["input", "job", "internalOnly"],
    });
  }
  if (integrationIds.length === 0 || integrationIds.length > maxBoards || hasTwice(integrationIds)) {
    throw new IntegrationError("INVALID_INPUT", `A job is posted to 1 to ${maxBoards} integrations, to each once`, {
      field: ["input", "integrationIds"],
    });
  }
  const [mistake] = mistakesIn(job);
  if (mistake) throw mistake;
}

const hasTwice = (ids: readonly string[]): boolean => new Set(ids).size < ids.length;

function overridden(job: Job, overrides: readonly BoardOverride[], integrationId: string): Job {
  const { integrationId: _, ...own } = overrides.find((one) => one.integrationId === integrationId) ?? {
    integrationId,
  };
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...job, ...Object.fromEntries(given) };
}

function previewOf({ integration, provider, job }: Board): PostingPreview {
  const { settings } = integration;
  const { cost, subject } = approvalFor(provider, job, settings);
  return {
    integrationId: integration.id,
    route: provider.route(settings),
    findings: provider.check(job, settings, new Date()),
    cost,
    needsApproval: subject !== null,
    description: provider.render(job),
    errors: provider.post ? [] : [cannot(provider.name, "POST")],
  };
}

/** What the board would refuse, each as an error at its field. */
function refusalsOf({ integration, provider, job }: Board): IntegrationError[] {
  return provider
    .check(job, integration.settings, new Date())
    .filter(({ effect }) => effect === "REFUSED")
    .map(
      ({ field, rule, fix }) =>
        new IntegrationError("INVALID_INPUT", `${provider.name}: ${rule}`, {
          field: ["input", "job", ...field],
          remedy: fix,
        }),
    );
}

/** By its job, or by the name that the board knows it by. */
async function samePosting(
  tx: TenantTransaction,
  integrationId: string,
  jobId: string,
  reference: string,
): Promise<JobPosting | null> {
  const { tenantId } = tx;
  const byJob = await tx.manager.findOneBy(JobPosting, { tenantId, integrationId, jobId });
  const found = byJob ?? (await tx.manager.findOneBy(JobPosting, { tenantId, integrationId, reference }));
  return found && lockPosting(tx, found.id);
}

async function meant(tx: TenantTransaction, viewer: Viewer, reference: PostingReference): Promise<JobPosting[]> {
  const query = visiblePostings(tx, viewer).orderBy("posting.id");
  if ("jobId" in reference) {
    return query.andWhere("posting.jobId = ANY(:jobIds)", { jobIds: possibleNames([reference.jobId]) }).getMany();
  }
  return isId(reference.id) ? query.andWhere("posting.id = :id", { id: reference.id }).getMany() : [];
}

function isSameJob({ job }: JobPosting, other: Job): boolean {
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

/** Nobody decides any more on what is not wanted. */
function withoutQuestion(approval: Approval | null): Approval | null {
  return approval?.state === "PENDING" ? null : approval;
}

function atBoard(error: IntegrationError, index: number): IntegrationError {
  const field = error.field ?? ["input", "integrationIds", String(index)];
  return new IntegrationError(error.code, error.message, { ...error, cause: error, field });
}
