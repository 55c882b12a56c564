import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { InboundDelivery } from "../entities/inbound-delivery.ts";
import { PushChannel } from "../entities/push-channel.ts";
import { type IntegrationError, isIntegrationError } from "../errors.ts";
import type { CalendarPush, PushMessage } from "../providers/calendar/provider.ts";
import { calendarProvider } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import type { Vault } from "../security/vault.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { keptHeaders } from "./kept-headers.ts";
import { addressName } from "./provider-catalogue.ts";
import { keepPushSoon, knownChannel, unknownAddress } from "./push-channels.ts";
import { findRoute } from "./routes.ts";
import type { Syncs } from "./syncs.ts";
import { noteUnproved } from "./unproved-messages.ts";

/** Messages of one moment end in one sync: it begins this long after the first of them… */
const gatherMs = 1_000;
/** …and a calendar that was read on account of some is not read again before they have been gathered for this long. */
const gatherMoreMs = 5_000;
const leadsToSync: ReadonlySet<string> = new Set(["changed", "gone", "expiring", "ended"]);

/** Where vendors' messages arrive: each is proved and stored, together with the sync that it asks for. */
export class Inbox {
  constructor(
    private readonly database: Database,
    private readonly syncs: Syncs,
    private readonly queue: Queue,
    private readonly vault: Vault,
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
      const { push } = calendarProvider(integration.provider);
      if (!push || addressName(integration.provider) !== provider) throw unknownAddress();
      const greeting = push.handshake?.(message.query) ?? null;
      if (greeting !== null) return greeting;
      const says = readBy(push, message, channel);
      if (isIntegrationError(says)) {
        await noteUnproved(tx, integration, message.headers, says, receivedAt);
        return says;
      }

      await this.noteMessage(tx, channel, says, receivedAt);
      if (says === "expiring" || says === "ended") await keepPushSoon(this.queue, tx, integration);
      const isWanted =
        channel.state !== "ENDED" && integration.status !== "DISCONNECTED" && integration.status !== "NEEDS_REAUTH";
      // Microsoft writes the secret of its subscription there.
      const body = Buffer.from(message.body);
      const hasBody = body.length > 0;
      const id = newId(receivedAt);
      const correlationId = newId(receivedAt);
      // A calendar that is gone is found by looking at all of them.
      const calendarId = says === "gone" ? null : channel.calendarId;
      const run =
        isWanted && leadsToSync.has(says)
          ? await this.syncs.enqueue(tx, integration, {
              trigger: "PUSH",
              requestedBy: null,
              full: false,
              calendarId,
              startAt: await this.gatheredAt(tx, integration.id, calendarId, receivedAt),
              askedBy: { id, correlationId },
            })
          : null;
      await tx.manager.insert(InboundDelivery, {
        tenantId,
        id,
        provider: integration.provider,
        integrationId: integration.id,
        channelId,
        says,
        externalId: null,
        headers: keptHeaders(message.headers),
        verified: true,
        unprovedHour: null,
        size: body.length,
        sealed: hasBody ? this.vault.sealBytes(body, { tenantId, integrationId: integration.id }) : null,
        keyId: hasBody ? this.vault.newestKeyId : null,
        state: run ? "DONE" : "IGNORED",
        problem: null,
        syncRunId: run?.id ?? null,
        jobPostingId: null,
        jobApplicationId: null,
        // Where a sync waited already, the message belongs to what that belongs to.
        correlationId: run?.correlationId ?? correlationId,
        receipts: 1,
        receivedAt,
      });
      return null;
    });
    if (isIntegrationError(answer)) throw answer;
    return answer;
  }

  /** When a sync begins that is asked for now. */
  private async gatheredAt(
    tx: TenantTransaction,
    integrationId: string,
    calendarId: string | null,
    receivedAt: Date,
  ): Promise<Date> {
    const recently = newId(new Date(receivedAt.getTime() - gatherMoreMs));
    const [recent] = await tx.query(
      `SELECT FROM sync_run
       WHERE integration_id = $1 AND id > $2 AND calendar_id IS NOT DISTINCT FROM $3 AND trigger = 'PUSH' LIMIT 1`,
      [integrationId, recently, calendarId],
    );
    return new Date(receivedAt.getTime() + (recent ? gatherMoreMs : gatherMs));
  }

  private async noteMessage(
    tx: TenantTransaction,
    { id }: PushChannel,
    says: ReturnType<CalendarPush["receive"]>,
    receivedAt: Date,
  ): Promise<void> {
    await tx.query(
      `UPDATE push_channel SET last_message_at = $2,
         state = CASE WHEN $3 = 'ended' THEN 'ENDED' ELSE state END,
         expires_at = CASE WHEN $3 = 'expiring' THEN $2 ELSE expires_at END
       WHERE id = $1`,
      [id, receivedAt, says],
    );
  }
}

/** What a message says; the refusal of one that is not the vendor's, which is stored before it is thrown. */
function readBy(
  push: CalendarPush,
  message: PushMessage,
  channel: PushChannel,
): ReturnType<CalendarPush["receive"]> | IntegrationError {
  try {
    return push.receive(message, knownChannel(channel));
  } catch (error) {
    if (isIntegrationError(error, "FORBIDDEN")) return error;
    throw error;
  }
}
