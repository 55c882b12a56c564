import { DateTime } from "luxon";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { faults, startFaultProxy } from "../../sandbox/real-servers/fault-proxy.ts";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import type { ServerProcess } from "../../sandbox/real-servers/server-process.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { type CalDavClient, caldavClient, ics, vevent } from "../support/caldav-client.ts";
import { EventFollower, type FollowedEvent } from "../support/event-follower.ts";
import { Gate } from "../support/gate.ts";
import { Journey } from "../support/journey.ts";

const { alice: password } = radicalePasswords;
const day = DateTime.utc().startOf("day").plus({ days: 7 });
const at = (hours: number) => ({ dateTime: day.plus({ hours }).toISO() });

describe.skipIf(!radicaleIsInstalled)("two processes on one database", () => {
  let radicale: ServerProcess;
  let one: TestApp;
  let two: TestApp;
  let other: CalDavClient;
  let tenants = 0;

  beforeAll(async () => {
    // So that no turn of the schedule comes in between.
    const env = { CALDAV_SYNC_SECONDS: "300-300" };
    [radicale, one] = await Promise.all([startRadicale(), startTestApp({ env })]);
    two = await startTestApp({ beside: one, env });
    other = caldavClient(radicale.url, "alice", password);
  });
  afterAll(async () => {
    await two.stop();
    await one.stop();
    await radicale.stop();
  });

  /** The same person at both processes, with a calendar connected at the first. */
  async function begin(serverUrl = radicale.url) {
    const caller = { tenantId: `tenant-${++tenants}`, userId: "ana" };
    const atOne = new Journey(await one.as(caller));
    const atTwo = new Journey(await two.as(caller));
    const path = await other.createCalendar();
    const calendarIds = [new URL(path, serverUrl).href];
    const integration = await atOne.connected({ serverUrl, username: "alice", password }, { calendarIds });
    const calendarId: string = integration.calendars.find(({ selected }: { selected: boolean }) => selected).id;
    const create = (journey: Journey, title: string) => journey.create(calendarId, { title, start: at(8), end: at(9) });
    return { atOne, atTwo, path, id: integration.id as string, create };
  }

  it("tell each other's events, live and in one order", async () => {
    const { atOne, atTwo, create } = await begin();
    const [last] = (await atOne.log()).slice(-1);
    const followers = [atOne, atTwo].map(({ caller }) => new EventFollower(caller, { after: last.cursor }));
    onTestFinished(async () => void (await Promise.all(followers.map((follower) => follower.stop()))));

    await create(atTwo, "Made at two");
    await create(atOne, "Made at one");

    for (const follower of followers) {
      await follower.until("both", (events) => events.length >= 2);
      expect(follower.events.map(({ data }) => data.title)).toEqual(["Made at two", "Made at one"]);
    }
  });

  it("tell a follower who gives no cursor what happens at the other from then on", async () => {
    const { atOne, atTwo, id, create } = await begin();
    const follower = new EventFollower(atOne.caller);
    onTestFinished(() => follower.stop());
    // Until the first one comes, nobody knows whether the stream has begun.
    let count = 0;
    while (follower.events.length === 0) {
      await atTwo.updateIntegration(id, { label: `try ${++count}` });
      await follower.until("a sign of life", (events) => events.length > 0, 100).catch(() => {});
    }

    const before = follower.events.length;
    await create(atTwo, "Live");

    const created = await follower.untilType("calendar_event.created");
    expect(created.data.title).toBe("Live");
    expect(follower.events.slice(0, before).every(({ type }) => type === "integration.updated")).toBe(true);
  });

  it("lose and repeat nothing for a reader who comes back, to whichever of them, while things happen", {
    timeout: 40_000,
  }, async () => {
    const { atOne, atTwo, create } = await begin();
    const [start] = (await atOne.log()).slice(-1);
    const seen: FollowedEvent[] = [];
    const writing = Promise.all(
      [atOne, atTwo].map(async (journey, which) => {
        for (let n = 0; n < 15; n += 1) await create(journey, `${which}-${n}`);
      }),
    );

    for (let turn = 0; seen.length < 30; turn += 1) {
      const { caller } = [atOne, atTwo][turn % 2] ?? atOne;
      const follower = new EventFollower(caller, { after: seen.at(-1)?.cursor ?? start.cursor });
      await follower.until("some more", (events) => events.length >= Math.min(4, 30 - seen.length));
      await follower.stop();
      seen.push(...follower.events);
    }
    await writing;

    const log = await atTwo.log(["calendar_event.created"]);
    expect(log).toHaveLength(30);
    expect(seen.map(({ id }) => id)).toEqual(log.map(({ id }) => id));
  });

  it("read one integration once at a time, and different ones side by side", { timeout: 40_000 }, async () => {
    const proxy = await startFaultProxy(radicale.url);
    onTestFinished(() => proxy.close());
    const mine = await begin(proxy.url);
    const another = await begin(proxy.url);
    const gate = new Gate();
    const reading = new Map<string, { now: number; most: number }>();
    const atOnce = { now: 0, most: 0 };
    const bothRead = new Gate();
    const reads = faults.on("sync-token", async ({ path }, forward) => {
      const of = reading.get(path) ?? { now: 0, most: 0 };
      reading.set(path, of);
      for (const one of [of, atOnce]) {
        one.now += 1;
        one.most = Math.max(one.most, one.now);
      }
      if (reading.get(mine.path) && reading.get(another.path)) bothRead.open();
      await gate.passed;
      const reply = await forward();
      for (const one of [of, atOnce]) one.now -= 1;
      return reply;
    });
    // A listing of the home asks for the calendars' tokens as well, and reads none of them.
    const isOfCalendar = ({ path }: { path: string }) => path === mine.path || path === another.path;
    proxy.failAlways((request, forward) => (isOfCalendar(request) ? reads(request, forward) : undefined));

    const ask = (journey: Journey, integrationId: string) =>
      journey.mutate("syncIntegration", { integrationId }, "syncRun { id state }");
    await ask(mine.atOne, mine.id);
    await ask(another.atTwo, another.id);
    await bothRead.passed;
    // One runs, one waits; whoever asks shares the one that waits.
    const waiting = await Promise.all([ask(mine.atOne, mine.id), ask(mine.atTwo, mine.id), ask(mine.atTwo, mine.id)]);
    expect(new Set(waiting.map(({ syncRun }) => syncRun.id)).size).toBe(1);
    expect(waiting.every(({ syncRun }) => syncRun.state === "QUEUED")).toBe(true);
    await other.put(
      `${mine.path}a.ics`,
      ics(vevent("a", "SUMMARY:Came", `DTSTART:${day.toFormat("yyyyMMdd'T'HHmmss'Z'")}`)),
    );
    gate.open();
    const runs = await mine.atOne.idle(mine.id);
    await another.atTwo.idle(another.id);

    expect(runs.map(({ state }) => state)).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
    expect(runs.reduce((sum, { created }) => sum + created, 0)).toBe(1);
    expect(reading.get(mine.path)).toMatchObject({ now: 0, most: 1 });
    expect(atOnce.most).toBe(2);
  });
});
