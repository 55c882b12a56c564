import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Calendar } from "../../src/entities/calendar.ts";
import { CalendarEvent } from "../../src/entities/calendar-event.ts";
import { Integration } from "../../src/entities/integration.ts";
import { JobFeedFetch } from "../../src/entities/job-feed-fetch.ts";
import { SyncRun } from "../../src/entities/sync-run.ts";
import { Tenant } from "../../src/entities/tenant.ts";
import { readAfter, readHead } from "../../src/events/event-log.ts";
import { createExpander, type Expander } from "../../src/recurrence/expand.ts";
import { Housekeeping } from "../../src/services/housekeeping.ts";
import { Idempotency } from "../../src/services/idempotency.ts";
import { Occurrences } from "../../src/services/occurrences.ts";
import {
  aCalendar,
  aCalendarEvent,
  aCause,
  anIntegration,
  anOccurrence,
  anUpdate,
  aSyncRun,
  aViewer,
  inBerlin,
} from "../support/builders.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const start = new Date("2026-11-01T09:00:00Z");
let now = start;
let opened: OpenedDatabase;
let services: Services;

beforeAll(async () => {
  opened = await openTestDatabase();
  services = await openServices(opened, { now: () => now, retentionDays: 30 });
});
beforeEach(() => {
  now = start;
});
afterAll(async () => {
  await services.close();
  await opened.close();
});

const at = (ms: number) => new Date(start.getTime() + ms);
const aTenantId = () => `tenant-${randomUUID()}`;
const clock = () => now;

function inTenant<T>(tenantId: string, work: Parameters<typeof opened.database.inTenant<T>>[1]): Promise<T> {
  return opened.database.inTenant(tenantId, work);
}

interface WaitingTask {
  readonly name: string;
  readonly key: string;
  readonly startAt: Date;
}
function waitingFor(key: string): Promise<WaitingTask[]> {
  return opened.look(
    `SELECT name, singleton_key AS key, start_after AS "startAt" FROM pgboss.job
     WHERE singleton_key = $1 AND state = 'created' ORDER BY name`,
    [key],
  );
}
const namesOf = (tasks: readonly WaitingTask[]) => tasks.map(({ name }) => name);

describe("keeping a tenant's house", () => {
  it("removes events past their retention, and says in the log's head how far", async () => {
    const integration = anIntegration({ tenantId: aTenantId() });
    const { tenantId } = integration;
    const write = (...subjects: string[]) =>
      inTenant(tenantId, async (tx) => {
        for (const subjectId of subjects) services.log.record(tx, anUpdate(integration, { subjectId }));
      });
    const state = () =>
      inTenant(tenantId, async (tx) => ({
        left: (await readAfter(tx, 0n, 100)).map(({ subjectId }) => subjectId),
        head: await readHead(tx),
      }));
    await write("first", "second");
    now = at(10 * dayMs);
    await write("third");

    now = at(30 * dayMs);
    await services.housekeeping.keep(tenantId);
    expect(await state()).toEqual({ left: ["first", "second", "third"], head: { position: 3n, removedUntil: 0n } });

    now = at(30 * dayMs + 1);
    await services.housekeeping.keep(tenantId);
    await services.housekeeping.keep(tenantId);
    expect(await state()).toEqual({ left: ["third"], head: { position: 3n, removedUntil: 2n } });

    now = at(50 * dayMs);
    await services.housekeeping.keep(tenantId);
    expect(await state()).toEqual({ left: [], head: { position: 3n, removedUntil: 3n } });
    await write("fourth");
    expect((await state()).head).toEqual({ position: 4n, removedUntil: 3n });
  });

  it("touches no other tenant's log", async () => {
    const [mine, other] = [anIntegration({ tenantId: aTenantId() }), anIntegration({ tenantId: aTenantId() })];
    for (const integration of [mine, other]) {
      await inTenant(integration.tenantId, async (tx) => services.log.record(tx, anUpdate(integration)));
    }
    now = at(31 * dayMs);
    await services.housekeeping.keep(mine.tenantId);
    expect(await inTenant(mine.tenantId, (tx) => readAfter(tx, 0n, 10))).toHaveLength(0);
    expect(await inTenant(other.tenantId, (tx) => readAfter(tx, 0n, 10))).toHaveLength(1);
  });

  it("does not get in the way of those who write events at the same time, nor they in its", async () => {
    const integrations = Array.from({ length: 4 }, () => anIntegration({ tenantId: "busy", nextSyncAt: null }));
    await opened.save(...integrations);
    const tenantId = "busy";
    const write = (integration: Integration) =>
      inTenant(tenantId, async (tx) => {
        await tx.query("UPDATE integration SET label = 'x' WHERE id = $1", [integration.id]);
        services.log.record(tx, anUpdate(integration));
      });
    now = at(0);
    await Promise.all(integrations.map(write));
    now = at(31 * dayMs);
    const turns = Array.from({ length: 10 }, async () => {
      await Promise.all([services.housekeeping.keep(tenantId), ...integrations.map(write)]);
      now = new Date(now.getTime() + 2 * dayMs);
    });
    await expect(Promise.all(turns)).resolves.toHaveLength(10);
  });

  it("removes tombstones and syncs after thirty days, and keys and syncs that had nothing to read after one", async () => {
    const integration = anIntegration({ tenantId: aTenantId() });
    const { tenantId } = integration;
    const calendar = aCalendar(integration);
    const event = (title: string, deletedAt: Date | null) => aCalendarEvent(calendar, { title, deletedAt });
    const run = (finishedAt: Date | null) =>
      aSyncRun(integration, { finishedAt, state: finishedAt ? "FAILED" : "RUNNING" });
    const [oldRun, newRun, openRun] = [run(start), run(at(dayMs)), run(null)];
    const quiet = (finishedAt: Date) => aSyncRun(integration, { finishedAt, announced: false });
    const [oldQuietRun, newQuietRun] = [quiet(at(29 * dayMs)), quiet(at(29 * dayMs + 2))];
    await opened.save(
      integration,
      calendar,
      event("old tombstone", start),
      event("new tombstone", at(dayMs)),
      event("there", null),
      oldRun,
      newRun,
      openRun,
      oldQuietRun,
      newQuietRun,
    );
    const idempotency = new Idempotency(opened.database, (text) => [text], clock);
    const viewer = aViewer({ tenantId });
    const call = (key: string) => ({ mutation: "createThing", key, input: {} });
    await idempotency.once(viewer, call("old"), async (id) => id);
    now = at(30 * dayMs);
    await idempotency.once(viewer, call("new"), async (id) => id);

    now = at(30 * dayMs + 1);
    await services.housekeeping.keep(tenantId);
    const left = await inTenant(tenantId, async (tx) => ({
      titles: (await tx.manager.find(CalendarEvent)).map(({ title }) => title).sort(),
      runs: (await tx.manager.find(SyncRun, { where: { trigger: "MANUAL" } })).map(({ id }) => id).sort(),
      keys: (await tx.query("SELECT key FROM idempotency_key")).map(({ key }) => key),
    }));
    expect(left).toEqual({
      titles: ["new tombstone", "there"],
      runs: [newRun.id, openRun.id, newQuietRun.id].sort(),
      keys: ["new"],
    });
  });

  it("removes a sync that a disconnection cancelled before it began", async () => {
    const integration = anIntegration({ tenantId: aTenantId() });
    const { tenantId, id } = integration;
    await opened.save(integration);
    const run = await inTenant(tenantId, (tx) =>
      services.syncs.enqueue(tx, integration, { trigger: "MANUAL", requestedBy: "ada", full: false }),
    );
    await services.disconnecting.disconnect(aViewer({ tenantId }), id, aCause());
    const [cancelled] = await inTenant(tenantId, (tx) => tx.manager.findBy(SyncRun, { tenantId, id: run.id }));
    expect(cancelled).toMatchObject({ state: "CANCELLED", finishedAt: start });
    now = at(30 * dayMs + 1);
    await services.housekeeping.keep(tenantId);
    expect(await inTenant(tenantId, (tx) => tx.manager.findBy(SyncRun, { tenantId, id: run.id }))).toEqual([]);
  });

  it.each([
    { name: "has no next turn", status: "ACTIVE", nextSyncAt: null, restarted: true },
    { name: "is more than an hour late", status: "ACTIVE", nextSyncAt: at(-hourMs - 1), restarted: true },
    {
      name: "is more than an hour late and degraded",
      status: "DEGRADED",
      nextSyncAt: at(-2 * hourMs),
      restarted: true,
    },
    { name: "is a little late", status: "ACTIVE", nextSyncAt: at(-hourMs), restarted: false },
    { name: "is to come", status: "ACTIVE", nextSyncAt: at(hourMs), restarted: false },
    { name: "waits for a person", status: "NEEDS_REAUTH", nextSyncAt: null, restarted: false },
    { name: "was disconnected", status: "DISCONNECTED", nextSyncAt: null, restarted: false },
  ] as const)(
    "restarts a schedule that is lost ($restarted) when it $name",
    async ({ status, nextSyncAt, restarted }) => {
      const integration = anIntegration({ tenantId: aTenantId(), status, nextSyncAt, syncIntervalSeconds: 600 });
      const { tenantId, id } = integration;
      await opened.save(integration);
      await services.housekeeping.keep(tenantId);
      const stored = await inTenant(tenantId, (tx) => tx.manager.findOneByOrFail(Integration, { tenantId, id }));
      const isLive = status === "ACTIVE" || status === "DEGRADED";
      const next = at(600 * 1000);
      expect(stored.nextSyncAt).toEqual(restarted ? next : nextSyncAt);
      const waiting = await waitingFor(id);
      expect(namesOf(waiting)).toEqual([
        ...(isLive ? ["extend-occurrences", "reconcile"] : []),
        ...(restarted ? ["schedule-sync"] : []),
      ]);
      if (restarted) expect(waiting.at(-1)?.startAt).toEqual(next);
    },
  );

  it("is harmless twice: what waits already is not joined by another", async () => {
    const integration = anIntegration({ tenantId: aTenantId() });
    await opened.save(integration);
    await services.housekeeping.keep(integration.tenantId);
    await services.housekeeping.keep(integration.tenantId);
    expect(namesOf(await waitingFor(integration.id))).toEqual(["extend-occurrences", "reconcile", "schedule-sync"]);
  });
});

describe("keeping every tenant's house", () => {
  it("asks for each tenant's once, and for its own next turn a day later", async () => {
    const tenants = [aTenantId(), aTenantId()];
    await opened.save(...tenants.map((tenantId) => Object.assign(new Tenant(), { tenantId, createdAt: start })));
    await services.housekeeping.start(start);
    await opened.look("UPDATE pgboss.job SET state = 'active' WHERE name = 'keep-houses'");
    await services.housekeeping.keepAll();
    await services.housekeeping.keepAll();
    for (const tenantId of tenants) expect(namesOf(await waitingFor(tenantId))).toEqual(["keep-house"]);
    expect(await waitingFor("all")).toEqual([{ name: "keep-houses", key: "all", startAt: at(dayMs) }]);
  });
});

describe("purging a disconnected integration", () => {
  async function aDisconnectedOne(): Promise<{ integration: Integration; calendar: Calendar }> {
    const integration = anIntegration({ tenantId: aTenantId() });
    const calendar = aCalendar(integration);
    const event = aCalendarEvent(calendar);
    integration.defaultCalendarId = calendar.id;
    await opened.save(integration, calendar, event, anOccurrence(event), aFetch(integration));
    const viewer = aViewer({ tenantId: integration.tenantId });
    await services.disconnecting.disconnect(viewer, integration.id, aCause());
    return { integration, calendar };
  }

  function aFetch({ tenantId, id: integrationId }: Integration): JobFeedFetch {
    const reader = { dialect: "indeed", userAgent: "Robot", etag: "x", jobs: 1, fetches: 1 };
    const fetchedAt = { firstFetchedAt: start, lastFetchedAt: start };
    return Object.assign(new JobFeedFetch(), { tenantId, integrationId, ...reader, ...fetchedAt });
  }

  function whatIsLeft(tenantId: string) {
    return inTenant(tenantId, async (tx) => {
      const tables = ["calendar", "calendar_event", "calendar_occurrence", "job_feed_fetch", "integration"];
      const counts: Record<string, unknown> = {};
      for (const table of tables) {
        const [row] = await tx.query(`SELECT count(*)::int AS count FROM ${table}`);
        counts[table] = row?.["count"];
      }
      return counts;
    });
  }
  const whole = { calendar: 1, calendar_event: 1, calendar_occurrence: 1, job_feed_fetch: 1, integration: 1 };
  const purged = { calendar: 0, calendar_event: 0, calendar_occurrence: 0, job_feed_fetch: 0, integration: 1 };

  it("is asked for a day after the disconnection, and removes what was mirrored, not the integration", async () => {
    const { integration } = await aDisconnectedOne();
    const { tenantId, id } = integration;
    expect(await waitingFor(id)).toContainEqual({ name: "purge-integration", key: id, startAt: at(dayMs) });
    now = at(dayMs);
    await services.housekeeping.purge(tenantId, id);
    await services.housekeeping.purge(tenantId, id);
    expect(await whatIsLeft(tenantId)).toEqual(purged);
    const stored = await inTenant(tenantId, (tx) => tx.manager.findOneByOrFail(Integration, { tenantId, id }));
    expect(stored).toMatchObject({ status: "DISCONNECTED", defaultCalendarId: null });
  });

  it("removes nothing when it was connected again", async () => {
    const { integration } = await aDisconnectedOne();
    const { tenantId, id } = integration;
    await inTenant(tenantId, (tx) => tx.query("UPDATE integration SET status = 'ACTIVE', disconnected_at = NULL"));
    now = at(dayMs);
    await services.housekeeping.purge(tenantId, id);
    expect(await whatIsLeft(tenantId)).toEqual(whole);
  });

  it("waits for a whole day again when it was connected and disconnected in between", async () => {
    const { integration } = await aDisconnectedOne();
    const { tenantId, id } = integration;
    await inTenant(tenantId, (tx) => tx.query("UPDATE integration SET status = 'ACTIVE', disconnected_at = NULL"));
    now = at(20 * hourMs);
    await services.disconnecting.disconnect(aViewer({ tenantId }), id, aCause());
    // The first task still waited, so the second was dropped; the first has begun.
    await opened.look("UPDATE pgboss.job SET state = 'active' WHERE singleton_key = $1", [id]);
    now = at(dayMs);
    await services.housekeeping.purge(tenantId, id);
    expect(await whatIsLeft(tenantId)).toEqual(whole);
    expect(await waitingFor(id)).toContainEqual({
      name: "purge-integration",
      key: id,
      startAt: at(dayMs + 20 * hourMs),
    });
    now = at(dayMs + 20 * hourMs);
    await services.housekeeping.purge(tenantId, id);
    expect(await whatIsLeft(tenantId)).toEqual(purged);
  });

  it("touches no other integration", async () => {
    const { integration } = await aDisconnectedOne();
    const other = anIntegration({ tenantId: integration.tenantId });
    const calendar = aCalendar(other);
    await opened.save(other, calendar, aCalendarEvent(calendar));
    now = at(dayMs);
    await services.housekeeping.purge(integration.tenantId, integration.id);
    expect(await whatIsLeft(integration.tenantId)).toMatchObject({ calendar: 1, calendar_event: 1, integration: 2 });
  });
});

describe("moving the stored window on", () => {
  /** A weekly series without an end, with one occurrence that was moved to the evening, and a single. */
  async function aCalendarWithASeries(changes: Partial<CalendarEvent> = {}) {
    const integration = anIntegration({ tenantId: aTenantId() });
    const { tenantId } = integration;
    const calendar = aCalendar(integration);
    const series = aCalendarEvent(calendar, {
      kind: "SERIES",
      title: "Weekly",
      recurrence: ["RRULE:FREQ=WEEKLY"],
      ...changes,
    });
    const moved = aCalendarEvent(calendar, {
      kind: "OCCURRENCE",
      title: "Weekly, moved",
      seriesId: series.id,
      recurrenceKey: "20261215T090000Z",
      externalId: series.externalId,
      start: inBerlin("2026-12-15T18:00:00"),
      end: inBerlin("2026-12-15T18:45:00"),
    });
    const single = aCalendarEvent(calendar, { title: "Once", start: inBerlin("2026-12-02T10:00:00") });
    const startAt = new Date("2026-12-02T09:00:00Z");
    const once = anOccurrence(single, { startAt, endAt: new Date("2026-12-02T09:45:00Z") });
    await opened.save(integration, calendar, series, moved, single, once);
    await services.housekeeping.extend(tenantId, integration.id);
    return { integration, tenantId, calendar, series, moved };
  }

  async function shown(tenantId: string, from: string, to: string) {
    const filter = { from: new Date(from), to: new Date(to) };
    const page = await services.calendarEvents.list(aViewer({ tenantId }), filter, { first: 200, after: null });
    return page.edges.map(({ node }) => node);
  }

  const storedKeys = async (tenantId: string, eventId: string) =>
    (
      await inTenant(tenantId, (tx) =>
        tx.query<{ key: string }>(
          "SELECT recurrence_key AS key FROM calendar_occurrence WHERE event_id = $1 ORDER BY start_at",
          [eventId],
        ),
      )
    ).map(({ key }) => key);

  const rowsOf = (tenantId: string) =>
    inTenant(tenantId, (tx) => tx.manager.find(CalendarEvent, { order: { id: "ASC" } }));

  it("stores what happens up to two years ahead, changed occurrences in their places", async () => {
    const { tenantId, series } = await aCalendarWithASeries();
    const december = await shown(tenantId, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
    expect(december.map(({ title, start: { kind, ...time } }) => [title, "local" in time ? time.local : kind])).toEqual(
      [
        ["Weekly", "2026-12-01T10:00:00"],
        ["Once", "2026-12-02T10:00:00"],
        ["Weekly", "2026-12-08T10:00:00"],
        ["Weekly, moved", "2026-12-15T18:00:00"],
        ["Weekly", "2026-12-22T10:00:00"],
        ["Weekly", "2026-12-29T10:00:00"],
      ],
    );
    const keys = await storedKeys(tenantId, series.id);
    expect([keys[0], keys.at(-1)]).toEqual(["20261201T090000Z", "20281031T090000Z"]);
  });

  it("stores what has come into the window since, and changes nothing that is visible", async () => {
    const { integration, tenantId, series } = await aCalendarWithASeries();
    const window = ["2026-11-15T00:00:00Z", "2027-11-01T00:00:00Z"] as const;
    const before = { shown: await shown(tenantId, ...window), rows: await rowsOf(tenantId) };
    now = at(60 * dayMs);
    await services.housekeeping.extend(tenantId, integration.id);
    await services.housekeeping.extend(tenantId, integration.id);
    expect({ shown: await shown(tenantId, ...window), rows: await rowsOf(tenantId) }).toEqual(before);
    expect((await storedKeys(tenantId, series.id)).at(-1)).toBe("20281226T090000Z");
    expect(before.shown.length).toBeGreaterThan(45);
  });

  it("stores every day of a series that has gone on for years", async () => {
    const { tenantId, series } = await aCalendarWithASeries({
      start: inBerlin("2020-01-01T10:00:00"),
      end: inBerlin("2020-01-01T10:15:00"),
      recurrence: ["RRULE:FREQ=DAILY"],
    });
    const keys = await storedKeys(tenantId, series.id);
    expect([keys[0]?.slice(0, 8), keys.at(-1)?.slice(0, 8), keys.length]).toEqual(["20251101", "20281031", 1096]);
  });

  it("announces nothing", async () => {
    const { integration, tenantId } = await aCalendarWithASeries();
    now = at(60 * dayMs);
    await services.housekeeping.extend(tenantId, integration.id);
    expect(await inTenant(tenantId, (tx) => readAfter(tx, 0n, 10))).toEqual([]);
  });

  it("keeps all-day and floating series in the zone of their calendar", async () => {
    const { tenantId, series } = await aCalendarWithASeries({
      start: { kind: "date", date: "2026-12-01" },
      end: { kind: "date", date: "2026-12-02" },
    });
    const [first] = await opened.look(
      "SELECT recurrence_key AS key, start_at AS at FROM calendar_occurrence WHERE event_id = $1 ORDER BY start_at LIMIT 1",
      [series.id],
    );
    expect(first).toEqual({ key: "20261201", at: new Date("2026-11-30T23:00:00Z") });
    expect(tenantId).toBe(series.tenantId);
  });

  /** Housekeeping whose expander does something of its own before it answers. */
  function keeperWith(expander: Expander): Housekeeping {
    return new Housekeeping(
      opened.database,
      new Occurrences(expander, clock),
      services.syncs,
      services.queue,
      services.keys,
      clock,
      30,
      7,
      730,
    );
  }

  it("leaves alone what a sync changed while it was expanded", async () => {
    const { integration, tenantId, series } = await aCalendarWithASeries();
    const before = await storedKeys(tenantId, series.id);
    const expander = createExpander();
    now = at(60 * dayMs);
    const keeper = keeperWith({
      expand: async (...request) => {
        const expansions = await expander.expand(...request);
        await inTenant(tenantId, (tx) =>
          tx.query("UPDATE calendar_event SET version = version + 1 WHERE id = $1", [series.id]),
        );
        return expansions;
      },
      close: () => expander.close(),
    });
    await keeper.extend(tenantId, integration.id);
    await expander.close();
    expect(await storedKeys(tenantId, series.id)).toEqual(before);
  });

  it("leaves what is stored when a series cannot be expanded this time", async () => {
    const { integration, tenantId, series } = await aCalendarWithASeries();
    const before = await storedKeys(tenantId, series.id);
    now = at(60 * dayMs);
    const failing = keeperWith({
      expand: async (all) =>
        all.map(({ id }) => ({ id, kind: "failed", reason: "It took longer than 2000 ms to expand" })),
      close: async () => {},
    });
    await failing.extend(tenantId, integration.id);
    expect(before.length).toBeGreaterThan(90);
    expect(await storedKeys(tenantId, series.id)).toEqual(before);
  });

  it("goes through any number of series and calendars", async () => {
    const integration = anIntegration({ tenantId: aTenantId() });
    const { tenantId } = integration;
    const calendars = [aCalendar(integration), aCalendar(integration), aCalendar(integration, { timeZone: null })];
    await opened.save(integration, ...calendars);
    const series = Array.from({ length: 410 }, (_, index) =>
      aCalendarEvent(calendars[index % 3] as Calendar, { kind: "SERIES", recurrence: ["RRULE:FREQ=YEARLY;COUNT=2"] }),
    );
    await inTenant(tenantId, (tx) => tx.manager.save(series));
    await services.housekeeping.extend(tenantId, integration.id);
    const [row] = await inTenant(tenantId, (tx) =>
      tx.query("SELECT count(*)::int AS stored, count(DISTINCT event_id)::int AS series FROM calendar_occurrence"),
    );
    expect(row).toEqual({ stored: 820, series: 410 });
  });
});
