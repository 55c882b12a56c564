import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Integration } from "../../src/entities/integration.ts";
import { PushChannel } from "../../src/entities/push-channel.ts";
import { IntegrationError } from "../../src/errors.ts";
import { newId } from "../../src/services/id.ts";
import { problemOf } from "../../src/services/problem.ts";
import { aCalendar, anIntegration, aSyncRun, aViewer } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const secondMs = 1000;
const hourMs = 3_600_000;
const now = new Date("2026-11-02T15:00:00Z");
const at = (ms: number) => new Date(now.getTime() + ms);

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
  const integration = anIntegration({ tenantId: `tenant-${randomUUID()}`, nextSyncAt: at(300 * secondMs), ...changes });
  await opened.save(integration);
  return integration;
}

const noteActivity = ({ tenantId, id }: Integration) =>
  opened.database.inTenant(tenantId, (tx) => services.syncs.noteActivity(tx, [id]));

async function turnOf({ id }: Integration) {
  const [row] = await opened.look(
    `SELECT active_at AS "activeAt", next_sync_at AS "nextSyncAt" FROM integration WHERE id = $1`,
    [id],
  );
  return row;
}
const waitingTurns = async ({ id }: Integration) =>
  (
    await opened.look<{ startAt: Date }>(
      `SELECT start_after AS "startAt" FROM pgboss.job WHERE name = 'schedule-sync' AND singleton_key = $1 AND state = 'created'`,
      [id],
    )
  ).map(({ startAt }) => startAt);

describe("what happens in an integration", () => {
  it("brings its next turn forward, and is the reason that later ones come as soon", async () => {
    const integration = await saved();
    await noteActivity(integration);
    expect(await turnOf(integration)).toEqual({ activeAt: now, nextSyncAt: at(30 * secondMs) });
    expect(await waitingTurns(integration)).toEqual([at(30 * secondMs)]);
    await services.syncs.requestScheduled(integration.tenantId, integration.id);
    expect(await turnOf(integration)).toMatchObject({ nextSyncAt: at(30 * secondMs) });
  });

  it("puts off no turn that comes sooner", async () => {
    const integration = await saved({ nextSyncAt: at(10 * secondMs) });
    await noteActivity(integration);
    expect(await turnOf(integration)).toEqual({ activeAt: now, nextSyncAt: at(10 * secondMs) });
    expect(await waitingTurns(integration)).toEqual([]);
  });

  it("is noted once a minute at most", async () => {
    const activeAt = at(-59 * secondMs);
    const integration = await saved({ activeAt });
    await noteActivity(integration);
    expect(await turnOf(integration)).toEqual({ activeAt, nextSyncAt: at(300 * secondMs) });
  });

  it("changes nothing about an interval that somebody chose", async () => {
    const integration = await saved({ syncIntervalSeconds: 600 });
    await noteActivity(integration);
    expect(await turnOf(integration)).toEqual({ activeAt: now, nextSyncAt: at(300 * secondMs) });
  });

  it("neither hastens nor puts off the turn of one whose vendor tells of changes", async () => {
    const integration = await saved({ provider: "GOOGLE_CALENDAR", nextSyncAt: at(hourMs) });
    const calendar = aCalendar(integration);
    const channel = Object.assign(new PushChannel(), {
      tenantId: integration.tenantId,
      id: newId(now),
      integrationId: integration.id,
      calendarId: calendar.id,
      externalId: "channel",
      secretHash: "hash",
      state: "LIVE",
      problem: null,
      expiresAt: at(24 * hourMs),
      grantedAt: at(-hourMs),
      lastMessageAt: at(-hourMs),
      createdAt: at(-hourMs),
    });
    await opened.save(calendar, channel);
    await noteActivity(integration);
    expect(await turnOf(integration)).toEqual({ activeAt: now, nextSyncAt: at(hourMs) });
  });

  it.each(["NEEDS_REAUTH", "DISCONNECTED", "CONNECTING"] as const)(
    "wakes up none that is not read: %s",
    async (status) => {
      const integration = await saved({ status, nextSyncAt: null });
      await noteActivity(integration);
      expect(await turnOf(integration)).toEqual({ activeAt: null, nextSyncAt: null });
    },
  );

  it("waits for nobody who holds the integration", async () => {
    const integration = await saved();
    await opened.dataSource.transaction(async (somebody) => {
      await somebody.query("SELECT FROM integration WHERE id = $1 FOR UPDATE", [integration.id]);
      await noteActivity(integration);
    });
    expect(await turnOf(integration)).toMatchObject({ activeAt: null });
  });

  it("is somebody else's business in another tenant", async () => {
    const integration = await saved();
    await opened.database.inTenant("another", (tx) => services.syncs.noteActivity(tx, [integration.id]));
    expect(await turnOf(integration)).toMatchObject({ activeAt: null });
  });
});

describe("a turn of the schedule", () => {
  const problem = problemOf(new IntegrationError("PROVIDER_UNAVAILABLE", "It is down"));
  const statesOf = async ({ id }: Integration) =>
    (await opened.look("SELECT state FROM sync_run WHERE integration_id = $1 ORDER BY id", [id])).map(
      ({ state }) => state,
    );

  it.each([
    ["leaves it to a sync that failed and is tried again", { problem }, ["RUNNING"]],
    ["does not count on one that is at work", {}, ["RUNNING", "QUEUED"]],
    ["does not count on one that is over", { problem, state: "FAILED" }, ["FAILED", "QUEUED"]],
  ] as const)("%s", async (_, changes, states) => {
    const integration = await saved();
    await opened.save(aSyncRun(integration, { id: newId(at(-hourMs)), state: "RUNNING", ...changes }));
    await services.syncs.requestScheduled(integration.tenantId, integration.id);
    expect(await statesOf(integration)).toEqual(states);
    expect(await waitingTurns(integration)).toHaveLength(1);
  });

  it("does not count on one of a single calendar", async () => {
    const integration = await saved();
    const calendar = aCalendar(integration);
    const run = aSyncRun(integration, { id: newId(at(-hourMs)), state: "RUNNING", problem, calendarId: calendar.id });
    await opened.save(calendar, run);
    await services.syncs.requestScheduled(integration.tenantId, integration.id);
    expect(await statesOf(integration)).toEqual(["RUNNING", "QUEUED"]);
  });
});

describe("a sync that a person asks for", () => {
  const runsOf = ({ id }: Integration) =>
    opened.look(`SELECT trigger, requested_by AS "requestedBy", "full" FROM sync_run WHERE integration_id = $1`, [id]);

  it("makes the schedule's that waits already this person's, so that it passes over nothing", async () => {
    const integration = await saved();
    const viewer = aViewer({ tenantId: integration.tenantId });
    await services.syncs.requestScheduled(integration.tenantId, integration.id);
    const run = await services.syncs.request(viewer, integration.id, { full: false });
    expect(run).toMatchObject({ trigger: "MANUAL", requestedBy: viewer.userId });
    await services.syncs.requestScheduled(integration.tenantId, integration.id);
    expect(await runsOf(integration)).toEqual([{ trigger: "MANUAL", requestedBy: viewer.userId, full: false }]);
  });

  it("counts as use", async () => {
    const integration = await saved();
    await services.syncs.request(aViewer({ tenantId: integration.tenantId }), integration.id, { full: false });
    expect(await turnOf(integration)).toEqual({ activeAt: now, nextSyncAt: at(30 * secondMs) });
  });
});
