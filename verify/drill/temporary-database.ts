import { mkdtemp, readFile, rm } from "node:fs/promises";
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
  /** It moves no more, as on a disk that hangs: nobody is answered, and no connection breaks. @returns how it goes on */
  stall(): Promise<() => void>;
  /** Reads and writes as the superuser: whatever the tenant, as time and accidents do. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** A migrated Postgres of the drill's own; it is gone afterwards. */
export async function startTemporaryDatabase(drill: Drill): Promise<TemporaryDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "integrations-drill-"));
  drill.atEnd(() => rm(folder, { recursive: true, force: true }));
  // Nothing here has to outlive a power cut.
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  const dataDirectory = join(folder, "postgres");
  const start = () => startEmbeddedPostgres({ dataDirectory, settings });
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
    async stall() {
      const [postmaster = ""] = (await readFile(join(dataDirectory, "postmaster.pid"), "utf8")).split("\n");
      const stopped = [Number(postmaster)];
      const goOn = () => {
        for (const pid of stopped.splice(0)) signal(pid, "SIGCONT");
      };
      drill.atEnd(async () => goOn());
      const runner = dataSource.createQueryRunner();
      // From now on nobody gets a connection any more.
      await runner.connect();
      // The one that starts others first, so that the list is all of them.
      signal(Number(postmaster), "SIGSTOP");
      const rows: { pid: number }[] = await runner.query("SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL");
      for (const { pid } of rows) {
        stopped.push(pid);
        signal(pid, "SIGSTOP");
      }
      await runner.release();
      return goOn;
    },
    query: (sql, parameters = []) => dataSource.query(sql, [...parameters]),
  };
}

/** Nothing to a process that has ended meanwhile. */
function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
