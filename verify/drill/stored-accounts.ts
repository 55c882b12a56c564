import type { Database } from "../../src/database/database.ts";
import { Credential } from "../../src/entities/credential.ts";
import { Integration } from "../../src/entities/integration.ts";
import type { Vault } from "../../src/security/vault.ts";
import { newId } from "../../src/services/id.ts";

/** Which row. */
export interface AccountKey {
  readonly tenantId: string;
  readonly integrationId: string;
}

export interface NewAccount {
  readonly provider: string;
  /** Who it is at the vendor. */
  readonly accountId: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, string>>;
  /** When the access token in it ends; null when nothing in it does. */
  readonly expiresAt: Date | null;
}

const batchSize = 250;

/** Stores accounts of one tenant as connecting leaves them: live, and sealed. */
export async function storeAccounts(
  database: Database,
  vault: Vault,
  tenantId: string,
  accounts: readonly NewAccount[],
): Promise<AccountKey[]> {
  const stored: AccountKey[] = [];
  for (let from = 0; from < accounts.length; from += batchSize) {
    const rows = accounts.slice(from, from + batchSize).map((account) => rowsOf(vault, tenantId, account));
    await database.inTenant(tenantId, async (tx) => {
      await tx.query("INSERT INTO tenant (tenant_id, created_at) VALUES ($1, now()) ON CONFLICT DO NOTHING", [
        tenantId,
      ]);
      await tx.manager.insert(
        Integration,
        rows.map(({ integration }) => integration),
      );
      await tx.manager.insert(
        Credential,
        rows.map(({ credential }) => credential),
      );
    });
    stored.push(...rows.map(({ integration: { id: integrationId } }) => ({ tenantId, integrationId })));
  }
  return stored;
}

function rowsOf(vault: Vault, tenantId: string, { provider, accountId, settings, secret, expiresAt }: NewAccount) {
  const now = new Date();
  const id = newId(now);
  const sealed = vault.seal(secret, { tenantId, integrationId: id });
  const integration = {
    tenantId,
    id,
    provider,
    ownership: "USER" as const,
    ownerId: accountId,
    visibility: "BUSY" as const,
    accountId,
    accountName: accountId,
    simulated: false,
    settings: { ...settings },
    status: "ACTIVE" as const,
    consecutiveFailures: 0,
    createdAt: now,
    updatedAt: now,
  };
  const credential = {
    tenantId,
    integrationId: id,
    sealed,
    keyId: vault.keyIdOf(sealed),
    expiresAt,
    renewedAt: now,
    updatedAt: now,
  };
  return { integration, credential };
}
