import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { isIntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import { integrationData } from "./integration-events.ts";
import { problemOf } from "./problem.ts";

/** So many failures in a row, and an integration is DEGRADED rather than merely unlucky. */
const failuresUntilDegraded = 3;

/** Turns what happened to an integration into the state people can query, and says so in the log when it changes. */
export class IntegrationHealth {
  constructor(
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /** A call in its name worked. @param integration locked */
  async succeeded(tx: TenantTransaction, integration: Integration, cause: Cause): Promise<void> {
    const wasTroubled = integration.status === "DEGRADED" || integration.status === "NEEDS_REAUTH";
    if (integration.status === "DISCONNECTED" || integration.status === "CONNECTING") return;
    if (integration.status === "ACTIVE" && integration.consecutiveFailures === 0) return;
    Object.assign(integration, {
      status: "ACTIVE",
      problem: null,
      problemSince: null,
      consecutiveFailures: 0,
      updatedAt: this.now(),
    });
    await this.store(tx, integration);
    if (wasTroubled) this.record(tx, "integration.recovered", integration, cause);
  }

  /**
   * A call in its name failed. A refused login is believed at once, everything else after a few times.
   *
   * @param integration locked
   * @param since when it was tried first; just now when left out
   */
  async failed(
    tx: TenantTransaction,
    integration: Integration,
    error: unknown,
    cause: Cause,
    since: Date | null = null,
  ): Promise<void> {
    if (integration.status !== "ACTIVE" && integration.status !== "DEGRADED") return;
    const problem = problemOf(error);
    const consecutiveFailures = integration.consecutiveFailures + 1;
    const wasDegraded = integration.status === "DEGRADED";
    const refused = isIntegrationError(error, "CREDENTIALS_REJECTED", "REAUTHORIZATION_REQUIRED");
    // What the operator has to mend does not pass by waiting.
    const isBroken = consecutiveFailures >= failuresUntilDegraded || isIntegrationError(error, "NOT_CONFIGURED");
    const status = refused ? "NEEDS_REAUTH" : isBroken ? "DEGRADED" : integration.status;
    const updatedAt = this.now();
    const problemSince = integration.problemSince ?? since ?? updatedAt;
    Object.assign(integration, { status, problem, problemSince, consecutiveFailures, updatedAt });
    await this.store(tx, integration);
    if (refused) this.record(tx, "integration.reauthorization_required", integration, cause);
    else if (status === "DEGRADED" && !wasDegraded) this.record(tx, "integration.degraded", integration, cause);
  }

  private async store(tx: TenantTransaction, { tenantId, id, ...integration }: Integration): Promise<void> {
    const { status, problem, problemSince, consecutiveFailures, updatedAt } = integration;
    await tx.query(
      `UPDATE integration SET status = $3, problem = $4, problem_since = $5, consecutive_failures = $6, updated_at = $7
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, status, problem && JSON.stringify(problem), problemSince, consecutiveFailures, updatedAt],
    );
  }

  private record(
    tx: TenantTransaction,
    type: "integration.recovered" | "integration.degraded" | "integration.reauthorization_required",
    integration: Integration,
    cause: Cause,
  ): void {
    const about = { integrationId: integration.id, subjectId: integration.id, cause };
    const data = integrationData(integration);
    if (type === "integration.recovered") {
      this.log.record(tx, { type, ...about, data });
      return;
    }
    const { code, message, remedy } = problemOf(null);
    const problem = integration.problem ?? { code, message, remedy };
    this.log.record(tx, {
      type,
      ...about,
      data: { ...data, problem: { code: problem.code, message: problem.message, remedy: problem.remedy } },
    });
  }
}
