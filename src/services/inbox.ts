import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { InboundDelivery } from "../entities/inbound-delivery.ts";
import { Integration } from "../entities/integration.ts";
import { PushChannel } from "../entities/push-channel.ts";
import type { SyncRun } from "../entities/sync-run.ts";
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

/** Messages of one moment are gathered for a while, and end in one sync. */
const gathering = { atLeastMs: 500, spreadMs: 1_000 };
/** So are those that come this soon after such a sync has begun, for longer: no calendar is read all the time. */
const recentMs = 5_000;
const gatheringMore = { atLeastMs: 5_000, spreadMs: 3_000 };
/** A sync that was asked for longer ago has begun longer ago, too. */
const longestWaitMs = 60_000;
/** A channel that is heard of all the time notes so only every so often. */
const heardStepMs = 10_000;
const leadsToSync: ReadonlySet<string> = new Set(["changed", "gone", "expiring", "ended"]);

/** A message that is its vendor's, and what it is about. */
interface ProvedMessage {
  readonly integration: Integration;
  readonly channel: PushChannel;
  readonly message: PushMessage;
  readonly says: ReturnType<CalendarPush["receive"]>;
  readonly receivedAt: Date;
}

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
      const integration = channel && (await tx.manager.findOneBy(Integration, { tenantId, id: channel.integrationId }));
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
      await this.take(tx, { integration, channel, message, says, receivedAt });
      return null;
    });
    if (isIntegrationError(answer)) throw answer;
    return answer;
  }

  /**
   * Where a sync waits already, nothing is locked: messages of one moment do not wait for each other, nor for a sync that is
   * storing what it has read.
   */
  private async take(tx: TenantTransaction, proved: ProvedMessage): Promise<void> {
    const { integration, channel, message, says, receivedAt } = proved;
    const { tenantId } = tx;
    const id = newId(receivedAt);
    const asked = { id, correlationId: newId(receivedAt) };
    // A calendar that is gone is found by looking at all of them.
    const calendarId = says === "gone" ? null : channel.calendarId;
    const run =
      channel.state !== "ENDED" && leadsToSync.has(says) && isRead(integration)
        ? ((await this.syncs.waitingFor(tx, integration.id, calendarId)) ??
          (await this.askForSync(tx, integration.id, calendarId, asked, receivedAt)))
        : null;
    if (says === "expiring" || says === "ended") await keepPushSoon(this.queue, tx, integration);
    // Microsoft writes the secret of its subscription there.
    const body = Buffer.from(message.body);
    const hasBody = body.length > 0;
    await tx.manager.insert(InboundDelivery, {
      tenantId,
      id,
      provider: integration.provider,
      integrationId: integration.id,
      channelId: channel.id,
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
      correlationId: run?.correlationId ?? asked.correlationId,
      receipts: 1,
      receivedAt,
    });
    await this.noteHeard(tx, proved);
  }

  /** Null when meanwhile nothing is read any more. */
  private async askForSync(
    tx: TenantTransaction,
    integrationId: string,
    calendarId: string | null,
    askedBy: Pick<InboundDelivery, "id" | "correlationId">,
    receivedAt: Date,
  ): Promise<SyncRun | null> {
    const integration = await lockIntegration(tx, integrationId);
    if (!integration || !isRead(integration)) return null;
    const ago = (ms: number) => new Date(receivedAt.getTime() - ms);
    const [recent] = await tx.query(
      `SELECT FROM sync_run
       WHERE integration_id = $1 AND id > $2 AND calendar_id IS NOT DISTINCT FROM $3 AND trigger = 'PUSH'
         AND coalesce(started_at, queued_at) > $4 LIMIT 1`,
      [integration.id, newId(ago(longestWaitMs)), calendarId, ago(recentMs)],
    );
    // Calendars that were told of together are not read together.
    const { atLeastMs, spreadMs } = recent ? gatheringMore : gathering;
    const startAt = new Date(receivedAt.getTime() + atLeastMs + Math.random() * spreadMs);
    return this.syncs.enqueue(tx, integration, {
      ...{ trigger: "PUSH", requestedBy: null, full: false },
      ...{ calendarId, startAt, askedBy },
    });
  }

  /** Last of all: until the end, nobody else notes anything there. */
  private async noteHeard(tx: TenantTransaction, { channel, says, receivedAt }: ProvedMessage): Promise<void> {
    const { id, lastMessageAt } = channel;
    const isRecent = lastMessageAt !== null && receivedAt.getTime() - lastMessageAt.getTime() < heardStepMs;
    if (isRecent && says !== "ended" && says !== "expiring") return;
    await tx.query(
      `UPDATE push_channel SET last_message_at = $2,
         state = CASE WHEN $3 = 'ended' THEN 'ENDED' ELSE state END,
         expires_at = CASE WHEN $3 = 'expiring' THEN $2 ELSE expires_at END
       WHERE id = $1`,
      [id, receivedAt, says],
    );
  }
}

function isRead({ status }: Integration): boolean {
  return status !== "DISCONNECTED" && status !== "NEEDS_REAUTH";
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
