import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Integration } from "../../src/entities/integration.ts";
import { nextTurn } from "../../src/services/night.ts";
import { Polling } from "../../src/services/polling.ts";
import { Syncs } from "../../src/services/syncs.ts";
import { anIntegration } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const hourMs = 60 * 60 * 1000;
const now = new Date("2026-11-01T03:00:00Z");
const ago = (ms: number) => new Date(now.getTime() - ms);
let opened: OpenedDatabase;
let services: Services;

beforeAll(async () => {
  opened = await openTestDatabase();
  services = await openServices(opened, { now: () => now });
});
afterAll(async () => {
  await services.close();
  await opened.close();
});

async function saved(changes: Partial<Integration> = {}): Promise<Integration> {
  const integration = anIntegration({
    tenantId: `tenant-${randomUUID()}`,
    lastComparedAt: ago(24 * hourMs),
    ...changes,
  });
  await opened.save(integration);
  return integration;
}

const runsOf = ({ id }: Integration) =>
  opened.look(`SELECT trigger, "full", state FROM sync_run WHERE integration_id = $1`, [id]);
const turnsOf = async ({ id }: Integration) =>
  (
    await opened.look<{ startAt: Date }>(
      `SELECT start_after AS "startAt" FROM pgboss.job WHERE name = 'reconcile' AND singleton_key = $1 AND state = 'created'`,
      [id],
    )
  ).map(({ startAt }) => startAt);
const nextOf = ({ id }: Integration) => nextTurn({ fromHour: 0, toHour: 6 }, id, now);

describe("the nightly comparison", () => {
  it("asks for one full sync, and for the next night's", async () => {
    const integration = await saved();
    await services.syncs.requestReconcile(integration.tenantId, integration.id);
    await services.syncs.requestReconcile(integration.tenantId, integration.id);
    expect(await runsOf(integration)).toEqual([{ trigger: "RECONCILE", full: true, state: "QUEUED" }]);
    expect(await turnsOf(integration)).toEqual([nextOf(integration)]);
  });

  it("makes a sync that waits already a full one", async () => {
    const integration = await saved();
    await services.syncs.requestScheduled(integration.tenantId, integration.id);
    expect(await runsOf(integration)).toEqual([{ trigger: "SCHEDULE", full: false, state: "QUEUED" }]);
    await services.syncs.requestReconcile(integration.tenantId, integration.id);
    expect(await runsOf(integration)).toEqual([{ trigger: "SCHEDULE", full: true, state: "QUEUED" }]);
  });

  it("waits for the next night where everything was compared lately", async () => {
    const integration = await saved({ lastComparedAt: ago(11 * hourMs) });
    await services.syncs.requestReconcile(integration.tenantId, integration.id);
    expect(await runsOf(integration)).toEqual([]);
    expect(await turnsOf(integration)).toEqual([nextOf(integration)]);
  });

  it.each(["CONNECTING", "NEEDS_REAUTH", "DISCONNECTED"] as const)(
    "ends while an integration is %s",
    async (status) => {
      const integration = await saved({ status });
      await services.syncs.requestReconcile(integration.tenantId, integration.id);
      expect(await runsOf(integration)).toEqual([]);
      expect(await turnsOf(integration)).toEqual([]);
    },
  );

  it("is not done at all where the operator wants none", async () => {
    const integration = await saved();
    const syncs = new Syncs(opened.database, services.queue, services.log, () => now, null, new Polling(new Map()));
    await opened.database.inTenant(integration.tenantId, (tx) => syncs.scheduleReconcile(tx, integration));
    await syncs.requestReconcile(integration.tenantId, integration.id);
    expect(await runsOf(integration)).toEqual([]);
    expect(await turnsOf(integration)).toEqual([]);
  });
});
