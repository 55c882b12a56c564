import type { Database } from "../database/database.ts";
import type { Vault } from "../security/vault.ts";

/** So many credentials are sealed again between two looks. */
const batchSize = 100;

/** Brings every credential under the newest key, while everything goes on. */
export class KeyRotation {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /**
   * Seals a tenant's credentials again that an older key had sealed. Harmless twice, and beside a renewal: what changed
   * since it was read is left to the next look.
   *
   * @returns how many were sealed again
   */
  async resealTenant(tenantId: string): Promise<number> {
    let resealed = 0;
    for (;;) {
      const done = await this.resealBatch(tenantId);
      if (done === 0) return resealed;
      resealed += done;
    }
  }

  private resealBatch(tenantId: string): Promise<number> {
    return this.database.inTenant(tenantId, async (tx) => {
      const old = await tx.query<{ integrationId: string; sealed: Buffer }>(
        `SELECT integration_id AS "integrationId", sealed FROM credential WHERE key_id <> $1
         ORDER BY integration_id LIMIT $2 FOR UPDATE SKIP LOCKED`,
        [this.vault.newestKeyId, batchSize],
      );
      for (const { integrationId, sealed } of old) {
        const bound = { tenantId, integrationId };
        const again = this.vault.seal(this.vault.open(sealed, bound), bound);
        await tx.query("UPDATE credential SET sealed = $2, key_id = $3 WHERE integration_id = $1", [
          integrationId,
          again,
          this.vault.newestKeyId,
        ]);
      }
      return old.length;
    });
  }
}
