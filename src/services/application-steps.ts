import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { JobApplication } from "../entities/job-application.ts";
import { JobApplicationStep } from "../entities/job-application-step.ts";
import { IntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { ApplicationStatus, RejectionReason } from "../providers/job-board/applications.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import { tellSoon } from "./application-tasks.ts";
import { lockVisible, notFound, requireChangeable } from "./found-integration.ts";
import { isId } from "./id.ts";
import type { Idempotency } from "./idempotency.ts";
import { jobApplicationData } from "./integration-events.ts";
import { visibleApplications } from "./job-applications.ts";
import { requireScope, type Viewer } from "./viewer.ts";

/** How an application is to go on. */
export interface StepRequest {
  readonly id: string;
  readonly status: ApplicationStatus;
  readonly reason: RejectionReason | null;
  readonly stage: string | null;
  readonly details: string | null;
  /** Null for now. */
  readonly changedAt: Date | null;
}

const maxWordsLength = 500;

/** How applications go on: each step is stored, and told to the board by a task. */
export class ApplicationSteps {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /** The first step, which is nobody's doing. */
  async begin(tx: TenantTransaction, application: JobApplication, cause: Cause): Promise<void> {
    const { statusChangedAt: changedAt } = application;
    const step = { status: "NEW", reason: null, stage: null, details: null, changedAt } as const;
    await this.record(tx, application, await providerOf(tx, application), { ...step, position: 1 }, cause);
  }

  /**
   * Takes an application a step further, and has its board told. A board that has no word for the step is not told, and
   * nobody is the worse for it.
   *
   * @throws {IntegrationError} NOT_FOUND, INVALID_INPUT, UNSUPPORTED_CAPABILITY of a board that hears nothing, FORBIDDEN
   */
  async change(viewer: Viewer, request: StepRequest, key: string | null, cause: Cause): Promise<JobApplication> {
    requireScope(viewer, "applications:write");
    check(request, this.now());
    const id = await this.idempotency.once(
      viewer,
      { mutation: "updateJobApplicationStatus", key, input: request },
      async () => {
        await this.changeOnce(viewer, request, cause);
        return request.id;
      },
    );
    return this.database.inTenant(viewer.tenantId, (tx) => found(tx, viewer, id));
  }

  private changeOnce(viewer: Viewer, request: StepRequest, cause: Cause): Promise<void> {
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const { integrationId } = await found(tx, viewer, request.id);
      requireChangeable(viewer, await lockVisible(tx, viewer, integrationId));
      const application = await lockApplication(tx, request.id);
      const provider = await providerOf(tx, application);
      if (!provider.dispositions) throw hearsNothing(provider);
      const last = await lastStep(tx, application);
      if (last && isSameStep(last, request)) return;
      const changedAt = request.changedAt ?? this.now();
      if (last && changedAt < last.changedAt) throw outOfOrder(last.changedAt);
      Object.assign(application, { status: request.status, statusChangedAt: changedAt });
      await tx.manager.save(JobApplication, application);
      const position = (last?.position ?? 0) + 1;
      await this.record(tx, application, provider, { ...request, changedAt, position }, cause);
      this.log.record(tx, {
        type: "job_application.status_changed",
        integrationId,
        subjectId: application.id,
        data: jobApplicationData(application),
        cause,
      });
    });
  }

  private async record(
    tx: TenantTransaction,
    { tenantId, id: jobApplicationId, integrationId, recordedBy }: JobApplication,
    { dispositions }: JobBoardProvider,
    step: Pick<JobApplicationStep, "status" | "reason" | "stage" | "details" | "changedAt" | "position">,
    { actor }: Cause,
  ): Promise<void> {
    const { status, reason, stage, details, changedAt, position } = step;
    // What somebody filed by hand the board does not know of.
    const boardStatus = recordedBy === null ? (dispositions?.words[status as ApplicationStatus] ?? null) : null;
    await tx.query(
      `INSERT INTO job_application_step (tenant_id, job_application_id, position, integration_id, status, reason, stage,
         details, changed_at, changed_by, disposition, board_status, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, greatest($13::timestamptz,
         (SELECT max(recorded_at) FROM job_application_step WHERE job_application_id = $2)))`,
      [
        ...[tenantId, jobApplicationId, position, integrationId, status, reason, stage, details, changedAt],
        ...[actor.kind === "USER" ? actor.id : null, boardStatus === null ? "NOT_TOLD" : "PENDING", boardStatus],
        this.now(),
      ],
    );
    if (boardStatus !== null) await tellSoon(this.queue, tx, integrationId);
  }
}

async function found(tx: TenantTransaction, viewer: Viewer, id: string): Promise<JobApplication> {
  const application = isId(id)
    ? await visibleApplications(tx, viewer).andWhere("application.id = :id", { id }).getOne()
    : null;
  if (!application) throw notFound();
  return application;
}

async function lockApplication(tx: TenantTransaction, id: string): Promise<JobApplication> {
  return tx.manager.findOneOrFail(JobApplication, {
    where: { tenantId: tx.tenantId, id },
    lock: { mode: "pessimistic_write" },
  });
}

async function providerOf(tx: TenantTransaction, { integrationId }: JobApplication): Promise<JobBoardProvider> {
  const [integration] = await tx.query<{ provider: string }>("SELECT provider FROM integration WHERE id = $1", [
    integrationId,
  ]);
  return jobBoard(integration?.provider ?? "");
}

function lastStep(tx: TenantTransaction, { id: jobApplicationId }: JobApplication): Promise<JobApplicationStep | null> {
  return tx.manager.findOne(JobApplicationStep, {
    where: { tenantId: tx.tenantId, jobApplicationId },
    order: { position: "DESC" },
  });
}

/** Said twice, as after an answer that got lost. */
function isSameStep(last: JobApplicationStep, { changedAt, ...step }: StepRequest): boolean {
  const isSameTime = changedAt === null || changedAt.getTime() === last.changedAt.getTime();
  return isSameTime && (["status", "reason", "stage", "details"] as const).every((name) => last[name] === step[name]);
}

/** @throws {IntegrationError} INVALID_INPUT */
function check({ status, reason, stage, details, changedAt }: StepRequest, now: Date): void {
  if (reason !== null && status !== "REJECTED") {
    throw new IntegrationError("INVALID_INPUT", "Only a REJECTED application has a reason", {
      field: ["input", "reason"],
    });
  }
  for (const [field, text] of Object.entries({ stage, details })) {
    if ((text?.length ?? 0) <= maxWordsLength) continue;
    throw new IntegrationError("INVALID_INPUT", `This is longer than ${maxWordsLength} characters`, {
      field: ["input", field],
    });
  }
  if (changedAt !== null && changedAt > now) {
    throw new IntegrationError("INVALID_INPUT", "Nothing has changed in the future", { field: ["input", "changedAt"] });
  }
}

function outOfOrder(last: Date): IntegrationError {
  return new IntegrationError("CONFLICT", "This application has gone on since then", {
    field: ["input", "changedAt"],
    remedy: `Its latest step is of ${last.toISOString()}: leave \`changedAt\` out, or give a later time.`,
  });
}

function hearsNothing({ name }: JobBoardProvider): IntegrationError {
  return new IntegrationError("UNSUPPORTED_CAPABILITY", `${name} does not hear what becomes of applications`, {
    remedy: "`Provider.capabilities` says what each board can do; keep the status in the platform.",
  });
}
