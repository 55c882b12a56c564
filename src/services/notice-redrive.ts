import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { PushChannel } from "../entities/push-channel.ts";
import type { Queue } from "../queue/queue.ts";
import { keepPushSoon } from "./push-channels.ts";
import { nothingToDo, type Redrive, type RedrivePlan, type Redrives } from "./redrive.ts";
import type { Syncs } from "./syncs.ts";

/** Does again what messages asked for that told of a change in a calendar. */
export class NoticeRedrive implements Redrives {
  constructor(
    private readonly syncs: Pick<Syncs, "enqueue" | "waitingFor">,
    private readonly queue: Queue,
  ) {}

  async prepare(): Promise<RedrivePlan> {
    return (tx, about) => this.plan(tx, about);
  }

  private async plan(
    tx: TenantTransaction,
    { viewer, integration, delivery }: Parameters<RedrivePlan>[1],
  ): Promise<Redrive> {
    const { tenantId } = tx;
    if (integration.status === "DISCONNECTED") return nothingToDo("Nothing is read: the integration is disconnected.");
    if (integration.status === "NEEDS_REAUTH") {
      return nothingToDo("Nothing is read: the account has to be connected again first.");
    }
    if (delivery.says === "confirmed") {
      return nothingToDo("Nothing is read: the message only says that the vendor will tell of changes.");
    }
    const channel = await tx.manager.findOneBy(PushChannel, { tenantId, id: delivery.channelId ?? "" });
    if (!channel || channel.state === "ENDED") {
      return nothingToDo("Nothing is read: the channel that the message came by has ended.");
    }
    // A calendar that is gone is found by looking at all of them.
    const calendarId = delivery.says === "gone" ? null : channel.calendarId;
    const calendar = calendarId && (await tx.manager.findOneBy(Calendar, { tenantId, id: calendarId, selected: true }));
    if (calendarId !== null && !calendar) return nothingToDo("Nothing is read: the calendar is no longer mirrored.");
    const what = calendar ? `The calendar "${calendar.name}" is read` : "All mirrored calendars are read";
    const how = (await this.syncs.waitingFor(tx, integration.id, calendarId))
      ? "by the sync that waits already"
      : "by a sync of its own";
    const isExpiring = delivery.says === "expiring";
    return {
      effects: [`${what}, ${how}.`, ...(isExpiring ? ["The channel that the message came by is prolonged."] : [])],
      begin: async () => {
        if (isExpiring) await keepPushSoon(this.queue, tx, integration);
        const run = await this.syncs.enqueue(tx, integration, {
          trigger: "MANUAL",
          requestedBy: viewer.userId,
          full: false,
          calendarId,
          askedBy: delivery,
        });
        return { state: "DONE", syncRunId: run.id };
      },
    };
  }
}
