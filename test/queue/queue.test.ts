import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Queue, type ReceivedTask } from "../../src/queue/queue.ts";
import { taskNames } from "../../src/queue/task-definitions.ts";
import { Gate } from "../support/gate.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const tenantId = "acme";
let opened: OpenedDatabase;
const failures: string[] = [];
const log = pino({ level: "error" }, { write: (line: string) => void failures.push(line) });
const running: Queue[] = [];

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((queue) => queue.stop({ timeoutMs: 5000 })));
  await opened.look("DELETE FROM pgboss.job");
  expect(failures.splice(0)).toEqual([]);
});
afterAll(() => opened.close());

async function aQueue(woken?: (task: string) => void, lookEveryMs?: number): Promise<Queue> {
  const queue = new Queue(opened.url, log, woken, lookEveryMs);
  running.push(queue);
  await queue.start();
  return queue;
}

const aSync = (integrationId: string = randomUUID()) => ({ tenantId, integrationId, syncRunId: randomUUID() });
const aTurn = (integrationId: string = randomUUID()) => ({ tenantId, integrationId });

function enqueueSync(queue: Queue, payload: ReturnType<typeof aSync>): Promise<void> {
  return opened.database.inTenant(tenantId, (tx) =>
    queue.enqueue(tx, "run-sync", payload, { key: payload.integrationId }),
  );
}

function waiting(): Promise<{ name: string; key: string; start: Date }[]> {
  return opened.look(
    "SELECT name, singleton_key AS key, start_after AS start FROM pgboss.job WHERE state = 'created' ORDER BY created_on",
  );
}

const soon = { timeout: 15_000 };

describe("a tenant with many tasks", () => {
  it("leaves a worker for the tasks of others", async () => {
    const queue = await aQueue();
    const gate = new Gate();
    const begun: string[] = [];
    const enqueue = (of: string) =>
      opened.database.inTenant(of, (tx) => {
        const payload = { ...aSync(), tenantId: of };
        return queue.enqueue(tx, "run-sync", payload, { key: payload.integrationId });
      });
    for (let n = 0; n < 20; n += 1) await enqueue("noisy");
    await queue.work("run-sync", { concurrency: 3, ofOneTenant: 2 }, async ({ payload }) => {
      begun.push(payload.tenantId);
      await gate.passed;
    });
    await vi.waitFor(() => expect(begun).toEqual(["noisy", "noisy"]), soon);
    await enqueue("quiet");
    await vi.waitFor(() => expect(begun).toEqual(["noisy", "noisy", "quiet"]), soon);
    gate.open();
  });
});

describe("tasks that have come due together", () => {
  it.each([
    ["by one worker", { concurrency: 1 }],
    ["by some, as far as their tenant is given room", { concurrency: 3, ofOneTenant: 2 }],
  ])("are done one after another, not one a look, %s", async (_, workers) => {
    const queue = await aQueue();
    const payloads = Array.from({ length: 50 }, () => aSync());
    for (const payload of payloads) await enqueueSync(queue, payload);
    const seen: string[] = [];
    await queue.work("run-sync", workers, async ({ key }) => void seen.push(key));
    await vi.waitFor(() => expect(seen).toHaveLength(payloads.length), soon);
  });
});

describe("a task", () => {
  it("reaches its handler with its payload, key and attempt", async () => {
    const queue = await aQueue();
    const payload = aSync();
    await enqueueSync(queue, payload);
    const seen = await new Promise<ReceivedTask<"run-sync">>((resolve, reject) => {
      queue.work("run-sync", { concurrency: 1 }, async (task) => resolve(task)).catch(reject);
    });
    expect(seen).toMatchObject({ payload, key: payload.integrationId, attempt: 1 });
    expect(seen.signal.aborted).toBe(false);
  });

  it("exists exactly when the transaction that enqueued it was committed", async () => {
    const woken: string[] = [];
    const queue = await aQueue((task) => woken.push(task));
    const [kept, dropped] = [aSync(), aSync()];
    const rolledBack = opened.database.inTenant(tenantId, async (tx) => {
      await queue.enqueue(tx, "run-sync", dropped, { key: dropped.integrationId });
      throw new Error("no");
    });
    await expect(rolledBack).rejects.toThrow("no");
    expect(woken).toEqual([]);

    await opened.database.inTenant(tenantId, async (tx) => {
      await queue.enqueue(tx, "run-sync", kept, { key: kept.integrationId });
      expect(woken).toEqual([]);
    });
    expect((await waiting()).map(({ key }) => key)).toEqual([kept.integrationId]);
    expect(woken).toEqual(["run-sync"]);
  });

  it("waits until it may start", async () => {
    const woken: string[] = [];
    const queue = await aQueue((task) => woken.push(task));
    const [later, now] = [aTurn(), aTurn()];
    const startAt = new Date(Date.now() + 60 * 60 * 1000);
    await opened.database.inTenant(tenantId, async (tx) => {
      await queue.enqueue(tx, "schedule-sync", later, { key: later.integrationId, startAt });
      await queue.enqueue(tx, "schedule-sync", now, { key: now.integrationId });
    });
    const seen: string[] = [];
    await queue.work("schedule-sync", { concurrency: 1 }, async ({ key }) => void seen.push(key));
    await vi.waitFor(() => expect(seen).toEqual([now.integrationId]), soon);
    expect(await waiting()).toEqual([{ name: "schedule-sync", key: later.integrationId, start: startAt }]);
    expect(woken).toEqual(["schedule-sync"]);
  });

  it("starts when its time has come", async () => {
    const queue = await aQueue();
    const turn = aTurn();
    const startAt = new Date(Date.now() + 1500);
    await queue.enqueueAlone("schedule-sync", turn, { key: turn.integrationId, startAt });
    const startedAt = await new Promise<number>((resolve, reject) => {
      queue.work("schedule-sync", { concurrency: 1 }, async () => resolve(Date.now())).catch(reject);
    });
    expect(startedAt).toBeGreaterThanOrEqual(startAt.getTime() - 100);
  });

  it("is seen again when its handler fails", async () => {
    const queue = await aQueue();
    const payload = aSync();
    await enqueueSync(queue, payload);
    let times = 0;
    await queue.work("run-sync", { concurrency: 1 }, async () => {
      times += 1;
      if (times < 3) throw new Error("not yet");
    });
    await vi.waitFor(() => expect(times).toBe(3), soon);
  });

  it("starts at once when its workers are woken", async () => {
    const other: Queue = await aQueue((task) => worker.wake(task as "run-sync"));
    // By itself it looks far too seldom.
    const worker = await aQueue(undefined, 60_000);
    const begun = new Set<string>();
    await worker.work("run-sync", { concurrency: 1 }, async ({ key }) => void begun.add(key));
    for (let turn = 0; turn < 5; turn += 1) {
      const payload = aSync();
      await enqueueSync(other, payload);
      await vi.waitFor(() => expect(begun.has(payload.integrationId)).toBe(true), { ...soon, interval: 5 });
    }
  });
});

describe("tasks of one key", () => {
  it("run one at a time over two processes, while other keys run beside them", async () => {
    const queues = [await aQueue(), await aQueue()];
    const keys = Array.from({ length: 4 }, () => randomUUID());
    const now = new Map<string, number>();
    const most = new Map<string, number>();
    let together = 0;
    let done = 0;
    for (const queue of queues) {
      await queue.work("run-sync", { concurrency: 3 }, async ({ key }) => {
        now.set(key, (now.get(key) ?? 0) + 1);
        most.set(key, Math.max(most.get(key) ?? 0, now.get(key) ?? 0));
        together = Math.max(
          together,
          [...now.values()].reduce((sum, count) => sum + count, 0),
        );
        await opened.look("SELECT pg_sleep(0.05)");
        now.set(key, (now.get(key) ?? 0) - 1);
        done += 1;
      });
    }
    const [first, second] = queues as [Queue, Queue];
    for (const key of keys) {
      for (let turn = 0; turn < 3; turn += 1) await enqueueSync(turn % 2 ? first : second, aSync(key));
    }
    await vi.waitFor(() => expect(done).toBe(12), { timeout: 25_000 });
    expect([...most.values()]).toEqual([1, 1, 1, 1]);
    expect(together).toBeGreaterThan(1);
  });

  it("that wait behind a long one do not hold up other keys", async () => {
    const queue = await aQueue();
    const [busy, free] = [randomUUID(), randomUUID()];
    const release = new Gate();
    const seen: string[] = [];
    await queue.work("run-sync", { concurrency: 2 }, async ({ key }) => {
      seen.push(key);
      if (key === busy) await release.passed;
    });
    for (let turn = 0; turn < 20; turn += 1) await enqueueSync(queue, aSync(busy));
    await vi.waitFor(() => expect(seen).toEqual([busy]), soon);
    await enqueueSync(queue, aSync(free));
    await vi.waitFor(() => expect(seen).toEqual([busy, free]), soon);
    await opened.look("DELETE FROM pgboss.job WHERE state = 'created'");
    release.open();
  });

  it("wait once where a second would do the same, and the first keeps its time", async () => {
    const queue = await aQueue();
    const { integrationId } = aTurn();
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    const [first, second] = [at(10), at(5)];
    const enqueue = (startAt: Date, key = integrationId) =>
      opened.database.inTenant(tenantId, (tx) =>
        queue.enqueue(tx, "schedule-sync", { tenantId, integrationId: key }, { key, startAt }),
      );
    await enqueue(first);
    await enqueue(second);
    await queue.enqueueAlone("schedule-sync", { tenantId, integrationId }, { key: integrationId, startAt: second });
    expect(await waiting()).toEqual([{ name: "schedule-sync", key: integrationId, start: first }]);
    await enqueue(second, randomUUID());
    expect(await waiting()).toHaveLength(2);
  });

  it("may wait again as soon as the first has begun: a task can ask for its own next turn", async () => {
    const queue = await aQueue();
    const turn = aTurn();
    const startAt = new Date(Date.now() + 60 * 60 * 1000);
    const options = { key: turn.integrationId };
    await queue.enqueueAlone("schedule-sync", turn, options);
    await queue.work("schedule-sync", { concurrency: 1 }, async () => {
      await opened.database.inTenant(tenantId, (tx) =>
        queue.enqueue(tx, "schedule-sync", turn, { ...options, startAt }),
      );
    });
    await vi.waitFor(async () => {
      const states = await opened.look("SELECT state FROM pgboss.job ORDER BY created_on");
      expect(states).toEqual([{ state: "completed" }, { state: "created" }]);
    }, soon);
  });

  it("all wait where each is wanted", async () => {
    const queue = await aQueue();
    const { integrationId } = aTurn();
    for (let turn = 0; turn < 3; turn += 1) await enqueueSync(queue, aSync(integrationId));
    expect(await waiting()).toHaveLength(3);
  });
});

describe("a process that stops", () => {
  it("lets what runs finish, and begins nothing more", async () => {
    const queue = await aQueue();
    const begun = new Gate();
    const release = new Gate();
    const seen: string[] = [];
    await queue.work("run-sync", { concurrency: 1 }, async ({ key, signal }) => {
      begun.open();
      await release.passed;
      seen.push(`${key} ${signal.aborted}`);
    });
    const [first, second] = [aSync(), aSync()];
    await enqueueSync(queue, first);
    await begun.passed;
    await enqueueSync(queue, second);
    const stopped = queue.stop({ timeoutMs: 10_000 });
    release.open();
    await stopped;
    expect(seen).toEqual([`${first.integrationId} false`]);
    const states = await opened.look("SELECT singleton_key AS key, state FROM pgboss.job ORDER BY created_on");
    expect(states).toEqual([
      { key: first.integrationId, state: "completed" },
      { key: second.integrationId, state: "created" },
    ]);
  });

  it("gives up what does not finish in time, and another one takes it", async () => {
    const [leaving, staying] = [await aQueue(), await aQueue()];
    const begun = new Gate();
    let wasTold = false;
    await leaving.work("run-sync", { concurrency: 1 }, async ({ signal }) => {
      begun.open();
      await once(signal, "abort");
      wasTold = true;
    });
    const payload = aSync();
    await enqueueSync(leaving, payload);
    await begun.passed;
    await leaving.stop({ timeoutMs: 1000 });
    expect(wasTold).toBe(true);

    const seen: unknown[] = [];
    await staying.work("run-sync", { concurrency: 1 }, async (task) => void seen.push(task.payload));
    await vi.waitFor(() => expect(seen).toEqual([payload]), soon);
  });

  it("may stop twice, and without having worked", async () => {
    const queue = await aQueue();
    await queue.stop({ timeoutMs: 1000 });
    await expect(queue.stop({ timeoutMs: 1000 })).resolves.toBeUndefined();
  });
});

describe("a worker that is killed", () => {
  it("has its task seen again within a minute", { timeout: 90_000 }, async () => {
    const queue = await aQueue();
    const child = fork(join(import.meta.dirname, "../support/queue-worker.mjs"), [opened.url]);
    try {
      const payload = aSync();
      await enqueueSync(queue, payload);
      const [begun] = await once(child, "message");
      expect(begun).toEqual(payload);

      child.kill("SIGKILL");
      await once(child, "exit");
      const killedAt = performance.now();
      const again = await new Promise<ReceivedTask<"run-sync">>((resolve, reject) => {
        queue.work("run-sync", { concurrency: 1 }, async (task) => resolve(task)).catch(reject);
      });
      expect(again.payload).toEqual(payload);
      expect(performance.now() - killedAt).toBeLessThan(60_000);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

describe("installing the queue", () => {
  it("is ready afterwards, knows every task, and can be done again", async () => {
    await Queue.install(opened.url);
    const rows = await opened.look<{ name: string }>("SELECT name FROM pgboss.queue ORDER BY name");
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining([...taskNames].sort()));
    expect(await (await aQueue()).isReady()).toBe(true);
  });
});

describe("rescheduling", () => {
  it("moves the waiting task, and makes one where there is none", async () => {
    const queue = await aQueue();
    const payload = aTurn();
    const at = (time: string) => new Date(`2099-01-01T${time}:00Z`);
    const reschedule = (startAt: Date) =>
      opened.database.inTenant(tenantId, (tx) =>
        queue.reschedule(tx, "schedule-sync", payload, { key: payload.integrationId, startAt }),
      );
    await reschedule(at("10:00"));
    await reschedule(at("09:00"));
    expect(await waiting()).toEqual([{ name: "schedule-sync", key: payload.integrationId, start: at("09:00") }]);
  });
});
