import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultProxy, startFaultProxy } from "../../sandbox/real-servers/fault-proxy.ts";
import {
  type Radicale,
  radicaleIsInstalled,
  radicalePasswords,
  startRadicale,
} from "../../sandbox/real-servers/radicale.ts";
import { startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { dataOf, Journey } from "../support/journey.ts";
import { type OpenedDatabase, openDatabaseOf } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const tenantId = "polled";
const username = "alice";
const password = radicalePasswords.alice;
const names = Array.from({ length: 20 }, (_, n) => `calendar-${String(n).padStart(2, "0")}`);

let radicale: Radicale;
let proxy: FaultProxy;
let app: TestApp;
let opened: OpenedDatabase;

beforeAll(async () => {
  if (!radicaleIsInstalled) return;
  radicale = await startRadicale();
  proxy = await startFaultProxy(radicale.url);
  app = await startTestApp();
  opened = await openDatabaseOf(app.databaseUrl);
});
afterAll(async () => {
  await opened?.close();
  await app?.stop();
  await proxy?.close();
  await radicale?.stop();
});

async function asAnotherClient(method: string, path: string, body?: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const content = body === undefined ? {} : { body };
  const headers = { authorization, "content-type": "text/calendar; charset=utf-8" };
  const reply = await fetch(new URL(path, radicale.url), { method, headers, ...content });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
}

describe.skipIf(!radicaleIsInstalled)("an account of twenty calendars (apt-get install radicale)", () => {
  let services: Services;
  let journey: Journey;
  let integrationId: string;

  beforeAll(async () => {
    for (const name of names) await asAnotherClient("MKCALENDAR", `/${username}/${name}/`);
    services = await openServices(opened);
    journey = new Journey(await app.as({ tenantId, userId: username }));
    const { id, calendars } = await journey.connected({ serverUrl: proxy.url, username, password });
    integrationId = id;
    const calendarIds = calendars.map((calendar: { id: string }) => calendar.id);
    // So that no turn of its own comes in between.
    await journey.updateIntegration(id, { calendarIds, syncIntervalSeconds: 86_400 });
    await journey.idle(id);
  });
  afterAll(() => services.close());

  const put = (calendar: string, uid: string) =>
    asAnotherClient(
      "PUT",
      `/${username}/${calendar}/${uid}.ics`,
      [
        ...["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Another client//EN", "BEGIN:VEVENT", `UID:${uid}`],
        ...["DTSTAMP:20260101T000000Z", `SUMMARY:${uid}`, "DTSTART:20261201T090000Z", "DTEND:20261201T100000Z"],
        ...["END:VEVENT", "END:VCALENDAR", ""],
      ].join("\r\n"),
    );

  /** The next turn of the schedule, now. @returns the sync, and what the server was asked */
  async function turn() {
    proxy.forget();
    await services.syncs.requestScheduled(tenantId, integrationId);
    const [run] = await journey.idle(integrationId);
    return { run, asked: proxy.requests.map(({ method, path }) => `${method} ${path}`) };
  }

  it("costs the schedule one request when nothing changed in any of them", async () => {
    const { run, asked } = await turn();
    expect(run).toMatchObject({ state: "SUCCEEDED", trigger: "SCHEDULE", calendarsTotal: 20, calendarsDone: 20 });
    expect(asked).toEqual([`PROPFIND /${username}/`]);
  });

  it("costs it that request and the reading of the one that changed", async () => {
    await put("calendar-07", "seven");
    const { run, asked } = await turn();
    expect(run).toMatchObject({ state: "SUCCEEDED", calendarsTotal: 20, calendarsDone: 20, created: 1 });
    const calendar = `/${username}/calendar-07/`;
    expect(asked).toEqual([
      `PROPFIND /${username}/`,
      ...["PROPFIND", "REPORT", "REPORT"].map((method) => `${method} ${calendar}`),
    ]);
    expect((await turn()).asked).toEqual([`PROPFIND /${username}/`]);
  });

  it("reads one that was written here since, whose event may be gone again", async () => {
    const { calendars } = await journey.integration(integrationId);
    const target = calendars.find(({ externalId }: { externalId: string }) => externalId.endsWith("/calendar-03/"));
    const start = { localDateTime: "2026-12-02T10:00:00", timeZone: "Europe/Berlin" };
    const end = { localDateTime: "2026-12-02T11:00:00", timeZone: "Europe/Berlin" };
    const { calendarEvent } = await journey.create(target.id, { title: "Ours", start, end });
    await asAnotherClient("DELETE", `/${username}/calendar-03/${calendarEvent.uid}.ics`);
    const { run } = await turn();
    expect(run).toMatchObject({ state: "SUCCEEDED", deleted: 1 });
    expect(await journey.event(calendarEvent.id)).toBeNull();
  });

  it("is read calendar by calendar when a person asks", async () => {
    proxy.forget();
    expect(await journey.sync(integrationId)).toMatchObject({ state: "SUCCEEDED", trigger: "MANUAL" });
    expect(proxy.requests.map(({ path }) => path).sort()).toEqual([
      `/${username}/`,
      ...names.map((name) => `/${username}/${name}/`),
    ]);
  });
});

describe.skipIf(!radicaleIsInstalled)("an account that is in use (apt-get install radicale)", () => {
  let person: TestCaller;
  let journey: Journey;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
  let integration: any;

  beforeAll(async () => {
    const account = { username: "bob", password: radicalePasswords.bob };
    const authorization = `Basic ${Buffer.from(`bob:${account.password}`).toString("base64")}`;
    await fetch(new URL("/bob/work/", radicale.url), { method: "MKCALENDAR", headers: { authorization } });
    person = await app.as({ tenantId: "in-use", userId: "bob" });
    journey = new Journey(person);
    integration = await journey.connected({ serverUrl: proxy.url, ...account });
  });

  /** As if nothing had happened for a day. */
  async function fallAsleep(): Promise<void> {
    await opened.look(
      "UPDATE integration SET active_at = now() - interval '1 day', next_sync_at = now() + interval '5 minutes' WHERE id = $1",
      [integration.id],
    );
    expect(await pace()).toMatchObject({ intervalSeconds: 300, reason: "QUIET" });
  }

  async function pace() {
    const query = `query ($id: ID!) {
      integration(id: $id) { nextSyncAt health { freshness { intervalSeconds reason floorSeconds defaultSeconds activeAt } } }
    }`;
    const { nextSyncAt, health } = dataOf(await person.query(query, { id: integration.id })).integration;
    return { ...health.freshness, secondsUntilNext: (Date.parse(nextSyncAt) - Date.now()) / 1000 };
  }

  const within = { from: "2026-12-01T00:00:00Z", to: "2026-12-02T00:00:00Z" };
  const start = { localDateTime: "2026-12-01T10:00:00", timeZone: "Europe/Berlin" };
  const end = { localDateTime: "2026-12-01T11:00:00", timeZone: "Europe/Berlin" };
  const create = () => journey.create(integration.calendars[0].id, { title: "Interview", start, end });

  it("is read at its provider's floor, and says so, from when it is connected", async () => {
    const { secondsUntilNext, activeAt, ...told } = await pace();
    expect(told).toEqual({ intervalSeconds: 30, reason: "ACTIVE", floorSeconds: 30, defaultSeconds: 300 });
    expect(secondsUntilNext).toBeLessThanOrEqual(30);
    expect(Date.parse(activeAt)).toBeLessThanOrEqual(Date.now());
  });

  it.each([
    { name: "writes into it", use: create },
    {
      name: "changes what is in it",
      use: async () => {
        const { calendarEvent } = await create();
        await fallAsleep();
        await journey.update(calendarEvent.id, { title: "Second interview" });
      },
    },
    { name: "asks for a sync", use: () => journey.sync(integration.id) },
    {
      name: "asks for fresh busy times",
      use: async () => {
        const query = "query ($input: FreeBusyInput!) { freeBusy(input: $input) { source } }";
        dataOf(await person.query(query, { input: { ...within, fresh: true } }));
      },
    },
  ])("is read as often again as soon as somebody $name", async ({ use }) => {
    await fallAsleep();
    await use();
    const { secondsUntilNext, ...told } = await pace();
    expect(told).toMatchObject({ intervalSeconds: 30, reason: "ACTIVE" });
    expect(secondsUntilNext).toBeLessThanOrEqual(30);
  });

  it("is not in use because somebody looks at what is stored of it", async () => {
    await fallAsleep();
    await journey.events(within);
    dataOf(
      await person.query("query ($input: FreeBusyInput!) { freeBusy(input: $input) { source } }", { input: within }),
    );
    expect(await pace()).toMatchObject({ intervalSeconds: 300, reason: "QUIET" });
  });

  it("is read as somebody chose, whatever happens in it", async () => {
    await journey.updateIntegration(integration.id, { syncIntervalSeconds: 600 });
    await create();
    expect(await pace()).toMatchObject({ intervalSeconds: 600, reason: "CHOSEN" });
  });
});
