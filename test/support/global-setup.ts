import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../../src/database/embedded-postgres.ts";
import { migrate } from "../../src/database/migrate.ts";
import { Queue } from "../../src/queue/queue.ts";
import { databaseUrl, runOnServer } from "./database-server.ts";
import { announceRealServers } from "./real-servers.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where test databases are made, and the migrated one that they are copies of. */
    databaseServer: { readonly url: string; readonly template: string };
  }
}

/** One server and one migrated template for the whole run. TEST_DATABASE_URL names a server to use instead of our own; TEST_POSTGRES_MAJOR the version that our own has. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  announceRealServers(Boolean(process.env["REQUIRE_REAL_SERVERS"]));
  const server = await startServer(process.env["TEST_DATABASE_URL"]);
  const template = await createTemplate(server.url).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });

  provide("databaseServer", { url: server.url, template });
  return async () => {
    await runOnServer(server.url, `DROP DATABASE ${template} WITH (FORCE)`);
    await server.stop();
  };
}

async function createTemplate(serverUrl: string): Promise<string> {
  const name = `template_${randomUUID().replaceAll("-", "")}`;
  await runOnServer(serverUrl, `CREATE DATABASE ${name}`);
  const url = databaseUrl(serverUrl, name);
  await migrate(url, url, (adminUrl) => Queue.install(adminUrl));
  return name;
}

async function startServer(existing: string | undefined): Promise<{ url: string; stop(): Promise<void> }> {
  if (existing) return { url: existing, stop: async () => {} };

  const directory = await mkdtemp(join(tmpdir(), "integrations-test-"));
  const fast = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "500" };
  const wanted = process.env["TEST_POSTGRES_MAJOR"];
  const server = await startEmbeddedPostgres({
    dataDirectory: join(directory, "postgres"),
    settings: fast,
    major: wanted ? Number(wanted) : undefined,
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
