import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Vault } from "../security/vault.ts";

/** Where something sealed is, what its row is called by, what it is bound to, and how many rows are sealed again between two looks. */
const places = [
  { table: "credential", key: "integration_id", bound: "integration_id", batchSize: 100 },
  { table: "inbound_delivery", key: "id", bound: "integration_id", batchSize: 10 },
  { table: "job_application_file", key: "id", bound: "integration_id", batchSize: 10 },
  { table: "webhook_endpoint", key: "id", bound: "id", batchSize: 50 },
] as const;

type Place = (typeof places)[number];

interface OldRow {
  readonly id: string;
  readonly integrationId: string;
  readonly sealed: Buffer;
}

/** Brings everything that is sealed under the newest key, while everything goes on. */
export class KeyRotation {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /**
   * Seals again what an older key had sealed of a tenant's. Harmless twice, and beside a renewal: what changed since it was
   * read is left to the next look.
   *
   * @returns how much was sealed again
   */
  async resealTenant(tenantId: string): Promise<number> {
    let resealed = 0;
    for (const place of places) resealed += await this.resealPlace(tenantId, place);
    return resealed;
  }

  private async resealPlace(tenantId: string, place: Place): Promise<number> {
    let resealed = 0;
    for (;;) {
      const done = await this.database.inTenant(tenantId, (tx) => this.resealBatch(tx, place));
      if (done === 0) return resealed;
      resealed += done;
    }
  }

  private async resealBatch(tx: TenantTransaction, { table, key, bound: boundTo, batchSize }: Place): Promise<number> {
    const old = await tx.query<OldRow>(
      `SELECT ${key} AS id, ${boundTo} AS "integrationId", sealed FROM ${table} WHERE key_id <> $1
       ORDER BY ${key} LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [this.vault.newestKeyId, batchSize],
    );
    for (const { id, integrationId, sealed } of old) {
      const bound = { tenantId: tx.tenantId, integrationId };
      const again = this.vault.sealBytes(this.vault.openBytes(sealed, bound), bound);
      await tx.query(`UPDATE ${table} SET sealed = $2, key_id = $3 WHERE ${key} = $1`, [
        id,
        again,
        this.vault.newestKeyId,
      ]);
    }
    return old.length;
  }
}
