import type { Database } from "../database/database.ts";
import { InboundDelivery } from "../entities/inbound-delivery.ts";
import { PushChannel } from "../entities/push-channel.ts";
import type { PushMessage } from "../providers/calendar/provider.ts";
import { calendarProvider } from "../providers/registry.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { addressName } from "./provider-catalogue.ts";
import { knownChannel, unknownAddress } from "./push-channels.ts";
import { findRoute } from "./routes.ts";
import type { Syncs } from "./syncs.ts";

/** Messages of one moment end in one sync: it begins this long after the first of them. */
const gatherMs = 1_000;
/** Headers that say nothing, or a secret. */
const kept = /^(x-(?!.*(token|secret|signature))|content-|user-agent)/;

/** Where vendors' messages arrive: each is proved and stored, together with the sync that it asks for. */
export class Inbox {
  constructor(
    private readonly database: Database,
    private readonly syncs: Syncs,
    private readonly now: () => Date,
  ) {}

  /**
   * Takes a message. One for a channel that is over is taken and ignored: vendors send some late.
   *
   * @param provider as in the address: `google-calendar`
   * @throws {IntegrationError} NOT_FOUND for an address that is nobody's, FORBIDDEN for a message that is not the vendor's
   */
  async receive(provider: string, token: string, message: PushMessage): Promise<void> {
    const receivedAt = this.now();
    const route = await findRoute(this.database, "PUSH", token, receivedAt);
    if (!route) throw unknownAddress();
    const { tenantId, targetId: channelId } = route;
    await this.database.inTenant(tenantId, async (tx) => {
      const channel = await tx.manager.findOneBy(PushChannel, { tenantId, id: channelId });
      const integration = channel && (await lockIntegration(tx, channel.integrationId));
      if (!channel || !integration) throw unknownAddress();
      const { id, push } = calendarProvider(integration.provider);
      if (!push || addressName(id) !== provider) throw unknownAddress();
      const says = push.receive(message, knownChannel(channel));

      await tx.query("UPDATE push_channel SET last_message_at = $2 WHERE id = $1", [channelId, receivedAt]);
      const isWanted =
        channel.state !== "ENDED" && integration.status !== "DISCONNECTED" && integration.status !== "NEEDS_REAUTH";
      const run =
        isWanted && says !== "confirmed"
          ? await this.syncs.enqueue(tx, integration, {
              trigger: "PUSH",
              requestedBy: null,
              full: false,
              // A calendar that is gone is found by looking at all of them.
              calendarId: says === "gone" ? null : channel.calendarId,
              startAt: new Date(receivedAt.getTime() + gatherMs),
            })
          : null;
      const headers = Object.fromEntries(Object.entries(message.headers).filter(([name]) => kept.test(name)));
      await tx.manager.insert(InboundDelivery, {
        tenantId,
        id: newId(receivedAt),
        provider: id,
        integrationId: integration.id,
        channelId,
        headers,
        body: message.body,
        state: run ? "DONE" : "IGNORED",
        syncRunId: run?.id ?? null,
        receivedAt,
      });
    });
  }
}
