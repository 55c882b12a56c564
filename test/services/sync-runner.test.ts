import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Calendar } from "../../src/entities/calendar.ts";
import type { Integration } from "../../src/entities/integration.ts";
import type { SyncRun } from "../../src/entities/sync-run.ts";
import { IntegrationError } from "../../src/errors.ts";
import { EventLog } from "../../src/events/event-log.ts";
import type { Change, ReadOutcome, ReadRequest, RemoteObject } from "../../src/providers/calendar/provider.ts";
import { calendarProvider } from "../../src/providers/registry.ts";
import { createExpander, type Expander } from "../../src/recurrence/expand.ts";
import { CalendarList } from "../../src/services/calendar-list.ts";
import { CalendarReader } from "../../src/services/calendar-reader.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { Mirror } from "../../src/services/mirror.ts";
import { Occurrences } from "../../src/services/occurrences.ts";
import { SyncRunner } from "../../src/services/sync-runner.ts";
import { aCalendar, aCalendarEvent, anIntegration, aSyncRun, inBerlin } from "../support/builders.ts";
import { noBoards } from "../support/no-boards.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";

const secondMs = 1000;
const dayMs = 24 * 60 * 60 * secondMs;
const start = new Date("2026-11-01T02:00:00Z");

/** A calendar server that can lose changes, and that lets others in between two answers. */
class Vendor {
  /** Without cursors it tells of everything, every time. */
  mode: "cursors" | "window" = "cursors";
  beforeListing = (): void => {};
  /** It has these, and nobody can read them. */
  readonly spoilt = new Set<string>();
  failWith: { cursor: boolean; error: IntegrationError } | null = null;
  /** A reading of changes fails with it after its first batch. */
  breakOffWith: IntegrationError | null = null;
  /** Its list of calendars says where each of them is. */
  tellsCurrentCursor = false;
  failListing: IntegrationError | null = null;
  afterListingCalendars = (): void => {};
  readings = 0;
  listings = 0;
  private readonly objects = new Map<string, RemoteObject>();
  private readonly journal: string[] = [];

  put(externalId: string, title: string, { lost = false, local = "2026-12-01T10:00:00" } = {}): void {
    const etag = `"${randomUUID()}"`;
    const event = {
      uid: externalId,
      recurrenceId: null,
      sequence: 0,
      title,
      description: null,
      location: null,
      conferenceUrl: null,
      reminders: null,
      status: "CONFIRMED",
      transparency: "OPAQUE",
      classification: "PUBLIC",
      organizer: null,
      attendees: [],
      start: inBerlin(local),
      end: inBerlin(local),
      recurrence: [],
    } as const;
    this.objects.set(externalId, { externalId, etag, raw: `${title} ${etag}`, events: [event] });
    if (!lost) this.journal.push(externalId);
  }

  remove(externalId: string, { lost = false } = {}): void {
    this.objects.delete(externalId);
    if (!lost) this.journal.push(externalId);
  }

  /** As if it had never been there: where a cursor is made of what a calendar holds, it is the old one again. */
  undo(externalId: string): void {
    this.objects.delete(externalId);
    this.journal.splice(this.journal.lastIndexOf(externalId), 1);
  }

  get currentCursor(): string | null {
    return this.tellsCurrentCursor ? String(this.journal.length) : null;
  }

  read(externalId: string): RemoteObject | null {
    return this.objects.get(externalId) ?? null;
  }

  async *readChanges({ cursor, known }: ReadRequest): AsyncGenerator<readonly Change[], ReadOutcome> {
    const { failWith } = this;
    this.readings += 1;
    if (failWith && failWith.cursor === (cursor !== null)) throw failWith.error;
    if (cursor !== null && this.mode === "cursors") {
      const news = new Set(this.journal.slice(Number(cursor)));
      const end = String(this.journal.length);
      yield [...news].map((externalId) => this.change(externalId));
      if (this.breakOffWith) throw this.breakOffWith;
      return { cursor: end, mode: "INCREMENTAL" };
    }
    this.listings += 1;
    const etags = await known("all");
    this.beforeListing();
    const end = this.mode === "cursors" ? String(this.journal.length) : null;
    const names = new Set([...etags.keys(), ...this.objects.keys()]);
    const differing = [...names].filter((name) => this.objects.get(name)?.etag !== etags.get(name));
    yield differing.map((externalId) => this.change(externalId));
    return { cursor: end, mode: end === null ? "WINDOW" : "FULL" };
  }

  private change(externalId: string): Change {
    const object = this.objects.get(externalId);
    if (this.spoilt.has(externalId)) {
      return { kind: "unreadable", externalId, etag: object?.etag ?? null, reason: "It is torn" };
    }
    return object ? { kind: "upserted", object } : { kind: "removed", externalId };
  }
}

let opened: OpenedDatabase;
let expander: Expander;
let now: Date;
let vendor: Vendor;
let integration: Integration;
let calendar: Calendar;
let runner: SyncRunner;
/** Integrations in which something happened, as often as it was noted. */
let active: string[];

beforeAll(async () => {
  opened = await openTestDatabase();
  expander = createExpander();
});
afterAll(async () => {
  await expander.close();
  await opened.close();
});
beforeEach(async () => {
  now = start;
  const clock = () => now;
  vendor = new Vendor();
  active = [];
  const log = new EventLog(clock, () => {});
  integration = anIntegration({ tenantId: `tenant-${randomUUID()}`, lastComparedAt: start });
  calendar = aCalendar(integration);
  await opened.save(integration, calendar);
  const { externalId, name, writable, primary, timeZone, color } = calendar;
  const provider = {
    ...calendarProvider("CALDAV"),
    listCalendars: async () => {
      if (vendor.failListing) throw vendor.failListing;
      const { currentCursor } = vendor;
      vendor.afterListingCalendars();
      return [{ externalId, name, writable, primary, timeZone, color, currentCursor }];
    },
    readObject: async (_account: unknown, _calendar: string, id: string) => vendor.read(id),
    readChanges: (_account: unknown, _calendar: string, request: ReadRequest) => vendor.readChanges(request),
  };
  const account = { fetch: () => Promise.reject(new Error("Nothing is called")), settings: {}, apiUrl: "" };
  runner = new SyncRunner(
    opened.database,
    { openCalendars: async () => ({ integration, provider, account }) },
    noBoards,
    new CalendarList(log, clock),
    new CalendarReader(opened.database, new Mirror(log, new Occurrences(expander, clock), clock), clock),
    new IntegrationHealth(log, clock),
    { noteActivity: async (_tx, ids) => void active.push(...ids) },
    log,
    clock,
    () => {},
  );
});

/** Runs a sync that was asked for a second ago. @returns how it went */
async function sync(changes: Partial<SyncRun> = {}, { isLast = true } = {}): Promise<SyncRun> {
  const queuedAt = new Date(now.getTime() - secondMs);
  const run = aSyncRun(integration, {
    ...{ state: "QUEUED", announced: false, attempts: 0, startedAt: null, finishedAt: null, queuedAt },
    ...changes,
  });
  await opened.save(run);
  return attempt(run.id, { isLast });
}
const compare = () => sync({ trigger: "RECONCILE", full: true });

async function attempt(id: string, { isLast }: { isLast: boolean }): Promise<SyncRun> {
  await runner.run(integration.tenantId, id, isLast, new AbortController().signal).catch((error: unknown) => {
    // It is to be tried again.
    if (isLast) throw error;
  });
  const [run] = await opened.look<SyncRun>(
    `SELECT id, state, drift, lag_ms AS "lagMs", created, updated, deleted,
            skipped_total AS "skippedTotal", problem FROM sync_run WHERE id = $1`,
    [id],
  );
  if (!run) throw new Error("There is no such run");
  return run;
}

const stored = async () => {
  const [row] = await opened.look<{ drift: unknown; comparedAt: Date; problemSince: Date | null }>(
    `SELECT drift, last_compared_at AS "comparedAt", problem_since AS "problemSince" FROM integration WHERE id = $1`,
    [integration.id],
  );
  return row;
};
const titles = async () =>
  (
    await opened.look<{ title: string }>(
      "SELECT title FROM calendar_event WHERE calendar_id = $1 AND deleted_at IS NULL ORDER BY title",
      [calendar.id],
    )
  ).map(({ title }) => title);
const logged = async (pattern: string) =>
  opened.look<{ type: string; data: Record<string, unknown> }>(
    "SELECT type, data FROM event WHERE tenant_id = $1 AND type LIKE $2 ORDER BY position",
    [integration.tenantId, pattern],
  );
const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

describe("what the log tells of a sync", () => {
  const told = () =>
    opened.look<{ type: string; correlationId: string; causationId: string | null }>(
      `SELECT type, correlation_id AS "correlationId", causation_id AS "causationId" FROM event
       WHERE tenant_id = $1 ORDER BY position`,
      [integration.tenantId],
    );

  it("begins with what asked for it, and everything else leads to the sync", async () => {
    vendor.put("a", "A");
    vendor.put("b", "B", { lost: true });
    const [correlationId, causationId] = [randomUUID(), randomUUID()];
    const { id } = await sync({ trigger: "PUSH", correlationId, causationId, full: true });
    const by = { correlationId, causationId: id };
    expect(await told()).toEqual([
      { type: "sync.started", correlationId, causationId },
      { type: "calendar_event.created", ...by },
      { type: "calendar_event.created", ...by },
      { type: "sync.finished", ...by },
    ]);
  });

  it("leads to it also when it fails, and with it the state of the account", async () => {
    vendor.failListing = new IntegrationError("CREDENTIALS_REJECTED", "No");
    const correlationId = randomUUID();
    const { id } = await sync({ correlationId });
    expect(await told()).toEqual([
      { type: "sync.started", correlationId, causationId: null },
      { type: "sync.failed", correlationId, causationId: id },
      { type: "integration.reauthorization_required", correlationId, causationId: id },
    ]);
  });
});

describe("comparing everything", () => {
  beforeEach(async () => {
    vendor.put("a", "A");
    vendor.put("b", "B");
    vendor.put("c", "C");
    await sync({ trigger: "CONNECT" });
    later(dayMs);
  });

  it("finds nothing, and says nothing, where nothing was lost", async () => {
    expect(await compare()).toMatchObject({ state: "SUCCEEDED", drift: 0, created: 0, updated: 0, deleted: 0 });
    expect(await logged("sync.drift_found")).toEqual([]);
    expect(await logged("calendar_event.%")).toHaveLength(3);
    expect(await stored()).toMatchObject({
      drift: { comparedAt: now.toISOString(), differences: 0, complete: true },
      comparedAt: now,
    });
  });

  it("finds what was lost, puts it right, and finds nothing the next night", async () => {
    vendor.put("a", "A, moved", { lost: true });
    vendor.put("d", "D", { lost: true });
    vendor.remove("b", { lost: true });
    expect(await sync()).toMatchObject({ created: 0, updated: 0, deleted: 0, drift: null });
    expect(await compare()).toMatchObject({ drift: 3, created: 1, updated: 1, deleted: 1 });
    expect(await titles()).toEqual(["A, moved", "C", "D"]);
    expect(await logged("sync.drift_found")).toMatchObject([
      { data: { trigger: "RECONCILE", differences: 3, created: 1, updated: 1, deleted: 1 } },
    ]);
    expect((await logged("calendar_event.%")).slice(3).map(({ type }) => type)).toEqual(
      expect.arrayContaining(["calendar_event.created", "calendar_event.updated", "calendar_event.deleted"]),
    );
    later(dayMs);
    expect(await compare()).toMatchObject({ drift: 0, created: 0, updated: 0, deleted: 0 });
    expect(await stored()).toMatchObject({ drift: { differences: 0 } });
    expect(await logged("sync.drift_found")).toHaveLength(1);
  });

  it("does not count what changed since the last reading", async () => {
    vendor.put("a", "A, later");
    vendor.put("b", "B, lost", { lost: true });
    expect(await compare()).toMatchObject({ drift: 1, updated: 2 });
  });

  it("does not count what changes while it compares", async () => {
    vendor.beforeListing = () => {
      vendor.put("a", "A, meanwhile");
      vendor.put("e", "E, meanwhile");
    };
    vendor.put("b", "B, lost", { lost: true });
    expect(await compare()).toMatchObject({ drift: 1, updated: 2, created: 1 });
  });

  it("does not count what we are writing, and leaves it alone", async () => {
    vendor.put("a", "A, elsewhere", { lost: true });
    await opened.look("UPDATE calendar_event SET intent = '{}', sync_state = 'PENDING' WHERE external_id = 'a'");
    expect(await compare()).toMatchObject({ drift: 0, updated: 0 });
    expect(await titles()).toEqual(["A", "B", "C"]);
  });

  it("does not count what comes into view as the stored window moves on", async () => {
    vendor.put("far", "In two years", { lost: true, local: "2028-11-01T20:00:00" });
    expect(await compare()).toMatchObject({ drift: 0, created: 1 });
  });

  it("reports once what cannot be read, however often it is met", async () => {
    vendor.spoilt.add("a");
    vendor.put("a", "Torn");
    vendor.put("b", "B, lost", { lost: true });
    expect(await compare()).toMatchObject({ drift: 1, updated: 1, skippedTotal: 1 });
  });

  it("reads everything once where the vendor no longer knows the cursor, and counts nothing", async () => {
    await opened.look("UPDATE calendar SET sync_cursor = NULL WHERE id = $1", [calendar.id]);
    vendor.put("a", "A, later");
    const before = vendor.listings;
    expect(await compare()).toMatchObject({ drift: 0, updated: 1 });
    expect(vendor.listings - before).toBe(1);
  });

  it("is what every reading is where the vendor has no cursors", async () => {
    vendor.mode = "window";
    vendor.put("a", "A, later");
    const before = vendor.listings;
    expect(await compare()).toMatchObject({ drift: 0, updated: 1 });
    expect(vendor.listings - before).toBe(1);
  });

  it("reads everything all the same when the vendor chokes on the cursor", async () => {
    vendor.put("a", "A, later");
    vendor.failWith = { cursor: true, error: new IntegrationError("PROVIDER_REPLY_INVALID", "It is not JSON") };
    expect(await sync()).toMatchObject({ state: "FAILED" });
    expect(await compare()).toMatchObject({ state: "SUCCEEDED", updated: 1 });
  });

  it("goes on from where it looked, so that what was lost stays known", async () => {
    vendor.put("a", "A, lost", { lost: true });
    await compare();
    vendor.put("b", "B, later");
    expect(await sync()).toMatchObject({ updated: 1 });
    expect(await titles()).toEqual(["A, lost", "B, later", "C"]);
  });

  it("does not count as done when it fails", async () => {
    vendor.failWith = { cursor: false, error: new IntegrationError("PROVIDER_UNAVAILABLE", "It is down") };
    expect(await compare()).toMatchObject({ state: "FAILED", drift: 0 });
    expect(await stored()).toMatchObject({ drift: null, comparedAt: start });
  });
});

describe("a calendar that is where its last reading ended", () => {
  beforeEach(async () => {
    vendor.tellsCurrentCursor = true;
    vendor.put("a", "A");
    await sync({ trigger: "CONNECT" });
    vendor.readings = 0;
    later(300 * secondMs);
  });
  const stateOfCalendar = async () => {
    const [row] = await opened.look<{ lastSyncedAt: Date }>(
      `SELECT last_synced_at AS "lastSyncedAt" FROM calendar WHERE id = $1`,
      [calendar.id],
    );
    return row;
  };

  it("is not read by the schedule, and counts as read", async () => {
    const { id } = await sync({ trigger: "SCHEDULE" });
    expect(vendor.readings).toBe(0);
    expect(await stateOfCalendar()).toMatchObject({ lastSyncedAt: now });
    expect(
      await opened.look("SELECT state, calendars_total AS total, calendars_done AS done FROM sync_run WHERE id = $1", [
        id,
      ]),
    ).toEqual([{ state: "SUCCEEDED", total: 1, done: 1 }]);
  });

  it("is no news: the log is told of a turn that has something to read, or that fails", async () => {
    const told = async () => (await logged("sync.%")).slice(2).map(({ type }) => type);
    await sync({ trigger: "SCHEDULE" });
    expect(await told()).toEqual([]);
    vendor.put("b", "B");
    await sync({ trigger: "SCHEDULE" });
    expect(await told()).toEqual(["sync.started", "sync.finished"]);
    vendor.failListing = new IntegrationError("PROVIDER_UNAVAILABLE", "It is down");
    await sync({ trigger: "SCHEDULE" });
    expect((await told()).slice(2)).toEqual(["sync.started", "sync.failed"]);
  });

  it("is told of once when it takes several attempts, whichever of them it was that had something to tell", async () => {
    const told = async () => (await logged("sync.%")).slice(2).map(({ type }) => type);
    vendor.failListing = new IntegrationError("PROVIDER_UNAVAILABLE", "It is down");
    const { id } = await sync({ trigger: "SCHEDULE" }, { isLast: false });
    vendor.failListing = null;
    vendor.put("b", "B");
    await attempt(id, { isLast: false });
    expect(await told()).toEqual(["sync.started", "sync.finished"]);
  });

  it("is read again as soon as it is not", async () => {
    await sync({ trigger: "SCHEDULE" });
    vendor.put("b", "B");
    expect(await sync({ trigger: "SCHEDULE" })).toMatchObject({ created: 1 });
    expect(await titles()).toEqual(["A", "B"]);
  });

  it.each([
    { name: "a person asks", changes: { trigger: "MANUAL", requestedBy: "ada" } },
    { name: "everything is compared", changes: { trigger: "RECONCILE", full: true } },
    { name: "the schedule's sync was made a full one", changes: { trigger: "SCHEDULE", full: true } },
    { name: "the vendor sent a message", changes: { trigger: "PUSH" } },
  ] as const)("is read all the same when $name", async ({ changes }) => {
    vendor.put("b", "B, lost", { lost: true });
    await sync(changes);
    expect(vendor.readings).toBeGreaterThan(0);
  });

  it("is read all the same when something was written here since, which may be gone again", async () => {
    await opened.save(aCalendarEvent(calendar, { externalId: "ours", title: "Ours", writtenAt: new Date() }));
    expect(await sync({ trigger: "SCHEDULE" })).toMatchObject({ deleted: 1 });
    expect(await titles()).toEqual(["A"]);
  });

  it("is read all the same when its last reading left something out", async () => {
    vendor.put("a", "A, left out", { lost: true });
    await opened.look(`UPDATE calendar SET left_out = '["a"]' WHERE id = $1`, [calendar.id]);
    expect(await sync({ trigger: "SCHEDULE" })).toMatchObject({ updated: 1 });
    vendor.readings = 0;
    await sync({ trigger: "SCHEDULE" });
    expect(vendor.readings).toBe(0);
  });

  it("is read all the same when a reading broke off, for what came with it may be gone again", async () => {
    // When it began is told by the database's clock.
    now = new Date();
    vendor.put("b", "B");
    vendor.breakOffWith = new IntegrationError("PROVIDER_UNAVAILABLE", "It is down");
    expect(await sync({ trigger: "SCHEDULE" })).toMatchObject({ state: "FAILED", created: 1 });
    vendor.breakOffWith = null;
    vendor.undo("b");
    expect(await sync({ trigger: "SCHEDULE" })).toMatchObject({ state: "SUCCEEDED", deleted: 1 });
    expect(await titles()).toEqual(["A"]);
    vendor.readings = 0;
    await sync({ trigger: "SCHEDULE" });
    expect(vendor.readings).toBe(0);
  });

  it("is not told from one that changed by a listing that failed", async () => {
    vendor.failListing = new IntegrationError("PROVIDER_UNAVAILABLE", "It is down");
    expect(await sync({ trigger: "SCHEDULE" })).toMatchObject({ state: "FAILED" });
    expect(await stateOfCalendar()).toMatchObject({ lastSyncedAt: start });
  });

  it("keeps its place when something changes between the listing and the reading", async () => {
    vendor.put("b", "B");
    vendor.afterListingCalendars = () => vendor.put("c", "C");
    expect(await sync({ trigger: "SCHEDULE" })).toMatchObject({ created: 2 });
    expect(await titles()).toEqual(["A", "B", "C"]);
    vendor.afterListingCalendars = () => {};
    vendor.readings = 0;
    await sync({ trigger: "SCHEDULE" });
    expect(vendor.readings).toBe(0);
  });
});

describe("how late changes are stored", () => {
  beforeEach(async () => {
    vendor.put("a", "A");
    expect(await sync({ trigger: "CONNECT" })).toMatchObject({ created: 1, lagMs: null });
    later(300 * secondMs);
  });

  it("is measured from the vendor's message where it sent one", async () => {
    vendor.put("a", "A, pushed");
    expect(await sync({ trigger: "PUSH", calendarId: calendar.id })).toMatchObject({ updated: 1, lagMs: secondMs });
  });

  it.each(["SCHEDULE", "MANUAL"] as const)(
    "is at most the time since the last reading when asked for by %s",
    async (trigger) => {
      vendor.put("a", "A, found");
      expect(await sync({ trigger })).toMatchObject({ updated: 1, lagMs: 300 * secondMs });
    },
  );

  it("is not known of a reading that found nothing", async () => {
    expect(await sync({ trigger: "SCHEDULE" })).toMatchObject({ lagMs: null });
  });

  it("says nothing of what was lost: that is drift", async () => {
    vendor.put("a", "A, lost", { lost: true });
    expect(await compare()).toMatchObject({ drift: 1, lagMs: null });
  });
});

describe("activity", () => {
  it("is what a sync finds, and not that it looked", async () => {
    vendor.put("a", "A");
    await sync({ trigger: "CONNECT" });
    expect(active).toEqual([integration.id]);
    await sync({ trigger: "SCHEDULE" });
    await compare();
    expect(active).toEqual([integration.id]);
    vendor.remove("a");
    await sync({ trigger: "SCHEDULE" });
    expect(active).toEqual([integration.id, integration.id]);
  });

  it("is also what a sync found before it failed", async () => {
    vendor.put("a", "A");
    await sync({ trigger: "CONNECT" });
    vendor.put("b", "B");
    vendor.breakOffWith = new IntegrationError("PROVIDER_UNAVAILABLE", "It is down");
    expect(await sync({ trigger: "SCHEDULE" })).toMatchObject({ state: "FAILED", created: 1 });
    expect(active).toHaveLength(2);
  });
});

describe("trouble", () => {
  it("can be read from its first attempt on, and since when", async () => {
    vendor.failWith = { cursor: false, error: new IntegrationError("PROVIDER_UNAVAILABLE", "It is down") };
    const run = await sync({}, { isLast: false });
    expect(run).toMatchObject({ state: "RUNNING", problem: { code: "PROVIDER_UNAVAILABLE" } });
    later(60 * secondMs);
    await attempt(run.id, { isLast: true });
    later(60 * secondMs);
    await sync();
    expect(await stored()).toMatchObject({ problemSince: start });
    vendor.failWith = null;
    expect(await sync()).toMatchObject({ state: "SUCCEEDED", problem: null });
    expect(await stored()).toMatchObject({ problemSince: null });
  });

  it("of an attempt is forgotten when a later one succeeds", async () => {
    vendor.failWith = { cursor: false, error: new IntegrationError("PROVIDER_UNAVAILABLE", "It is down") };
    const { id } = await sync({}, { isLast: false });
    vendor.failWith = null;
    expect(await attempt(id, { isLast: false })).toMatchObject({ state: "SUCCEEDED", problem: null });
    expect(await stored()).toMatchObject({ problemSince: null });
  });
});
