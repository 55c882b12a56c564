import type { Database } from "../database/database.ts";
import { InboundDelivery } from "../entities/inbound-delivery.ts";
import { IntegrationError } from "../errors.ts";
import { lockChangeable, notFound } from "./found-integration.ts";
import { isId } from "./id.ts";
import { visibleDeliveries } from "./inbound-deliveries.ts";
import type { Redrives } from "./redrive.ts";
import { requireScope, type Viewer } from "./viewer.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** A message, and what doing it again comes to. */
export interface Redriven {
  readonly delivery: InboundDelivery;
  /** In sentences, for people. */
  readonly effects: readonly string[];
}

/** Who does which messages again. */
interface Kinds {
  /** Those that told of a change in a calendar. */
  readonly notices: Redrives;
  /** Those that brought an application, and those that nobody could read. */
  readonly applications: Redrives;
  /** Those that spoke of jobs at a board. */
  readonly jobNews: Redrives;
}

/** Does again what a stored message asked for. */
export class Redriving {
  constructor(
    private readonly database: Database,
    private readonly kinds: Kinds,
    private readonly now: () => Date,
    private readonly keptDays: number,
  ) {}

  /**
   * Harmless twice, and at the same time: what is waiting or done already is found so.
   *
   * @param options.dryRun only tells what would happen
   * @throws {IntegrationError} NOT_FOUND, also when it is no longer kept; FORBIDDEN; PREREQUISITE_MISSING when it was not proved,
   *   because nothing was kept of it
   */
  async redrive(viewer: Viewer, id: string, { dryRun }: { readonly dryRun: boolean }): Promise<Redriven> {
    requireScope(viewer, "integrations:write");
    const { tenantId } = viewer;
    const found = await this.find(viewer, id);
    if (!found.verified) throw unproved();
    const plan = await this.redrivesOf(found).prepare(found);
    if (!plan) throw this.noLongerKept();
    return this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockChangeable(tx, viewer, found.integrationId);
      const delivery = await tx.manager.findOne(InboundDelivery, {
        where: { tenantId, id },
        lock: { mode: "pessimistic_write" },
      });
      if (!delivery) throw this.noLongerKept();
      const { effects, begin } = await plan(tx, { viewer, integration, delivery });
      if (dryRun || !begin) return { delivery, effects };
      const noted = await begin(tx);
      await tx.manager.update(InboundDelivery, { tenantId, id }, noted as never);
      return { delivery: Object.assign(delivery, noted), effects };
    });
  }

  private redrivesOf({ channelId, says }: InboundDelivery): Redrives {
    if (channelId !== null) return this.kinds.notices;
    return says === null ? this.kinds.applications : this.kinds.jobNews;
  }

  /** Nothing is read for somebody who may not change it. */
  private async find(viewer: Viewer, id: string): Promise<InboundDelivery> {
    const found = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const delivery = isId(id)
        ? await visibleDeliveries(tx, viewer).andWhere("delivery.id = :id", { id }).getOne()
        : null;
      if (delivery) await lockChangeable(tx, viewer, delivery.integrationId);
      return delivery;
    });
    if (found) return found;
    throw this.isPast(id) ? this.noLongerKept() : notFound();
  }

  /** Ids tell when they were made, so this says nothing of what was there. */
  private isPast(id: string): boolean {
    const madeAt = isId(id) ? Number.parseInt(id.replace("-", "").slice(0, 12), 16) : Number.POSITIVE_INFINITY;
    return madeAt < this.now().getTime() - this.keptDays * dayMs;
  }

  private noLongerKept(): IntegrationError {
    return new IntegrationError("NOT_FOUND", `Messages are kept for ${this.keptDays} days, and this one is gone`, {
      remedy: "Read the integration with syncIntegration, or have the vendor send it again.",
    });
  }
}

function unproved(): IntegrationError {
  return new IntegrationError(
    "PREREQUISITE_MISSING",
    "It was not proved to be the vendor's, and nothing was kept of it",
    {
      remedy: "Compare the secret that is set at the vendor with the one here, and have the vendor send it again.",
    },
  );
}
