import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { Integration } from "../entities/integration.ts";
import { PushChannel } from "../entities/push-channel.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { CalendarAccount, CalendarPush, KnownPushChannel, PushGrant } from "../providers/calendar/provider.ts";
import { calendarProvider, calendarPushOf } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import type { Accounts, OpenCalendarAccount } from "./accounts.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { problemOf } from "./problem.ts";
import { addressName } from "./provider-catalogue.ts";
import { addRoute, hashOf, isHashOf, newToken, removeRoutes } from "./routes.ts";
import type { Syncs } from "./syncs.ts";
import { untilAborted } from "./until-aborted.ts";

/** A channel is replaced once this part of its life is over; the old one is ended after the new one works. */
const renewAfter = 0.7;
/** A vendor that will not is asked again after this long. */
const refusedForMs = 24 * 60 * 60 * 1000;
/** A channel that was asked for and never confirmed is taken for lost. */
const openingMs = 10 * 60 * 1000;
/** Channels that are over are still known for this long: late messages are no attack. */
const rememberedMs = 8 * 24 * 60 * 60 * 1000;

interface Wanted {
  readonly push: CalendarPush;
  readonly missing: readonly MissingChannel[];
  /** Channels that nobody needs any more. */
  readonly surplus: readonly PushChannel[];
  /** When something is to be done next; null when there is nothing to wait for. */
  readonly nextAt: Date | null;
}

interface MissingChannel {
  readonly calendar: Calendar;
  /** One that works and is soon over. */
  readonly live: PushChannel | undefined;
}

/** Keeps one live channel for every mirrored calendar whose vendor can tell us of changes. */
export class PushChannels {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly queue: Queue,
    private readonly syncs: Pick<Syncs, "enqueue">,
    private readonly now: () => Date,
    private readonly publicUrl: string,
  ) {}

  /**
   * Opens what is missing or soon over, then ends what nobody needs. Harmless twice: a calendar that has a channel gets no
   * second one. Two at the same time may open one too many, which the next turn ends.
   *
   * @throws {IntegrationError} what the vendor answered, when it may pass
   */
  async keep(tenantId: string, integrationId: string, signal: AbortSignal): Promise<void> {
    const before = await this.look(tenantId, integrationId);
    if (!before) return;
    if (before.missing.length + before.surplus.length > 0) {
      const opened = await this.accounts.openCalendars(tenantId, integrationId, signal);
      for (const { calendar, live } of before.missing) {
        const isRenewed = live !== undefined && (await this.renew(opened, before.push, live));
        if (!isRenewed) await this.open(opened, before.push, calendar);
      }
      const { surplus } = (await this.look(tenantId, integrationId)) ?? before;
      for (const channel of surplus) await this.end(opened.account, before.push, channel);
    }
    const startAt = (await this.look(tenantId, integrationId))?.nextAt;
    if (!startAt) return;
    await this.database.inTenant(tenantId, (tx) =>
      this.queue.reschedule(tx, "keep-push-channels", { tenantId, integrationId }, { key: integrationId, startAt }),
    );
  }

  /** The channels of an integration that the vendor may still use. */
  async liveOf({ tenantId, id: integrationId }: Integration): Promise<PushChannel[]> {
    return this.database.inTenant(tenantId, (tx) =>
      tx.manager.findBy(PushChannel, { tenantId, integrationId, state: "LIVE" }),
    );
  }

  /** Ends one, as far as the vendor answers: otherwise it ends by itself, and its messages find nobody. */
  async abandon(
    account: CalendarAccount,
    push: CalendarPush,
    channel: PushChannel,
    signal: AbortSignal,
  ): Promise<void> {
    await untilAborted(this.end(account, push, channel), signal).catch((error: unknown) => {
      if (isIntegrationError(error) || signal.aborted) return this.ended(channel);
      throw error;
    });
  }

  private look(tenantId: string, integrationId: string): Promise<Wanted | null> {
    return this.database.inTenant(tenantId, async (tx) => {
      const integration = await tx.manager.findOneBy(Integration, { tenantId, id: integrationId });
      if (!integration || (integration.status !== "ACTIVE" && integration.status !== "DEGRADED")) return null;
      const { push } = calendarProvider(integration.provider);
      if (!push) return null;
      const now = this.now();
      await tx.query(
        `WITH old AS (
           DELETE FROM push_channel WHERE integration_id = $1 AND state = 'ENDED' AND created_at < $2 RETURNING id
         ) DELETE FROM route USING old WHERE route.kind = 'PUSH' AND route.target_id = old.id::text`,
        [integrationId, new Date(now.getTime() - rememberedMs)],
      );
      const calendars = await tx.manager.findBy(Calendar, { tenantId, integrationId, selected: true });
      const channels = await tx.manager.find(PushChannel, { where: { tenantId, integrationId }, order: { id: "ASC" } });
      const live = channels.filter(({ state }) => state !== "ENDED");
      const standing = calendars.map((calendar) => ({
        calendar,
        until: latest(live.filter(({ calendarId }) => calendarId === calendar.id).map((channel) => goodUntil(channel))),
      }));
      const missing = standing
        .filter(({ until }) => until === null || until <= now)
        .map(({ calendar }) => ({
          calendar,
          live: live.findLast(({ calendarId, state }) => calendarId === calendar.id && state === "LIVE"),
        }));
      const surplus = live.filter((channel) => isSurplus(channel, live, calendars, now));
      const waiting = standing.flatMap(({ until }) => (until !== null && until > now ? [until] : []));
      return { push, missing, surplus, nextAt: earliest(waiting) };
    });
  }

  /** The row comes first: the vendor's first message may be quicker than its answer. */
  private async open(opened: OpenCalendarAccount, push: CalendarPush, calendar: Calendar): Promise<void> {
    const { tenantId, integrationId } = calendar;
    const now = this.now();
    const id = newId(now);
    const token = newToken();
    const secret = newToken();
    const isWanted = await this.database.inTenant(tenantId, async (tx) => {
      if (!(await isConnected(tx, integrationId))) return false;
      await tx.manager.insert(PushChannel, {
        tenantId,
        id,
        integrationId,
        calendarId: calendar.id,
        externalId: null,
        secretHash: hashOf(secret),
        state: "OPENING",
        problem: null,
        expiresAt: null,
        grantedAt: null,
        lastMessageAt: null,
        createdAt: now,
      });
      await addRoute(tx, { token, kind: "PUSH", targetId: id, expiresAt: null });
      return true;
    });
    if (!isWanted) return;
    const address = `${this.publicUrl}/webhooks/${addressName(opened.provider.id)}/${token}`;
    try {
      const granted = await push.start(opened.account, calendar.externalId, { channelId: id, address, secret });
      await this.granted(opened, push, id, granted);
    } catch (error) {
      await this.refused(tenantId, id, error);
      // What passes by itself is tried again by the task; what the vendor will not do is looked at tomorrow.
      if (!isIntegrationError(error) || error.retryable) throw error;
    }
  }

  /** @returns whether the vendor prolongs this channel; otherwise another one takes its place */
  private async renew(opened: OpenCalendarAccount, push: CalendarPush, channel: PushChannel): Promise<boolean> {
    const { id, externalId } = channel;
    if (!push.renew || externalId === null) return false;
    try {
      await this.granted(opened, push, id, await push.renew(opened.account, { externalId }));
      return true;
    } catch (error) {
      if (!isIntegrationError(error, "NOT_FOUND")) throw error;
      await this.ended(channel);
      await this.catchUp(opened, channel);
      return false;
    }
  }

  /** A channel that was over before anybody knew may have told nothing for a while. */
  private async catchUp({ integration }: OpenCalendarAccount, { tenantId, calendarId }: PushChannel): Promise<void> {
    const wish = { trigger: "PUSH", requestedBy: null, full: false, calendarId } as const;
    await this.database.inTenant(tenantId, (tx) => this.syncs.enqueue(tx, integration, wish));
  }

  /** Of what nobody wants any more, as after somebody has disconnected meanwhile, the vendor hears at once. */
  private async granted(
    { account, integration }: OpenCalendarAccount,
    push: CalendarPush,
    id: string,
    { externalId, expiresAt }: PushGrant,
  ): Promise<void> {
    const isWanted = await this.database.inTenant(integration.tenantId, async (tx) => {
      if (!(await isConnected(tx, integration.id))) return false;
      await tx.query(
        "UPDATE push_channel SET state = 'LIVE', external_id = $2, expires_at = $3, granted_at = $4 WHERE id = $1",
        [id, externalId, expiresAt, this.now()],
      );
      return true;
    });
    if (isWanted) return;
    await push.stop(account, { channelId: id, externalId });
    await this.ended({ tenantId: integration.tenantId, id });
  }

  private async refused(tenantId: string, id: string, error: unknown): Promise<void> {
    const mayPass = !isIntegrationError(error) || error.retryable;
    await this.database.inTenant(tenantId, async (tx) => {
      await tx.query("UPDATE push_channel SET state = $2, problem = $3 WHERE id = $1", [
        id,
        mayPass ? "ENDED" : "REFUSED",
        JSON.stringify(problemOf(error)),
      ]);
      if (!mayPass) await removeRoutes(tx, "PUSH", id);
    });
  }

  private async end(account: CalendarAccount, push: CalendarPush, channel: PushChannel): Promise<void> {
    const { id: channelId, externalId } = channel;
    if (channel.state === "LIVE" && externalId !== null) await push.stop(account, { channelId, externalId });
    await this.ended(channel);
  }

  private async ended({ tenantId, id }: Pick<PushChannel, "tenantId" | "id">): Promise<void> {
    await this.database.inTenant(tenantId, (tx) =>
      tx.query("UPDATE push_channel SET state = 'ENDED' WHERE id = $1", [id]),
    );
  }
}

/** Has the channels of an integration looked at soon, where its vendor has any. */
export async function keepPushSoon(
  queue: Queue,
  tx: TenantTransaction,
  { tenantId, id: integrationId, provider }: Integration,
): Promise<void> {
  if (!calendarPushOf(provider)) return;
  // One may be waiting already, for the day on which a channel is to be replaced.
  await queue.reschedule(tx, "keep-push-channels", { tenantId, integrationId }, { key: integrationId });
}

/** Locked, so that whoever disconnects comes before or after, and sees what there is to end. */
async function isConnected(tx: TenantTransaction, integrationId: string): Promise<boolean> {
  const integration = await lockIntegration(tx, integrationId);
  return integration !== null && integration.status !== "DISCONNECTED";
}

/** What an adapter needs to know of a channel to judge a message. */
export function knownChannel({ id, externalId, secretHash }: PushChannel): KnownPushChannel {
  return {
    channelId: id,
    externalId,
    isSecret: (text) => isHashOf(text, secretHash),
  };
}

/** Until when nothing has to be done about its calendar. */
function goodUntil({ state, createdAt, grantedAt, expiresAt }: PushChannel): Date {
  const at = (grantedAt ?? createdAt).getTime();
  if (state === "REFUSED") return new Date(at + refusedForMs);
  if (state === "OPENING" || expiresAt === null) return new Date(at + openingMs);
  return new Date(at + (expiresAt.getTime() - at) * renewAfter);
}

/** Of a calendar that is no longer mirrored, or with a younger channel beside it. */
function isSurplus(
  channel: PushChannel,
  all: readonly PushChannel[],
  calendars: readonly Calendar[],
  now: Date,
): boolean {
  if (!calendars.some(({ id }) => id === channel.calendarId)) return true;
  const isPast = goodUntil(channel) <= now;
  if (isPast && channel.state !== "LIVE") return true;
  const younger = all.some(
    ({ calendarId, state, id }) => calendarId === channel.calendarId && state === "LIVE" && id > channel.id,
  );
  return younger && channel.state === "LIVE";
}

function latest(times: readonly Date[]): Date | null {
  return times.length === 0 ? null : new Date(Math.max(...times.map((time) => time.getTime())));
}

function earliest(times: readonly Date[]): Date | null {
  return times.length === 0 ? null : new Date(Math.min(...times.map((time) => time.getTime())));
}

/** @throws {IntegrationError} NOT_FOUND, for addresses that are nobody's */
export function unknownAddress(): IntegrationError {
  return new IntegrationError("NOT_FOUND", "There is nothing at this address");
}
