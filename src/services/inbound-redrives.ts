import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { InboundDelivery } from "../entities/inbound-delivery.ts";
import type { Integration } from "../entities/integration.ts";
import { PushChannel } from "../entities/push-channel.ts";
import { IntegrationError } from "../errors.ts";
import type { Queue } from "../queue/queue.ts";
import { requireUsable } from "./accounts.ts";
import type { ApplicationIntake } from "./application-intake.ts";
import { takeSoon } from "./application-tasks.ts";
import { lockIntegration, notFound, requireChangeable } from "./found-integration.ts";
import { isId } from "./id.ts";
import { visibleDeliveries } from "./inbound-deliveries.ts";
import type { Syncs } from "./syncs.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export interface Redrive {
  readonly delivery: InboundDelivery;
  /** What is done, or would be, in plain sentences; never empty. */
  readonly effects: readonly string[];
}

/** Does again, from the stored bytes, what a vendor's message asked for. */
export class InboundRedrives {
  constructor(
    private readonly database: Database,
    private readonly syncs: Syncs,
    private readonly intake: Pick<ApplicationIntake, "outlook">,
    private readonly queue: Pick<Queue, "enqueue">,
  ) {}

  /**
   * Harmless twice: a sync that waits is shared, an application that is there stays as it is.
   *
   * @param isDryRun tells what would be done, and does nothing
   * @throws {IntegrationError} NOT_FOUND, FORBIDDEN, PREREQUISITE_MISSING for what nobody could prove, REAUTHORIZATION_REQUIRED
   */
  async redrive(viewer: Viewer, id: string, isDryRun: boolean): Promise<Redrive> {
    requireScope(viewer, "integrations:write");
    const found = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const delivery = isId(id)
        ? await visibleDeliveries(tx, viewer).andWhere("delivery.id = :id", { id }).getOne()
        : null;
      const integration = delivery && (await lockIntegration(tx, delivery.integrationId));
      if (!delivery || !integration) throw notFound();
      requireChangeable(viewer, integration);
      if (!delivery.verified) throw unproved();
      if (delivery.keyId !== null) return delivery;
      return { delivery, effects: [await this.syncAgain(tx, viewer, integration, delivery, isDryRun)] };
    });
    if ("effects" in found) return found;
    const outlook = await this.intake.outlook(viewer.tenantId, found.id);
    if (!isDryRun && outlook.isWorthwhile) await this.takeAgain(found);
    return { delivery: found, effects: [outlook.says] };
  }

  private async syncAgain(
    tx: TenantTransaction,
    viewer: Viewer,
    integration: Integration,
    { tenantId, id, channelId, correlationId }: InboundDelivery,
    isDryRun: boolean,
  ): Promise<string> {
    if (integration.status === "DISCONNECTED") return "Nothing: the integration is disconnected.";
    requireUsable(integration);
    const channel = channelId ? await tx.manager.findOneBy(PushChannel, { tenantId, id: channelId }) : null;
    const calendar = channel && (await tx.manager.findOneBy(Calendar, { tenantId, id: channel.calendarId }));
    const isMirrored = calendar?.selected === true && calendar.removedAt === null;
    if (!isDryRun) {
      await this.syncs.enqueue(tx, integration, {
        ...{ trigger: "MANUAL", requestedBy: viewer.userId, full: false },
        ...{ correlationId, causationId: id, calendarId: isMirrored ? calendar.id : null },
      });
    }
    return isMirrored ? `The calendar ${calendar.name} is read.` : "All calendars of the integration are read.";
  }

  private async takeAgain({ tenantId, id }: InboundDelivery): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      await tx.query(
        "UPDATE inbound_delivery SET state = 'RECEIVED', problem = NULL WHERE id = $1 AND state IN ('REFUSED', 'FAILED')",
        [id],
      );
      await takeSoon(this.queue, tx, id);
    });
  }
}

function unproved(): IntegrationError {
  return new IntegrationError(
    "PREREQUISITE_MISSING",
    "This message did not prove to be the vendor's, and was not kept",
    {
      field: ["input", "id"],
      remedy: "Check the secret that the vendor signs with, and have the vendor send it again.",
    },
  );
}
