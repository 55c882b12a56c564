import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { Integration, type Ownership } from "../entities/integration.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { CalendarProvider, ConnectedAccount, RemoteCalendar } from "../providers/calendar/provider.ts";
import { calendarProvider } from "../providers/registry.ts";
import type { Vault } from "../security/vault.ts";
import type { Accounts } from "./accounts.ts";
import type { CalendarList } from "./calendar-list.ts";
import { forgetCalendar } from "./forget-calendar.ts";
import { findVisible, lockChangeable } from "./found-integration.ts";
import type { Idempotency } from "./idempotency.ts";
import { integrationData } from "./integration-events.ts";
import type { Syncs } from "./syncs.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export interface CredentialValue {
  readonly name: string;
  readonly value: string;
}

export interface ConnectRequest {
  readonly provider: string;
  readonly ownership: Ownership;
  readonly label: string | null;
  readonly credentials: readonly CredentialValue[];
  /** The vendor's ids of the calendars to mirror; null takes the primary one alone. */
  readonly calendarIds: readonly string[] | null;
  readonly returnUrl: string | null;
}

/** Connecting an account, and connecting it again. Credentials are proved before anything is stored. */
export class Connecting {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly vault: Vault,
    private readonly calendarList: CalendarList,
    private readonly syncs: Syncs,
    private readonly idempotency: Idempotency,
    private readonly log: EventLog,
    private readonly now: () => Date,
    private readonly allowedReturnOrigins: readonly string[],
  ) {}

  /**
   * Connects an account. One that was disconnected before comes back with its id.
   *
   * @throws {IntegrationError} INVALID_INPUT, CREDENTIALS_REJECTED, EGRESS_REFUSED, DUPLICATE when the account is
   *   connected already, and whatever the vendor's server answered
   */
  async connect(
    viewer: Viewer,
    request: ConnectRequest,
    idempotencyKey: string | null,
    cause: Cause,
  ): Promise<Integration> {
    requireScope(viewer, "integrations:write");
    const provider = calendarProvider(request.provider);
    checkedCredentials(provider, request.credentials);
    this.checkReturnUrl(request.returnUrl);
    const call = { mutation: "connectIntegration", key: idempotencyKey, input: request };
    const id = await this.idempotency.once(viewer, call, async (freshId) => {
      const connected = await this.prove(provider, request.credentials);
      checkCalendarIds(request.calendarIds, connected.calendars);
      return this.database.inTenant(viewer.tenantId, (tx) =>
        this.store(tx, viewer, { id: freshId, provider, request, connected }, cause),
      );
    });
    return this.database.inTenant(viewer.tenantId, (tx) => findVisible(tx, viewer, id));
  }

  /**
   * Gives an integration new credentials for the same account. It keeps its id, cursors and history.
   *
   * @throws {IntegrationError} NOT_FOUND, INVALID_INPUT when it is another account, CREDENTIALS_REJECTED …
   */
  async reconnect(
    viewer: Viewer,
    id: string,
    credentials: readonly CredentialValue[],
    cause: Cause,
  ): Promise<Integration> {
    requireScope(viewer, "integrations:write");
    const known = await this.database.inTenant(viewer.tenantId, (tx) => lockChangeable(tx, viewer, id));
    const provider = calendarProvider(known.provider);
    const connected = await this.prove(provider, credentials);
    if (connected.externalId !== known.accountId) {
      throw new IntegrationError(
        "INVALID_INPUT",
        `These credentials belong to another account than ${known.accountName}`,
        {
          field: ["input", "credentials"],
          remedy: "Use the same account, or connect this one as a new integration.",
        },
      );
    }
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integration = await lockChangeable(tx, viewer, id);
      // After a purge it has no calendars, and begins like a new one.
      const isEmpty = !(await tx.manager.existsBy(Calendar, { tenantId: viewer.tenantId, integrationId: id }));
      await this.revive(tx, viewer, integration, connected, ({ primary }) => isEmpty && primary, cause);
      return integration;
    });
  }

  /** What the login proves to be. An adapter names the credential that is wrong; callers hear where they gave it. */
  private async prove(provider: CalendarProvider, credentials: readonly CredentialValue[]): Promise<ConnectedAccount> {
    const values = checkedCredentials(provider, credentials);
    try {
      return await provider.auth.connect(values, this.accounts.trial(provider));
    } catch (error) {
      if (!isIntegrationError(error)) throw error;
      const index = credentials.findIndex(({ name }) => name === error.field?.[0]);
      if (index < 0 && error.code !== "CREDENTIALS_REJECTED") throw error;
      const field = ["input", "credentials", ...(index < 0 ? [] : [String(index), "value"])];
      throw new IntegrationError(error.code, error.message, { ...error, cause: error, field });
    }
  }

  private async store(
    tx: TenantTransaction,
    viewer: Viewer,
    { id, provider, request, connected }: NewConnection,
    cause: Cause,
  ): Promise<string> {
    const now = this.now();
    await tx.query("INSERT INTO tenant (tenant_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      tx.tenantId,
      now,
    ]);
    const isWanted = (calendar: RemoteCalendar) =>
      request.calendarIds ? request.calendarIds.includes(calendar.externalId) : calendar.primary;
    const ownerId = request.ownership === "USER" ? viewer.userId : null;
    const before = await this.sameAccount(tx, provider.id, request.ownership, ownerId, connected.externalId);
    if (before && before.status !== "DISCONNECTED") {
      if (before.id === id) return id; // Stored by this very call before it crashed.
      throw new IntegrationError("DUPLICATE", `${connected.displayName} is connected already`, {
        remedy: "Use that integration, or give it new credentials with reconnectIntegration.",
      });
    }
    if (before) {
      before.label = request.label ?? before.label;
      if (request.calendarIds) await selectAgain(tx, before.id, request.calendarIds);
      await this.revive(tx, viewer, before, connected, isWanted, cause);
      return before.id;
    }
    const integration = Object.assign(new Integration(), {
      tenantId: viewer.tenantId,
      id,
      provider: provider.id,
      ownership: request.ownership,
      ownerId,
      visibility: "BUSY" as const,
      label: request.label,
      accountId: connected.externalId,
      createdAt: now,
      defaultCalendarId: null,
      syncIntervalSeconds: null,
      lastSyncedAt: null,
      lastComparedAt: now,
      nextSyncAt: null,
    });
    await this.revive(tx, viewer, integration, connected, isWanted, cause);
    return id;
  }

  /** Makes an integration, new or old, live with what a login proved. */
  private async revive(
    tx: TenantTransaction,
    viewer: Viewer,
    integration: Integration,
    connected: ConnectedAccount,
    isWanted: (calendar: RemoteCalendar) => boolean,
    cause: Cause,
  ): Promise<void> {
    const now = this.now();
    Object.assign(integration, {
      accountName: connected.displayName,
      settings: connected.settings,
      status: "ACTIVE",
      problem: null,
      consecutiveFailures: 0,
      disconnectedAt: null,
      updatedAt: now,
    });
    await tx.manager.save(Integration, integration);
    await this.seal(tx, integration, connected.secret);
    const { id: integrationId } = integration;
    const data = integrationData(integration);
    this.log.record(tx, { type: "integration.connected", integrationId, subjectId: integrationId, data, cause });
    const calendars = await this.calendarList.update(tx, integration, connected.calendars, cause, isWanted);
    if (integration.defaultCalendarId === null) {
      integration.defaultCalendarId = defaultOf(calendars);
      await tx.manager.update(
        Integration,
        { tenantId: tx.tenantId, id: integrationId },
        { defaultCalendarId: integration.defaultCalendarId },
      );
    }
    await this.syncs.enqueue(tx, integration, { trigger: "CONNECT", requestedBy: viewer.userId, full: false });
    await this.syncs.schedule(tx, integration);
  }

  private async seal(tx: TenantTransaction, { id }: Integration, secret: ConnectedAccount["secret"]): Promise<void> {
    const sealed = this.vault.seal(secret, { tenantId: tx.tenantId, integrationId: id });
    await tx.query(
      `INSERT INTO credential (tenant_id, integration_id, sealed, key_id, updated_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, integration_id)
       DO UPDATE SET sealed = excluded.sealed, key_id = excluded.key_id, updated_at = excluded.updated_at`,
      [tx.tenantId, id, sealed, this.vault.keyIdOf(sealed), this.now()],
    );
  }

  /** The row is locked, and so is the place for one that is not there: the same account is connected once. */
  private async sameAccount(
    tx: TenantTransaction,
    provider: string,
    ownership: Ownership,
    ownerId: string | null,
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

  private checkReturnUrl(returnUrl: string | null): void {
    if (returnUrl === null || this.allowedReturnOrigins.includes(new URL(returnUrl).origin)) return;
    throw new IntegrationError("INVALID_INPUT", "This address is not one people may be sent back to", {
      field: ["input", "returnUrl"],
      remedy: "Add its origin to ALLOWED_RETURN_ORIGINS.",
    });
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

interface NewConnection {
  readonly id: string;
  readonly provider: CalendarProvider;
  readonly request: ConnectRequest;
  readonly connected: ConnectedAccount;
}

function defaultOf(calendars: readonly Calendar[]): string | null {
  const writable = calendars.filter((calendar) => calendar.writable);
  return (writable.find(({ primary }) => primary) ?? writable[0])?.id ?? null;
}

/** Named fields, each at most once, none missing. Values are never repeated in messages. */
function checkedCredentials(
  { name, auth: { fields } }: CalendarProvider,
  given: readonly CredentialValue[],
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [index, { name: field, value }] of given.entries()) {
    if (!fields.some((known) => known.name === field) || Object.hasOwn(values, field)) {
      throw new IntegrationError(
        "INVALID_INPUT",
        `${name} takes each of these once: ${fields.map((known) => known.name).join(", ")}`,
        {
          field: ["input", "credentials", String(index), "name"],
        },
      );
    }
    values[field] = value;
  }
  for (const field of fields) {
    if (field.required && !values[field.name]) {
      throw new IntegrationError("INVALID_INPUT", `${field.label} is missing`, {
        field: ["input", "credentials"],
        remedy: `Give a credential named ${field.name}.`,
      });
    }
  }
  return values;
}

function checkCalendarIds(wanted: readonly string[] | null, calendars: readonly RemoteCalendar[]): void {
  for (const id of wanted ?? []) {
    if (calendars.some(({ externalId }) => externalId === id)) continue;
    throw new IntegrationError("INVALID_INPUT", "The account has no such calendar", {
      field: ["input", "calendarIds"],
      remedy: `It has: ${calendars.map(({ externalId }) => externalId).join(", ")}`,
    });
  }
}
