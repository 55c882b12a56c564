import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { InboundDelivery } from "../entities/inbound-delivery.ts";
import type { Integration } from "../entities/integration.ts";
import { PushChannel } from "../entities/push-channel.ts";
import { type IntegrationError, isIntegrationError } from "../errors.ts";
import type { CalendarPush, PushMessage } from "../providers/calendar/provider.ts";
import { calendarProvider } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { keptHeaders } from "./kept-headers.ts";
import { addressName } from "./provider-catalogue.ts";
import { keepPushSoon, knownChannel, unknownAddress } from "./push-channels.ts";
import { findRoute } from "./routes.ts";
import type { Syncs } from "./syncs.ts";
import { noteUnproved } from "./unproved-messages.ts";

/** Messages of one moment end in one sync: it begins this long after the first of them. */
const gatherMs = 1_000;
const leadsToSync: ReadonlySet<string> = new Set(["changed", "gone", "expiring", "ended"]);

type Says = ReturnType<CalendarPush["receive"]>;

/** A message that is the vendor's, and whom it is for. */
interface Notice {
  readonly integration: Integration;
  readonly channel: PushChannel;
  readonly message: PushMessage;
  readonly says: Says;
  readonly receivedAt: Date;
}

/** Where vendors' messages arrive: each is proved and stored, together with the sync that it asks for. */
export class Inbox {
  constructor(
    private readonly database: Database,
    private readonly syncs: Syncs,
    private readonly queue: Queue,
    private readonly now: () => Date,
  ) {}

  /**
   * Takes a message. @returns what to answer a vendor that only asks whether somebody is here; null for a message
   *
   * One for a channel that is over is taken and ignored: vendors send some late.
   *
   * @param provider as in the address: `google-calendar`
   * @throws {IntegrationError} NOT_FOUND for an address that is nobody's, FORBIDDEN for a message that is not the vendor's
   */
  async receive(provider: string, token: string, message: PushMessage): Promise<string | null> {
    const receivedAt = this.now();
    const route = await findRoute(this.database, "PUSH", token, receivedAt);
    if (!route) throw unknownAddress();
    const { tenantId, targetId: channelId } = route;
    const answer = await this.database.inTenant(tenantId, async (tx) => {
      const channel = await tx.manager.findOneBy(PushChannel, { tenantId, id: channelId });
      const integration = channel && (await lockIntegration(tx, channel.integrationId));
      if (!channel || !integration) throw unknownAddress();
      const { id, push } = calendarProvider(integration.provider);
      if (!push || addressName(id) !== provider) throw unknownAddress();
      const greeting = push.handshake?.(message.query) ?? null;
      if (greeting !== null) return greeting;
      const says = saidBy(push, message, channel);
      if (isIntegrationError(says)) {
        await noteUnproved(tx, integration, message, says, receivedAt);
        return says;
      }
      await this.noteMessage(tx, channel, says, receivedAt);
      if (says === "expiring" || says === "ended") await keepPushSoon(this.queue, tx, integration);
      await this.store(tx, { integration, channel, message, says, receivedAt });
      return null;
    });
    if (isIntegrationError(answer)) throw answer;
    return answer;
  }

  private async store(
    tx: TenantTransaction,
    { integration, channel, message, says, receivedAt }: Notice,
  ): Promise<void> {
    const id = newId(receivedAt);
    const correlationId = newId(receivedAt);
    const isWanted =
      channel.state !== "ENDED" && integration.status !== "DISCONNECTED" && integration.status !== "NEEDS_REAUTH";
    const run =
      isWanted && leadsToSync.has(says)
        ? await this.syncs.enqueue(tx, integration, {
            ...{ trigger: "PUSH", requestedBy: null, full: false, correlationId, causationId: id },
            // A calendar that is gone is found by looking at all of them.
            calendarId: says === "gone" ? null : channel.calendarId,
            startAt: new Date(receivedAt.getTime() + gatherMs),
          })
        : null;
    await tx.manager.insert(InboundDelivery, {
      ...{ tenantId: tx.tenantId, id, provider: integration.provider, integrationId: integration.id },
      ...{ channelId: channel.id, externalId: null, verified: true, size: Buffer.byteLength(message.body) },
      // Several messages may share a sync, and then they are one matter.
      correlationId: run?.correlationId ?? correlationId,
      headers: keptHeaders(message.headers),
      body: message.body,
      ...{ state: run ? "DONE" : "IGNORED", problem: null, syncRunId: run?.id ?? null },
      ...{ jobPostingId: null, jobApplicationId: null, receipts: 1, receivedAt },
    });
  }

  private async noteMessage(tx: TenantTransaction, { id }: PushChannel, says: Says, receivedAt: Date): Promise<void> {
    await tx.query(
      `UPDATE push_channel SET last_message_at = $2,
         state = CASE WHEN $3 = 'ended' THEN 'ENDED' ELSE state END,
         expires_at = CASE WHEN $3 = 'expiring' THEN $2 ELSE expires_at END
       WHERE id = $1`,
      [id, receivedAt, says],
    );
  }
}

/** What a message says, or why it is not believed. */
function saidBy(push: CalendarPush, message: PushMessage, channel: PushChannel): Says | IntegrationError {
  try {
    return push.receive(message, knownChannel(channel));
  } catch (error) {
    if (isIntegrationError(error, "FORBIDDEN")) return error;
    throw error;
  }
}
