import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { Integration } from "../entities/integration.ts";
import { visibleSql } from "./access-policy.ts";
import { possibleIds } from "./id.ts";
import { checkFirst, cursorsOf, lastIdIn, type Page, type PageRequest, pageOf } from "./page.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export type { Calendar } from "../entities/calendar.ts";

/** The calendars of integrations whose details the viewer may see. */
export class Calendars {
  constructor(private readonly database: Database) {}

  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, Calendar>> {
    requireScope(viewer, "calendar:read");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      visibleCalendars(tx, viewer)
        .andWhere("calendar.id = ANY(:ids)", { ids: possibleIds(ids) })
        .getMany(),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** All of each integration, the primary one first. */
  async byIntegrationIds(viewer: Viewer, integrationIds: readonly string[]): Promise<ReadonlyMap<string, Calendar[]>> {
    requireScope(viewer, "calendar:read");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      visibleCalendars(tx, viewer)
        .andWhere("calendar.integrationId = ANY(:ids)", { ids: possibleIds(integrationIds) })
        .orderBy("calendar.primary", "DESC")
        .addOrderBy("calendar.name")
        .addOrderBy("calendar.id")
        .getMany(),
    );
    const groups = new Map<string, Calendar[]>();
    for (const row of rows) groups.set(row.integrationId, [...(groups.get(row.integrationId) ?? []), row]);
    return groups;
  }

  /** @throws {IntegrationError} INVALID_INPUT */
  async list(viewer: Viewer, integrationId: string, { first, after }: PageRequest): Promise<Page<Calendar>> {
    requireScope(viewer, "calendar:read");
    checkFirst(first);
    const cursors = cursorsOf("calendars", { integrationId });
    const lastId = lastIdIn(cursors.read(after));
    const rows = await this.database.inTenant(viewer.tenantId, (tx) => {
      const query = visibleCalendars(tx, viewer)
        .andWhere("calendar.integrationId = ANY(:of)", { of: possibleIds([integrationId]) })
        .orderBy("calendar.id")
        .take(first + 1);
      if (lastId) query.andWhere("calendar.id > :lastId", { lastId });
      return query.getMany();
    });
    return pageOf(rows, first, ({ id }) => cursors.write([id]));
  }
}

/** Calendars that the vendor has, of integrations in sight; of a disconnected one until its data is removed. */
export function visibleCalendars(tx: TenantTransaction, viewer: Viewer) {
  return tx.manager
    .createQueryBuilder(Calendar, "calendar")
    .innerJoin(
      Integration,
      "integration",
      "integration.tenantId = calendar.tenantId AND integration.id = calendar.integrationId",
    )
    .where(visibleSql(viewer, "details"), { viewerId: viewer.userId })
    .andWhere("calendar.tenantId = :tenantId AND calendar.removedAt IS NULL", { tenantId: viewer.tenantId });
}
