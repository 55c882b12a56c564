import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import { JobApplication } from "../entities/job-application.ts";
import { JobApplicationStep } from "../entities/job-application-step.ts";
import { type IntegrationError, isHeldBack, isIntegrationError } from "../errors.ts";
import type { EventLog } from "../events/event-log.ts";
import type {
  ApplicationStatus,
  BoardDispositions as BoardWords,
  RejectionReason,
  StatusChange,
} from "../providers/job-board/applications.ts";
import type { VendorAccount } from "../providers/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import type { Accounts } from "./accounts.ts";
import { tellSoon } from "./application-tasks.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { causedByProvider, jobApplicationData } from "./integration-events.ts";
import type { IntegrationHealth } from "./integration-health.ts";
import { problemOf } from "./problem.ts";

/** One turn tells no more: others have their turn too. */
const mostInTurn = 500;

/** What a board says of what it is told; anything else is about the account, or about us. */
const aboutWhatIsTold = [
  ...(["PROVIDER_REFUSED", "INVALID_INPUT", "NOT_FOUND", "DUPLICATE"] as const),
  ...(["UNSUPPORTED_CAPABILITY", "PREREQUISITE_MISSING"] as const),
];

/** A board that hears something. */
interface Listening {
  readonly integration: Integration;
  readonly account: VendorAccount;
  readonly dispositions: BoardWords;
}

/** One step, and of what. */
interface Told {
  readonly step: JobApplicationStep;
  readonly application: JobApplication;
}

/** Tells boards what becomes of applications, in the order in which it happened. */
export class BoardDispositions {
  constructor(
    private readonly database: Database,
    private readonly accounts: Pick<Accounts, "openBoard">,
    private readonly health: Pick<IntegrationHealth, "failed">,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /**
   * Tells a board what it has not heard yet. It is told again after a crash, in the same order; what it refuses is told to
   * people, and does not hold up the rest. Nothing that waits is ever given up.
   *
   * @throws what it failed with, when it should be tried again
   */
  async tell(tenantId: string, integrationId: string, signal: AbortSignal): Promise<void> {
    const opened = await this.open(tenantId, integrationId, signal);
    if (!opened) return;
    const { account, dispositions } = opened;
    for (let told = 0; told < mostInTurn && !signal.aborted; ) {
      const waiting = await this.waiting(tenantId, integrationId, dispositions.batchSize);
      if (waiting.length === 0) return;
      try {
        await this.settle(opened.integration, waiting, await tellAll(dispositions, account, waiting));
      } catch (error) {
        if (!isIntegrationError(error) || error.retryable || isHeldBack(error)) throw error;
        return this.holdOff(opened.integration, error);
      }
      told += waiting.length;
    }
    await this.database.inTenant(tenantId, (tx) => tellSoon(this.queue, tx, integrationId));
  }

  /** Null where nobody hears anything now: it is disconnected, or its login is refused. Connecting it again goes on. */
  private async open(tenantId: string, integrationId: string, signal: AbortSignal): Promise<Listening | null> {
    try {
      const { integration, provider, account } = await this.accounts.openBoard(tenantId, integrationId, signal);
      const { dispositions } = provider;
      return dispositions && integration.status !== "NEEDS_REAUTH" ? { integration, account, dispositions } : null;
    } catch (error) {
      if (isIntegrationError(error, "NOT_FOUND")) return null;
      throw error;
    }
  }

  /** It is about the account, or about us, and not about what was told: it waits until somebody has mended it. */
  private async holdOff({ tenantId, id, provider }: Integration, error: IntegrationError): Promise<void> {
    const { defaultSeconds } = jobBoard(provider).freshness;
    await this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockIntegration(tx, id);
      if (!integration) return;
      await this.health.failed(tx, integration, error, causedByProvider(provider, newId(this.now())));
      await tellSoon(this.queue, tx, id, new Date(this.now().getTime() + defaultSeconds * 1000));
    });
  }

  private waiting(tenantId: string, integrationId: string, limit: number): Promise<readonly Told[]> {
    return this.database.inTenant(tenantId, async (tx) => {
      const steps = await tx.manager.find(JobApplicationStep, {
        where: { tenantId, integrationId, disposition: "PENDING" },
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
    { tenantId, provider }: Integration,
    told: readonly Told[],
    refusals: readonly (IntegrationError | null)[],
  ): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      for (const [index, { step, application }] of told.entries()) {
        const refusal = refusals[index] ?? null;
        const { jobApplicationId, position } = step;
        const outcome = refusal
          ? { disposition: "REFUSED" as const, problem: problemOf(refusal) }
          : { disposition: "TOLD" as const, problem: null };
        const key = { tenantId, jobApplicationId, position, disposition: "PENDING" as const };
        const { affected } = await tx.manager.update(JobApplicationStep, key, { ...outcome, toldAt: this.now() });
        // Whoever told it at the same time has noted it already.
        if (refusal && affected) this.noteRefusal(tx, application, refusal, provider);
      }
    });
  }

  private noteRefusal(
    tx: TenantTransaction,
    application: JobApplication,
    refusal: IntegrationError,
    provider: string,
  ): void {
    const { code, message, remedy = null } = refusal;
    this.log.record(tx, {
      type: "job_application.status_refused",
      integrationId: application.integrationId,
      subjectId: application.id,
      data: { ...jobApplicationData(application), problem: { code, message, remedy } },
      cause: causedByProvider(provider, newId(this.now())),
    });
  }
}

/** @returns for each why it is refused. Where a whole call is, each is told by itself: one must not spoil the others. */
async function tellAll(
  dispositions: BoardWords,
  account: VendorAccount,
  waiting: readonly Told[],
): Promise<readonly (IntegrationError | null)[]> {
  try {
    return await dispositions.send(account, waiting.map(changeOf));
  } catch (error) {
    if (!isIntegrationError(error, ...aboutWhatIsTold)) throw error;
    if (waiting.length === 1) return [error];
  }
  const refusals: (IntegrationError | null)[] = [];
  for (const one of waiting) refusals.push(...(await tellAll(dispositions, account, [one])));
  return refusals;
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
