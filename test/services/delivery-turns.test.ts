import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Integration } from "../../src/entities/integration.ts";
import { WebhookDelivery } from "../../src/entities/webhook-delivery.ts";
import { WebhookEndpoint } from "../../src/entities/webhook-endpoint.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import type { AttemptOutcome } from "../../src/services/delivery-call.ts";
import { retryDelaysMs } from "../../src/services/delivery-schedule.ts";
import { lineOf } from "../../src/services/delivery-tasks.ts";
import { DeliveryTurns } from "../../src/services/delivery-turns.ts";
import { EndpointHealth } from "../../src/services/endpoint-health.ts";
import { newId } from "../../src/services/id.ts";
import { calendarEventData, integrationData } from "../../src/services/integration-events.ts";
import { aCalendar, aCalendarEvent, anIntegration, aWebhookEndpoint } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const vault = createVault(parseKeyRing(`test:${randomBytes(32).toString("base64")}`));

let opened: OpenedDatabase;
let now: Date;
const clock = () => now;
const log = new EventLog(clock, () => {});
let integration: Integration;
let turns: DeliveryTurns;
/** What was sent, and when. */
let sent: { id: string; label: string; at: Date; message: Record<string, unknown> }[];
/** What the endpoint answers. */
let answer: (label: string) => Partial<AttemptOutcome>;
/** When the next turn is, and in which line. */
let next: Date | null;
let nextLine: string;
/** What the endpoint takes its time for. */
let answered: Promise<unknown>;

const setNext = async (_tx: unknown, name: string, _payload: unknown, { startAt }: { startAt: Date }) => {
  [next, nextLine] = [startAt, name];
};

const refusal = (status: number, more: Partial<AttemptOutcome> = {}): Partial<AttemptOutcome> => ({
  status,
  problem: {
    ...{ code: "PROVIDER_UNAVAILABLE", message: `HTTP ${status}`, fault: "provider", retryable: true },
    ...{ remedy: null, providerCode: `HTTP ${status}` },
  },
  ...more,
});

beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened.close());
beforeEach(async () => {
  now = new Date("2026-12-01T09:00:00Z");
  [sent, next, nextLine, answered] = [[], null, "", Promise.resolve()];
  answer = () => ({ status: 204 });
  integration = anIntegration({ tenantId: `tenant-${randomUUID()}`, ownership: "TENANT" });
  await opened.save(integration);
  turns = new DeliveryTurns(
    opened.database,
    vault,
    async (_endpoint, _secrets, message) => {
      const { data } = message as { data?: { label?: string } };
      const label = data?.label ?? "";
      sent.push({ id: message.id, label, at: now, message: { ...message } });
      await answered;
      return {
        ...{ startedAt: now, durationMs: 5, status: null, answer: null, problem: null },
        ...{ wishMs: null, isGone: false, isBrokenOff: false },
        ...answer(label),
      };
    },
    new EndpointHealth(log, clock),
    { enqueueNoLater: setNext },
    clock,
    async (ms) => {
      now = new Date(now.getTime() + ms);
    },
  );
});

async function anEndpoint(changes: Partial<WebhookEndpoint> = {}): Promise<WebhookEndpoint> {
  const wanted = { eventTypes: ["integration.*", "calendar_event.*"], createdAt: now, ...changes };
  const endpoint = aWebhookEndpoint(integration.tenantId, vault, wanted);
  await opened.save(endpoint);
  return endpoint;
}

/** Something happens, as often as there are labels. */
async function happens(...labels: readonly string[]): Promise<void> {
  const { tenantId, id } = integration;
  await opened.database.inTenant(tenantId, async (tx) => {
    for (const label of labels) {
      const data = { ...integrationData(integration), label };
      const cause = { actor: { kind: "SYSTEM" as const, id: null }, correlationId: newId(now) };
      log.record(tx, { type: "integration.updated", integrationId: id, subjectId: id, data, cause });
    }
  });
}

const rowOf = async ({ tenantId, id }: WebhookEndpoint): Promise<WebhookEndpoint> =>
  opened.database.inTenant(tenantId, (tx) => tx.manager.findOneByOrFail(WebhookEndpoint, { tenantId, id }));

/** The endpoint has its turn, in its line. */
async function turn(endpoint: WebhookEndpoint): Promise<void> {
  next = null;
  const line = lineOf(await rowOf(endpoint));
  await turns.take(endpoint.tenantId, endpoint.id, line, new AbortController().signal);
}

/** Time passes from turn to turn, until there is none any more or so much has passed. */
async function timePasses(endpoint: WebhookEndpoint, ms: number): Promise<void> {
  const until = new Date(now.getTime() + ms);
  await turn(endpoint);
  while (next && (next as Date) <= until) {
    now = new Date(Math.max(now.getTime(), (next as Date).getTime()));
    await turn(endpoint);
  }
  now = until;
}

async function deliveriesOf({ tenantId, id: endpointId }: WebhookEndpoint): Promise<WebhookDelivery[]> {
  return opened.database.inTenant(tenantId, (tx) =>
    tx.manager.find(WebhookDelivery, { where: { tenantId, endpointId }, order: { position: "ASC" } }),
  );
}

const labels = (): string[] => sent.map(({ label }) => label);
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `event ${index}`);
const told = async (): Promise<string[]> => {
  const rows = await opened.look<{ type: string }>(
    "SELECT type FROM event WHERE tenant_id = $1 AND type LIKE 'webhook_endpoint.%' ORDER BY position",
    [integration.tenantId],
  );
  return rows.map(({ type }) => type);
};

describe("a turn", () => {
  it("sends everything that the log has after the endpoint's place, however much that is, each once", async () => {
    const endpoint = await anEndpoint();
    await happens(...numbered(1300));
    await timePasses(endpoint, minuteMs);
    expect(labels().sort()).toEqual(numbered(1300).sort());
    expect((await rowOf(endpoint)).position).toBe("1300");
    await timePasses(endpoint, minuteMs);
    expect(sent).toHaveLength(1300);
  });

  it("goes through a long log in which there is little for it", async () => {
    const endpoint = await anEndpoint({ eventTypes: ["integration.connected"] });
    await happens(...numbered(6000));
    await timePasses(endpoint, minuteMs);
    expect(sent).toEqual([]);
    expect((await rowOf(endpoint)).position).toBe("6000");
  });

  it("keeps the order where it counts, and waits for what fails", async () => {
    const endpoint = await anEndpoint({ ordered: true });
    await happens(...numbered(60));
    let failures = 3;
    answer = (label) => (label === "event 41" && failures-- > 0 ? refusal(500) : { status: 204 });
    await timePasses(endpoint, hourMs);
    const once = [...new Set(labels())];
    expect(once).toEqual(numbered(60));
    expect(labels().filter((label) => label === "event 41")).toHaveLength(4);
    expect(labels().indexOf("event 42")).toBeGreaterThan(labels().lastIndexOf("event 41"));
  });

  it("lets others pass however many that are refused, and is well all the same", async () => {
    const endpoint = await anEndpoint();
    await happens(...numbered(300).map((label) => `poison ${label}`), "welcome");
    answer = (label) => (label.startsWith("poison") ? refusal(422) : { status: 204 });
    await timePasses(endpoint, minuteMs);
    expect(labels()).toContain("welcome");
    await happens("another");
    await timePasses(endpoint, minuteMs);
    expect(labels()).toContain("another");
    expect(await rowOf(endpoint)).toMatchObject({ state: "ENABLED", away: false });
  });

  it("lets others pass one that fails, where the order does not count", async () => {
    const endpoint = await anEndpoint();
    await happens("poison", ...numbered(5));
    answer = (label) => (label === "poison" ? refusal(422) : { status: 204 });
    await timePasses(endpoint, minuteMs);
    expect(labels()).toEqual(expect.arrayContaining(numbered(5)));
    expect((await deliveriesOf(endpoint)).map(({ state }) => state)).toEqual([
      "PENDING",
      ...Array(5).fill("DELIVERED"),
    ]);
    expect(await rowOf(endpoint)).toMatchObject({ state: "ENABLED" });
  });

  it("sends no more in a second than the endpoint wants", async () => {
    const endpoint = await anEndpoint({ maxPerSecond: 4 });
    await happens(...numbered(20));
    const first = now;
    await timePasses(endpoint, minuteMs);
    const perSecond = new Map<number, number>();
    for (const { at } of sent) perSecond.set(at.getTime(), (perSecond.get(at.getTime()) ?? 0) + 1);
    expect(sent).toHaveLength(20);
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(4);
    expect((sent.at(-1)?.at.getTime() ?? 0) - first.getTime()).toBe(4000);
  });

  it("is the other line's once nothing arrives, and this one's again afterwards", async () => {
    const endpoint = await anEndpoint();
    await happens("one");
    answer = () => refusal(503);
    await turn(endpoint);
    expect(lineOf(await rowOf(endpoint))).toBe("retry-webhooks");
    answer = () => ({ status: 200 });
    await timePasses(endpoint, minuteMs);
    expect(lineOf(await rowOf(endpoint))).toBe("deliver-webhooks");
    await happens("two");
    answer = () => ({ status: 200, durationMs: 9_000 });
    await turn(endpoint);
    expect(lineOf(await rowOf(endpoint))).toBe("retry-webhooks");
  });

  it("does not wait for one that does not answer: it goes on in the other line once that has come to an end", async () => {
    const endpoint = await anEndpoint();
    await happens("one");
    let release = () => {};
    answered = new Promise<void>((resolve) => {
      release = resolve;
    });
    answer = () => ({ status: 200, durationMs: 9_000 });
    await turn(endpoint);
    expect(nextLine).toBe("retry-webhooks");
    expect((next as Date | null)?.getTime()).toBe(now.getTime() + 40_000);
    expect(await deliveriesOf(endpoint)).toMatchObject([{ state: "PENDING" }]);
    // Its own line finds that it is held, and sends nothing a second time.
    await turn(endpoint);
    expect(sent).toHaveLength(1);
    release();
    await turns.settled();
    expect(await deliveriesOf(endpoint)).toMatchObject([{ state: "DELIVERED", attempts: 1 }]);
    expect([nextLine, next]).toEqual(["retry-webhooks", now]);
  });

  it("is one at a time: whoever comes meanwhile sends nothing, and takes over when the first one has died", async () => {
    const endpoint = await anEndpoint({ ordered: true });
    await happens("one", "two");
    await opened.look("UPDATE webhook_endpoint SET turn_id = gen_random_uuid(), turn_until = $2 WHERE id = $1", [
      endpoint.id,
      new Date(now.getTime() + 30_000),
    ]);
    await turn(endpoint);
    expect(sent).toEqual([]);
    expect((next as Date | null)?.getTime()).toBe(now.getTime() + 30_000);
    now = new Date(now.getTime() + 30_001);
    await turn(endpoint);
    expect(labels()).toEqual(["one", "two"]);
  });

  it("does not undo a replay that was asked for while it was on its way", async () => {
    const endpoint = await anEndpoint();
    await happens("one");
    await opened.look("UPDATE webhook_endpoint SET slow = true WHERE id = $1", [endpoint.id]);
    let release = () => {};
    answered = new Promise<void>((resolve) => {
      release = resolve;
    });
    answer = () => refusal(500);
    const taking = turn(endpoint);
    while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await opened.look("UPDATE webhook_delivery SET tries = 7, due_at = $2 WHERE endpoint_id = $1", [endpoint.id, now]);
    release();
    await taking;
    expect(await deliveriesOf(endpoint)).toMatchObject([{ state: "PENDING", tries: 7, attempts: 1, dueAt: now }]);
  });

  it("counts nothing that the process itself broke off", async () => {
    const endpoint = await anEndpoint();
    await happens("one");
    answer = () => refusal(0, { status: null, isBrokenOff: true });
    const ended = new AbortController();
    const before = turns.take(endpoint.tenantId, endpoint.id, "deliver-webhooks", ended.signal);
    ended.abort();
    await before;
    expect(await deliveriesOf(endpoint)).toMatchObject([{ state: "PENDING", attempts: 0 }]);
    expect(await rowOf(endpoint)).toMatchObject({ failures: 0, failingSince: null });
  });
});

describe("an endpoint that fails", () => {
  it("is tried by the schedule for 72 hours, and then the event is given up", async () => {
    const endpoint = await anEndpoint();
    await happens("one");
    answer = () => refusal(500);
    const begun = now.getTime();
    await timePasses(endpoint, 100 * hourMs);
    const attempts = sent.map(({ at }) => at.getTime() - begun);
    expect(attempts).toHaveLength(retryDelaysMs.length + 1);
    const planned = retryDelaysMs.map((_, index) =>
      retryDelaysMs.slice(0, index).reduce((sum, delay) => sum + delay, 0),
    );
    for (const [index, earliest] of planned.entries()) {
      expect(attempts[index]).toBeGreaterThanOrEqual(earliest);
      expect(attempts[index]).toBeLessThanOrEqual(earliest * 1.1 + 1);
    }
    expect(attempts.at(-1)).toBeGreaterThan(70 * hourMs);
    expect(await deliveriesOf(endpoint)).toMatchObject([{ state: "FAILED", attempts: 16, dueAt: null }]);
  });

  it("is sent nothing after it said that it is gone, whatever its pace", async () => {
    const endpoint = await anEndpoint({ maxPerSecond: 10 });
    await happens("one");
    answer = () => refusal(410, { isGone: true });
    await timePasses(endpoint, 48 * hourMs);
    expect(sent).toHaveLength(1);
    expect(await rowOf(endpoint)).toMatchObject({ state: "DISABLED", heldUntil: null });
  });

  it("stays paused when somebody has paused it meanwhile", async () => {
    const endpoint = await anEndpoint();
    await happens("one");
    answer = () => refusal(410, { isGone: true });
    let release = () => {};
    answered = new Promise<void>((resolve) => {
      release = resolve;
    });
    const taking = turn(endpoint);
    while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await opened.look("UPDATE webhook_endpoint SET state = 'PAUSED' WHERE id = $1", [endpoint.id]);
    release();
    await taking;
    expect(await rowOf(endpoint)).toMatchObject({ state: "PAUSED" });
  });

  it("is left alone for as long as it asks", async () => {
    const endpoint = await anEndpoint();
    await happens("one", "two");
    answer = () => refusal(429, { wishMs: 2 * hourMs });
    const begun = now.getTime();
    await timePasses(endpoint, hourMs);
    expect(sent).toHaveLength(2);
    await happens("three");
    answer = () => ({ status: 200 });
    await timePasses(endpoint, 2 * hourMs);
    expect(sent.slice(2).every(({ at }) => at.getTime() - begun >= 2 * hourMs)).toBe(true);
    expect((await deliveriesOf(endpoint)).map(({ state }) => state)).toEqual(Array(3).fill("DELIVERED"));
  });

  it("is warned of, disabled after five days, tried every hour, and goes on by itself when it is well", async () => {
    const endpoint = await anEndpoint();
    answer = () => refusal(500);
    for (let hour = 0; hour <= 120; hour += 6) {
      await happens(`hour ${hour}`);
      await timePasses(endpoint, 6 * hourMs);
    }
    expect(await told()).toEqual([...Array(3).fill("webhook_endpoint.failing"), "webhook_endpoint.disabled"]);
    expect(await rowOf(endpoint)).toMatchObject({ state: "DISABLED", problem: { providerCode: "HTTP 500" } });
    const tried = sent.length;
    await timePasses(endpoint, 24 * hourMs);
    expect(sent.length - tried).toBeGreaterThan(5);
    expect(sent.length - tried).toBeLessThanOrEqual(24);

    answer = () => ({ status: 200 });
    await happens("at last");
    await timePasses(endpoint, 13 * hourMs);
    expect(await rowOf(endpoint)).toMatchObject({ state: "ENABLED", failures: 0, failingSince: null, problem: null });
    expect((await told()).at(-1)).toBe("webhook_endpoint.recovered");
    expect(labels()).toContain("at last");
    const states = new Set((await deliveriesOf(endpoint)).map(({ state }) => state));
    expect(states).not.toContain("PENDING");
  });

  it("does not have a single bad hour held against it", async () => {
    const endpoint = await anEndpoint();
    answer = () => refusal(500);
    await happens("one");
    await timePasses(endpoint, 50 * minuteMs);
    answer = () => ({ status: 200 });
    await happens("two");
    await timePasses(endpoint, hourMs);
    expect(await told()).toEqual([]);
    expect((await deliveriesOf(endpoint)).map(({ state }) => state)).toEqual(["DELIVERED", "DELIVERED"]);
  });
});

describe("what an endpoint sees", () => {
  async function calendarEventHappens(changes: Partial<Integration>): Promise<void> {
    const owned = anIntegration({ tenantId: integration.tenantId, ownership: "USER", ownerId: "bob", ...changes });
    const calendarEvent = aCalendarEvent(aCalendar(owned), {
      title: "Surgery",
      description: "knee",
      location: "Ward 3",
    });
    await opened.save(owned);
    await opened.database.inTenant(owned.tenantId, async (tx) => {
      const cause = { actor: { kind: "USER" as const, id: "bob" }, correlationId: newId(now) };
      const data = calendarEventData(calendarEvent);
      log.record(tx, {
        type: "calendar_event.created",
        integrationId: owned.id,
        subjectId: calendarEvent.id,
        data,
        cause,
      });
    });
  }

  it("is when users are busy, and not with what; nothing of those who keep that to themselves", async () => {
    const endpoint = await anEndpoint();
    await calendarEventHappens({ visibility: "BUSY" });
    await calendarEventHappens({ visibility: "PRIVATE" });
    await calendarEventHappens({ visibility: "SHARED" });
    await timePasses(endpoint, minuteMs);
    expect(sent.map(({ message }) => (message as { data: { title: string | null } }).data.title).sort()).toEqual([
      "Surgery",
      null,
    ]);
    const busy = sent.find(({ message }) => (message as { data: { title: string | null } }).data.title === null);
    expect(busy?.message["data"]).toMatchObject({ title: null, description: null, location: null, attendees: [] });
    expect(JSON.stringify(busy?.message)).not.toMatch(/Surgery|knee|Ward/);
  });

  it("is everything with includePrivate", async () => {
    const endpoint = await anEndpoint({ includePrivate: true });
    await calendarEventHappens({ visibility: "PRIVATE" });
    await timePasses(endpoint, minuteMs);
    expect(sent).toMatchObject([{ message: { data: { title: "Surgery", location: "Ward 3" } } }]);
  });

  it("is decided again when it is sent: what is not shared any more is skipped", async () => {
    const endpoint = await anEndpoint();
    answer = () => refusal(500);
    await calendarEventHappens({ visibility: "SHARED" });
    await turn(endpoint);
    await opened.look("UPDATE integration SET visibility = 'PRIVATE' WHERE tenant_id = $1", [integration.tenantId]);
    answer = () => ({ status: 200 });
    await timePasses(endpoint, hourMs);
    expect(sent).toHaveLength(1);
    expect(await deliveriesOf(endpoint)).toMatchObject([{ state: "SKIPPED", problem: { code: "FORBIDDEN" } }]);
  });

  it("is nothing about what its maker may not read", async () => {
    const endpoint = await anEndpoint({ eventTypes: null, subjectTypes: ["JobPosting"] });
    await happens("one");
    await timePasses(endpoint, minuteMs);
    expect(sent).toEqual([]);
    expect((await rowOf(endpoint)).position).toBe("1");
  });

  it("is a gap where the log was cut off before it came to it", async () => {
    const endpoint = await anEndpoint({ ordered: true });
    await happens("lost", "kept");
    await opened.look("DELETE FROM event WHERE tenant_id = $1 AND position = 1", [integration.tenantId]);
    await opened.look("UPDATE event_head SET removed_until = 1 WHERE tenant_id = $1", [integration.tenantId]);
    await timePasses(endpoint, minuteMs);
    expect(sent.map(({ message }) => message["type"])).toEqual(["stream.gap", "integration.updated"]);
    const cursorAt = (position: number) => Buffer.from(`event:${position}`).toString("base64url");
    expect(sent[0]?.message).toMatchObject({
      data: { lostFrom: cursorAt(0), resumeAfter: cursorAt(1) },
      cursor: cursorAt(1),
    });
  });
});
