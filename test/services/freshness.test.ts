import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Calendar } from "../../src/entities/calendar.ts";
import type { Integration } from "../../src/entities/integration.ts";
import type { Change, ReadOutcome, ReadRequest } from "../../src/providers/calendar/provider.ts";
import { calendarProvider } from "../../src/providers/registry.ts";
import { CalendarList } from "../../src/services/calendar-list.ts";
import { CalendarReader } from "../../src/services/calendar-reader.ts";
import { HealthReports } from "../../src/services/health-reports.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { Mirror } from "../../src/services/mirror.ts";
import { Polling } from "../../src/services/polling.ts";
import { SyncRunner } from "../../src/services/sync-runner.ts";
import { runSync } from "../../src/tasks/run-sync.ts";
import { TaskRunner } from "../../src/tasks/runner.ts";
import { scheduleSync } from "../../src/tasks/schedule-sync.ts";
import { Random } from "../../verify/converge/random.ts";
import { TaskClock } from "../../verify/drill/task-clock.ts";
import { aCalendar, anIntegration, aViewer, inBerlin } from "../support/builders.ts";
import { noBoards } from "../support/no-boards.ts";
import { type OpenedDatabase, openTestDatabase } from "../support/opened-database.ts";
import { openServices, type Services } from "../support/reading-services.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const { floorSeconds, defaultSeconds } = calendarProvider("CALDAV").freshness;
/** For waiting in the queue, and for reading. */
const allowedMs = 15 * secondMs;

/** An account at a vendor on our clock: each of its calendars gets an event whenever the plan says so. */
class VendorAccount {
  listings = 0;

  constructor(
    private readonly clock: TaskClock,
    private readonly calendars: readonly Calendar[],
    /** When something is put into a calendar, by its externalId; in order. */
    readonly plan: ReadonlyMap<string, readonly Date[]>,
  ) {}

  async listCalendars() {
    this.listings += 1;
    await this.answer();
    return this.calendars.map(({ externalId, name, writable, primary, timeZone, color }) => {
      const currentCursor = String(this.done(externalId).length);
      return { externalId, name, writable, primary, timeZone, color, currentCursor };
    });
  }

  async *readChanges(calendar: string, { cursor }: ReadRequest): AsyncGenerator<readonly Change[], ReadOutcome> {
    await this.answer();
    const done = this.done(calendar);
    yield done.slice(Number(cursor)).map((at) => this.eventOf(calendar, at));
    return { cursor: String(done.length), mode: "INCREMENTAL" };
  }

  /** It takes its time. */
  private answer(): Promise<void> {
    return this.clock.pass(200);
  }

  private done(calendar: string): readonly Date[] {
    return (this.plan.get(calendar) ?? []).filter((at) => at <= this.clock.now());
  }

  private eventOf(calendar: string, at: Date): Change {
    const title = at.toISOString();
    const externalId = `${calendar}${title}`;
    const event = {
      ...{ uid: externalId, title, recurrenceId: null, sequence: 0, organizer: null, attendees: [], recurrence: [] },
      ...{ description: null, location: null, conferenceUrl: null, reminders: null },
      ...({ status: "CONFIRMED", transparency: "OPAQUE", classification: "PUBLIC" } as const),
      ...{ start: inBerlin("2026-12-01T10:00:00"), end: inBerlin("2026-12-01T11:00:00") },
    };
    // In whole seconds, as HTTP says dates.
    const modifiedAt = new Date(Math.floor(at.getTime() / secondMs) * secondMs);
    return { kind: "upserted", object: { externalId, etag: '"1"', raw: title, events: [event], modifiedAt } };
  }
}

interface Connected {
  readonly integration: Integration;
  readonly vendor: VendorAccount;
}

let opened: OpenedDatabase;
let services: Services;
let clock: TaskClock;

beforeAll(async () => {
  opened = await openTestDatabase();
  // Ahead of the database's clock, by which tasks without a time of their own are due; and it moves when we say so.
  const start = Date.now() + hourMs;
  clock = new TaskClock(opened, () => start);
  services = await openServices(opened, { now: clock.now });
});
afterAll(async () => {
  await services.close();
  await opened.close();
});

/** An account of several calendars, whose next turn comes some time within its interval. */
async function connect(random: Random, activeAt: Date | null, plans: readonly (readonly Date[])[]): Promise<Connected> {
  const nextSyncAt = new Date(clock.now().getTime() + random.next() * floorSeconds * secondMs);
  const integration = anIntegration({ activeAt, nextSyncAt, lastComparedAt: clock.now() });
  const calendars = plans.map(() =>
    aCalendar(integration, { syncCursor: "0", cursorReadAt: new Date(), lastSyncedAt: clock.now(), leftOut: [] }),
  );
  await opened.save(integration, ...calendars);
  await opened.database.inTenant(integration.tenantId, (tx) => services.syncs.schedule(tx, integration));
  const plan = new Map(calendars.map(({ externalId }, n) => [externalId, plans[n] ?? []]));
  return { integration, vendor: new VendorAccount(clock, calendars, plan) };
}

/** Everything that is due until then, by one worker after the other. */
async function work(accounts: readonly Connected[], until: Date): Promise<void> {
  const { database } = opened;
  const { log, occurrences, queue, syncs } = services;
  const { now } = clock;
  const openCalendars = async (_tenantId: string, integrationId: string) => {
    const known = accounts.find(({ integration }) => integration.id === integrationId);
    if (!known) throw new Error("Nobody connected it");
    const { integration, vendor } = known;
    const provider = {
      ...calendarProvider(integration.provider),
      listCalendars: () => vendor.listCalendars(),
      readChanges: (_account: unknown, calendar: string, request: ReadRequest) => vendor.readChanges(calendar, request),
    };
    const account = { fetch: () => Promise.reject(new Error("Nothing is called")), settings: {}, apiUrl: "" };
    return { integration, provider, account };
  };
  const reader = new CalendarReader(database, new Mirror(log, occurrences, now), now);
  const health = new IntegrationHealth(log, now);
  const list = new CalendarList(log, now);
  const syncRunner = new SyncRunner(
    database,
    { openCalendars },
    noBoards,
    list,
    reader,
    health,
    syncs,
    log,
    now,
    () => {},
  );
  const tasks = [runSync(syncRunner), scheduleSync(syncs)];
  const runner = new TaskRunner(queue, tasks, now, pino({ level: "silent" }), () => {});
  await clock.work(runner, tasks, until);
}

/** How long each change waited until it was stored, shortest first. Fails when one is not. */
async function lagsOf(accounts: readonly Connected[]): Promise<readonly number[]> {
  const lags: number[] = [];
  for (const { integration, vendor } of accounts) {
    const stored = await opened.look<{ title: string; at: Date }>(
      "SELECT title, created_at AS at FROM calendar_event WHERE integration_id = $1",
      [integration.id],
    );
    expect(stored).toHaveLength([...vendor.plan.values()].flat().length);
    lags.push(...stored.map(({ title, at }) => at.getTime() - Date.parse(title)));
  }
  return lags.sort((one, other) => one - other);
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
const inSeconds = (ms: number) => `${(ms / secondMs).toFixed(1)} s`;

describe("what happens at a vendor that cannot push", () => {
  it("is stored within the floor where a calendar is in use, and within the default where it is not", {
    timeout: 240_000,
  }, async () => {
    const random = new Random(20_261_101);
    const from = clock.now().getTime();
    const minutes = 40;
    const someTime = () => new Date(from + 1 + Math.floor(random.next() * (minutes - 6) * minuteMs));
    const inUse: Connected[] = [];
    for (let n = 0; n < 6; n += 1) {
      const plans = Array.from({ length: 5 }, () =>
        Array.from({ length: 8 }, someTime).sort((one, other) => one.getTime() - other.getTime()),
      );
      inUse.push(await connect(random, new Date(from - random.next() * hourMs), plans));
    }
    const quiet: Connected[] = [];
    for (let n = 0; n < 12; n += 1) {
      quiet.push(await connect(random, n % 2 === 0 ? null : new Date(from - 9 * hourMs), [[someTime()], []]));
    }

    await work([...inUse, ...quiet], new Date(from + minutes * minuteMs));

    const lags = { inUse: await lagsOf(inUse), quiet: await lagsOf(quiet) };
    const said = Object.entries(lags).map(
      ([name, all]) =>
        `${name}: ${all.length} changes, p50 ${inSeconds(percentile(all, 0.5))}, p99 ${inSeconds(percentile(all, 0.99))}`,
    );
    process.stdout.write(
      `from change to mirror, floor ${floorSeconds} s, default ${defaultSeconds} s; ${said.join("; ")}\n`,
    );
    expect(percentile(lags.inUse, 0.99)).toBeLessThanOrEqual(floorSeconds * secondMs + allowedMs);
    expect(percentile(lags.quiet, 0.99)).toBeLessThanOrEqual(defaultSeconds * secondMs + allowedMs);
    // The schedule does make the difference.
    expect(percentile(lags.quiet, 0.5)).toBeGreaterThan(percentile(lags.inUse, 0.99));

    // And it costs one request for each turn.
    for (const { vendor } of inUse) expect(vendor.listings).toBeLessThanOrEqual((minutes * 60) / floorSeconds + 1);

    // What is told of each integration is what was measured.
    const reports = new HealthReports(opened.database, new Polling(new Map()), clock.now);
    const ids = inUse.map(({ integration }) => integration.id);
    const told = await reports.byIntegrationIds(aViewer(), ids);
    for (const account of inUse) {
      const report = told.get(account.integration.id);
      const worst = (await lagsOf([account])).at(-1) ?? Number.NaN;
      expect(report?.freshness).toMatchObject({ intervalSeconds: floorSeconds, reason: "ACTIVE" });
      expect(report?.lagP99Ms).toBeGreaterThanOrEqual(worst);
      expect(report?.lagP99Ms).toBeLessThanOrEqual(floorSeconds * secondMs + allowedMs);
    }
  });
});
