import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Calendar } from "../../src/entities/calendar.ts";
import type { InboundDelivery } from "../../src/entities/inbound-delivery.ts";
import type { Integration } from "../../src/entities/integration.ts";
import { PushChannel } from "../../src/entities/push-channel.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import { newId } from "../../src/services/id.ts";
import { Inbox } from "../../src/services/inbox.ts";
import { addRoute, hashOf } from "../../src/services/routes.ts";
import { aCalendar, anIntegration, aViewer } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const start = new Date("2026-12-01T09:00:00Z");
let now = start;
const vault = createVault(parseKeyRing(`test:${randomBytes(32).toString("base64")}`));

let opened: OpenedDatabase;
let services: Services;
let integration: Integration;
let calendar: Calendar;
let channel: PushChannel;
let token: string;

beforeAll(async () => {
  opened = await openTestDatabase();
  services = await openServices(opened, { now: () => now });
});
afterAll(async () => {
  await services.close();
  await opened.close();
});
beforeEach(async () => {
  now = start;
  integration = anIntegration({ tenantId: `tenant-${randomUUID()}`, provider: "GOOGLE_CALENDAR" });
  calendar = aCalendar(integration);
  channel = aChannel();
  token = randomUUID();
  await opened.save(integration, calendar, channel);
  await opened.database.inTenant(integration.tenantId, (tx) =>
    addRoute(tx, { token, kind: "PUSH", targetId: channel.id, expiresAt: null }),
  );
});

function aChannel(): PushChannel {
  return Object.assign(new PushChannel(), {
    tenantId: integration.tenantId,
    id: newId(now),
    integrationId: integration.id,
    calendarId: calendar.id,
    externalId: "resource",
    secretHash: hashOf("secret"),
    state: "LIVE",
    problem: null,
    expiresAt: new Date("2026-12-02T09:00:00Z"),
    grantedAt: now,
    lastMessageAt: null,
    createdAt: now,
  });
}

/** As Google tells that something in the calendar changed. */
function notify(secret = "secret", body = ""): Promise<string | null> {
  const headers = {
    "x-goog-channel-id": channel.id,
    "x-goog-channel-token": secret,
    "x-goog-resource-id": "resource",
    "x-goog-resource-state": "exists",
  };
  const inbox = new Inbox(opened.database, services.syncs, services.queue, vault, () => now);
  return inbox.receive("google-calendar", token, { headers, query: {}, body });
}

const deliveries = () =>
  opened.look<Pick<InboundDelivery, "id" | "correlationId" | "syncRunId" | "receipts">>(
    `SELECT id, correlation_id AS "correlationId", sync_run_id AS "syncRunId", state, verified, receipts, headers,
       sealed, problem, size FROM inbound_delivery WHERE tenant_id = $1 ORDER BY id`,
    [integration.tenantId],
  );
const runs = () =>
  opened.look<{ id: string; correlationId: string; causationId: string | null }>(
    `SELECT id, correlation_id AS "correlationId", causation_id AS "causationId" FROM sync_run WHERE tenant_id = $1`,
    [integration.tenantId],
  );

describe("the sync that a message asks for", () => {
  it("belongs to what the message belongs to, and knows the message", async () => {
    await notify();
    const [delivery] = await deliveries();
    expect(await runs()).toEqual([
      { id: delivery?.syncRunId, correlationId: delivery?.correlationId, causationId: delivery?.id },
    ]);
  });

  it("keeps what it belongs to when another message joins it, which then belongs to the same", async () => {
    await notify();
    const before = await runs();
    await notify();
    expect(await runs()).toEqual(before);
    const [first, second] = await deliveries();
    expect(second).toMatchObject({ correlationId: first?.correlationId, syncRunId: first?.syncRunId });
    expect(second?.id).not.toBe(first?.id);
  });

  it("keeps what it belongs to when a person had asked for it before", async () => {
    const viewer = aViewer({ tenantId: integration.tenantId, userId: integration.ownerId ?? "" });
    await services.syncs.request(viewer, integration.id, { full: false });
    const before = await runs();
    await notify();
    expect(await runs()).toEqual(before);
    expect(before).toMatchObject([{ causationId: null }]);
  });
});

describe("what a message says", () => {
  it("is kept sealed, since a vendor may write a secret there, and nothing is where there is nothing", async () => {
    await notify("secret", "the vendor's own secret");
    await notify("secret", "");
    const [told, silent] = await opened.look<{ sealed: Buffer | null; size: number; keyId: string | null }>(
      `SELECT sealed, size, key_id AS "keyId" FROM inbound_delivery WHERE tenant_id = $1 ORDER BY size DESC`,
      [integration.tenantId],
    );
    expect(told?.sealed?.toString("latin1")).not.toContain("secret");
    const bound = { tenantId: integration.tenantId, integrationId: integration.id };
    expect(vault.openBytes(told?.sealed ?? Buffer.alloc(0), bound).toString()).toBe("the vendor's own secret");
    expect(told).toMatchObject({ size: 23, keyId: vault.newestKeyId });
    expect(silent).toEqual({ sealed: null, size: 0, keyId: null });
  });
});

describe("a calendar that is told of all the time", () => {
  /** What is due is read. */
  const read = async () => {
    const begun = await opened.look(
      `WITH begun AS (
         UPDATE sync_run SET state = 'SUCCEEDED', started_at = $2 WHERE tenant_id = $1 AND state = 'QUEUED' AND id IN (
           SELECT (data->'payload'->>'syncRunId')::uuid FROM pgboss.job WHERE name = 'run-sync' AND start_after <= $2
         ) RETURNING id
       ) SELECT id FROM begun`,
      [integration.tenantId, now],
    );
    return begun.length > 0;
  };

  it("is read soon after the first message, and then no more often than every five seconds, nor much more seldom", async () => {
    const readings: number[] = [];
    for (let seconds = 0; seconds < 60; seconds += 0.5) {
      now = new Date(start.getTime() + seconds * 1000);
      if (await read()) readings.push(seconds);
      await notify();
    }
    const gaps = readings.map((at, n) => at - (readings[n - 1] ?? 0));
    expect(gaps[0]).toBeLessThanOrEqual(1.5);
    expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(5);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(9);
    expect(new Set(gaps).size).toBeGreaterThan(2);
  });

  it("is read soon again once it has been quiet", async () => {
    await notify();
    now = new Date("2026-12-01T09:00:01.500Z");
    expect(await read()).toBe(true);
    now = new Date("2026-12-01T09:00:20Z");
    await notify();
    now = new Date("2026-12-01T09:00:21.500Z");
    expect(await read()).toBe(true);
  });
});

describe("a message that nobody proved", () => {
  const refused = { code: "FORBIDDEN" };

  it("is noted without what it says, and leads to nothing", async () => {
    await expect(notify("guessed")).rejects.toMatchObject(refused);
    expect(await deliveries()).toMatchObject([
      { state: "REFUSED", verified: false, receipts: 1, sealed: null, size: null, problem: refused },
    ]);
    expect(JSON.stringify(await deliveries())).not.toContain("guessed");
    expect(await runs()).toEqual([]);
  });

  it("is counted with the others of its hour, also when they come at once", async () => {
    const many = Array.from({ length: 20 }, () => expect(notify("guessed")).rejects.toMatchObject(refused));
    await Promise.all(many);
    now = new Date("2026-12-01T09:59:59Z");
    await expect(notify("guessed")).rejects.toMatchObject(refused);
    now = new Date("2026-12-01T10:00:00Z");
    await expect(notify("guessed")).rejects.toMatchObject(refused);
    expect((await deliveries()).map(({ receipts }) => receipts)).toEqual([21, 1]);
  });

  it("is not noted where nobody lives", async () => {
    token = "nobody";
    await expect(notify("guessed")).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await deliveries()).toEqual([]);
  });
});
