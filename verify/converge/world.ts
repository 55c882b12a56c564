import { isDeepStrictEqual } from "node:util";
import { CalendarEvent } from "../../src/entities/calendar-event.ts";
import { Integration } from "../../src/entities/integration.ts";
import type { SyncRun } from "../../src/entities/sync-run.ts";
import type { RemoteObject } from "../../src/providers/calendar/provider.ts";
import { newId } from "../../src/services/id.ts";
import { columnsOf, differs } from "../../src/services/mirror-row.ts";
import { pendingPrefix } from "../../src/services/mirror-sql.ts";
import { storedWindow } from "../../src/services/stored-window.ts";
import type { Viewer } from "../../src/services/viewer.ts";
import { storeAccounts } from "../drill/stored-accounts.ts";
import { asProcess, Calls, Killed, type Mishaps, noMishaps } from "./chaos.ts";
import type { Random } from "./random.ts";
import type { Service } from "./service.ts";
import type { Vendor, VendorCalendar } from "./vendor.ts";

/** What one sync came to. */
export interface Synced {
  readonly isComplete: boolean;
  readonly changes: number;
  /** Calls of the vendor. */
  readonly calls: number;
  /** Those that asked it to change something: a sync has no business to. */
  readonly writes: number;
}

/** One for each piece of work, as its task has. */
const never = (): AbortSignal => new AbortController().signal;

/** One calendar of one tenant, and both its sides. */
export class World {
  private constructor(
    readonly viewer: Viewer,
    readonly vendor: Vendor,
    readonly theirs: VendorCalendar,
    readonly integrationId: string,
    readonly calendarId: string,
    private readonly service: Service,
    private readonly random: Random,
  ) {}

  static async open(name: string, vendor: Vendor, service: Service, random: Random): Promise<World> {
    const theirs = await vendor.open(name, service);
    const tenantId = `tenant-${name}`;
    const [key] = await storeAccounts(service.database, service.vault, tenantId, [theirs.account]);
    if (!key) throw new Error("No account was stored");
    const calendarId = newId(new Date());
    await service.database.inTenant(tenantId, (tx) =>
      tx.query(
        `INSERT INTO calendar (tenant_id, id, integration_id, external_id, name, writable, "primary", selected, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, true, true, true, now(), now())`,
        [tenantId, calendarId, key.integrationId, theirs.externalId, name],
      ),
    );
    const viewer = {
      tenantId,
      userId: theirs.account.accountId,
      scopes: new Set(["calendar:read", "calendar:write", "integrations:read", "integrations:write"]),
    };
    return new World(viewer, vendor, theirs, key.integrationId, calendarId, service, random);
  }

  /** Does something as one process, whatever befalls it. @returns null when the process was killed meanwhile */
  async process<T>(mishaps: Mishaps, work: (calls: Calls) => Promise<T>): Promise<T | null> {
    const calls = new Calls(this.random, mishaps);
    try {
      return await asProcess(calls, () => work(calls));
    } catch (error) {
      if (error instanceof Killed) return null;
      throw error;
    }
  }

  /**
   * A sync by the vendor's list of calendars, which may say that nothing changed, or of the calendar alone as after a message
   * of the vendor; by chance when it is not said. One that was broken off goes on.
   */
  async sync(mishaps: Mishaps, scope = this.random.pick(["CALENDAR", "ACCOUNT"] as const)): Promise<Synced> {
    const { tenantId } = this.viewer;
    const run = await this.openRun(scope === "ACCOUNT" ? null : this.calendarId);
    // A run that was broken off goes on counting where it was.
    const before = await this.countsOf(run);
    const made = await this.process(mishaps, async (calls) => {
      await this.service.syncRunner.run(tenantId, run.id, false, never()).catch((error: unknown) => {
        if (error instanceof Killed) throw error;
        // It may pass: the task tries again, which is the next sync.
      });
      return calls;
    });
    const after = await this.countsOf(run);
    return {
      isComplete: after.state === "SUCCEEDED",
      changes: after.changes - before.changes,
      calls: made?.all ?? 0,
      writes: made?.writes ?? 0,
    };
  }

  private async countsOf({ id }: SyncRun): Promise<{ state: string; changes: number }> {
    const [counts] = await this.query<{ state: string; changes: number }>(
      "SELECT state, created + updated + deleted AS changes FROM sync_run WHERE id = $1",
      [id],
    );
    if (!counts) throw new Error("A sync without its run");
    return counts;
  }

  /** Brings on what is not at the vendor yet, as its task does. */
  async settle(mishaps: Mishaps): Promise<void> {
    const { tenantId } = this.viewer;
    for (const { id } of await this.query<{ id: string }>("SELECT id FROM calendar_event WHERE intent IS NOT NULL")) {
      await this.process(mishaps, () =>
        this.service.vendorWrites.settle(tenantId, id, mishaps === noMishaps, never()).catch((error: unknown) => {
          if (error instanceof Killed) throw error;
        }),
      );
    }
  }

  /** Our own cursor is lost, or the vendor's. */
  async loseCursor(): Promise<void> {
    if (this.theirs.forgetCursors && this.random.next() < 0.5) return this.theirs.forgetCursors();
    await this.query("UPDATE calendar SET sync_cursor = NULL WHERE id = $1", [this.calendarId]);
  }

  /** What we show of the calendar. */
  async rows(): Promise<readonly CalendarEvent[]> {
    const { tenantId } = this.viewer;
    return this.service.database.inTenant(tenantId, (tx) =>
      tx.manager
        .createQueryBuilder(CalendarEvent, "event")
        .addSelect("event.raw")
        .where("event.tenantId = :tenantId AND event.deletedAt IS NULL", { tenantId })
        .orderBy("event.id")
        .getMany(),
    );
  }

  query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.service.database.inTenant(this.viewer.tenantId, (tx) => tx.query<Row>(sql, [...parameters]));
  }

  /** In what our copy and the vendor's calendar differ; the vendor is read from the beginning. */
  async differences(): Promise<readonly string[]> {
    const objects = await this.readAll();
    const rows = (await this.rows()).filter(({ externalId }) => !externalId.startsWith(pendingPrefix));
    const known = new Set(rows.map(({ externalId }) => externalId));
    const missing = [...objects.keys()].filter((id) => !known.has(id)).map((id) => `${id} is not shown`);
    const surplus = [...known].filter((id) => !objects.has(id)).map((id) => `${id} is shown and is not there`);
    return [...missing, ...surplus, ...[...objects.values()].flatMap((object) => differencesOf(object, rows))];
  }

  private async readAll(): Promise<ReadonlyMap<string, RemoteObject>> {
    const { tenantId } = this.viewer;
    const { provider, account } = await this.service.accounts.openCalendars(tenantId, this.integrationId);
    const objects = new Map<string, RemoteObject>();
    const request = {
      cursor: null,
      window: storedWindow(new Date()),
      known: async () => new Map(),
      written: async () => [],
    };
    for await (const changes of provider.readChanges(account, this.theirs.externalId, request)) {
      for (const change of changes) {
        if (change.kind === "upserted") objects.set(change.object.externalId, change.object);
        else throw new Error(`A first reading told that something is ${change.kind}`);
      }
    }
    return objects;
  }

  private openRun(calendarId: string | null): Promise<SyncRun> {
    const { tenantId } = this.viewer;
    return this.service.database.inTenant(tenantId, async (tx) => {
      const [open] = await tx.query<SyncRun>(
        "SELECT id FROM sync_run WHERE state IN ('QUEUED', 'RUNNING') ORDER BY id LIMIT 1",
      );
      if (open) return open;
      const integration = await tx.manager.findOneByOrFail(Integration, { tenantId, id: this.integrationId });
      const wish = { trigger: "SCHEDULE", requestedBy: null, full: false, calendarId } as const;
      return this.service.syncs.enqueue(tx, integration, wish);
    });
  }
}

function differencesOf(object: RemoteObject, rows: readonly CalendarEvent[]): readonly string[] {
  const own = rows.filter(({ externalId }) => externalId === object.externalId);
  if (own.length === 0) return [];
  const masterId = own.find(({ recurrenceKey }) => recurrenceKey === "")?.id ?? null;
  const [head] = own;
  const etag = own.some((row) => !isDeepStrictEqual(row.etag, object.etag))
    ? [`${object.externalId}: its version`]
    : [];
  const number =
    own.length === object.events.length ? [] : [`${object.externalId}: ${own.length} rows for ${object.events.length}`];
  const columns = object.events.map((event) => columnsOf(event, event.recurrenceId ? masterId : null));
  const differing = columns.filter((event) => !own.some((row) => !differs(row, event)));
  return [
    ...etag,
    ...number,
    ...differing.map(({ title, kind }) => `${object.externalId}: ${kind} ${title} is not as shown (${head?.title})`),
  ];
}
