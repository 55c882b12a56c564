import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultProxy, faults, startFaultProxy } from "../../sandbox/real-servers/fault-proxy.ts";
import { type Radicale, radicaleIsInstalled, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import { createAccountFetch } from "../../src/providers/account-fetch.ts";
import { createEgress } from "../../src/security/egress.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import { AccessTokens } from "../../src/services/access-tokens.ts";
import { Accounts } from "../../src/services/accounts.ts";
import { CalendarList } from "../../src/services/calendar-list.ts";
import { CalendarReader } from "../../src/services/calendar-reader.ts";
import { CallBudgets } from "../../src/services/call-budgets.ts";
import { CallGates } from "../../src/services/call-gates.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { Mirror } from "../../src/services/mirror.ts";
import { OAuthApps } from "../../src/services/oauth-apps.ts";
import { Outages } from "../../src/services/outages.ts";
import { Polling } from "../../src/services/polling.ts";
import { SyncRunner } from "../../src/services/sync-runner.ts";
import { Syncs } from "../../src/services/syncs.ts";
import { runSync } from "../../src/tasks/run-sync.ts";
import { TaskRunner } from "../../src/tasks/runner.ts";
import { scheduleSync } from "../../src/tasks/schedule-sync.ts";
import { TaskClock } from "../../verify/drill/task-clock.ts";
import { keys, startTestApp, type TestApp } from "../support/app.ts";
import { Journey } from "../support/journey.ts";
import { noBoards } from "../support/no-boards.ts";
import { type OpenedDatabase, openDatabaseOf } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const minutes = 60_000;
const hours = 60 * minutes;
const names = Array.from({ length: 6 }, (_, n) => `person${n}`);

describe.skipIf(!radicaleIsInstalled)("a vendor that is down for three days (apt-get install radicale)", () => {
  let radicale: Radicale;
  let proxy: FaultProxy;
  let app: TestApp;
  let opened: OpenedDatabase;
  let services: Services;

  beforeAll(async () => {
    radicale = await startRadicale();
    await radicale.changePasswords(Object.fromEntries(names.map((name) => [name, name])));
    proxy = await startFaultProxy(radicale.url);
    // It connects accounts, and leaves the tasks to us.
    app = await startTestApp({ env: { ROLES: "api" } });
    opened = await openDatabaseOf(app.databaseUrl);
    services = await openServices(opened);
  });
  afterAll(async () => {
    await services.close();
    await opened.close();
    await app.stop();
    await proxy.close();
    await radicale.stop();
  });

  /** Somebody of a tenant of three, with one calendar, read every hour. */
  async function connect(name: string, tenantId: string): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${name}:${name}`).toString("base64")}`;
    await fetch(new URL(`/${name}/work/`, radicale.url), { method: "MKCALENDAR", headers: { authorization } });
    const journey = new Journey(await app.as({ tenantId, userId: name }));
    const { integration } = await journey.connect({ serverUrl: proxy.url, username: name, password: name });
    await journey.updateIntegration(integration.id, { syncIntervalSeconds: 3600 });
  }

  /** Somebody else puts an event into their calendar. */
  async function change(name: string): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${name}:${name}`).toString("base64")}`;
    const body = [
      ...["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Another client//EN", "BEGIN:VEVENT", "UID:meanwhile"],
      ...["DTSTAMP:20260101T000000Z", "DTSTART:20261201T090000Z", "DTEND:20261201T100000Z", "END:VEVENT"],
      ...["END:VCALENDAR", ""],
    ].join("\r\n");
    const headers = { authorization, "content-type": "text/calendar; charset=utf-8" };
    const reply = await fetch(new URL(`/${name}/work/meanwhile.ics`, radicale.url), { method: "PUT", headers, body });
    if (!reply.ok) throw new Error(`${reply.status}`);
  }

  /** What a worker has, by this clock. */
  function aWorker({ now }: TaskClock) {
    const { database } = opened;
    const { log, queue, occurrences } = services;
    const silent = pino({ level: "silent" });
    const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [] });
    const vault = createVault(parseKeyRing(keys));
    const health = new IntegrationHealth(log, now);
    const apps = new OAuthApps(new Map(), () => {
      throw new Error("Nobody is asked for tokens here");
    });
    const observe = { waited: () => {}, paused: () => {} };
    const gates = new CallGates(new CallBudgets(database), new Outages(database, silent), silent, observe);
    const tokens = new AccessTokens(database, vault, apps, health, now);
    const accounts = new Accounts(database, vault, tokens, apps, ({ id: provider }, signal, called) => {
      const gate = called && gates.of(called);
      return (grant) =>
        createAccountFetch({ provider, fetch: egress.fetch, userAgent: "test", signal, gate, timeoutMs: 5000 }, grant);
    });
    const syncs = new Syncs(database, queue, log, now, null, new Polling(new Map()));
    const reader = new CalendarReader(database, new Mirror(log, occurrences, now), now);
    const calendarList = new CalendarList(log, now);
    const syncRunner = new SyncRunner(
      database,
      accounts,
      noBoards,
      calendarList,
      reader,
      health,
      syncs,
      log,
      now,
      () => {},
    );
    const tasks = [runSync(syncRunner), scheduleSync(syncs)];
    return { tasks, runner: new TaskRunner(queue, tasks, now, silent, () => {}) };
  }

  it("is hardly called, is told of, and read once by everybody afterwards, one after the other", {
    timeout: 240_000,
  }, async () => {
    for (const [n, name] of names.entries()) await connect(name, `tenant-${n % 3}`);
    const clock = new TaskClock(opened);
    const { tasks, runner } = aWorker(clock);
    const from = clock.now().getTime();
    const after = (ms: number) => new Date(from + ms);
    const eventsOf = async (type: string) =>
      (await opened.look("SELECT FROM event WHERE type = $1 AND occurred_at > $2", [type, after(1)])).length;
    await clock.work(runner, tasks, after(5 * minutes));
    expect(await opened.look("SELECT FROM sync_run WHERE state = 'SUCCEEDED'")).toHaveLength(names.length);

    const up = proxy.failAlways(faults.status(503));
    proxy.forget();
    await clock.work(runner, tasks, after(72 * hours + 5 * minutes));
    // Not every account twelve times an hour: one call every ten minutes, whose ever it is.
    expect(proxy.requests.length).toBeLessThan(72 * 8);
    // One at most: a run that found out five times that the vendor is down has failed, and the next hour brings another.
    const open = await opened.look<{ runs: number }>(
      "SELECT count(*)::int AS runs FROM sync_run WHERE state IN ('QUEUED', 'RUNNING') GROUP BY integration_id",
    );
    expect(open.filter(({ runs }) => runs > 1)).toEqual([]);
    expect(open.length).toBeGreaterThan(names.length / 2);
    expect(await opened.look("SELECT DISTINCT status, problem->>'code' AS code FROM integration")).toEqual([
      { status: "DEGRADED", code: "PROVIDER_UNAVAILABLE" },
    ]);
    expect(await eventsOf("integration.degraded")).toBe(names.length);

    // What nobody has changed need not be read.
    for (const name of names) await change(name);
    up();
    const reads: { path: string; at: number }[] = [];
    proxy.failAlways(
      faults.on("PROPFIND", ({ path }) => {
        if (path.endsWith("/work/")) reads.push({ path, at: clock.now().getTime() });
        return undefined;
      }),
    );
    const recovered = clock.now().getTime();
    await clock.work(runner, tasks, after(73 * hours + 15 * minutes));
    // Once for all that was missed; the next time is that of the plan.
    const firstOnes = reads.filter(({ at }) => at < recovered + 50 * minutes).map(({ path }) => path);
    expect(firstOnes).toEqual([...new Set(firstOnes)]);
    const firstTimes = names.map((name) => reads.find(({ path }) => path === `/${name}/work/`)?.at ?? Number.NaN);
    expect(Math.max(...firstTimes) - Math.min(...firstTimes)).toBeGreaterThan(minutes);
    expect(await eventsOf("integration.recovered")).toBe(names.length);
    expect(await opened.look("SELECT FROM sync_run WHERE state NOT IN ('SUCCEEDED', 'FAILED')")).toEqual([]);
  });
});
