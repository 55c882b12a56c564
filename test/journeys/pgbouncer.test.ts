import { randomUUID } from "node:crypto";
import { DateTime } from "luxon";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type PgBouncer, pgbouncerIsInstalled, startPgBouncer } from "../../sandbox/real-servers/pgbouncer.ts";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import type { ServerProcess } from "../../sandbox/real-servers/server-process.ts";
import { migrate } from "../../src/database/migrate.ts";
import { Queue } from "../../src/queue/queue.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { anIntegration } from "../support/builders.ts";
import { caldavClient } from "../support/caldav-client.ts";
import { databaseUrl, runOnServer } from "../support/database-server.ts";
import { EventFollower } from "../support/event-follower.ts";
import { inTime } from "../support/eventually.ts";
import { Journey } from "../support/journey.ts";
import { saveRows } from "../support/rows.ts";

describe.skipIf(!pgbouncerIsInstalled)("through PgBouncer in transaction mode (apt-get install pgbouncer)", () => {
  /** Beside the bouncer, to own the database. */
  let direct: TestApp;
  let bouncer: PgBouncer;
  let one: TestApp;
  let two: TestApp;

  beforeAll(async () => {
    direct = await startTestApp({ env: { ROLES: "api" } });
    bouncer = await startPgBouncer(direct.databaseUrl);
    const beside = { ...direct, databaseUrl: bouncer.through(direct.databaseUrl) };
    const env = { WAKE_BUS: direct.databaseUrl };
    one = await startTestApp({ beside, env });
    two = await startTestApp({ beside, env });
  });
  afterAll(async () => {
    await Promise.all([one.stop(), two.stop()]);
    await bouncer.stop();
    await direct.stop();
  });

  it("is ready", async () => {
    const answer = await fetch(new URL("/readyz", one.url));
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status: 200 });
  });

  it("what one process does is seen by a subscriber of another, without waiting for its own look", async () => {
    const tenantId = `tenant-${randomUUID()}`;
    const integration = anIntegration({ tenantId, ownership: "TENANT" });
    await saveRows(direct.databaseUrl, integration);
    const writer = new Journey(await one.as({ tenantId }));
    const follower = new EventFollower(await two.as({ tenantId }), { after: firstCursor });
    onTestFinished(() => follower.stop());
    // One after the other: readers look by themselves every five seconds, which would take a minute.
    const turns = Array.from({ length: 12 }, (_, turn) => `turn ${turn}`);
    const seen = async () => {
      for (const [turn, label] of turns.entries()) {
        await writer.updateIntegration(integration.id, { label });
        await follower.until(label, (events) => events.length > turn, 20_000);
      }
    };
    await inTime("all turns", seen(), 20_000);
    expect(follower.events.map(({ data }) => data.label)).toEqual(turns);
  });

  it("nobody is given the rows of whoever had the connection before", async () => {
    const tenants = Array.from({ length: 8 }, () => `tenant-${randomUUID()}`);
    const integrations = tenants.map((tenantId) => anIntegration({ tenantId, ownership: "TENANT" }));
    await saveRows(direct.databaseUrl, ...integrations);
    const callers = await Promise.all(tenants.map((tenantId, index) => (index % 2 ? one : two).as({ tenantId })));
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(callers.map((caller) => caller.query("{ integrations { nodes { id } } }")));
      expect(answers.map(({ data }) => data.integrations.nodes)).toEqual(integrations.map(({ id }) => [{ id }]));
    }
  });

  it("an empty database is brought up to date, by processes that start together, more than once", async () => {
    const name = `empty_${randomUUID().replaceAll("-", "")}`;
    await runOnServer(direct.databaseUrl, `CREATE DATABASE ${name}`);
    onTestFinished(() => runOnServer(direct.databaseUrl, `DROP DATABASE ${name} WITH (FORCE)`));
    const url = bouncer.through(databaseUrl(direct.databaseUrl, name));
    const start = () => migrate(url, url, (adminUrl) => Queue.install(adminUrl));
    await inTime("both", Promise.all([start(), start()]), 60_000);
    await inTime("one more", start(), 60_000);
    const started = await startTestApp({
      beside: { ...direct, databaseUrl: url },
      env: { WAKE_BUS: direct.databaseUrl },
    });
    onTestFinished(() => started.stop());
    expect((await fetch(new URL("/readyz", started.url))).status).toBe(200);
  }, 130_000);

  describe.skipIf(!radicaleIsInstalled)("with a real account (apt-get install radicale)", () => {
    const { alice: password } = radicalePasswords;
    let radicale: ServerProcess;
    beforeAll(async () => {
      radicale = await startRadicale();
    });
    afterAll(() => radicale.stop());

    it("it is connected and synced in the background, and an event is created", async () => {
      const journey = new Journey(await one.as());
      const path = await caldavClient(radicale.url, "alice", password).createCalendar();
      const integration = await journey.connected(
        { serverUrl: radicale.url, username: "alice", password },
        { calendarIds: [new URL(path, radicale.url).href] },
      );
      const calendar = integration.calendars.find(({ selected }: { selected: boolean }) => selected);
      const day = DateTime.utc().startOf("day").plus({ days: 7 });
      const at = (hours: number) => ({ dateTime: day.plus({ hours }).toISO() });
      await journey.create(calendar.id, { title: "Interview", start: at(8), end: at(9) });
      const types = (await journey.log()).map(({ type }: { type: string }) => type);
      expect(types).toEqual(
        expect.arrayContaining(["integration.connected", "sync.finished", "calendar_event.created"]),
      );
    });
  });
});

/** Before the first event of any tenant. */
const firstCursor = Buffer.from("event:0").toString("base64url");
