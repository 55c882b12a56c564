import { randomUUID } from "node:crypto";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createDataSource } from "../../src/database/data-source.ts";
import { Database } from "../../src/database/database.ts";
import type { CallOutcome } from "../../src/providers/call-gate.ts";
import type { ProviderLimits } from "../../src/providers/provider.ts";
import { CallBudgets } from "../../src/services/call-budgets.ts";
import { type CalledAccount, CallGates } from "../../src/services/call-gates.ts";
import { Outages } from "../../src/services/outages.ts";
import { Gate } from "../support/gate.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const answered: CallOutcome = { kind: "answered" };
const broken: CallOutcome = { kind: "unavailable", forMs: undefined };
const server = "https://vendor.test";
let opened: OpenedDatabase;

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());

interface Process {
  readonly gates: CallGates;
  readonly budgets: CallBudgets;
  readonly statements: string[];
  readonly waits: { outcome: string }[];
  readonly pauses: { code: string }[];
}

/** One process, with connections and a memory of its own. */
async function aProcess(limits: Partial<ProviderLimits> = {}): Promise<Process> {
  const statements: string[] = [];
  const dataSource = createDataSource(opened.url, { poolSize: 5, onStatement: (sql) => statements.push(sql) });
  await dataSource.initialize();
  onTestFinished(() => dataSource.destroy());
  const database = new Database(dataSource);
  const waits: { outcome: string }[] = [];
  const pauses: { code: string }[] = [];
  const budgets = new CallBudgets(database);
  const gates = new CallGates(
    budgets,
    new Outages(database, pino({ level: "silent" })),
    pino({ level: "silent" }),
    { waited: (call) => waits.push(call), paused: (pause) => pauses.push(pause) },
    () => ({ description: "", cost: "", concurrentCalls: 3, ...limits }),
  );
  statements.length = 0;
  return { gates, budgets, statements, waits, pauses };
}

/** A provider and an account that no other test has. */
function anAccount(changes: Partial<CalledAccount> = {}): CalledAccount {
  return { tenantId: "acme", provider: `P${randomUUID()}`, accountId: randomUUID(), patienceMs: 20_000, ...changes };
}

/** Makes one call, which takes as long as `during`. */
async function call(
  { gates }: Process,
  account: CalledAccount,
  during: () => Promise<unknown> = async () => {},
  { outcome = answered, at = server, signal = null as AbortSignal | null } = {},
): Promise<void> {
  const passage = await gates.of(account).enter(at, signal);
  await during();
  await passage.leave(outcome);
}

/** Counts who calls at the same time. */
function aVendor() {
  const seen = { now: 0, most: 0, calls: 0 };
  return {
    seen,
    answer: async () => {
      seen.calls += 1;
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await new Promise((done) => setTimeout(done, 2));
      seen.now -= 1;
    },
  };
}

describe("calls of one account", { timeout: 30_000 }, () => {
  it("are never more at the same time than allowed, over several processes, and all get through", async () => {
    const account = anAccount();
    const vendor = aVendor();
    const processes = [await aProcess(), await aProcess(), await aProcess()];
    await Promise.all(processes.flatMap((one) => Array.from({ length: 40 }, () => call(one, account, vendor.answer))));
    expect(vendor.seen).toEqual({ now: 0, most: 3, calls: 120 });
  });

  it("take turns among processes, so that none waits until another has nothing left to do", async () => {
    const account = anAccount();
    const [busy, other] = [await aProcess(), await aProcess()];
    const vendor = aVendor();
    const many = Array.from({ length: 200 }, () => call(busy, account, vendor.answer));
    await expect.poll(() => vendor.seen.calls).toBeGreaterThan(5);
    const before = vendor.seen.calls;
    await call(other, account);
    // Those in the common line already, and those who call while it is looked at.
    expect(vendor.seen.calls - before).toBeLessThan(200 - before);
    await Promise.all(many);
  });

  it("cost one short statement before and one after, that nobody waits for", async () => {
    const account = anAccount();
    const process = await aProcess({ perAccount: { calls: 1000, seconds: 60 } });
    await call(process, account);
    await expect.poll(() => process.statements.length).toBeGreaterThanOrEqual(3);
    process.statements.length = 0;
    for (let n = 1; n <= 5; n += 1) {
      await call(process, account);
      await expect.poll(() => process.statements.length).toBe(2 * n);
    }
  });

  it("give the place of a killed process to others, once it is believed dead", async () => {
    const account = anAccount();
    const [killed, other] = [await aProcess(), await aProcess()];
    for (let n = 0; n < 3; n += 1) await killed.gates.of(account).enter(server, null);
    await expect(call(other, { ...account, patienceMs: 200 })).rejects.toMatchObject({
      code: "RATE_LIMITED",
      heldBack: true,
      retryAfterMs: expect.any(Number),
    });
    await opened.look(
      `UPDATE limits.budget SET line = (SELECT jsonb_object_agg(place, now() - interval '1 second') FROM jsonb_object_keys(line) AS place)
       WHERE provider = $1`,
      [account.provider],
    );
    await call(other, account);
  });

  it("keep their place for as long as they take", async () => {
    const account = anAccount();
    const passage = await (await aProcess()).gates.of(account).enter(server, null);
    const until = async () => {
      const [row] = await opened.look<{ until: string }>(
        "SELECT line->>'1' AS until FROM limits.budget WHERE provider = $1",
        [account.provider],
      );
      return row?.until;
    };
    const before = await until();
    await expect.poll(until, { timeout: 20_000 }).not.toBe(before);
    await passage.leave(answered);
    await expect.poll(until).toBeNull();
  });

  it("that are given up while they wait leave the line, for the reason of whoever gave up", async () => {
    const account = anAccount();
    const process = await aProcess({ concurrentCalls: 1 });
    const other = await aProcess({ concurrentCalls: 1 });
    const gate = new Gate();
    const running = call(process, account, () => gate.passed);
    await expect.poll(() => process.waits.length).toBe(1);
    for (const one of [process, other]) {
      const controller = new AbortController();
      const waiting = call(one, account, undefined, { signal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), 100);
      await expect(waiting).rejects.toThrow("enough");
    }
    gate.open();
    await running;
    await call(other, account);
  });

  it("are no more in a window than the vendor allows", async () => {
    const account = anAccount({ patienceMs: 100 });
    const process = await aProcess({ perAccount: { calls: 40, seconds: 60 } });
    const made = await Promise.allSettled(Array.from({ length: 10 }, () => call(process, account)));
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    expect(made.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "RATE_LIMITED", heldBack: true, retryAfterMs: expect.any(Number) },
    });
  });
});

describe("an account that nobody calls any more", () => {
  it("is forgotten after a day", async () => {
    const [used, idle] = [anAccount(), anAccount()];
    const process = await aProcess();
    for (const account of [used, idle]) await call(process, account);
    await opened.look("UPDATE limits.budget SET spent_until = now() - interval '25 hours' WHERE provider = $1", [
      idle.provider,
    ]);
    await process.budgets.forgetIdle();
    const known = await opened.look("SELECT provider FROM limits.budget WHERE provider = ANY($1)", [
      [used.provider, idle.provider],
    ]);
    expect(known).toEqual([{ provider: used.provider }]);
  });
});

describe("a pause that the vendor asks for", () => {
  const refused = (forMs?: number): CallOutcome => ({ kind: "refused", code: "tooManyRequests", forMs });

  it("holds for every process, and for this account alone", async () => {
    const account = anAccount();
    const [one, other] = [await aProcess(), await aProcess()];
    await call(one, account, undefined, { outcome: refused(60_000) });
    const kept = call(other, account);
    await expect(kept).rejects.toMatchObject({ code: "RATE_LIMITED", providerCode: "tooManyRequests", heldBack: true });
    const { retryAfterMs } = (await kept.catch((error: unknown) => error)) as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(55_000);
    await call(other, { ...account, accountId: "somebody else" });
    expect(one.pauses).toEqual([{ provider: account.provider, code: "tooManyRequests" }]);
  });

  it("is waited for when it ends in time", async () => {
    const account = anAccount();
    const process = await aProcess();
    await call(process, account, undefined, { outcome: refused(300) });
    await call(process, account);
    expect(process.waits.map(({ outcome }) => outcome)).toEqual(["went", "went"]);
  });

  it("grows each time when the vendor does not say for how long, until a call is answered", async () => {
    const account = anAccount({ patienceMs: 0 });
    const process = await aProcess();
    const pauseOf = async () => {
      const [row] = await opened.look<{ ms: number; refusals: number }>(
        `SELECT extract(epoch FROM paused_until - now())::float * 1000 AS ms, refusals FROM limits.budget WHERE provider = $1`,
        [account.provider],
      );
      return row ?? { ms: 0, refusals: 0 };
    };
    const timePasses = () =>
      opened.look("UPDATE limits.budget SET paused_until = now() WHERE provider = $1", [account.provider]);
    for (const atMost of [2500, 5000, 10_000]) {
      await call(process, account, undefined, { outcome: refused() });
      const { ms } = await pauseOf();
      expect(ms).toBeGreaterThan(atMost / 2);
      expect(ms).toBeLessThanOrEqual(atMost);
      await timePasses();
    }
    await call(process, account);
    await expect.poll(async () => (await pauseOf()).refusals).toBe(0);
  });
});

describe("a pause that is about a whole server", () => {
  const refused = (forMs?: number): CallOutcome => ({ kind: "refused", code: "TooManyRequests", forMs });
  const aServer = () => `https://${randomUUID()}.test`;
  const aHost = () => aProcess({ pauses: "server" });

  it("holds for every account and process, and for other servers not", async () => {
    const at = aServer();
    const account = anAccount({ patienceMs: 0 });
    const other = { ...account, accountId: "somebody else" };
    const [one, process] = [await aHost(), await aHost()];
    await call(one, account, undefined, { outcome: refused(60_000), at });
    for (const shut of [account, other]) {
      await expect(call(process, shut, undefined, { at })).rejects.toMatchObject({
        code: "RATE_LIMITED",
        providerCode: "TooManyRequests",
        heldBack: true,
        retryAfterMs: expect.closeTo(60_000, -4),
      });
    }
    await call(process, account, undefined, { at: aServer() });
    expect(one.pauses).toEqual([{ provider: account.provider, code: "TooManyRequests" }]);
    const known = (await process.budgets.overview()).find(({ provider }) => provider === account.provider);
    expect(known).toMatchObject({ pausedAccounts: 0, pausedServers: 1 });
  });

  it("is met and told by logins that are only tried, too", async () => {
    const [at, { provider }] = [aServer(), anAccount()];
    const process = await aHost();
    const passage = await process.gates.ofTrial(provider)?.enter(at, null);
    await passage?.leave(refused(60_000));
    await expect(process.gates.ofTrial(provider)?.enter(at, null)).rejects.toMatchObject({ code: "RATE_LIMITED" });
    await expect(call(process, anAccount({ provider, patienceMs: 0 }), undefined, { at })).rejects.toMatchObject({
      heldBack: true,
    });
    expect((await aProcess()).gates.ofTrial(provider)).toBeUndefined();
  });

  it("grows while the refusals follow each other, and begins small again after a while", async () => {
    const [at, account] = [aServer(), anAccount({ patienceMs: 0 })];
    const process = await aHost();
    const pauseAfter = async (endedMinutesAgo: number) => {
      await opened.look(
        "UPDATE limits.server SET paused_until = now() - $2::int * interval '1 minute' WHERE key = $1 AND paused_until IS NOT NULL",
        [at, endedMinutesAgo],
      );
      await call(process, account, undefined, { outcome: refused(), at });
      return (await process.budgets.serverPause({ provider: account.provider, server: at })).serverPausedMs;
    };
    for (const atMost of [2500, 5000, 10_000]) {
      const ms = await pauseAfter(0);
      expect(ms).toBeGreaterThan(atMost / 2);
      expect(ms).toBeLessThanOrEqual(atMost);
    }
    expect(await pauseAfter(11)).toBeLessThanOrEqual(2500);
  });
});

describe("what all accounts of a provider share", () => {
  const perApp = { calls: 1000, seconds: 10 };

  it("is handed out in turns: a tenant with five calls does not wait for one with a thousand", async () => {
    const provider = `P${randomUUID()}`;
    const process = await aProcess({ perApp, concurrentCalls: 1000 });
    const order: string[] = [];
    const ask = (tenantId: string, patienceMs = 20_000) =>
      call(process, anAccount({ tenantId, provider, patienceMs }), async () => void order.push(tenantId));
    const noisy = Array.from({ length: 1000 }, () => ask("noisy", 3000));
    await expect.poll(() => order.length).toBeGreaterThan(0);
    const before = order.length;
    await Promise.all(Array.from({ length: 5 }, () => ask("quiet")));
    const last = order.lastIndexOf("quiet");
    await Promise.allSettled(noisy);
    // What was handed out already goes first, a burst of a hundred; then the two take turns. Without turns, three seconds' worth of
    // the noisy tenant's would come before.
    expect(last - before).toBeLessThanOrEqual(200);
    expect(order.length).toBeGreaterThan(last + 50);
  });

  it("is never more than allowed, whoever asks", async () => {
    const provider = `P${randomUUID()}`;
    const processes = [
      await aProcess({ perApp: { calls: 200, seconds: 60 } }),
      await aProcess({ perApp: { calls: 200, seconds: 60 } }),
    ];
    const made = await Promise.allSettled(
      processes.flatMap((one) =>
        Array.from({ length: 30 }, (_, n) => call(one, anAccount({ tenantId: `t${n}`, provider, patienceMs: 300 }))),
      ),
    );
    const through = made.filter(({ status }) => status === "fulfilled").length;
    expect(through).toBeGreaterThanOrEqual(20);
    expect(through).toBeLessThanOrEqual(25);
  });
});

describe("an outage", () => {
  const accounts = (provider: string, count: number) =>
    Array.from({ length: count }, () => anAccount({ provider, patienceMs: 0 }));
  const provider = () => `P${randomUUID()}`;
  const aServer = () => `https://${randomUUID()}.test`;

  async function fails(process: Process, several: readonly CalledAccount[], at: string): Promise<void> {
    for (const account of several) await call(process, account, undefined, { outcome: broken, at });
  }
  const elapse = (at: string) =>
    opened.look("UPDATE limits.server SET down_until = now() - interval '1 ms' WHERE key = $1", [at]);

  it("begins when many accounts fail: nobody calls any more, in any process", async () => {
    const at = aServer();
    const [one, other] = [await aProcess(), await aProcess()];
    const name = provider();
    await fails(one, accounts(name, 5), at);
    for (const process of [one, other]) {
      await expect(
        call(process, anAccount({ provider: name, patienceMs: 0 }), undefined, { at }),
      ).rejects.toMatchObject({
        code: "PROVIDER_UNAVAILABLE",
        heldBack: true,
        retryAfterMs: expect.any(Number),
      });
    }
    await call(other, anAccount({ provider: name }), undefined, { at: aServer() });
  });

  it("is not one account's own trouble, however often it fails", async () => {
    const at = aServer();
    const process = await aProcess();
    const account = anAccount({ patienceMs: 0 });
    await fails(process, Array(30).fill(account), at);
    await expect(call(process, account, undefined, { at })).resolves.toBeUndefined();
  });

  it("is not the trouble of a few among many that are answered", async () => {
    const at = aServer();
    const process = await aProcess();
    const name = provider();
    for (const account of accounts(name, 20)) await call(process, account, undefined, { at });
    await fails(process, accounts(name, 8), at);
    await expect(call(process, anAccount({ provider: name }), undefined, { at })).resolves.toBeUndefined();
  });

  it("is probed by a single call of all processes, whose success ends it for everybody", async () => {
    const at = aServer();
    const name = provider();
    const [one, other] = [await aProcess(), await aProcess()];
    await fails(one, accounts(name, 5), at);
    await elapse(at);
    const probe = await one.gates.of(anAccount({ provider: name, patienceMs: 0 })).enter(at, null);
    const kept = call(other, anAccount({ provider: name, patienceMs: 0 }), undefined, { at });
    await expect(kept).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE", heldBack: true });
    await probe.leave(answered);
    await call(other, anAccount({ provider: name, patienceMs: 0 }), undefined, { at });
  });

  it("goes on for longer each time when the probe fails, and up to ten minutes", async () => {
    const at = aServer();
    const process = await aProcess();
    const name = provider();
    await fails(process, accounts(name, 5), at);
    const times: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      await elapse(at);
      await fails(process, accounts(name, 1), at);
      const [row] = await opened.look<{ ms: number }>(
        "SELECT extract(epoch FROM down_until - now())::float * 1000 AS ms FROM limits.server WHERE key = $1",
        [at],
      );
      times.push(row?.ms ?? 0);
    }
    expect(times[0]).toBeGreaterThan(20_000);
    expect(times[0]).toBeLessThanOrEqual(30_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(600_000);
    expect(Math.min(...times.slice(-2))).toBeGreaterThan(400_000);
  });

  it("is probed by somebody else when the process that probes is killed", async () => {
    const at = aServer();
    const process = await aProcess();
    const name = provider();
    await fails(process, accounts(name, 5), at);
    await elapse(at);
    await process.gates.of(anAccount({ provider: name, patienceMs: 0 })).enter(at, null);
    await elapse(at);
    await expect(
      call(process, anAccount({ provider: name, patienceMs: 0 }), undefined, { at }),
    ).resolves.toBeUndefined();
    await expect(
      call(process, anAccount({ provider: name, patienceMs: 0 }), undefined, { at }),
    ).resolves.toBeUndefined();
  });
});
