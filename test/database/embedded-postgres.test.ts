import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { PgBoss } from "pg-boss";
import { DataSource } from "typeorm";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmbeddedPostgres } from "../../src/database/embedded-postgres.ts";
import { eventually } from "../support/eventually.ts";

let home: string;
let count = 0;
const freshDirectory = (): string => join(home, String(++count), "postgres");

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "embedded-postgres-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  // A server that goes away meanwhile ends the query; without a listener it would end the whole run.
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return Object.values(rows[0] ?? {})[0];
}

describe("the embedded Postgres", () => {
  it("starts from nothing with its database, and keeps what was written over a restart", async () => {
    const dataDirectory = freshDirectory();

    const first = await startEmbeddedPostgres({ dataDirectory });
    await ask(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDirectory });

    expect(await ask(second.url, "SELECT current_database()")).toBe("integrations");
    expect(await ask(second.url, "SELECT answer FROM kept")).toBe(42);
    await second.stop();
    expect(await readdir(join(dataDirectory, ".."))).toEqual(["postgres"]);
  });

  it("writes durably, admits two hundred connections and keeps no TCP port", async () => {
    const server = await startEmbeddedPostgres({ dataDirectory: freshDirectory() });
    expect(await ask(server.url, "SHOW fsync")).toBe("on");
    expect(await ask(server.url, "SHOW synchronous_commit")).toBe("on");
    expect(await ask(server.url, "SHOW max_connections")).toBe("200");
    expect(await ask(server.url, "SHOW listen_addresses")).toBe("");
    await server.stop();
  });

  it("hands out a URL that pg, TypeORM and pg-boss understand", async () => {
    const { url, stop } = await startEmbeddedPostgres({ dataDirectory: freshDirectory() });
    const dataSource = await new DataSource({ type: "postgres", url, installExtensions: false }).initialize();
    const boss = await new PgBoss(url).start();

    expect(await ask(url, "SELECT 1")).toBe(1);
    expect(await dataSource.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await boss.isInstalled()).toBe(true);
    expect(new URL(url).username).toBe("postgres");

    await boss.stop({ graceful: false });
    await dataSource.destroy();
    // Pools say that they are closed a moment before their connections are.
    await eventually(
      "the last connection to close",
      () => ask(url, "SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend'"),
      (open) => open === 1,
    );
    await stop();
  });

  it("uses a server that already runs on the directory, and leaves it running", async () => {
    const dataDirectory = freshDirectory();
    const owner = await startEmbeddedPostgres({ dataDirectory });
    const guest = await startEmbeddedPostgres({ dataDirectory });

    expect(guest.url).toBe(owner.url);
    await guest.stop();
    expect(await ask(owner.url, "SELECT 1")).toBe(1);

    await owner.stop();
    await expect(ask(owner.url, "SELECT 1")).rejects.toThrow();
  });

  it("becomes one server when several start together on an empty directory", async () => {
    const dataDirectory = freshDirectory();
    const together = await Promise.all([1, 2, 3].map(() => startEmbeddedPostgres({ dataDirectory })));

    const started = await Promise.all(together.map(({ url }) => ask(url, "SELECT pg_postmaster_start_time()::text")));
    expect(new Set(started).size).toBe(1);
    await Promise.all(together.map(({ stop }) => stop()));
  });

  it("puts its socket elsewhere when the directory's path is too long for one", async () => {
    const dataDirectory = join(freshDirectory(), "deep".repeat(20), "postgres");
    const server = await startEmbeddedPostgres({ dataDirectory });
    expect(server.host).not.toContain("deep");
    expect(await ask(server.url, "SELECT 1")).toBe(1);
    await server.stop();
    await rm(server.host, { recursive: true });
  });

  it("starts although the lock names a living program that is no Postgres", async () => {
    const dataDirectory = freshDirectory();
    const first = await startEmbeddedPostgres({ dataDirectory });
    const lock = await readFile(join(dataDirectory, "postmaster.pid"), "utf8");
    await first.stop();
    await writeFile(join(dataDirectory, "postmaster.pid"), lock.replace(/^\d+/, String(process.pid)));

    const second = await startEmbeddedPostgres({ dataDirectory });
    expect(await ask(second.url, "SELECT 1")).toBe(1);
    await second.stop();
  });

  it("says what Postgres said, and the way out, when it cannot start", async () => {
    const start = startEmbeddedPostgres({ dataDirectory: freshDirectory(), settings: { max_connections: "none" } });
    await expect(start).rejects.toThrow(/Set DATABASE_URL[\s\S]*max_connections/);
  });
});

describe.runIf(process.platform === "linux")("a process with an embedded Postgres", () => {
  /** In the project, so that the packages are found from there. */
  const bundle = join(import.meta.dirname, "../../.data/test-embedded-postgres");
  const script = `
    import { startEmbeddedPostgres } from "./embedded-postgres.js";
    const { url, host } = await startEmbeddedPostgres({ dataDirectory: process.argv[2] });
    console.log(JSON.stringify({ url, host }));
    setInterval(() => {}, 1000);`;

  beforeAll(async () => {
    const entry = join(import.meta.dirname, "../../src/database/embedded-postgres.ts");
    await build({ configFile: false, logLevel: "error", build: { ssr: entry, outDir: bundle } });
    await writeFile(join(bundle, "process.js"), script);
  });
  afterAll(() => rm(bundle, { recursive: true, force: true }));

  async function launch(dataDirectory: string, guise: readonly string[] = []) {
    const [file = "", ...words] = [...guise, process.execPath, join(bundle, "process.js"), dataDirectory];
    const child = spawn(file, words, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(child.stdout, "data");
    return { child, ...(JSON.parse(String(line)) as { url: string; host: string }) };
  }

  it("leaves no server behind when it is killed, and loses nothing", async () => {
    const dataDirectory = freshDirectory();
    const { child, url } = await launch(dataDirectory);
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS answer");

    child.kill("SIGKILL");
    await expect.poll(() => ask(url, "SELECT 1").catch(() => "gone"), { timeout: 10_000 }).toBe("gone");

    const again = await startEmbeddedPostgres({ dataDirectory });
    expect(await ask(again.url, "SELECT answer FROM kept")).toBe(42);
    await again.stop();
  });

  it("needs no privileges", async () => {
    const directory = await mkdtemp(join(tmpdir(), "nobodys-postgres-"));
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(directory, 65534, 65534);
    // Nobody, but able to read the project when it lies in a directory that is root's alone.
    const reachFiles = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...reachFiles, "--"];

    const { child, url } = await launch(join(directory, "postgres"), isRoot ? nobody : []);
    expect(await ask(url, "SELECT 1")).toBe(1);

    child.kill("SIGTERM");
    await expect.poll(() => ask(url, "SELECT 1").catch(() => "gone"), { timeout: 10_000 }).toBe("gone");
    // It refuses connections first and writes until the end; its lock goes last.
    await expect.poll(() => readdir(join(directory, "postgres")), { timeout: 10_000 }).not.toContain("postmaster.pid");
    await rm(directory, { recursive: true });
  });
});
