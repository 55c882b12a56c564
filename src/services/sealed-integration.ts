import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Credential } from "../entities/credential.ts";
import { Integration } from "../entities/integration.ts";

export interface SealedIntegration {
  readonly integration: Integration;
  readonly sealed: Buffer;
  /** Of the credential, as it was read. */
  readonly leaseFence: string;
}

/**
 * An integration with its secret; null when it has none. Both in one statement: somebody may sign in another way in between,
 * and a secret is good for its own way alone.
 */
export async function findSealed(tx: TenantTransaction, id: string): Promise<SealedIntegration | null> {
  const { entities, raw } = await tx.manager
    .createQueryBuilder(Integration, "integration")
    .innerJoin(
      Credential,
      "credential",
      "credential.tenantId = integration.tenantId AND credential.integrationId = integration.id",
    )
    .addSelect("credential.sealed", "sealed")
    .addSelect("credential.leaseFence", "leaseFence")
    .where("integration.tenantId = :tenantId AND integration.id = :id", { tenantId: tx.tenantId, id })
    .getRawAndEntities<Omit<SealedIntegration, "integration">>();
  const [integration] = entities;
  const [secret] = raw;
  return integration && secret ? { integration, sealed: secret.sealed, leaseFence: secret.leaseFence } : null;
}
