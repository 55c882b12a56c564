import type { SelectQueryBuilder } from "typeorm";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { WebhookAttempt } from "../entities/webhook-attempt.ts";
import {
  WebhookDelivery,
  type WebhookDeliveryState,
  type WebhookDeliveryTrigger,
} from "../entities/webhook-delivery.ts";
import { IntegrationError } from "../errors.ts";
import { eventCatalogue, isEventType } from "../events/catalogue.ts";
import type { Vault } from "../security/vault.ts";
import type { CallEndpoint } from "./delivery-call.ts";
import { lockEndpoint, recordAttempt } from "./delivery-turns.ts";
import { openSecrets } from "./endpoint-secrets.ts";
import { notFound } from "./found-integration.ts";
import { isId, newId, possibleIds, possibleNames } from "./id.ts";
import { checkFirst, cursorsOf, lastIdIn, type Page, type PageRequest, pageOf } from "./page.ts";
import { sampleOf } from "./sample-data.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export type { WebhookAttempt } from "../entities/webhook-attempt.ts";
export type { WebhookDelivery } from "../entities/webhook-delivery.ts";

export interface DeliveryFilter {
  readonly endpointIds?: readonly string[] | null;
  readonly eventIds?: readonly string[] | null;
  readonly eventTypes?: readonly string[] | null;
  readonly states?: readonly WebhookDeliveryState[] | null;
  readonly triggers?: readonly WebhookDeliveryTrigger[] | null;
  readonly correlationId?: string | null;
  readonly createdFrom?: Date | null;
  readonly createdTo?: Date | null;
}

/** What was sent to webhook endpoints, what they answered, and trying one out. */
export class WebhookDeliveries {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly call: CallEndpoint,
    private readonly now: () => Date,
  ) {}

  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, WebhookDelivery>> {
    requireScope(viewer, "webhooks:manage");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      ofTenant(tx)
        .andWhere("delivery.id = ANY(:ids)", { ids: possibleIds(ids) })
        .getMany(),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Of each event, to which endpoints it was or is to be sent. */
  async byEventIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, readonly WebhookDelivery[]>> {
    requireScope(viewer, "webhooks:manage");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      ofTenant(tx)
        .andWhere("delivery.eventId = ANY(:ids)", { ids: possibleIds(ids) })
        .orderBy("delivery.id")
        .getMany(),
    );
    return grouped(rows, ({ eventId }) => eventId);
  }

  /** Oldest first. */
  async attemptsOf(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, readonly WebhookAttempt[]>> {
    requireScope(viewer, "webhooks:manage");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      tx.manager
        .createQueryBuilder(WebhookAttempt, "attempt")
        .where("attempt.tenantId = :tenantId AND attempt.deliveryId = ANY(:ids)", {
          tenantId: tx.tenantId,
          ids: possibleIds(ids),
        })
        .orderBy("attempt.number")
        .getMany(),
    );
    return grouped(rows, ({ deliveryId }) => deliveryId);
  }

  /** Newest first. @throws {IntegrationError} INVALID_INPUT */
  async list(viewer: Viewer, filter: DeliveryFilter, { first, after }: PageRequest): Promise<Page<WebhookDelivery>> {
    requireScope(viewer, "webhooks:manage");
    checkFirst(first);
    const cursors = cursorsOf("webhookDeliveries", filter);
    const lastId = lastIdIn(cursors.read(after));
    const rows = await this.database.inTenant(viewer.tenantId, (tx) => {
      const query = filtered(ofTenant(tx), filter)
        .orderBy("delivery.id", "DESC")
        .take(first + 1);
      if (lastId) query.andWhere("delivery.id < :lastId", { lastId });
      return query.getMany();
    });
    return pageOf(rows, first, ({ id }) => cursors.write([id]));
  }

  /**
   * Sends a made-up event of a type, once, whatever the endpoint's filter and state, and tells what came of it. It is marked
   * with `test: true`.
   *
   * @throws {IntegrationError} NOT_FOUND, INVALID_INPUT
   */
  async test(viewer: Viewer, endpointId: string, type: string, correlationId: string): Promise<WebhookDelivery> {
    requireScope(viewer, "webhooks:manage");
    const message = testMessage(type, correlationId, this.now());
    const { tenantId } = viewer;
    const endpoint = await this.database.inTenant(tenantId, async (tx) => {
      const found = isId(endpointId) ? await lockEndpoint(tx, endpointId) : null;
      if (!found) throw notFound();
      return found;
    });
    const outcome = await this.call(endpoint, openSecrets(this.vault, endpoint, endpoint.sealed), message);
    return this.database.inTenant(tenantId, async (tx) => {
      if (!(await lockEndpoint(tx, endpointId))) throw notFound();
      const delivery = Object.assign(new WebhookDelivery(), {
        ...{ tenantId, id: newId(this.now()), endpointId, eventId: message.id, eventType: type, position: null },
        ...{ correlationId, trigger: "TEST", replayId: null, message, state: "PENDING", attempts: 0, tries: 0 },
        ...{ triedSince: null, dueAt: null, deliveredAt: null, problem: null, createdAt: this.now() },
      });
      await tx.manager.save(WebhookDelivery, delivery);
      await recordAttempt(tx, delivery, outcome, this.now());
      return tx.manager.findOneByOrFail(WebhookDelivery, { tenantId, id: delivery.id });
    });
  }
}

function ofTenant(tx: TenantTransaction) {
  return tx.manager
    .createQueryBuilder(WebhookDelivery, "delivery")
    .where("delivery.tenantId = :tenantId", { tenantId: tx.tenantId });
}

function filtered(
  query: SelectQueryBuilder<WebhookDelivery>,
  filter: DeliveryFilter,
): SelectQueryBuilder<WebhookDelivery> {
  const { endpointIds, eventIds, eventTypes, states, triggers, correlationId, createdFrom, createdTo } = filter;
  if (endpointIds) query.andWhere("delivery.endpointId = ANY(:endpoints)", { endpoints: possibleIds(endpointIds) });
  if (eventIds) query.andWhere("delivery.eventId = ANY(:events)", { events: possibleIds(eventIds) });
  if (eventTypes) query.andWhere("delivery.eventType = ANY(:types)", { types: possibleNames(eventTypes) });
  if (states) query.andWhere("delivery.state = ANY(:states)", { states });
  if (triggers) query.andWhere("delivery.trigger = ANY(:triggers)", { triggers });
  if (correlationId != null) {
    query.andWhere("delivery.correlationId = ANY(:correlations)", { correlations: possibleIds([correlationId]) });
  }
  if (createdFrom) query.andWhere("delivery.createdAt >= :createdFrom", { createdFrom });
  if (createdTo) query.andWhere("delivery.createdAt < :createdTo", { createdTo });
  return query;
}

function testMessage(type: string, correlationId: string, now: Date) {
  if (!isEventType(type)) {
    throw new IntegrationError("INVALID_INPUT", `There are no events of type ${type.slice(0, 100)}`, {
      field: ["input", "type"],
      remedy: "The query eventTypes lists them all.",
    });
  }
  const { data, subject, dataVersion } = eventCatalogue[type];
  return {
    ...{ id: newId(now), type, timestamp: now.toISOString(), cursor: null },
    ...{ integrationId: null, subjectType: subject, subjectId: null },
    ...{ actor: { kind: "SYSTEM", id: null }, correlationId, causationId: null, dataVersion },
    data: sampleOf(data),
    test: true,
  };
}

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}
