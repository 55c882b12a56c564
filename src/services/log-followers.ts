import type { Database } from "../database/database.ts";
import { EventHead } from "../entities/event-head.ts";
import type { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import type { Queue } from "../queue/queue.ts";
import { deliverSoon } from "./delivery-tasks.ts";

/** How often it is looked whether somebody lags behind, in case a process died right after it had written events. */
const sweepMs = 10_000;

/** Brings what is added to a tenant's log to the endpoints that follow it. */
export class LogFollowers {
  /** Tenants whose log has grown since it was asked last that they be followed. */
  private readonly grown = new Set<string>();
  private asking: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly queue: Pick<Queue, "enqueueAlone" | "reschedule">,
    private readonly now: () => Date,
  ) {}

  /** A log has grown that endpoints follow. What cannot be asked for now is found by the sweep. */
  logHasGrown(tenantId: string): void {
    if (this.grown.has(tenantId)) return;
    this.grown.add(tenantId);
    this.asking = this.asking.then(async () => {
      this.grown.delete(tenantId);
      await this.queue.enqueueAlone("follow-log", { tenantId }, { key: tenantId }).catch(() => {});
    });
  }

  /** Everything that was asked for is asked for. */
  settled(): Promise<void> {
    return this.asking;
  }

  /** Has every endpoint that lags behind its tenant's log served now. */
  async follow(tenantId: string): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      const behind = await tx.query<Pick<WebhookEndpoint, "id" | "away" | "slow">>(
        `SELECT id, away, slow FROM webhook_endpoint
         WHERE state = 'ENABLED' AND position < (SELECT position FROM event_head) ORDER BY id`,
      );
      for (const endpoint of behind) await deliverSoon(this.queue, tx, endpoint);
    });
  }

  /** Looks for tenants whose endpoints lag behind, and sets the next look. */
  async followAll(): Promise<void> {
    const behind = await this.database.asSystem((manager) =>
      manager
        .createQueryBuilder(EventHead, "head")
        .where("head.followedUntil IS NOT NULL AND head.followedUntil < head.position")
        .getMany(),
    );
    for (const { tenantId } of behind) await this.queue.enqueueAlone("follow-log", { tenantId }, { key: tenantId });
    await this.start(new Date(this.now().getTime() + sweepMs));
  }

  /** Sets the next look; at start-up, the first one. */
  async start(startAt: Date): Promise<void> {
    await this.queue.enqueueAlone("follow-logs", {}, { key: "all", startAt });
  }
}
