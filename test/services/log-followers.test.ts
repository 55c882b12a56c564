import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebhookEndpoint } from "../../src/entities/webhook-endpoint.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault } from "../../src/security/vault.ts";
import { resumeDeliveries } from "../../src/services/delivery-tasks.ts";
import { noteFollowed } from "../../src/services/delivery-turns.ts";
import { openSecrets } from "../../src/services/endpoint-secrets.ts";
import { KeyRotation } from "../../src/services/key-rotation.ts";
import { LogFollowers } from "../../src/services/log-followers.ts";
import { aCause, anIntegration, anUpdate, aWebhookDelivery, aWebhookEndpoint } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const aKey = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [older, newer] = [aKey("old"), aKey("new")];
const vault = createVault(parseKeyRing(older));
const dayMs = 24 * 60 * 60 * 1000;

let opened: OpenedDatabase;
let services: Services;
let now = new Date("2026-11-01T09:00:00Z");
let tenantId: string;
let asked: { name: string; key: string; startAt: Date | undefined }[];
let followers: LogFollowers;

beforeAll(async () => {
  opened = await openTestDatabase();
  services = await openServices(opened, { now: () => now, retentionDays: 30, encryptionKeys: older });
});
afterAll(async () => {
  await services.close();
  await opened.close();
});
beforeEach(() => {
  tenantId = `tenant-${randomUUID()}`;
  asked = [];
  const note = async (name: string, { key, startAt }: { key: string; startAt?: Date }) => {
    asked.push({ name, key, startAt });
  };
  followers = new LogFollowers(
    opened.database,
    {
      enqueueAlone: (name: string, _payload: unknown, options: { key: string; startAt?: Date }) => note(name, options),
      reschedule: (_tx: unknown, name: string, _payload: unknown, options: { key: string; startAt?: Date }) =>
        note(name, options),
    },
    () => now,
  );
});

/** Something happens to an integration of the tenant. */
async function happens(): Promise<void> {
  const integration = anIntegration({ tenantId, ownership: "TENANT" });
  await opened.save(integration);
  await opened.database.inTenant(tenantId, async (tx) => {
    services.log.record(tx, anUpdate(integration, { cause: aCause() }));
  });
}

async function anEndpoint(changes: Partial<WebhookEndpoint> = {}): Promise<WebhookEndpoint> {
  const endpoint = aWebhookEndpoint(tenantId, vault, changes);
  await opened.save(endpoint);
  await opened.database.inTenant(tenantId, noteFollowed);
  return endpoint;
}

describe("whoever follows a log", () => {
  it("is served when it has grown, in the line that it is in, and not when it is paused or has all of it", async () => {
    await happens();
    const [well, failing] = [await anEndpoint(), await anEndpoint({ failures: 2, away: true })];
    await anEndpoint({ state: "PAUSED" });
    await anEndpoint({ position: "1" });
    await followers.follow(tenantId);
    expect(asked.map(({ name, key }) => ({ name, key }))).toEqual([
      { name: "deliver-webhooks", key: well.id },
      { name: "retry-webhooks", key: failing.id },
    ]);
  });

  it("is asked for once, however often the log grows in a moment", async () => {
    for (let time = 0; time < 100; time += 1) followers.logHasGrown(tenantId);
    await followers.settled();
    expect(asked.length).toBeLessThanOrEqual(2);
    expect(asked[0]).toMatchObject({ name: "follow-log", key: tenantId });
  });

  it("is found by a look at all tenants, when whoever wrote died before it could ask", async () => {
    await anEndpoint();
    await followers.followAll();
    expect(asked.some(({ key }) => key === tenantId)).toBe(false);
    await happens();
    asked = [];
    await followers.followAll();
    expect(asked).toContainEqual(expect.objectContaining({ name: "follow-log", key: tenantId }));
    expect(asked.at(-1)).toEqual({ name: "follow-logs", key: "all", startAt: new Date(now.getTime() + 10_000) });
  });

  it("goes on after tasks were lost", async () => {
    await happens();
    const behind = await anEndpoint();
    const waiting = await anEndpoint({ position: "1" });
    await opened.save(aWebhookDelivery(waiting, { state: "PENDING", dueAt: now }));
    await anEndpoint({ position: "1" });
    const resumed: string[] = [];
    const queue = {
      enqueue: async (_tx: unknown, _name: string, _payload: unknown, { key }: { key: string }) => {
        resumed.push(key);
      },
    };
    await opened.database.inTenant(tenantId, (tx) => resumeDeliveries(queue, tx));
    expect(resumed.sort()).toEqual([behind.id, waiting.id].sort());
  });
});

describe("the house", () => {
  it("forgets what was sent together with its event, and not what is still to be sent", async () => {
    await happens();
    const endpoint = await anEndpoint({ state: "PAUSED" });
    const [sent, toSend] = [aWebhookDelivery(endpoint), aWebhookDelivery(endpoint, { state: "PENDING" })];
    await opened.save(sent, toSend);
    now = new Date(now.getTime() + 31 * dayMs);
    await happens();
    const later = aWebhookDelivery(endpoint, { position: "2", createdAt: now });
    await opened.save(later);
    await services.housekeeping.keep(tenantId);
    const left = await opened.look<{ id: string }>("SELECT id FROM webhook_delivery WHERE tenant_id = $1 ORDER BY id", [
      tenantId,
    ]);
    expect(left.map(({ id }) => id)).toEqual([toSend.id, later.id].sort());
  });

  it("seals endpoints' secrets again under the newest key", async () => {
    const endpoint = await anEndpoint();
    const both = createVault(parseKeyRing(`${newer},${older}`));
    expect(await new KeyRotation(opened.database, both).resealTenant(tenantId)).toBe(1);
    const [row] = await opened.look<{ sealed: Buffer }>("SELECT sealed FROM webhook_endpoint WHERE id = $1", [
      endpoint.id,
    ]);
    const fresh = createVault(parseKeyRing(newer));
    expect(openSecrets(fresh, endpoint, row?.sealed ?? Buffer.alloc(0))).toEqual(
      openSecrets(vault, endpoint, endpoint.sealed),
    );
  });
});
