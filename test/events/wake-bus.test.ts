import pino from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { WakeBus } from "../../src/events/wake-bus.ts";
import { databaseUrl } from "../support/database-server.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { breakConnections, countConnections } from "../support/server-connections.ts";

const silent = pino({ level: "silent" });
const connectionName = "integrations-wake";
let opened: OpenedDatabase;
let here: WakeBus;
let there: WakeBus;

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

beforeEach(async () => {
  here = new WakeBus(opened.url, silent);
  there = new WakeBus(opened.url, silent);
  await Promise.all([here.start(), there.start()]);
});
afterEach(async () => {
  await Promise.all([here.stop(), there.stop()]);
});

/** What a listener has heard so far, and a way to wait for the next time. */
function hear(bus: WakeBus, topic: string) {
  const listener = vi.fn();
  const silence = bus.subscribe(topic, listener);
  const times = (count: number) =>
    vi.waitFor(() => expect(listener.mock.calls.length).toBeGreaterThanOrEqual(count), { timeout: 10_000 });
  return { listener, silence, times };
}

describe("two wake buses on one database", () => {
  it("hear each other", async () => {
    const [a, b] = [hear(here, "log:acme"), hear(there, "log:acme")];
    here.publish("log:acme");
    await b.times(1);
    there.publish("log:acme");
    await a.times(2);
  });

  it("wake those in the same process at once", () => {
    const { listener } = hear(here, "log:acme");
    here.publish("log:acme");
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it("wake only those who listen to the topic, whatever its name", async () => {
    const odd = 'log:O\'Neill \\ "长"\n$1';
    const [wanted, other] = [hear(there, odd), hear(there, "log:other")];
    here.publish(odd);
    await wanted.times(1);
    expect(other.listener).not.toHaveBeenCalled();
  });

  it("wake nobody who has left, and the others still", async () => {
    const [leaver, stayer] = [hear(there, "log:acme"), hear(there, "log:acme")];
    leaver.silence();
    leaver.silence();
    here.publish("log:acme");
    await stayer.times(1);
    expect(leaver.listener).not.toHaveBeenCalled();
  });

  it("bring a thousand topics of one moment, all of them", async () => {
    const topics = Array.from({ length: 1000 }, (_, index) => `log:tenant-${index}`);
    const heard = topics.map((topic) => hear(there, topic));
    for (const topic of topics) here.publish(topic);
    await Promise.all(heard.map(({ times }) => times(1)));
    expect(heard.every(({ listener }) => listener.mock.calls.length === 1)).toBe(true);
  });
});

describe("a wake bus that loses its connection", () => {
  it("listens again, and has everybody look, since it may have missed something", async () => {
    const { times } = hear(there, "log:acme");
    expect(await breakConnections(opened, connectionName)).toBe(2);
    await times(1);
    here.publish("log:acme");
    await times(2);
  });

  it("sends afterwards what it could not send meanwhile", async () => {
    await there.stop();
    await breakConnections(opened, connectionName);
    await vi.waitFor(async () => expect(await countConnections(opened, connectionName)).toBe(0));
    here.publish("task:run-sync");
    await there.start();
    await hear(there, "task:run-sync").times(1);
  });

  it("has one connection in the end, however often it was lost", async () => {
    for (let turn = 0; turn < 2; turn += 1) {
      const [a, b] = [hear(here, `log:${turn}`), hear(there, `log:${turn}`)];
      await breakConnections(opened, connectionName);
      await Promise.all([a.times(1), b.times(1)]);
    }
    expect(await countConnections(opened, connectionName)).toBe(2);
  });

  it("keeps trying while there is no database", async () => {
    const refuse = (isRefused: boolean) => opened.look(`ALTER ROLE ${login} ${isRefused ? "NOLOGIN" : "LOGIN"}`);
    const login = `bus_${Date.now()}`;
    await opened.look(`CREATE ROLE ${login} LOGIN PASSWORD 'bus'`);
    const address = new URL(opened.url);
    address.username = login;
    address.password = "bus";
    const warnings: unknown[] = [];
    const bus = new WakeBus(
      address.href,
      pino({ level: "warn" }, { write: (line: string) => void warnings.push(line) }),
    );
    await bus.start();
    const heard = hear(bus, "log:acme");

    await refuse(true);
    await opened.look("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [login]);
    await vi.waitFor(() => expect(warnings.length).toBeGreaterThanOrEqual(2), { timeout: 10_000 });
    await refuse(false);
    await vi.waitFor(() => expect(heard.listener).toHaveBeenCalled(), { timeout: 10_000 });
    const there = hear(here, "log:acme");
    bus.publish("log:acme");
    await there.times(1);
    const open = await opened.look("SELECT FROM pg_stat_activity WHERE usename = $1", [login]);
    await bus.stop();
    await opened.look(`DROP ROLE ${login}`);
    expect(open).toHaveLength(1);
  });

  it("stops while it has none, and leaves nothing open", async () => {
    await breakConnections(opened, connectionName);
    await Promise.all([here.stop(), there.stop()]);
    expect(await countConnections(opened, connectionName)).toBe(0);
  });

  it("says so at once when there is none at the start", async () => {
    const bus = new WakeBus(databaseUrl(opened.url, "no_such_database"), silent);
    await expect(bus.start()).rejects.toThrow("does not exist");
    await bus.stop();
  });
});
