import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataSource } from "typeorm";
import { createDataSource } from "../../src/database/data-source.ts";
import { startEmbeddedPostgres } from "../../src/database/embedded-postgres.ts";
import { migrate } from "../../src/database/migrate.ts";
import { Queue } from "../../src/queue/queue.ts";
import type { Drill } from "./drill.ts";

export interface TemporaryDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  /** Nobody reaches it until it is started again. What is stored is still there then. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Reads and writes as the superuser: whatever the tenant, as time and accidents do. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** A migrated Postgres of the drill's own; it is gone afterwards. */
export async function startTemporaryDatabase(drill: Drill): Promise<TemporaryDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "integrations-drill-"));
  drill.atEnd(() => rm(folder, { recursive: true, force: true }));
  // Nothing here has to outlive a power cut.
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  const start = () => startEmbeddedPostgres({ dataDirectory: join(folder, "postgres"), settings });
  let server = await start();
  drill.atEnd(() => server.stop());
  const { url } = server;
  await migrate(url, url, Queue.install);
  const dataSource = await createDataSource(url).initialize();
  drill.atEnd(() => dataSource.destroy());
  return {
    url,
    dataSource,
    stop: () => server.stop(),
    async start() {
      server = await start();
    },
    query: (sql, parameters = []) => dataSource.query(sql, [...parameters]),
  };
}
