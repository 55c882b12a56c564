import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { isIntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import { accessTokenHeader } from "../providers/oauth.ts";
import { calendarPushOf, providerOf } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import type { Vault } from "../security/vault.ts";
import { type Accounts, grantOf } from "./accounts.ts";
import { interactivePatienceMs } from "./call-gates.ts";
import { lockIntegration, lockVisible, requireChangeable } from "./found-integration.ts";
import { integrationData } from "./integration-events.ts";
import { purgeAfterMs } from "./integrations.ts";
import type { OAuthApps, OAuthProvider } from "./oauth-apps.ts";
import type { PushChannels } from "./push-channels.ts";
import { isAccountInUse, releaseAccount } from "./routes.ts";
import { findSealed } from "./sealed-integration.ts";
import { untilAborted } from "./until-aborted.ts";
import { requireScope, type Viewer } from "./viewer.ts";

/** What became of our access at the vendor. */
export interface RevocationView {
  /** Whether the vendor has ended it. */
  readonly revoked: boolean;
  /** For people: what was ended, or why not. */
  readonly message: string;
  /** Where the person can see and end it themselves; null where there is no such page. */
  readonly accountUrl: string | null;
}

export interface Disconnected {
  readonly integration: Integration;
  /** Null when it was disconnected before. */
  readonly revocation: RevocationView | null;
}

/** A person waits. */
const callMs = 10_000;
/** When this process dies before it is done, a task goes on after this long. */
const finishAfterMs = 60_000;

/** Ending an integration: here at once, and at the vendor where that is safe. */
export class Disconnecting {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly vault: Vault,
    private readonly apps: OAuthApps,
    private readonly push: PushChannels,
    private readonly queue: Queue,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /**
   * Stops everything at once, ends the access at the vendor, and destroys the credentials. An administrator of the tenant
   * may do it for anybody. Disconnecting twice changes nothing. A vendor that does not answer keeps nobody connected.
   */
  async disconnect(viewer: Viewer, id: string, cause: Cause): Promise<Disconnected> {
    requireScope(viewer, "integrations:write");
    const { integration, isFirst, ended } = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const found = await lockVisible(tx, viewer, id);
      if (!viewer.scopes.has("tenant:admin")) requireChangeable(viewer, found);
      if (found.status === "DISCONNECTED") return { integration: found, isFirst: false, ended: null };
      const before = endedBefore(found);
      await this.stop(tx, found, cause);
      if (before) await tx.query("DELETE FROM credential WHERE integration_id = $1", [id]);
      return { integration: found, isFirst: true, ended: before };
    });
    if (!isFirst) return { integration, revocation: null };
    return { integration, revocation: ended ?? (await this.finish(viewer.tenantId, id)) };
  }

  /**
   * What is left to do once everything has stopped: the vendor is told, then the credentials go. Harmless twice: what the
   * vendor has ended already is no error, and credentials of a later connection are left alone.
   */
  async finish(tenantId: string, integrationId: string): Promise<RevocationView | null> {
    const found = await this.database.inTenant(tenantId, (tx) => findSealed(tx, integrationId));
    if (found?.integration.status !== "DISCONNECTED") return null;
    const { integration, sealed, leaseFence } = found;
    const secret = this.vault.open(sealed, { tenantId, integrationId });
    const revocation = await this.tellVendor(integration, secret, AbortSignal.timeout(callMs));
    await this.database.inTenant(tenantId, async (tx) => {
      const current = await lockIntegration(tx, integrationId);
      if (current?.status !== "DISCONNECTED") return;
      await tx.query("DELETE FROM credential WHERE integration_id = $1 AND lease_fence = $2", [
        integrationId,
        leaseFence,
      ]);
    });
    return revocation;
  }

  private async stop(tx: TenantTransaction, integration: Integration, cause: Cause): Promise<void> {
    const now = this.now();
    const { tenantId, id: integrationId } = integration;
    await tx.query(
      `UPDATE sync_run SET cancel_requested = true,
         state = CASE state WHEN 'QUEUED' THEN 'CANCELLED' ELSE state END,
         finished_at = CASE state WHEN 'QUEUED' THEN $2::timestamptz END
       WHERE integration_id = $1 AND state IN ('QUEUED', 'RUNNING')`,
      [integrationId, now],
    );
    Object.assign(integration, {
      status: "DISCONNECTED",
      problem: null,
      problemSince: null,
      disconnectedAt: now,
      nextSyncAt: null,
      updatedAt: now,
    });
    await tx.manager.save(Integration, integration);
    await releaseAccount(tx, integrationId);
    // Whoever renews right now stores nothing any more.
    await tx.query(
      "UPDATE credential SET lease_fence = lease_fence + 1, lease_until = NULL WHERE integration_id = $1",
      [integrationId],
    );
    const payload = { tenantId, integrationId };
    const purgeAt = new Date(now.getTime() + purgeAfterMs);
    const finishAt = new Date(now.getTime() + finishAfterMs);
    await this.queue.enqueue(tx, "finish-disconnect", payload, { key: integrationId, startAt: finishAt });
    await this.queue.enqueue(tx, "purge-integration", payload, { key: integrationId, startAt: purgeAt });
    const data = integrationData(integration);
    this.log.record(tx, { type: "integration.disconnected", integrationId, subjectId: integrationId, data, cause });
  }

  /** Ends push first, because that needs the access which is ended next. */
  private async tellVendor(integration: Integration, secret: Secret, signal: AbortSignal): Promise<RevocationView> {
    const { auth, name, ...provider } = providerOf(integration);
    if (auth.kind === "credentials") {
      if (auth.revocation.kind === "none") return kept(auth.revocation.reason, auth.revocation.accountUrl ?? null);
      const authorization = this.apps.authorization({ ...provider, name, auth }, secret);
      const { settings } = integration;
      const fetch = this.accounts.trial(provider, signal)(grantOf(auth, authorization, settings, secret));
      const { revoke, accountUrl } = auth.revocation;
      return told(name, accountUrl?.(settings) ?? null, signal, () => revoke({ fetch, settings }));
    }
    if (auth.kind === "clientCredentials") return kept(auth.revocation.reason, auth.revocation.accountUrl ?? null);
    const { accountUrl, revocation } = auth;
    const oauth = { ...provider, name, auth };
    const tokens = await this.endPush(integration, oauth, secret, signal);
    if (revocation.kind === "none") return kept(revocation.reason, accountUrl);
    if (revocation.ends === "account" && (await isAccountInUse(this.database, provider.id, integration.accountId))) {
      return kept("The same account is connected elsewhere, and would lose its access too.", accountUrl);
    }
    const endpoint = this.apps.tokenEndpoint(oauth, integration.settings);
    const token = tokens["refreshToken"] ?? tokens["accessToken"] ?? "";
    return told(name, accountUrl, signal, () => endpoint.revoke(token).then(() => null));
  }

  /** @returns the newest tokens: a vendor may give others when push needs a fresh one */
  private async endPush(
    integration: Integration,
    provider: OAuthProvider,
    secret: Secret,
    signal: AbortSignal,
  ): Promise<Secret> {
    const { renewal } = providerOf(integration);
    const push = calendarPushOf(integration.provider);
    const channels = push ? await this.push.liveOf(integration) : [];
    if (!push || channels.length === 0) return secret;
    let newest = secret;
    const authorization = {
      current: async () => accessTokenHeader(provider.auth, newest["accessToken"] ?? ""),
      renewed: async () => {
        if (renewal.kind !== "refreshToken") throw new Error(`${provider.id} pushes, and cannot be renewed`);
        const endpoint = this.apps.tokenEndpoint(provider, integration.settings);
        const { accessToken, refreshToken } = await renewal.refresh({
          endpoint,
          refreshToken: newest["refreshToken"] ?? "",
        });
        newest = { accessToken, refreshToken };
        return accessTokenHeader(provider.auth, accessToken);
      },
    };
    const called = { ...integration, patienceMs: interactivePatienceMs };
    const account = this.accounts.openWith(provider, integration, authorization, signal, called);
    for (const channel of channels) await this.push.abandon(account, push, channel, signal);
    return newest;
  }
}

type Secret = Readonly<Record<string, string>>;

/**
 * A password that the vendor refuses has been deleted there. Asking for it with that very password would be one more bad login,
 * which some vendors count against everybody. Null when there is something to end.
 */
function endedBefore(integration: Integration): RevocationView | null {
  const { status, settings } = integration;
  const { auth, name } = providerOf(integration);
  if (status !== "NEEDS_REAUTH" || auth.kind !== "credentials" || auth.revocation.kind !== "delete") return null;
  const accountUrl = auth.revocation.accountUrl?.(settings) ?? null;
  return { revoked: true, message: `${name} refused the credentials before: they open nothing any more.`, accountUrl };
}

function kept(message: string, accountUrl: string | null): RevocationView {
  return { revoked: false, message, accountUrl };
}

/** @param tell answers why the access stays, or null */
async function told(
  name: string,
  accountUrl: string | null,
  signal: AbortSignal,
  tell: () => Promise<string | null>,
): Promise<RevocationView> {
  try {
    const reason = await untilAborted(tell(), signal);
    if (reason !== null) return kept(reason, accountUrl);
    return { revoked: true, message: `${name} has ended the access.`, accountUrl };
  } catch (error) {
    if (!isIntegrationError(error) && error !== signal.reason) throw error;
    return kept(`${name} could not be told. The credentials are destroyed here all the same.`, accountUrl);
  }
}
