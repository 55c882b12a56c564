import { onTestFinished } from "vitest";
import type { TestApp } from "./app.ts";
import { databaseUrl, runOnServer } from "./database-server.ts";

/** Nobody gets in any more, and who is in is thrown out. @returns what opens it again, as the end of the test does */
export async function closeDatabase(app: Pick<TestApp, "databaseUrl">): Promise<() => Promise<void>> {
  const name = new URL(app.databaseUrl).pathname.slice(1);
  const server = databaseUrl(app.databaseUrl, "postgres");
  const allow = (isAllowed: boolean) => runOnServer(server, `ALTER DATABASE ${name} ALLOW_CONNECTIONS ${isAllowed}`);
  await allow(false);
  await runOnServer(server, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
  onTestFinished(() => allow(true));
  return () => allow(true);
}
