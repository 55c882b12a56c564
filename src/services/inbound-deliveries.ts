import type { SelectQueryBuilder } from "typeorm";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { InboundDelivery, type InboundDeliveryState } from "../entities/inbound-delivery.ts";
import { Integration } from "../entities/integration.ts";
import { visibleSql } from "./access-policy.ts";
import { possibleIds } from "./id.ts";
import { checkFirst, cursorsOf, lastIdIn, type Page, type PageRequest, pageOf } from "./page.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export { type InboundDelivery, inboundDeliveryStates } from "../entities/inbound-delivery.ts";

export interface InboundDeliveryFilter {
  readonly integrationIds?: readonly string[] | null;
  readonly providers?: readonly string[] | null;
  readonly states?: readonly InboundDeliveryState[] | null;
  readonly receivedFrom?: Date | null;
  /** Not included. */
  readonly receivedTo?: Date | null;
  readonly verified?: boolean | null;
  readonly correlationId?: string | null;
}

/** The messages that vendors sent to a tenant, as far as the viewer may know of the integrations that they came to. */
export class InboundDeliveries {
  constructor(private readonly database: Database) {}

  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, InboundDelivery>> {
    requireScope(viewer, "integrations:read");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      visibleDeliveries(tx, viewer)
        .andWhere("delivery.id = ANY(:ids)", { ids: possibleIds(ids) })
        .getMany(),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Newest first. What they say is not among it. @throws {IntegrationError} INVALID_INPUT */
  async list(
    viewer: Viewer,
    filter: InboundDeliveryFilter,
    { first, after }: PageRequest,
  ): Promise<Page<InboundDelivery>> {
    requireScope(viewer, "integrations:read");
    checkFirst(first);
    const cursors = cursorsOf("inboundDeliveries", filter);
    const lastId = lastIdIn(cursors.read(after));
    const rows = await this.database.inTenant(viewer.tenantId, (tx) => {
      const query = visibleDeliveries(tx, viewer)
        .orderBy("delivery.id", "DESC")
        .take(first + 1);
      narrow(query, filter);
      if (lastId) query.andWhere("delivery.id < :lastId", { lastId });
      return query.getMany();
    });
    return pageOf(rows, first, ({ id }) => cursors.write([id]));
  }
}

/** Those that the viewer may know of: whoever may know of an integration may know what came to it. */
export function visibleDeliveries(tx: TenantTransaction, viewer: Viewer): SelectQueryBuilder<InboundDelivery> {
  return tx.manager
    .createQueryBuilder(InboundDelivery, "delivery")
    .innerJoin(
      Integration,
      "integration",
      "integration.tenantId = delivery.tenantId AND integration.id = delivery.integrationId",
    )
    .where(visibleSql(viewer, "existence"), { viewerId: viewer.userId })
    .andWhere("delivery.tenantId = :tenantId", { tenantId: viewer.tenantId });
}

function narrow(query: SelectQueryBuilder<InboundDelivery>, filter: InboundDeliveryFilter): void {
  const { integrationIds, providers, states, receivedFrom, receivedTo, verified, correlationId } = filter;
  if (integrationIds) query.andWhere("delivery.integrationId = ANY(:of)", { of: possibleIds(integrationIds) });
  if (providers) query.andWhere("delivery.provider = ANY(:providers)", { providers });
  if (states) query.andWhere("delivery.state = ANY(:states)", { states });
  if (receivedFrom) query.andWhere("delivery.receivedAt >= :receivedFrom", { receivedFrom });
  if (receivedTo) query.andWhere("delivery.receivedAt < :receivedTo", { receivedTo });
  if (verified != null) query.andWhere("delivery.verified = :verified", { verified });
  if (correlationId != null) {
    query.andWhere("delivery.correlationId = ANY(:correlations)", { correlations: possibleIds([correlationId]) });
  }
}
