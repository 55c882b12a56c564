import { databaseTime } from "../database/database-time.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { Integration, type Ownership } from "../entities/integration.ts";
import { IntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { ProvenAccount, RemoteCalendar } from "../providers/calendar/provider.ts";
import type { ProvenIdentity } from "../providers/provider.ts";
import { type SignIn, signInSetting } from "../providers/sign-in.ts";
import type { Queue } from "../queue/queue.ts";
import type { Vault } from "../security/vault.ts";
import { resumeApplications } from "./application-tasks.ts";
import type { CalendarList } from "./calendar-list.ts";
import { forgetCalendar } from "./forget-calendar.ts";
import { lockIntegration } from "./found-integration.ts";
import { integrationData } from "./integration-events.ts";
import { resumePostings } from "./posting-tasks.ts";
import { keepPushSoon } from "./push-channels.ts";
import { claimAccount } from "./routes.ts";
import { requireSole } from "./sole-account.ts";
import type { StandIns } from "./stand-ins.ts";
import type { Syncs } from "./syncs.ts";

/** What a login proved, and what is kept of it. */
export interface ProvenLogin {
  readonly account: ProvenIdentity | ProvenAccount;
  /** The way it came by, to which the integration keeps. */
  readonly signIn: SignIn;
  /** Sealed before it is stored. */
  readonly secret: Readonly<Record<string, string>>;
  /** When the access token in it ends, from now; null when nothing in it ends by itself. */
  readonly expiresInSeconds: number | null;
}

/** Where a login belongs. */
export interface NewConnection {
  /** Of the integration to be made; it may be there already, CONNECTING. */
  readonly id: string;
  readonly provider: string;
  readonly ownership: Ownership;
  readonly ownerId: string | null;
  readonly label: string | null;
  /** The vendor's ids of the calendars to mirror; null takes the primary one alone. */
  readonly calendarIds: readonly string[] | null;
}

/** Turns a login that was proved into an integration that is live. */
export class ConnectedAccounts {
  constructor(
    private readonly vault: Vault,
    private readonly calendarList: CalendarList,
    private readonly syncs: Syncs,
    private readonly queue: Queue,
    private readonly standIns: Pick<StandIns, "has">,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /** A new integration's row, before anybody knows whose account it will be. */
  pendingRow(tenantId: string, connection: NewConnection, settings: Readonly<Record<string, string>>): Integration {
    const now = this.now();
    const { id, provider, ownership, ownerId, label } = connection;
    return Object.assign(new Integration(), {
      tenantId,
      id,
      provider,
      ownership,
      ownerId,
      visibility: "BUSY" as const,
      label,
      // Until somebody has signed in it stands for nobody's account, and each for another one.
      accountId: id,
      accountName: "",
      simulated: false,
      settings,
      status: "CONNECTING" as const,
      problem: null,
      problemSince: null,
      defaultCalendarId: null,
      syncIntervalSeconds: null,
      activeAt: null,
      consecutiveFailures: 0,
      lastSyncedAt: null,
      lastComparedAt: now,
      drift: null,
      nextSyncAt: null,
      disconnectedAt: null,
      createdAt: now,
      updatedAt: now,
    });
  }

  /**
   * Makes the account live. One that was connected before comes back with its id, cursors and history.
   *
   * @returns the integration, which may be an older one than `connection.id`
   * @throws {IntegrationError} DUPLICATE when the account is connected and well
   */
  async store(
    tx: TenantTransaction,
    connection: NewConnection,
    login: ProvenLogin,
    requestedBy: string,
    cause: Cause,
  ): Promise<Integration> {
    const { id, calendarIds } = connection;
    const isWanted = (calendar: RemoteCalendar) =>
      calendarIds ? calendarIds.includes(calendar.externalId) : calendar.primary;
    await tx.query("INSERT INTO tenant (tenant_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      tx.tenantId,
      this.now(),
    ]);
    const before = await this.sameAccount(tx, connection, login.account.externalId);
    if (before && before.id !== id && (before.status === "ACTIVE" || before.status === "DEGRADED")) {
      throw new IntegrationError("DUPLICATE", `${login.account.displayName} is connected already`, {
        remedy: "Use that integration, or give it new credentials with reconnectIntegration.",
      });
    }
    if (before && before.id === id && before.status !== "CONNECTING") return before; // Stored by this very call before it crashed.
    if (before && before.id !== id) {
      before.label = connection.label ?? before.label;
      if (calendarIds) await selectAgain(tx, before.id, calendarIds);
      await tx.query("DELETE FROM integration WHERE id = $1 AND status = 'CONNECTING'", [id]);
      await this.revive(tx, before, login, isWanted, requestedBy, cause);
      return before;
    }
    const integration = (await lockIntegration(tx, id)) ?? this.pendingRow(tx.tenantId, connection, {});
    await this.revive(tx, integration, login, isWanted, requestedBy, cause);
    return integration;
  }

  /** Gives an integration a new login of the same account. @param integration locked */
  async renew(
    tx: TenantTransaction,
    integration: Integration,
    login: ProvenLogin,
    requestedBy: string,
    cause: Cause,
  ): Promise<void> {
    // After a purge it has no calendars, and begins like a new one.
    const isEmpty = !(await tx.manager.existsBy(Calendar, { tenantId: tx.tenantId, integrationId: integration.id }));
    await this.revive(tx, integration, login, ({ primary }) => isEmpty && primary, requestedBy, cause);
  }

  private async revive(
    tx: TenantTransaction,
    integration: Integration,
    login: ProvenLogin,
    isWanted: (calendar: RemoteCalendar) => boolean,
    requestedBy: string,
    cause: Cause,
  ): Promise<void> {
    const { account } = login;
    await requireSole(tx, integration, account.externalId);
    Object.assign(integration, {
      accountId: account.externalId,
      accountName: account.displayName,
      simulated: this.standIns.has(integration.provider, account.settings),
      settings: { ...integration.settings, ...account.settings, [signInSetting]: login.signIn },
      status: "ACTIVE",
      problem: null,
      problemSince: null,
      consecutiveFailures: 0,
      disconnectedAt: null,
      activeAt: this.now(),
      updatedAt: this.now(),
    });
    await tx.manager.save(Integration, integration);
    await this.seal(tx, integration, login);
    await claimAccount(tx, integration);
    const { tenantId, id: integrationId } = integration;
    const data = integrationData(integration);
    this.log.record(tx, { type: "integration.connected", integrationId, subjectId: integrationId, data, cause });
    const calendars = await this.calendarList.update(tx, integration, calendarsOf(account), cause, isWanted);
    if (integration.defaultCalendarId === null) {
      integration.defaultCalendarId = defaultOf(calendars);
      const { defaultCalendarId } = integration;
      await tx.manager.update(Integration, { tenantId, id: integrationId }, { defaultCalendarId });
    }
    await this.syncs.begin(tx, integration, { requestedBy, correlationId: cause.correlationId });
    await resumePostings(this.queue, tx, { integrationId });
    await resumeApplications(this.queue, tx, integrationId);
    await keepPushSoon(this.queue, tx, integration);
  }

  private async seal(
    tx: TenantTransaction,
    { id }: Integration,
    { secret, expiresInSeconds }: ProvenLogin,
  ): Promise<void> {
    const sealed = this.vault.seal(secret, { tenantId: tx.tenantId, integrationId: id });
    const at = await databaseTime(tx);
    const expiresAt = expiresInSeconds === null ? null : new Date(at.getTime() + expiresInSeconds * 1000);
    await tx.query(
      // A renewal of the old login that is under way must not overwrite the new one.
      `INSERT INTO credential AS known (tenant_id, integration_id, sealed, key_id, expires_at, renewed_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $6)
       ON CONFLICT (tenant_id, integration_id) DO UPDATE SET
         sealed = excluded.sealed, key_id = excluded.key_id, expires_at = excluded.expires_at,
         renewed_at = excluded.renewed_at, updated_at = excluded.updated_at, lease_fence = known.lease_fence + 1,
         lease_until = NULL, renewal_begun_at = NULL, renewal_not_before = NULL, renewal_failures = 0,
         renewal_problem = NULL`,
      [tx.tenantId, id, sealed, this.vault.keyIdOf(sealed), expiresAt, at],
    );
  }

  /** The row is locked, and so is the place for one that is not there: the same account is connected once. */
  private async sameAccount(
    tx: TenantTransaction,
    { provider, ownership, ownerId }: NewConnection,
    accountId: string,
  ): Promise<Integration | null> {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
      JSON.stringify([tx.tenantId, provider, ownership, ownerId, accountId]),
    ]);
    const query = tx.manager
      .createQueryBuilder(Integration, "integration")
      .where("integration.tenantId = :tenantId AND integration.provider = :provider", {
        tenantId: tx.tenantId,
        provider,
      })
      .andWhere("integration.ownership = :ownership AND integration.accountId = :accountId", { ownership, accountId })
      .andWhere("integration.ownerId IS NOT DISTINCT FROM :ownerId", { ownerId })
      .setLock("pessimistic_write");
    return query.getOne();
  }
}

/** What was mirrored before the account was disconnected gives way to what is asked for. */
async function selectAgain(tx: TenantTransaction, integrationId: string, wanted: readonly string[]): Promise<void> {
  const known = await tx.manager.findBy(Calendar, { tenantId: tx.tenantId, integrationId });
  for (const { id, externalId, selected } of known) {
    const isWanted = wanted.includes(externalId);
    if (selected && !isWanted) await forgetCalendar(tx, id);
    if (selected !== isWanted) await tx.manager.update(Calendar, { tenantId: tx.tenantId, id }, { selected: isWanted });
  }
}

function defaultOf(calendars: readonly Calendar[]): string | null {
  const writable = calendars.filter((calendar) => calendar.writable);
  return (writable.find(({ primary }) => primary) ?? writable[0])?.id ?? null;
}

/** None where an account is not one of calendars. */
function calendarsOf(account: ProvenLogin["account"]): readonly RemoteCalendar[] {
  return "calendars" in account ? account.calendars : [];
}

/** @throws {IntegrationError} INVALID_INPUT with the calendars there are */
export function checkCalendarIds(wanted: readonly string[] | null, account: ProvenLogin["account"]): void {
  const calendars = calendarsOf(account);
  for (const id of wanted ?? []) {
    if (calendars.some(({ externalId }) => externalId === id)) continue;
    throw new IntegrationError("INVALID_INPUT", "The account has no such calendar", {
      field: ["input", "calendarIds"],
      remedy: `It has: ${calendars.map(({ externalId }) => externalId).join(", ")}`,
    });
  }
}
