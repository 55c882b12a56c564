import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { JobPosting } from "../entities/job-posting.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { Cause } from "../events/event-log.ts";
import type { ApplyAddresses } from "./apply-addresses.ts";
import { type AskedBoard, findBoard, refusalsOf } from "./asked-board.ts";
import type { BoardMail } from "./board-mail.ts";
import { lockPosting } from "./board-writes.ts";
import { lockVisible } from "./found-integration.ts";
import { newId } from "./id.ts";
import type { Idempotency } from "./idempotency.ts";
import { findOriginal, isStanding, mirrorsAmong } from "./original-posting.ts";
import { type BoardResult, checkRequest, type PostRequest } from "./post-request.ts";
import { cannot, takes } from "./posting-capability.ts";
import { eventOf } from "./posting-events.ts";
import { approvalAfter, approvalFor, ended } from "./posting-plan.ts";
import { fixedReference, isPosted, noOriginal, stillClosing, takenReference } from "./posting-refusals.ts";
import { fromStored, toStored } from "./stored-job.ts";
import { requireScope, type Viewer } from "./viewer.ts";
import { isSameJob, type WantedPostings } from "./wanted-postings.ts";

/** Posting jobs: what is wanted is stored at once, and a task brings it to the boards. */
export class JobPostingWrites {
  constructor(
    private readonly database: Database,
    private readonly addresses: Pick<ApplyAddresses, "missing">,
    private readonly mail: Pick<BoardMail, "refusalOf">,
    private readonly wanted: WantedPostings,
    private readonly idempotency: Idempotency,
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
      results = await this.postToEach(viewer, request, cause);
      return id;
    });
    return results ?? each(request, request.integrationIds, (id) => this.foundAt(viewer, id, request));
  }

  /** Boards that show other boards' jobs come after those, in whatever order they were named. */
  private async postToEach(viewer: Viewer, request: PostRequest, cause: Cause): Promise<readonly BoardResult[]> {
    const mirrors = await this.database.inTenant(viewer.tenantId, (tx) => mirrorsAmong(tx, request.integrationIds));
    const originals = request.integrationIds.filter((id) => !mirrors.includes(id));
    const post = (integrationId: string) => this.postAt(viewer, integrationId, request, cause);
    const results = [...(await each(request, originals, post)), ...(await each(request, mirrors, post))];
    return request.integrationIds.flatMap((id) => results.filter(({ integrationId }) => integrationId === id));
  }

  private async postAt(
    viewer: Viewer,
    integrationId: string,
    request: PostRequest,
    cause: Cause,
  ): Promise<Omit<BoardResult, "integrationId">> {
    const board = await findBoard(this.database, this.addresses, viewer, integrationId, request);
    const { mirrorOf } = board.provider;
    const errors = refusalsOf(board, this.now());
    const whyNot = takes(board.provider, "POST") ? this.mail.refusalOf(board.provider) : cannot(board.provider, "POST");
    if (mirrorOf === undefined && whyNot) errors.unshift(whyNot);
    if (errors.length > 0) return { jobPosting: null, errors };
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integration = await lockVisible(tx, viewer, integrationId);
      const asked = { ...board, integration };
      if (mirrorOf === undefined) return this.postTo(tx, viewer, request.jobId, asked, cause);
      return { jobPosting: await this.mirrorAt(tx, viewer, request.jobId, asked, cause), errors };
    });
  }

  private async postTo(
    tx: TenantTransaction,
    viewer: Viewer,
    jobId: string,
    board: AskedBoard,
    cause: Cause,
  ): Promise<Omit<BoardResult, "integrationId">> {
    const known = await samePosting(tx, board.integration.id, jobId, board.job.externalReference);
    if (!known) return { jobPosting: await this.insert(tx, viewer, jobId, board, cause), errors: [] };
    if (known.jobId !== jobId) throw takenReference();
    if (!ended.includes(known.state) && known.wanted === "OPEN") {
      return { jobPosting: known, errors: isSameJob(known, board.job) ? [] : [isPosted()] };
    }
    if (known.operation === "CLOSE" || (known.wanted === "CLOSED" && !ended.includes(known.state)))
      throw stillClosing();
    if (known.reference !== board.job.externalReference) throw fixedReference();
    await this.wanted.keepVersion(tx, known, board.job);
    this.wanted.queueAgain(tx, viewer, known, board, cause);
    await this.wanted.bringSoon(tx, known);
    return { jobPosting: await this.wanted.save(tx, viewer, known, cause), errors: [] };
  }

  /** At a board that shows another board's jobs: the job is the one that stands there, whatever was sent. */
  private async mirrorAt(
    tx: TenantTransaction,
    viewer: Viewer,
    jobId: string,
    { integration, provider }: AskedBoard,
    cause: Cause,
  ): Promise<JobPosting> {
    const original = await findOriginal(tx, integration, jobId);
    if (!original || !isStanding(original)) throw noOriginal(provider);
    const board = { integration, provider, job: fromStored(original.job) };
    const known = await samePosting(tx, integration.id, jobId, board.job.externalReference);
    if (!known) return this.insert(tx, viewer, jobId, board, cause);
    if (known.jobId !== jobId) throw takenReference();
    if (ended.includes(known.state)) this.wanted.queueAgain(tx, viewer, known, board, cause);
    await this.wanted.bringSoon(tx, known);
    return this.wanted.save(tx, viewer, known, cause);
  }

  /** What an earlier call with the same key made; a board that refused refuses again. */
  private async foundAt(
    viewer: Viewer,
    integrationId: string,
    request: PostRequest,
  ): Promise<Omit<BoardResult, "integrationId">> {
    const board = await findBoard(this.database, this.addresses, viewer, integrationId, request);
    const { externalReference } = board.job;
    const jobPosting = await this.database.inTenant(viewer.tenantId, (tx) =>
      samePosting(tx, integrationId, request.jobId, externalReference),
    );
    if (!jobPosting && board.provider.mirrorOf !== undefined) throw noOriginal(board.provider);
    return { jobPosting, errors: jobPosting ? [] : refusalsOf(board, this.now()) };
  }

  private async insert(
    tx: TenantTransaction,
    viewer: Viewer,
    jobId: string,
    { integration, provider, job }: AskedBoard,
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
      dueAt: null,
      renewsAt: null,
      renewalToldAt: null,
      applyClicks: 0,
      applyClickedAt: null,
      checkedAt: null,
      submittedAt: null,
      expiresAt: null,
      closedAt: null,
      createdAt: now,
      updatedAt: now,
    });
    this.wanted.record(tx, eventOf[posting.state], posting, cause);
    await this.wanted.store(tx, posting);
    await this.wanted.keepText(tx, posting);
    if (!approval) await this.wanted.bringSoon(tx, posting);
    return posting;
  }
}

/** @param ids some of those in the request */
function each(
  { integrationIds }: PostRequest,
  ids: readonly string[],
  work: (integrationId: string) => Promise<Omit<BoardResult, "integrationId">>,
): Promise<readonly BoardResult[]> {
  return Promise.all(
    ids.map(async (integrationId) => {
      try {
        return { integrationId, ...(await work(integrationId)) };
      } catch (error) {
        if (!isIntegrationError(error)) throw error;
        return { integrationId, jobPosting: null, errors: [atBoard(error, integrationIds.indexOf(integrationId))] };
      }
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

function atBoard(error: IntegrationError, index: number): IntegrationError {
  const field = error.field ?? ["input", "integrationIds", String(index)];
  return new IntegrationError(error.code, error.message, { ...error, cause: error, field });
}
