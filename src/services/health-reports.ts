import type { Database } from "../database/database.ts";
import { Integration } from "../entities/integration.ts";
import { visibleSql } from "./access-policy.ts";
import { healthFacts } from "./health-facts.ts";
import { type HealthReport, healthReport } from "./health-report.ts";
import { possibleIds } from "./id.ts";
import type { Polling } from "./polling.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export type { CalendarFreshness, HealthReport } from "./health-report.ts";

/** How integrations are, for whoever may know that they exist. */
export class HealthReports {
  constructor(
    private readonly database: Database,
    private readonly polling: Polling,
    private readonly now: () => Date,
  ) {}

  /** In as many statements for a hundred as for one. */
  async byIntegrationIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, HealthReport>> {
    requireScope(viewer, "integrations:read");
    const now = this.now();
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integrations = await tx.manager
        .createQueryBuilder(Integration, "integration")
        .where(visibleSql(viewer, "existence"), { viewerId: viewer.userId })
        .andWhere("integration.tenantId = :tenantId", { tenantId: viewer.tenantId })
        .andWhere("integration.id = ANY(:ids)", { ids: possibleIds(ids) })
        .getMany();
      const byId = new Map(integrations.map((integration) => [integration.id, integration]));
      const reports = new Map<string, HealthReport>();
      for (const facts of await healthFacts(tx, [...byId.keys()], now)) {
        const integration = byId.get(facts.integrationId);
        if (integration) reports.set(integration.id, healthReport(integration, facts, this.polling, now));
      }
      return reports;
    });
  }
}
