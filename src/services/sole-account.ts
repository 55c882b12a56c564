import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import { IntegrationError } from "../errors.ts";
import { providerWith } from "../providers/registry.ts";

/**
 * Where a board gets all open jobs of an account at once, one integration alone may be of that account: with each mail, another
 * one would take off what this one has posted.
 *
 * @param accountId who the login has proved to be
 * @throws {IntegrationError} DUPLICATE when the tenant has another one, whoever's it is
 */
export async function requireSole(
  tx: TenantTransaction,
  { id, provider: providerId }: Pick<Integration, "id" | "provider">,
  accountId: string,
): Promise<void> {
  const provider = providerWith(providerId);
  if (provider.kind !== "JOB_BOARD" || !provider.batch) return;
  const account = JSON.stringify(["sole", tx.tenantId, providerId, accountId]);
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [account]);
  const others = await tx.query(
    "SELECT FROM integration WHERE provider = $1 AND account_id = $2 AND id <> $3 AND status <> 'DISCONNECTED'",
    [providerId, accountId, id],
  );
  if (others.length === 0) return;
  throw new IntegrationError("DUPLICATE", `Another integration posts in the name of this account at ${provider.name}`, {
    remedy: "Post by that one, or disconnect it first: each mail replaces all jobs of the account.",
  });
}
