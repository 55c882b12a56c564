import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { closeDatabase } from "../support/closed-database.ts";
import { runOnServer } from "../support/database-server.ts";

async function read(app: TestApp, path: string): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(new URL(path, app.url));
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

async function startApp(env: NodeJS.ProcessEnv = {}): Promise<TestApp> {
  const app = await startTestApp({ env });
  onTestFinished(() => app.stop());
  return app;
}

const allGood = { database: true, migrations: true, rowLevelSecurity: true, queue: true, running: true };

describe("/healthz", () => {
  it("says that the process lives, whatever its database does", async () => {
    const app = await startApp({ ROLES: "api" });
    await closeDatabase(app);
    expect(await read(app, "/healthz")).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  });
});

describe("/readyz", () => {
  it("says that the process can work", async () => {
    const { status, text } = await read(await startApp(), "/readyz");
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ status: "ready", checks: allGood });
  });

  it("names the database when it is gone, and is ready again when it is back", async () => {
    const app = await startApp();
    const reopen = await closeDatabase(app);
    const { status, text } = await read(app, "/readyz");
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({
      status: "not ready",
      checks: { database: false, queue: false, running: true },
    });
    await reopen();
    await expect.poll(async () => (await read(app, "/readyz")).status).toBe(200);
  });

  it("names the migrations when some are missing", async () => {
    const app = await startApp();
    await runOnServer(app.databaseUrl, "DELETE FROM migration WHERE id = (SELECT max(id) FROM migration)");
    const { status, text } = await read(app, "/readyz");
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ checks: { database: true, migrations: false, queue: true } });
  });

  it.each([
    { name: "is not forced on a table", statement: "ALTER TABLE calendar NO FORCE ROW LEVEL SECURITY" },
    { name: "is switched off for a table", statement: "ALTER TABLE event DISABLE ROW LEVEL SECURITY" },
    { name: "leaves a table to the working role", statement: "ALTER TABLE integration OWNER TO integrations_tenant" },
    { name: "was forgotten for a new table", statement: "CREATE TABLE public.forgotten (tenant_id text)" },
  ])("names row-level security when it $name", async ({ statement }) => {
    const app = await startApp();
    await runOnServer(app.databaseUrl, statement);
    const { status, text } = await read(app, "/readyz");
    expect(status).toBe(503);
    expect(JSON.parse(text)).toEqual({ status: "not ready", checks: { ...allGood, rowLevelSecurity: false } });
  });

  it("names the queue when it is not installed", async () => {
    const app = await startApp({ ROLES: "api" });
    await runOnServer(app.databaseUrl, "ALTER SCHEMA pgboss RENAME TO gone");
    const { status, text } = await read(app, "/readyz");
    expect(status).toBe(503);
    expect(JSON.parse(text)).toEqual({ status: "not ready", checks: { ...allGood, queue: false } });
  });
});

describe("/metrics", () => {
  it("counts and times requests by route and status, never by what is in an address", async () => {
    const app = await startApp();
    await app.as().then((caller) => caller.query("{ __typename }"));
    await read(app, "/nothing/secret-token?token=secret-token");
    const { status, type, text } = await read(app, "/metrics");
    expect(status).toBe(200);
    expect(type).toContain("text/plain");
    expect(text).toContain(
      'integrations_http_request_duration_seconds_count{method="POST",route="/graphql",status="200"} 1',
    );
    expect(text).toContain(
      'integrations_http_request_duration_seconds_count{method="GET",route="unknown",status="404"} 1',
    );
    expect(text).toContain("process_cpu_user_seconds_total");
    expect(text).not.toContain("secret-token");
  });

  it.skipIf(!radicaleIsInstalled)(
    "counts and times tasks, syncs and calls to providers (apt-get install radicale)",
    async () => {
      const [app, radicale] = await Promise.all([startApp(), startRadicale()]);
      onTestFinished(() => radicale.stop());
      const authorization = `Basic ${Buffer.from(`alice:${radicalePasswords.alice}`).toString("base64")}`;
      await fetch(new URL("/alice/work/", radicale.url), { method: "MKCALENDAR", headers: { authorization } });
      const ana = await app.as();
      const { data } = await ana.query(
        `mutation ($input: ConnectIntegrationInput!) { connectIntegration(input: $input) { userErrors { message } } }`,
        {
          input: {
            provider: "CALDAV",
            credentials: [
              { name: "serverUrl", value: radicale.url },
              { name: "username", value: "alice" },
              { name: "password", value: radicalePasswords.alice },
            ],
          },
        },
      );
      expect(data.connectIntegration.userErrors).toEqual([]);
      const state = async () => (await ana.query("{ syncRuns { nodes { state } } }")).data.syncRuns.nodes[0]?.state;
      await expect.poll(state, { timeout: 10_000 }).toBe("SUCCEEDED");
      await expect
        .poll(async () => (await read(app, "/metrics")).text)
        .toMatch(/task_duration_seconds_count\{task="run-sync"/);
      const { text } = await read(app, "/metrics");
      expect(text).toMatch(/^integrations_task_duration_seconds_count\{task="run-sync",outcome="[a-z]+"\} 1$/m);
      expect(text).toMatch(/^integrations_sync_duration_seconds_count\{provider="CALDAV",state="SUCCEEDED"\} 1$/m);
      expect(text).toMatch(
        /^integrations_provider_call_duration_seconds_count\{provider="CALDAV",method="PROPFIND",outcome="[a-z0-9]+"\} \d+$/m,
      );
      expect(text).not.toContain("alice");
    },
  );
});

describe("a process that is only a worker", () => {
  let worker: TestApp;
  beforeAll(async () => {
    worker = await startTestApp({ env: { ROLES: "worker" } });
  });
  afterAll(() => worker.stop());

  it.each(["/healthz", "/readyz", "/metrics"])("serves %s", async (path) => {
    expect((await read(worker, path)).status).toBe(200);
  });

  it("serves no GraphQL, neither over HTTP nor over WebSockets", async () => {
    const caller = await worker.as();
    expect(await caller.query("{ __typename }")).toMatchObject({ errors: [{ extensions: { code: "NOT_FOUND" } }] });
    await expect(caller.subscribe("subscription { integrationEvents { id } }").next()).rejects.toBeDefined();
  });
});
