import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { consent } from "../support/consent.ts";
import { eventually } from "../support/eventually.ts";
import { dataOf, Journey } from "../support/journey.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let sandbox: Sandbox;
let app: TestApp;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  app = await startTestApp({ env: { ...sandbox.settings } });
});
afterAll(async () => {
  await app.stop();
  await sandbox.stop();
});

const healthFields = `level summary lastSuccessAt lagP50Ms lagP99Ms nextSyncAt
  freshness { intervalSeconds calendars { push pushUntil lastReadAt calendar { name } } }
  drift { comparedAt differences complete } writes { pending failed }
  problem { code message remedy fault retryable since retriedAt }`;

/** What people do at a vendor in one calendar, and how the vendor keeps it to itself. */
interface Vendor {
  readonly provider: string;
  readonly twin: () => Sandbox["googleCalendar"] | Sandbox["outlookCalendar"];
  insert(email: string, title: string, hour: number): string;
  retitle(email: string, id: string, title: string): void;
  delete(email: string, id: string): void;
  losesChanges(loses: boolean): void;
}

const at = (hour: number) => ({ dateTime: `2026-12-05T${String(hour).padStart(2, "0")}:00:00`, timeZone: "UTC" });
const vendors: readonly Vendor[] = [
  {
    provider: "GOOGLE_CALENDAR",
    twin: () => sandbox.googleCalendar,
    insert: (email, summary, hour) =>
      sandbox.googleCalendar.insertEvent(email, { summary, start: at(hour), end: at(hour + 1) }),
    retitle: (email, id, summary) => sandbox.googleCalendar.api.patchEvent(email, id, { summary }),
    delete: (email, id) => sandbox.googleCalendar.api.deleteEvent(email, id),
    losesChanges(loses) {
      sandbox.googleCalendar.api.switches.losesChanges = loses;
    },
  },
  {
    provider: "OUTLOOK_CALENDAR",
    twin: () => sandbox.outlookCalendar,
    insert: (email, subject, hour) =>
      sandbox.outlookCalendar.insertEvent(email, { subject, start: at(hour), end: at(hour + 1) }),
    retitle: (email, id, subject) => sandbox.outlookCalendar.patchEvent(email, id, { subject }),
    delete: (email, id) => sandbox.outlookCalendar.deleteEvent(email, id),
    losesChanges(loses) {
      sandbox.outlookCalendar.switches.losesChanges = loses;
    },
  },
];

async function inDatabase(sql: string, parameters: unknown[]): Promise<Json[]> {
  const client = new Client({ connectionString: app.databaseUrl });
  await client.connect();
  return client
    .query(sql, parameters)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

/** Somebody with an account of their own, connected. */
async function aPerson({ provider, twin }: Vendor) {
  const email = `${randomUUID().slice(0, 8)}@example.test`;
  twin().createAccount({ email });
  const journey = new Journey(await app.as());
  const { integration, authorizationUrl } = await journey.mutate(
    "connectIntegration",
    { provider },
    "integration { id } authorizationUrl",
  );
  const health = async (): Promise<Json> => {
    const query = `query ($id: ID!) { integration(id: $id) { health { ${healthFields} } } }`;
    return dataOf(await journey.caller.query(query, { id: integration.id })).integration.health;
  };
  const connect = async () => {
    await consent(twin(), authorizationUrl, { email });
    await journey.idle(integration.id);
  };
  return { email, journey, id: integration.id as string, health, connect };
}

/** The night comes, and its task is due. @returns how the comparison went */
async function night({ journey, id }: { journey: Journey; id: string }): Promise<Json> {
  const before = await journey.idle(id);
  await inDatabase("UPDATE integration SET last_compared_at = now() - interval '1 day' WHERE id = $1", [id]);
  const moved = await inDatabase(
    "UPDATE pgboss.job SET start_after = now() WHERE name = 'reconcile' AND state = 'created' AND singleton_key = $1 RETURNING id",
    [id],
  );
  expect(moved).toHaveLength(1);
  const runs = await eventually(
    "the nightly run",
    () => journey.runs(id),
    (found) => found.filter(({ full }) => full).length > before.filter(({ full }) => full).length,
  );
  const { id: runId } = runs.find(({ full }) => full);
  return journey.over(runId);
}

describe.each(vendors)("the nightly comparison with $provider", (vendor) => {
  it("finds what the vendor lost, puts it right, and finds nothing the next night", async () => {
    const person = await aPerson(vendor);
    const { email, journey, id, health } = person;
    const day = { from: "2026-12-05T00:00:00Z", to: "2026-12-06T00:00:00Z" };
    const titles = async () => (await journey.events(day)).map(({ title }) => title);
    const kept = vendor.insert(email, "Kept", 9);
    const gone = vendor.insert(email, "Gone", 10);
    expect(await health()).toMatchObject({ level: "INACTIVE", drift: null, lastSuccessAt: null, nextSyncAt: null });
    await person.connect();
    expect(await health()).toMatchObject({
      level: "OK",
      summary: "All is well.",
      drift: null,
      problem: null,
      lastSuccessAt: expect.any(String),
      nextSyncAt: expect.any(String),
    });

    expect(await night(person)).toMatchObject({ state: "SUCCEEDED", trigger: "RECONCILE", drift: 0 });
    expect(await health()).toMatchObject({ drift: { differences: 0, complete: true } });

    vendor.losesChanges(true);
    vendor.retitle(email, kept, "Kept, and changed");
    vendor.insert(email, "New", 11);
    vendor.delete(email, gone);
    vendor.losesChanges(false);
    expect(await journey.sync(id)).toMatchObject({ created: 0, updated: 0, deleted: 0, drift: null });
    expect(await titles()).toEqual(["Kept", "Gone"]);

    expect(await night(person)).toMatchObject({ drift: 3, created: 1, updated: 1, deleted: 1 });
    expect(await titles()).toEqual(["Kept, and changed", "New"]);
    expect(await health()).toMatchObject({ level: "OK", drift: { differences: 3, complete: true } });

    expect(await night(person)).toMatchObject({ drift: 0, created: 0, updated: 0, deleted: 0 });
    expect(await health()).toMatchObject({ drift: { differences: 0 } });
    const found = await journey.log(["sync.drift_found"]);
    expect(found.map(({ data }) => data)).toEqual([
      { trigger: "RECONCILE", full: true, attempts: 1, created: 1, updated: 1, deleted: 1, skipped: 0, differences: 3 },
    ]);
    expect(await journey.log(["calendar_event.*"])).toHaveLength(5);
  });

  it("finds nothing in series with changed and deleted occurrences, made here and there", async () => {
    const person = await aPerson(vendor);
    await person.connect();
    const { journey } = person;
    const [{ calendars }] = [await journey.integration(person.id)];
    const { calendarEvent: series } = await journey.create(calendars[0].id, {
      title: "Stand-up",
      start: { localDateTime: "2026-12-07T09:00:00", timeZone: "Europe/Berlin" },
      end: { localDateTime: "2026-12-07T09:30:00", timeZone: "Europe/Berlin" },
      recurrence: ["RRULE:FREQ=WEEKLY;COUNT=10"],
    });
    const occurrences = await journey.events({ from: "2026-12-01T00:00:00Z", to: "2027-03-01T00:00:00Z" });
    expect(occurrences).toHaveLength(10);
    await journey.update(occurrences[2].id, { title: "Longer stand-up", span: "THIS" });
    await journey.delete(occurrences[5].id, { span: "THIS" });
    await journey.delete(occurrences[4].id, { span: "THIS" });
    vendor.insert(person.email, "Elsewhere", 9);
    const pending = await night(person);
    expect(pending).toMatchObject({ state: "SUCCEEDED", drift: 0, deleted: 0 });
    expect(await night(person)).toMatchObject({ drift: 0, created: 0, updated: 0, deleted: 0 });
    expect(series.syncState).toBe("SYNCED");
  });
});

describe("health", () => {
  const [google = undefined as never] = vendors;

  it("says how late pushed changes are stored, and that push is live", async () => {
    const person = await aPerson(google);
    await person.connect();
    await eventually(
      "a channel",
      async () => sandbox.googleCalendar.channels(person.email),
      (channels) => channels.length > 0,
    );
    google.insert(person.email, "Pushed", 9);
    const told = await eventually("a lag", person.health, ({ lagP50Ms }) => lagP50Ms !== null);
    expect(told.lagP50Ms).toBeGreaterThan(0);
    expect(told.lagP99Ms).toBeLessThan(20_000);
    expect(told.freshness).toMatchObject({
      calendars: [{ push: "LIVE", pushUntil: expect.any(String), calendar: { name: expect.any(String) } }],
    });
  });

  it("says from the first attempt on that the vendor is down, and forgets it afterwards", async () => {
    const person = await aPerson(google);
    await person.connect();
    const repair = sandbox.googleCalendar.fail("down");
    await person.journey.mutate("syncIntegration", { integrationId: person.id }, "syncRun { id }");
    const told = await eventually("the outage", person.health, ({ problem }) => problem !== null);
    repair();
    expect(told).toMatchObject({
      level: "TROUBLED",
      summary: expect.stringContaining("Google Calendar cannot be read"),
      problem: {
        code: "PROVIDER_UNAVAILABLE",
        fault: "provider",
        retryable: true,
        remedy: expect.stringContaining("by itself"),
        retriedAt: expect.any(String),
      },
      lastSuccessAt: expect.any(String),
    });
    expect(await eventually("recovery", person.health, ({ problem }) => problem === null)).toMatchObject({
      level: "OK",
    });
  });

  it("says whose fault it is that nothing works: the account's when the grant is gone", async () => {
    const person = await aPerson(google);
    await person.connect();
    sandbox.googleCalendar.revoke(person.email);
    await person.journey.sync(person.id);
    expect(await person.health()).toMatchObject({
      level: "BROKEN",
      summary: expect.stringContaining("has to connect it again"),
      nextSyncAt: null,
      problem: { code: "REAUTHORIZATION_REQUIRED", fault: "account", since: expect.any(String), retriedAt: null },
    });
  });

  it("says whose fault it is that nothing works: ours when the vendor refuses our registration", async () => {
    const person = await aPerson(google);
    await person.connect();
    const body = JSON.stringify({ error: "invalid_client" });
    const headers = { "content-type": "application/json" };
    sandbox.googleCalendar.insteadOfTokens(() => ({ status: 401, headers, body }));
    sandbox.googleCalendar.expireAccessTokens(person.email);
    await person.journey.mutate("syncIntegration", { integrationId: person.id }, "syncRun { id }");
    const told = await eventually("the refusal", person.health, ({ problem }) => problem !== null).finally(() =>
      sandbox.googleCalendar.insteadOfTokens(null),
    );
    expect(told).toMatchObject({
      level: "BROKEN",
      problem: { code: "NOT_CONFIGURED", fault: "operator", remedy: expect.stringContaining("operator") },
    });
  });

  it("says that it is over once it is", async () => {
    const person = await aPerson(google);
    await person.connect();
    await person.journey.disconnect(person.id);
    expect(await person.health()).toMatchObject({ level: "INACTIVE", problem: null, nextSyncAt: null });
  });
});
