import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Calendar } from "../../src/entities/calendar.ts";
import type { Integration } from "../../src/entities/integration.ts";
import { PushChannel } from "../../src/entities/push-channel.ts";
import type { SyncRun } from "../../src/entities/sync-run.ts";
import { IntegrationError } from "../../src/errors.ts";
import { HealthReports } from "../../src/services/health-reports.ts";
import { newId } from "../../src/services/id.ts";
import { Polling } from "../../src/services/polling.ts";
import { problemOf } from "../../src/services/problem.ts";
import { aCalendar, aCalendarEvent, anIntegration, aSyncRun, aViewer } from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const hourMs = 60 * 60 * 1000;
const now = new Date("2026-11-01T12:00:00Z");
const ago = (hours: number) => new Date(now.getTime() - hours * hourMs);
let opened: OpenedDatabase;
let reports: HealthReports;

beforeAll(async () => {
  opened = await openTestDatabase();
  reports = new HealthReports(opened.database, new Polling(new Map()), () => now);
});
afterAll(() => opened.close());

async function saved(changes: Partial<Integration> = {}): Promise<{ integration: Integration; calendar: Calendar }> {
  const integration = anIntegration({ tenantId: `tenant-${randomUUID()}`, provider: "GOOGLE_CALENDAR", ...changes });
  const calendar = aCalendar(integration, { lastSyncedAt: ago(1) });
  await opened.save(integration, calendar);
  return { integration, calendar };
}

async function healthOf({ tenantId, id }: Integration, viewer = aViewer({ tenantId })) {
  return (await reports.byIntegrationIds(viewer, [id])).get(id);
}

describe("how late changes are stored", () => {
  const run = (integration: Integration, lagMs: number | null, finishedAt: Date, changes: Partial<SyncRun> = {}) =>
    aSyncRun(integration, { lagMs, finishedAt, ...changes });

  it("is the median and the worst but one in a hundred of the readings of a day that stored something", async () => {
    const { integration } = await saved();
    const other = anIntegration({ tenantId: integration.tenantId });
    const hundred = Array.from({ length: 100 }, (_, index) => run(integration, (index + 1) * 1000, ago(index / 5)));
    await opened.save(
      ...hundred,
      run(integration, null, ago(1)),
      run(integration, 900_000, ago(24)),
      run(other, 800_000, ago(1)),
    );
    expect(await healthOf(integration)).toMatchObject({ lagP50Ms: 50_000, lagP99Ms: 99_000 });
  });

  it("is not known where nothing changed for a day", async () => {
    const { integration } = await saved();
    expect(await healthOf(integration)).toMatchObject({ lagP50Ms: null, lagP99Ms: null });
  });
});

describe("writes", () => {
  it("are counted as long as they are on their way, and once they were given up, with the reason of the last", async () => {
    const { integration, calendar } = await saved();
    const problem = (message: string) => problemOf(new IntegrationError("PROVIDER_REFUSED", message));
    const failed = (message: string, updatedAt: Date) =>
      aCalendarEvent(calendar, { syncState: "FAILED", problem: problem(message), updatedAt });
    await opened.save(
      aCalendarEvent(calendar),
      aCalendarEvent(calendar, { syncState: "PENDING" }),
      failed("The last", ago(1)),
      failed("An earlier one", ago(2)),
      aCalendarEvent(calendar, { syncState: "CONFLICT", problem: problem("A conflict"), updatedAt: ago(3) }),
      aCalendarEvent(calendar, { syncState: "FAILED", problem: problem("Thrown away"), deletedAt: now }),
    );
    expect(await healthOf(integration)).toMatchObject({
      level: "TROUBLED",
      writes: { pending: 1, failed: 3 },
      problem: { code: "PROVIDER_REFUSED", message: "The last", fault: "provider", since: ago(1), retriedAt: null },
    });
  });
});

describe("a reading", () => {
  it("that is tried again says why before it has failed for good", async () => {
    const { integration } = await saved();
    const problem = problemOf(new IntegrationError("PROVIDER_UNAVAILABLE", "It is down"));
    await opened.save(aSyncRun(integration, { state: "RUNNING", problem, startedAt: ago(1), finishedAt: null }));
    expect(await healthOf(integration)).toMatchObject({
      level: "TROUBLED",
      problem: { code: "PROVIDER_UNAVAILABLE", since: ago(1) },
    });
  });

  it("of one calendar counts as success too", async () => {
    const { integration } = await saved({ lastSyncedAt: ago(3) });
    expect(await healthOf(integration)).toMatchObject({ lastSuccessAt: ago(1) });
  });
});

describe("push", () => {
  it("is what the best channel of each mirrored calendar says", async () => {
    const { integration, calendar } = await saved();
    const second = aCalendar(integration, { primary: false, name: "Team", lastSyncedAt: null });
    const unwanted = aCalendar(integration, { primary: false, selected: false });
    const channel = (of: Calendar, state: PushChannel["state"], changes: Partial<PushChannel> = {}) =>
      Object.assign(new PushChannel(), {
        tenantId: of.tenantId,
        id: newId(now),
        integrationId: of.integrationId,
        calendarId: of.id,
        externalId: null,
        secretHash: "",
        state,
        problem: null,
        expiresAt: null,
        grantedAt: null,
        lastMessageAt: null,
        createdAt: ago(2),
        ...changes,
      });
    await opened.save(
      second,
      unwanted,
      channel(calendar, "LIVE", { expiresAt: ago(-5), lastMessageAt: ago(1) }),
      channel(calendar, "OPENING"),
      channel(calendar, "ENDED", { expiresAt: ago(-9), lastMessageAt: ago(1) }),
      channel(second, "REFUSED"),
    );
    const health = await healthOf(integration);
    expect(health?.freshness.calendars).toEqual([
      { calendarId: calendar.id, lastReadAt: ago(1), push: "LIVE", pushUntil: ago(-5) },
      { calendarId: second.id, lastReadAt: null, push: "REFUSED", pushUntil: null },
    ]);
  });
});

describe("whoever", () => {
  it("may know that an integration exists may see how it is, and nobody else", async () => {
    const { integration } = await saved({ visibility: "BUSY" });
    const { tenantId } = integration;
    const admin = aViewer({ tenantId, userId: "root", scopes: ["integrations:read", "tenant:admin"] });
    expect(await healthOf(integration, admin)).toMatchObject({ level: "OK" });
    expect(await healthOf(integration, aViewer({ tenantId, userId: "bob" }))).toBeUndefined();
    expect(await healthOf(integration, aViewer({ tenantId: "globex" }))).toBeUndefined();
    await expect(healthOf(integration, aViewer({ tenantId, scopes: ["calendar:read"] }))).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });
});
