import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Calendar } from "../entities/calendar.ts";
import { SyncRun } from "../entities/sync-run.ts";
import { isIntegrationError } from "../errors.ts";
import type { Cause } from "../events/event-log.ts";
import type { Change, ReadOutcome, ReadRequest } from "../providers/calendar/provider.ts";
import { toInstant } from "../recurrence/instant.ts";
import type { OpenCalendarAccount } from "./accounts.ts";
import { type ChangesMade, lagMs } from "./lag.ts";
import type { Mirror, MirrorCounts } from "./mirror.ts";
import { pendingPrefix } from "./mirror-sql.ts";
import { storedWindow } from "./stored-window.ts";

/** Only so many unreadable objects are named; all are counted. */
const namedSkips = 100;
/** Rows carry the time of the process that stored them. */
const clockToleranceMs = 60_000;

/** Somebody no longer wants it. */
export class Cancelled extends Error {}

/** One calendar that is to be read. */
export interface CalendarReading {
  readonly opened: OpenCalendarAccount;
  readonly calendar: Calendar;
  /** What we wrote since then is newer than what is read. */
  readonly beganAt: Date;
  readonly run: SyncRun;
  readonly cause: Cause;
}

/** A reading with what it has met so far. */
interface Reading extends CalendarReading {
  /** Objects that could not be read: each is reported once, however often it is met. */
  readonly unreadable: Set<string>;
  /** Objects that this reading is too old to speak of, or could not read by name: they are asked for in the next one. */
  readonly leftOut: Set<string>;
}

/** What one pass over a calendar came to. */
interface Pass extends ReadOutcome {
  /** Objects that the vendor told of. */
  readonly told: ReadonlySet<string>;
  /** Those of them that were not here as the vendor has them; and when they were changed, where the vendor says so. */
  readonly changed: ReadonlyMap<string, Date | null>;
  /** Changed objects that came into view because the stored window moves on. */
  readonly entered: ReadonlySet<string>;
}

/**
 * Reads what changed in a calendar, batch by batch, and stores it. A full sync then reads everything, and what still differs
 * had got lost on the way: that is drift. It is put right like any other change.
 */
export class CalendarReader {
  constructor(
    private readonly database: Database,
    private readonly mirror: Mirror,
    private readonly now: () => Date,
  ) {}

  /**
   * Reads it to the end, and then keeps its cursor. What it comes to is noted on the run.
   *
   * @throws {Cancelled} and what the vendor answered
   */
  async read(wanted: CalendarReading): Promise<void> {
    const { calendar, run } = wanted;
    const reading: Reading = { ...wanted, unreadable: new Set(), leftOut: new Set() };
    const openedAt = await this.open(calendar);
    const lately = await this.withUnsure(reading, await this.readLately(reading), openedAt);
    run.lagMs = greatest(run.lagMs, lagMs(madeOf(run, calendar, lately), this.now()));
    const { cursor } = run.full && isIncremental(lately) ? await this.compare(reading, lately) : lately;
    await this.database.inTenant(run.tenantId, async (tx) => {
      run.calendarsDone += 1;
      await tx.query(
        `UPDATE calendar SET sync_cursor = $2, cursor_read_at = $3, reading_since = NULL, left_out = $4, last_synced_at = $5
         WHERE id = $1 AND selected`,
        [calendar.id, cursor, reading.beganAt, JSON.stringify([...reading.leftOut]), this.now()],
      );
      await saveProgress(tx, run);
    });
  }

  /** @returns since when readings were begun and not ended; null when the last one came to its end */
  private async open({ tenantId, id }: Calendar): Promise<Date | null> {
    const [row] = await this.database.inTenant(tenantId, (tx) =>
      tx.query<{ since: Date | null }>(
        `WITH opened AS (
           UPDATE calendar SET reading_since = coalesce(calendar.reading_since, now())
           FROM (SELECT reading_since FROM calendar WHERE id = $1) before
           WHERE id = $1 RETURNING before.reading_since AS since
         ) SELECT since FROM opened`,
        [id],
      ),
    );
    return row?.since ?? null;
  }

  /** The same with what the vendor had to be asked for by name. */
  private async withUnsure(reading: Reading, lately: Pass, openedAt: Date | null): Promise<Pass> {
    if (!isIncremental(lately)) return lately;
    const { opened, calendar } = reading;
    const changed = new Map(lately.changed);
    const unsure = (await this.unsure(calendar, openedAt)).filter((externalId) => !lately.told.has(externalId));
    for (const externalId of unsure) {
      const change = await lookUp(opened, calendar, externalId);
      const counts = await this.store(calendar, [change], reading);
      for (const id of counts.changed) changed.set(id, modifiedAtOf(change));
      // It may be readable another time.
      if (change.kind === "unreadable") reading.leftOut.add(externalId);
    }
    return { ...lately, told: new Set([...lately.told, ...unsure]), changed };
  }

  /**
   * Objects that the cursor knows nothing of: those that this service wrote since the cursor's reading began, deleted ones
   * included, and those that came with a reading which broke off. When one is gone again, a vendor need not say so
   * (RFC 6578 §3.5.2); where a cursor is made of what a calendar holds, it is even the old one again.
   */
  private async unsure(calendar: Calendar, openedAt: Date | null): Promise<readonly string[]> {
    const { tenantId, id, cursorReadAt, leftOut } = calendar;
    const names = await this.database.inTenant(tenantId, async (tx) => {
      const select = `SELECT DISTINCT external_id AS "externalId" FROM calendar_event WHERE calendar_id = $1`;
      const written = await tx.query<{ externalId: string }>(`${select} AND written_at >= $2`, [id, cursorReadAt]);
      if (openedAt === null) return written;
      const since = new Date(openedAt.getTime() - clockToleranceMs);
      return [...written, ...(await tx.query<{ externalId: string }>(`${select} AND created_at >= $2`, [id, since]))];
    });
    const all = new Set([...leftOut, ...names.map(({ externalId }) => externalId)]);
    return [...all].filter((externalId) => !externalId.startsWith(pendingPrefix));
  }

  /** What changed since the calendar was read last. A cursor that the vendor chokes on is no reason to fail when all is wanted. */
  private async readLately(reading: Reading): Promise<Pass> {
    try {
      return await this.readChanges(reading, reading.calendar.syncCursor);
    } catch (error) {
      if (!reading.run.full || !isIntegrationError(error, "PROVIDER_REPLY_INVALID", "PROVIDER_REFUSED")) throw error;
      return this.readChanges(reading, null);
    }
  }

  /**
   * Reads everything right after what changed was read. Where the vendor has no cursor, or no longer knows it, that was
   * everything already, and nobody can tell what got lost.
   */
  private async compare(reading: Reading, lately: Pass): Promise<Pass> {
    const everything = await this.readChanges(reading, null);
    const differing = [...everything.changed.keys()].filter((externalId) => !everything.entered.has(externalId));
    if (differing.length === 0) return everything;
    // What changed while we compared was not lost: the vendor tells of it.
    const meanwhile = await this.readChanges(reading, lately.cursor);
    if (isIncremental(meanwhile)) {
      reading.run.drift = (reading.run.drift ?? 0) + differing.filter((id) => !meanwhile.told.has(id)).length;
    }
    return everything;
  }

  /** Stores what the vendor tells. @param since null for everything */
  private async readChanges({ opened, calendar, ...reading }: Reading, since: string | null): Promise<Pass> {
    const request: ReadRequest = {
      cursor: since,
      window: storedWindow(this.now()),
      known: (scope) => this.knownEtags(calendar, scope),
    };
    const lastWindow = storedWindow(opened.integration.lastComparedAt ?? this.now());
    const told = new Set<string>();
    const changed = new Map<string, Date | null>();
    const entered = new Set<string>();
    const changes = opened.provider.readChanges(opened.account, calendar.externalId, request);
    let step = await changes.next();
    while (!step.done) {
      const counts = await this.store(calendar, step.value, reading);
      const stored = new Set(counts.changed);
      for (const change of step.value) {
        const { externalId } = change.kind === "upserted" ? change.object : change;
        told.add(externalId);
        if (stored.has(externalId)) changed.set(externalId, modifiedAtOf(change));
        if (since === null && startsAfter(change, lastWindow.to)) entered.add(externalId);
      }
      step = await changes.next();
    }
    return { ...step.value, told, changed, entered };
  }

  private async store(
    calendar: Calendar,
    changes: readonly Change[],
    { beganAt, run, cause, unreadable, leftOut }: Omit<Reading, "opened" | "calendar">,
  ): Promise<MirrorCounts> {
    const prepared = await this.mirror.prepare(calendar, changes);
    const skipped = changes.flatMap((change) =>
      change.kind === "unreadable" && !unreadable.has(change.externalId) ? [change] : [],
    );
    return this.database.inTenant(run.tenantId, async (tx) => {
      await this.stopIfUnwanted(tx, calendar, run);
      const counts = await this.mirror.apply(tx, calendar, prepared, { kind: "READING", beganAt }, cause);
      const named = skipped.map(({ externalId, reason }) => ({ calendarId: calendar.id, externalId, reason }));
      run.skipped = [...run.skipped, ...named].slice(0, namedSkips);
      run.skippedTotal += skipped.length;
      for (const { externalId } of skipped) unreadable.add(externalId);
      for (const externalId of counts.leftOut) leftOut.add(externalId);
      addCounts(run, counts);
      await saveProgress(tx, run);
      return counts;
    });
  }

  /** A run that was cancelled, and a calendar that is no longer wanted, get nothing more stored. */
  private async stopIfUnwanted(tx: TenantTransaction, calendar: Calendar, run: SyncRun): Promise<void> {
    const [row] = await tx.query<{ unwanted: boolean }>(
      `SELECT run.cancel_requested OR NOT calendar.selected OR integration.status = 'DISCONNECTED' AS unwanted
       FROM sync_run run
       JOIN calendar ON calendar.tenant_id = run.tenant_id AND calendar.id = $2
       JOIN integration ON integration.tenant_id = run.tenant_id AND integration.id = run.integration_id
       WHERE run.id = $1
       FOR SHARE OF integration`,
      [run.id, calendar.id],
    );
    if (row?.unwanted !== false) throw new Cancelled();
  }

  private async knownEtags(
    { tenantId, id }: Calendar,
    scope: Parameters<ReadRequest["known"]>[0],
  ): Promise<ReadonlyMap<string, string | null>> {
    const rows = await this.database.inTenant(tenantId, (tx) => {
      const known = `SELECT DISTINCT ON (external_id) external_id AS "externalId", etag FROM calendar_event event
                     WHERE calendar_id = $1 AND deleted_at IS NULL AND version > 0`;
      if (scope === "all") return tx.query<{ externalId: string; etag: string | null }>(known, [id]);
      if (scope !== "window")
        return tx.query<{ externalId: string; etag: string | null }>(`${known} AND external_id = ANY($2)`, [id, scope]);
      const { from, to } = storedWindow(this.now());
      return tx.query<{ externalId: string; etag: string | null }>(
        `${known} AND EXISTS (SELECT FROM calendar_occurrence occurrence
           WHERE occurrence.detail_id = event.id AND occurrence.start_at < $3 AND occurrence.end_at > $2)`,
        [id, from, to],
      );
    });
    return new Map(rows.map(({ externalId, etag }) => [externalId, etag]));
  }
}

/** Stores how far a run is. */
export async function saveProgress(tx: TenantTransaction, run: SyncRun): Promise<void> {
  // Whether somebody asked to cancel it is theirs to write.
  const { cancelRequested: _theirs, ...progress } = run;
  await tx.manager.update(SyncRun, { tenantId: run.tenantId, id: run.id }, progress as never);
}

/** What became of one object, asked for by name. */
async function lookUp(
  { provider, account }: OpenCalendarAccount,
  calendar: Calendar,
  externalId: string,
): Promise<Change> {
  try {
    const object = await provider.readObject(account, calendar.externalId, externalId);
    return object ? { kind: "upserted", object } : { kind: "removed", externalId };
  } catch (error) {
    if (!isIntegrationError(error, "PROVIDER_REPLY_INVALID")) throw error;
    return { kind: "unreadable", externalId, etag: null, reason: error.message };
  }
}

function madeOf({ trigger, queuedAt }: SyncRun, { lastSyncedAt }: Calendar, { changed }: Pass): ChangesMade {
  return { toldAt: trigger === "PUSH" ? queuedAt : null, lastReadAt: lastSyncedAt, madeAt: changed.values() };
}

function modifiedAtOf(change: Change): Date | null {
  return (change.kind === "upserted" && change.object.modifiedAt) || null;
}

function addCounts(run: SyncRun, { created, updated, deleted }: MirrorCounts): void {
  run.created += created;
  run.updated += updated;
  run.deleted += deleted;
}

/** Whether a reading told of changes alone; otherwise it looked at everything. */
function isIncremental({ mode }: ReadOutcome): boolean {
  return mode === "INCREMENTAL" || mode === "UNCHANGED";
}

function startsAfter(change: Change, limit: Date): boolean {
  const [head] = change.kind === "upserted" ? change.object.events : [];
  return head !== undefined && toInstant(head.start, "UTC") >= limit;
}

function greatest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
