import { DateTime } from "luxon";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { type FaultProxy, faults, startFaultProxy } from "../../sandbox/real-servers/fault-proxy.ts";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import type { ServerProcess } from "../../sandbox/real-servers/server-process.ts";
import { type CalDavClient, caldavClient, ics, vevent } from "../support/caldav-client.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { eventually, inTime } from "../support/eventually.ts";
import { Gate } from "../support/gate.ts";
import { Journey } from "../support/journey.ts";
import { buildService, type ServiceProcess, startService } from "../support/service-process.ts";

const { alice: password } = radicalePasswords;
const day = DateTime.utc().startOf("day").plus({ days: 7 });
const range = { from: day.minus({ days: 1 }).toISO(), to: day.plus({ days: 30 }).toISO() };
const at = (hour: number) => ({ dateTime: day.plus({ hours: hour }).toISO() });
const stamp = (hours: number) => day.plus({ hours }).toFormat("yyyyMMdd'T'HHmmss'Z'");
const anEvent = (uid: string, hours = 10) =>
  vevent(uid, `SUMMARY:${uid}`, `DTSTART:${stamp(hours)}`, `DTEND:${stamp(hours + 1)}`);
const caller = { tenantId: "acme", userId: "ana" };

describe.skipIf(!radicaleIsInstalled).concurrent("a process of the service", () => {
  let radicale: ServerProcess;
  let other: CalDavClient;
  let main: string;
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    radicale = await startRadicale();
    cleanUp.push(() => radicale.stop());
    other = caldavClient(radicale.url, "alice", password);
    const built = await buildService();
    cleanUp.push(() => built.remove());
    main = built.main;
  });
  afterAll(async () => {
    for (const step of cleanUp.toReversed()) await step();
  });

  /** A database, a calendar behind a proxy, and a process that works on them. */
  async function begin() {
    const database = await createTestDatabase();
    cleanUp.push(() => database.drop());
    const proxy = await startFaultProxy(radicale.url);
    cleanUp.push(() => proxy.close());
    const path = await other.createCalendar();
    const account = { serverUrl: proxy.url, username: "alice", password };
    const calendarIds = [new URL(path, proxy.url).href];
    const first = await started(database);
    return { database, proxy, path, account, calendarIds, first };
  }

  async function started(database: TestDatabase): Promise<{ process: ServiceProcess; journey: Journey }> {
    const process = await startService(main, database.url);
    cleanUp.push(() => process.end("SIGKILL"));
    return { process, journey: new Journey(await process.as(caller)) };
  }

  it("killed during a sync has lost and doubled nothing, and the sync goes on within a minute", {
    timeout: 120_000,
  }, async () => {
    const { database, proxy, path, account, calendarIds, first } = await begin();
    const uids = Array.from({ length: 130 }, (_, n) => `event-${n}`);
    await other.put(path, ics(...uids.map((uid, n) => anEvent(uid, n))));
    const second = reaching(proxy, "calendar-multiget", 2);
    const { integration } = await first.journey.connect(account, { calendarIds });
    await second.reached;
    const begun = await eventually(
      "the first batch",
      () => first.journey.runs(integration.id),
      ([run]) => run.created > 0,
    );
    expect(begun).toMatchObject([{ state: "RUNNING", created: 50, attempts: 1 }]);

    await first.process.end("SIGKILL");
    const killedAt = Date.now();
    second.letPass();
    const { journey } = await started(database);
    const [run] = await journey.idle(integration.id, 70_000);

    expect(Date.now() - killedAt).toBeLessThan(60_000);
    expect(run).toMatchObject({ id: begun[0].id, state: "SUCCEEDED", attempts: 2, created: 130 });
    const titles = (await journey.events(range)).map(({ title }) => title);
    expect(titles.toSorted()).toEqual(uids.toSorted());
    const log = await journey.log();
    const created = log.filter(({ type }) => type === "calendar_event.created").map(({ data }) => data.title);
    expect(created.toSorted()).toEqual(uids.toSorted());
    expect(log.filter(({ type }) => type.startsWith("sync.")).map(({ type }) => type)).toEqual([
      "sync.started",
      "sync.finished",
    ]);
    expect(await journey.sync(integration.id, { full: true })).toMatchObject({ created: 0, updated: 0, deleted: 0 });
  });

  const moments = [
    { name: "before the calendar has the request", forwards: false },
    { name: "between the calendar's answer and its own commit", forwards: true },
  ];

  it.each(moments)("killed $name creates the event exactly once", { timeout: 120_000 }, async ({ forwards }) => {
    const { database, proxy, path, account, calendarIds, first } = await begin();
    const integration = await first.journey.connected(account, { calendarIds });
    const put = reaching(proxy, "PUT", 1, forwards);
    const event = { title: "Once", start: at(8), end: at(9), idempotencyKey: "once" };
    const answer = first.journey.create(calendarIn(integration), event).catch(() => "no answer");
    await put.reached;
    expect(await other.list(path)).toHaveLength(forwards ? 1 : 0);

    await first.process.end("SIGKILL");
    expect(await answer).toBe("no answer");
    put.letPass();
    const { journey } = await started(database);
    expect(await journey.events(range)).toMatchObject([{ title: "Once", syncState: "PENDING", version: 0 }]);
    await aMinutePasses(database, "settle-calendar-write");

    const [settled] = await eventually(
      "the event",
      () => journey.events(range),
      ([event]) => event.syncState !== "PENDING",
    );
    expect(settled).toMatchObject({ title: "Once", syncState: "SYNCED", version: 1 });
    expect(await other.list(path)).toHaveLength(1);
    expect(await journey.sync(integration.id, { full: true })).toMatchObject({ created: 0, updated: 0, deleted: 0 });
    expect(await journey.events(range)).toEqual([settled]);
    expect((await journey.log(["calendar_event.*"])).map(({ type }) => type)).toEqual(["calendar_event.created"]);
  });

  it.each(moments)("killed $name changes and deletes exactly once", { timeout: 120_000 }, async ({ forwards }) => {
    const { database, proxy, path, account, calendarIds, first } = await begin();
    await other.put(`${path}a.ics`, ics(anEvent("Change")));
    await other.put(`${path}b.ics`, ics(anEvent("Delete")));
    await first.journey.connected(account, { calendarIds });
    const shown = await first.journey.events(range);
    const [change, remove] = ["Change", "Delete"].map((title) => shown.find((event) => event.title === title));
    const put = reaching(proxy, "PUT", 1, forwards);
    const deletion = reaching(proxy, "DELETE", 1, forwards);
    const noAnswer = () => "no answer";
    const answers = [
      first.journey.update(change.id, { title: "Changed" }).catch(noAnswer),
      first.journey.delete(remove.id).catch(noAnswer),
    ];
    await Promise.all([put.reached, deletion.reached]);

    await first.process.end("SIGKILL");
    expect(await Promise.all(answers)).toEqual(["no answer", "no answer"]);
    put.letPass();
    deletion.letPass();
    const { journey } = await started(database);
    expect((await journey.events(range)).map(({ syncState }) => syncState)).toEqual(["PENDING", "PENDING"]);
    await aMinutePasses(database, "settle-calendar-write");

    const [left, ...more] = await eventually(
      "both",
      () => journey.events(range),
      (events) => events.length === 1 && events[0].syncState === "SYNCED",
    );
    expect(more).toEqual([]);
    expect(left).toMatchObject({ id: change.id, title: "Changed", version: 2 });
    expect(await other.list(path)).toEqual(["a.ics"]);
    expect(
      (await journey.log(["calendar_event.updated", "calendar_event.deleted"]))
        .map(({ subjectId }) => subjectId)
        .toSorted(),
    ).toEqual([change.id, remove.id].toSorted());
  });

  it("told to stop finishes what runs, closes its sockets with 1001 and exits with 0", {
    timeout: 120_000,
  }, async () => {
    const { database, proxy, path, account, calendarIds, first } = await begin();
    const { process, journey } = first;
    const integration = await journey.connected(account, { calendarIds });
    await other.put(`${path}a.ics`, ics(anEvent("Came")));
    const socket = new WebSocket(process.wsUrl, "graphql-transport-ws");
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    const greeted = new Promise((resolve) => socket.once("message", resolve));
    const payload = { authorization: `Bearer ${journey.caller.token}` };
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload })));
    await inTime("the greeting", greeted);
    const query = "subscription { integrationEvents { type } }";
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }));

    const read = reaching(proxy, "calendar-multiget", 1, true);
    const put = reaching(proxy, "PUT", 1, true);
    const { syncRun } = await journey.mutate("syncIntegration", { integrationId: integration.id }, "syncRun { id }");
    await read.reached;
    const answer = journey.create(calendarIn(integration), { title: "Last", start: at(8), end: at(9) });
    await put.reached;

    const exit = process.end("SIGTERM");
    expect(await inTime("the end of the socket", closed)).toBe(1001);
    put.letPass();
    expect(await answer).toMatchObject({ userErrors: [], calendarEvent: { title: "Last", syncState: "SYNCED" } });
    read.letPass();
    expect(await exit).toBe(0);

    const next = await started(database);
    expect(await next.journey.run(syncRun.id)).toMatchObject({ state: "SUCCEEDED", attempts: 1, created: 1 });
    expect((await next.journey.events(range)).map(({ title }) => title).toSorted()).toEqual(["Came", "Last"]);
  });
});

/** Holds the nth request of a kind; before or after the server has it. */
function reaching(proxy: FaultProxy, word: string, nth: number, forwards = false) {
  const reached = new Gate();
  const released = new Gate();
  let count = 0;
  const restore = proxy.failAlways(
    faults.on(word, async (_, forward) => {
      count += 1;
      if (count !== nth) return forward();
      const reply = forwards ? await forward() : null;
      reached.open();
      await released.passed;
      if (!forwards && restored) throw new Error("Whoever asked is gone");
      return reply ?? forward();
    }),
  );
  let restored = false;
  return {
    reached: inTime(`the ${nth}. ${word}`, reached.passed, 30_000),
    letPass() {
      restored = true;
      restore();
      released.open();
    },
  };
}

function calendarIn(integration: { calendars: { id: string; selected: boolean }[] }): string {
  return integration.calendars.find(({ selected }) => selected)?.id ?? "";
}

/** What waits for its time is due, and the dead have lost their places in the lines of accounts. */
async function aMinutePasses({ url }: TestDatabase, task: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rowCount } = await client.query(
    "UPDATE pgboss.job SET start_after = now() WHERE name = $1 AND state = 'created'",
    [task],
  );
  await client.query("UPDATE limits.budget SET line = '{}'");
  await client.end();
  expect(rowCount).toBeGreaterThan(0);
}
