import type { DataSource } from "typeorm";
import { createDataSource } from "../../src/database/data-source.ts";
import { Database } from "../../src/database/database.ts";
import { createTestDatabase } from "./database.ts";

export interface OpenedDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  readonly database: Database;
  /** Stores rows as they are, each in its tenant, in this order. */
  save(...rows: readonly { readonly tenantId: string }[]): Promise<void>;
  /** Reads as the superuser, so whatever the tenant. */
  look<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** A database of one's own, opened as the service opens it. */
export async function openTestDatabase({ poolSize = 10 }: { poolSize?: number } = {}): Promise<OpenedDatabase> {
  const { url, drop } = await createTestDatabase();
  const opened = await openDatabaseOf(url, { poolSize });
  return {
    ...opened,
    async close() {
      await opened.close();
      await drop();
    },
  };
}

/** The same of a database that somebody else has made, and drops. */
export async function openDatabaseOf(
  url: string,
  { poolSize = 10 }: { poolSize?: number } = {},
): Promise<OpenedDatabase> {
  const dataSource = await createDataSource(url, { poolSize }).initialize();
  const database = new Database(dataSource);
  return {
    url,
    dataSource,
    database,
    async save(...rows) {
      for (const row of rows) await database.inTenant(row.tenantId, (tx) => tx.manager.save(row));
    },
    look: (sql, parameters = []) => dataSource.query(sql, [...parameters]),
    close: () => dataSource.destroy(),
  };
}
