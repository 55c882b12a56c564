import { createDataSource } from "../../src/database/data-source.ts";
import { Database } from "../../src/database/database.ts";

/** Stores rows as they are, each in its tenant, in this order, beside whatever else uses the database. */
export async function saveRows(databaseUrl: string, ...rows: readonly { readonly tenantId: string }[]): Promise<void> {
  const dataSource = await createDataSource(databaseUrl, { poolSize: 1 }).initialize();
  try {
    const database = new Database(dataSource);
    for (const row of rows) await database.inTenant(row.tenantId, (tx) => tx.manager.save(row));
  } finally {
    await dataSource.destroy();
  }
}
