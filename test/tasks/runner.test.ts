import { randomUUID } from "node:crypto";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { IntegrationError } from "../../src/errors.ts";
import { Queue } from "../../src/queue/queue.ts";
import { TaskRunner } from "../../src/tasks/runner.ts";
import { type Attempt, defineTask } from "../../src/tasks/task.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const log = pino({ level: "silent" });
const soon = { timeout: 15_000 };
let opened: OpenedDatabase;
let queue: Queue;

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
afterEach(async () => {
  await queue.stop({ timeoutMs: 5000 });
  await opened.look("DELETE FROM pgboss.job");
});

/** Runs one task that fails like this, and tells how its first attempt ended. */
async function runFailing(failure: unknown, { attempts = 3, attempt = 1 } = {}) {
  queue = new Queue(opened.url, log);
  await queue.start();
  const seen: Attempt[] = [];
  const outcomes: string[] = [];
  const task = defineTask({
    name: "purge-integration",
    attempts,
    concurrency: 1,
    async run(_payload, one) {
      seen.push(one);
      throw failure;
    },
  });
  const runner = new TaskRunner(
    queue,
    [task],
    () => new Date(),
    log,
    ({ outcome }) => outcomes.push(outcome),
  );
  const integrationId = randomUUID();
  await queue.enqueueAlone("purge-integration", { tenantId: "acme", integrationId }, { key: integrationId, attempt });
  await runner.start();
  await vi.waitFor(() => expect(outcomes).toHaveLength(1), soon);
  const next = () =>
    opened.look<{ attempt: number; seconds: number }>(
      `SELECT (data->>'attempt')::int AS attempt, extract(epoch FROM start_after - created_on)::int AS seconds
       FROM pgboss.job WHERE state = 'created'`,
    );
  return { seen, outcomes, next };
}

describe("a task that fails", () => {
  it("is tried again later when the failure may pass, counting on", async () => {
    const { outcomes, next } = await runFailing(new IntegrationError("PROVIDER_UNAVAILABLE", "down"));
    expect(outcomes).toEqual(["PROVIDER_UNAVAILABLE"]);
    await vi.waitFor(async () => expect(await next()).toEqual([{ attempt: 2, seconds: expect.any(Number) }]), soon);
    expect((await next())[0]?.seconds).toBeGreaterThanOrEqual(4);
  });

  it("waits as long as the provider asks", async () => {
    const { next } = await runFailing(new IntegrationError("RATE_LIMITED", "slow down", { retryAfterMs: 120_000 }));
    await vi.waitFor(async () => expect((await next())[0]?.seconds).toBeGreaterThanOrEqual(119), soon);
  });

  it("is tried again after a fault of ours, too", async () => {
    const { outcomes, next } = await runFailing(new TypeError("oops"));
    expect(outcomes).toEqual(["fault"]);
    await vi.waitFor(async () => expect(await next()).toHaveLength(1), soon);
  });

  it("that was kept back was not tried: it comes again after that time, even if it was its last attempt", async () => {
    const failure = new IntegrationError("RATE_LIMITED", "a pause", { retryAfterMs: 120_000, heldBack: true });
    const { next } = await runFailing(failure, { attempts: 3, attempt: 3 });
    await vi.waitFor(async () => expect(await next()).toEqual([{ attempt: 3, seconds: expect.any(Number) }]), soon);
    expect((await next())[0]?.seconds).toBeGreaterThanOrEqual(119);
  });

  it("is given up at once when nothing would change", async () => {
    const { next } = await runFailing(new IntegrationError("CREDENTIALS_REJECTED", "no"));
    await vi.waitFor(
      async () => expect(await opened.look("SELECT FROM pgboss.job WHERE state = 'completed'")).toHaveLength(1),
      soon,
    );
    expect(await next()).toEqual([]);
  });

  it("knows its last attempt, and is given up after it", async () => {
    const { seen, next } = await runFailing(new IntegrationError("PROVIDER_UNAVAILABLE", "down"), {
      attempts: 3,
      attempt: 3,
    });
    expect(seen).toMatchObject([{ number: 3, isLast: true }]);
    await vi.waitFor(
      async () => expect(await opened.look("SELECT FROM pgboss.job WHERE state = 'completed'")).toHaveLength(1),
      soon,
    );
    expect(await next()).toEqual([]);
  });
});
