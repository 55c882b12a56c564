import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { JobApplication } from "../entities/job-application.ts";
import { JobApplicationStatus } from "../entities/job-application-status.ts";
import { IntegrationError, isHeldBack, isIntegrationError } from "../errors.ts";
import type { EventLog } from "../events/event-log.ts";
import type { ApplicationStatus, RejectionReason, StatusChange } from "../providers/job-board/applications.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import { type Accounts, requireUsable } from "./accounts.ts";
import { tellSoon } from "./application-tasks.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { jobApplicationData } from "./integration-events.ts";
import { problemOf } from "./problem.ts";

/** One turn tells no more: others have their turn too. */
const mostInTurn = 500;

/** One step, and of what. */
interface Told {
  readonly step: JobApplicationStatus;
  readonly application: JobApplication;
}

/** Tells boards what becomes of applications, in the order in which it happened. */
export class BoardDispositions {
  constructor(
    private readonly database: Database,
    private readonly accounts: Pick<Accounts, "openBoard">,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /**
   * Tells a board what it has not heard yet. It is told again after a crash, in the same order; what it refuses is told to
   * people, and does not hold up the rest.
   *
   * @throws what it failed with, when it should be tried again; nothing that waits is ever given up
   */
  async tell(tenantId: string, integrationId: string, isLastAttempt: boolean, signal: AbortSignal): Promise<void> {
    const opened = await this.accounts.openBoard(tenantId, integrationId, signal).catch((error: unknown) => {
      // It was disconnected: reconnecting goes on.
      if (isIntegrationError(error, "NOT_FOUND")) return null;
      throw error;
    });
    if (!opened?.provider.dispositions || opened.integration.status === "NEEDS_REAUTH") return;
    const { provider, account } = opened;
    const { dispositions } = provider;
    for (let told = 0; told < mostInTurn && dispositions && !signal.aborted; ) {
      const waiting = await this.waiting(tenantId, integrationId, dispositions.batchSize);
      if (waiting.length === 0) return;
      try {
        requireUsable(opened.integration);
        const refusals = await dispositions.send(account, waiting.map(changeOf));
        await this.settle(tenantId, waiting, refusals);
      } catch (error) {
        const mayPass = !isIntegrationError(error) || error.retryable || isHeldBack(error);
        const isAccounts = isIntegrationError(error, "CREDENTIALS_REJECTED", "REAUTHORIZATION_REQUIRED", "FORBIDDEN");
        if ((mayPass && !isLastAttempt) || signal.aborted || isHeldBack(error)) throw error;
        if (!mayPass && !isAccounts)
          await this.settle(
            tenantId,
            waiting,
            waiting.map(() => error),
          );
        else return this.later(tenantId, integrationId, jobBoard(provider.id).freshness.defaultSeconds);
      }
      told += waiting.length;
    }
    await this.database.inTenant(tenantId, (tx) => tellSoon(this.queue, tx, integrationId));
  }

  private waiting(tenantId: string, integrationId: string, limit: number): Promise<readonly Told[]> {
    return this.database.inTenant(tenantId, async (tx) => {
      const steps = await tx.manager.find(JobApplicationStatus, {
        where: { tenantId, integrationId, delivery: "PENDING" },
        order: { recordedAt: "ASC", position: "ASC" },
        take: limit,
      });
      const ids = steps.map(({ jobApplicationId }) => jobApplicationId);
      const applications = await tx.manager
        .createQueryBuilder(JobApplication, "application")
        .where("application.tenantId = :tenantId AND application.id = ANY(:ids)", { tenantId, ids })
        .getMany();
      return steps.flatMap((step) => {
        const application = applications.find(({ id }) => id === step.jobApplicationId);
        return application ? [{ step, application }] : [];
      });
    });
  }

  private async settle(
    tenantId: string,
    told: readonly Told[],
    refusals: readonly (IntegrationError | null)[],
  ): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      for (const [index, { step, application }] of told.entries()) {
        const refusal = refusals[index] ?? null;
        const { jobApplicationId, position } = step;
        const outcome = refusal
          ? { delivery: "REFUSED" as const, problem: problemOf(refusal) }
          : { delivery: "TOLD" as const, problem: null };
        const key = { tenantId, jobApplicationId, position, delivery: "PENDING" as const };
        await tx.manager.update(JobApplicationStatus, key, { ...outcome, toldAt: this.now() });
        if (refusal) await this.noteRefusal(tx, application, refusal);
      }
    });
  }

  private async noteRefusal(
    tx: TenantTransaction,
    application: JobApplication,
    refusal: IntegrationError,
  ): Promise<void> {
    const { code, message, remedy = null } = refusal;
    const integration = await lockIntegration(tx, application.integrationId);
    this.log.record(tx, {
      type: "job_application.status_refused",
      integrationId: application.integrationId,
      subjectId: application.id,
      data: { ...jobApplicationData(application), problem: { code, message, remedy } },
      cause: {
        actor: { kind: "PROVIDER", id: integration?.provider ?? null },
        correlationId: newId(this.now()),
      },
    });
  }

  private async later(tenantId: string, integrationId: string, seconds: number): Promise<void> {
    const startAt = new Date(this.now().getTime() + seconds * 1000);
    await this.database.inTenant(tenantId, (tx) => tellSoon(this.queue, tx, integrationId, startAt));
  }
}

function changeOf({ step, application }: Told): StatusChange {
  const { boardApplicationId, boardReferences } = application;
  const { status, reason, stage, details, changedAt } = step;
  return {
    boardApplicationId,
    boardReferences,
    status: status as ApplicationStatus,
    reason: reason as RejectionReason | null,
    stage,
    details,
    changedAt,
  };
}
