import type { Database } from "../database/database.ts";
import { databaseTime } from "../database/database-time.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { Integration } from "../entities/integration.ts";
import { SyncRun } from "../entities/sync-run.ts";
import { isIntegrationError } from "../errors.ts";
import type { RecordedEventType } from "../events/catalogue.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { Change, ReadRequest } from "../providers/calendar/provider.ts";
import { type Accounts, type OpenAccount, requireUsable } from "./accounts.ts";
import type { CalendarList } from "./calendar-list.ts";
import { lockIntegration } from "./found-integration.ts";
import { causedByProvider, syncCountsData, syncRunData } from "./integration-events.ts";
import type { IntegrationHealth } from "./integration-health.ts";
import type { ChangeSource, Mirror, MirrorCounts } from "./mirror.ts";
import { pendingPrefix } from "./mirror-sql.ts";
import { problemOf } from "./problem.ts";
import { storedWindow } from "./stored-window.ts";

/** Only so many unreadable objects are named; all are counted. */
const namedSkips = 100;

/** Rows carry the time of the process that stored them. */
const clockToleranceMs = 60_000;

class Cancelled extends Error {}

/** Told when a run is over, for whoever counts. */
export type SyncObserver = (run: { provider: string; state: string; durationMs: number }) => void;

/** Does one sync: reads what changed at the vendor, batch by batch, and stores it. */
export class SyncRunner {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly calendarList: CalendarList,
    private readonly mirror: Mirror,
    private readonly health: IntegrationHealth,
    private readonly log: EventLog,
    private readonly now: () => Date,
    private readonly observe: SyncObserver,
  ) {}

  /**
   * Runs a sync that was asked for. Harmless twice: what is stored already is found unchanged, and a cursor is kept only
   * when everything before it is stored.
   *
   * @param isLastAttempt whether a failure that may pass is final this time
   * @throws what it failed with, when it should be tried again
   */
  async run(tenantId: string, syncRunId: string, isLastAttempt: boolean, signal: AbortSignal): Promise<void> {
    const begun = await this.begin(tenantId, syncRunId);
    if (!begun) return;
    const { run, cause, provider } = begun;
    const startedAt = performance.now();
    try {
      const opened = await this.accounts.open(tenantId, run.integrationId, signal);
      requireUsable(opened.integration);
      const { selected, beganAt } = await (run.calendarId === null
        ? this.readCalendars(opened, run, cause)
        : this.oneCalendar(run, run.calendarId));
      for (const calendar of selected) await this.readCalendar(opened, calendar, beganAt, run, cause);
      await this.finish(run, "SUCCEEDED", cause);
    } catch (error) {
      if (error instanceof Cancelled) {
        await this.finish(run, "CANCELLED", cause);
      } else if (signal.aborted || (isRetryable(error) && !isLastAttempt)) {
        throw error;
      } else {
        await this.finish(run, "FAILED", cause, error);
        if (!isIntegrationError(error)) throw error;
      }
    }
    this.observe({ provider, state: run.state, durationMs: performance.now() - startedAt });
  }

  /** Null when there is nothing to do: it is over, was cancelled, or its integration is gone. */
  private begin(tenantId: string, id: string): Promise<{ run: SyncRun; cause: Cause; provider: string } | null> {
    return this.database.inTenant(tenantId, async (tx) => {
      const run = await tx.manager.findOneBy(SyncRun, { tenantId, id });
      if (!run || (run.state !== "QUEUED" && run.state !== "RUNNING")) return null;
      const integration = await tx.manager.findOneBy(Integration, { tenantId, id: run.integrationId });
      if (!integration) return null;
      const cause = causedByProvider(integration.provider, run.correlationId);
      const isFirst = run.state === "QUEUED";
      const fresh = { calendarsTotal: 0, calendarsDone: 0, skipped: [], skippedTotal: 0 };
      Object.assign(run, fresh, {
        state: "RUNNING",
        attempts: run.attempts + 1,
        startedAt: run.startedAt ?? this.now(),
      });
      await this.saveProgress(tx, run);
      if (isFirst) this.record(tx, "sync.started", run, syncRunData(run), askedBy(run));
      return { run, cause, provider: integration.provider };
    });
  }

  private async readCalendars(
    { integration, provider, account }: OpenAccount,
    run: SyncRun,
    cause: Cause,
  ): Promise<{ selected: readonly Calendar[]; beganAt: Date }> {
    const listed = await provider.listCalendars(account);
    return this.database.inTenant(run.tenantId, async (tx) => {
      await lockIntegration(tx, integration.id);
      const calendars = await this.calendarList.update(tx, integration, listed, cause);
      const selected = calendars.filter((calendar) => calendar.selected);
      run.calendarsTotal = selected.length;
      await this.saveProgress(tx, run);
      return { selected, beganAt: await databaseTime(tx) };
    });
  }

  /** The calendar that a vendor has told of; none when it is no longer mirrored. */
  private oneCalendar(run: SyncRun, id: string): Promise<{ selected: readonly Calendar[]; beganAt: Date }> {
    return this.database.inTenant(run.tenantId, async (tx) => {
      const selected = await tx.manager.findBy(Calendar, { tenantId: run.tenantId, id, selected: true });
      run.calendarsTotal = selected.length;
      await this.saveProgress(tx, run);
      return { selected, beganAt: await databaseTime(tx) };
    });
  }

  private async readCalendar(
    { provider, account }: OpenAccount,
    calendar: Calendar,
    beganAt: Date,
    run: SyncRun,
    cause: Cause,
  ): Promise<void> {
    const openedAt = await this.openReading(calendar);
    const request: ReadRequest = {
      cursor: run.full ? null : calendar.syncCursor,
      window: storedWindow(this.now()),
      known: (scope) => this.knownEtags(calendar, scope),
    };
    const source = { kind: "READING", beganAt } as const;
    const reading = provider.readChanges(account, calendar.externalId, request);
    const told = new Set<string>();
    const leftOut = new Set<string>();
    const store = async (changes: readonly Change[]) => {
      for (const change of changes) told.add(nameOf(change));
      for (const externalId of await this.store(calendar, changes, source, run, cause)) leftOut.add(externalId);
    };
    let step = await reading.next();
    while (!step.done) {
      await store(step.value);
      step = await reading.next();
    }
    const { cursor, mode } = step.value;
    if (mode === "INCREMENTAL" || mode === "UNCHANGED") {
      const unsure = (await this.unsure(calendar, openedAt)).filter((externalId) => !told.has(externalId));
      for (const externalId of unsure) {
        const change = await lookUp({ provider, account }, calendar, externalId);
        await store([change]);
        // It may be readable another time.
        if (change.kind === "unreadable") leftOut.add(externalId);
      }
    }
    await this.database.inTenant(run.tenantId, async (tx) => {
      run.calendarsDone += 1;
      await tx.query(
        `UPDATE calendar SET sync_cursor = $2, cursor_read_at = $3, reading_since = NULL, left_out = $4, last_synced_at = $5
         WHERE id = $1 AND selected`,
        [calendar.id, cursor, beganAt, JSON.stringify([...leftOut]), this.now()],
      );
      await this.saveProgress(tx, run);
    });
  }

  /** @returns since when readings were begun and not ended; null when the last one came to its end */
  private async openReading({ tenantId, id }: Calendar): Promise<Date | null> {
    const [row] = await this.database.inTenant(tenantId, (tx) =>
      tx.query<{ since: Date | null }>(
        `UPDATE calendar SET reading_since = coalesce(calendar.reading_since, now())
         FROM (SELECT reading_since FROM calendar WHERE id = $1) before
         WHERE id = $1 RETURNING before.reading_since AS since`,
        [id],
      ),
    );
    return row?.since ?? null;
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

  /** @returns the objects that have to be read again */
  private async store(
    calendar: Calendar,
    changes: readonly Change[],
    source: ChangeSource,
    run: SyncRun,
    cause: Cause,
  ): Promise<readonly string[]> {
    const prepared = await this.mirror.prepare(calendar, changes);
    const unreadable = changes.flatMap((change) => (change.kind === "unreadable" ? [change] : []));
    return this.database.inTenant(run.tenantId, async (tx) => {
      await this.stopIfUnwanted(tx, calendar, run);
      const counts = await this.mirror.apply(tx, calendar, prepared, source, cause);
      const named = unreadable.map(({ externalId, reason }) => ({ calendarId: calendar.id, externalId, reason }));
      run.skipped = [...run.skipped, ...named].slice(0, namedSkips);
      run.skippedTotal += unreadable.length;
      addCounts(run, counts);
      await this.saveProgress(tx, run);
      return counts.leftOut;
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

  private async finish(
    run: SyncRun,
    state: "SUCCEEDED" | "FAILED" | "CANCELLED",
    cause: Cause,
    error?: unknown,
  ): Promise<void> {
    await this.database.inTenant(run.tenantId, async (tx) => {
      const now = this.now();
      const integration = await lockIntegration(tx, run.integrationId);
      Object.assign(run, { state, finishedAt: now, problem: state === "FAILED" ? problemOf(error) : null });
      await this.saveProgress(tx, run);
      if (!integration) return;
      if (state === "SUCCEEDED") {
        if (run.calendarId === null) await this.noteComplete(tx, integration, run, now);
        this.record(tx, "sync.finished", run, syncCountsData(run), askedBy(run));
        await this.health.succeeded(tx, integration, cause);
      } else if (state === "CANCELLED") {
        this.record(tx, "sync.cancelled", run, syncCountsData(run), askedBy(run));
      } else {
        const { code, message, remedy } = problemOf(error);
        const data = { ...syncCountsData(run), problem: { code, message, remedy } };
        this.record(tx, "sync.failed", run, data, askedBy(run));
        await this.health.failed(tx, integration, error, cause);
      }
    });
  }

  private async noteComplete(tx: TenantTransaction, { id }: Integration, { full }: SyncRun, now: Date): Promise<void> {
    await tx.query(
      "UPDATE integration SET last_synced_at = $2, last_compared_at = CASE WHEN $3 THEN $2 ELSE last_compared_at END WHERE id = $1",
      [id, now, full],
    );
  }

  private async saveProgress(tx: TenantTransaction, run: SyncRun): Promise<void> {
    // Whether somebody asked to cancel it is theirs to write.
    const { cancelRequested: _theirs, ...progress } = run;
    await tx.manager.update(SyncRun, { tenantId: run.tenantId, id: run.id }, progress as never);
  }

  private record<T extends Extract<RecordedEventType, `sync.${string}`>>(
    tx: TenantTransaction,
    type: T,
    run: SyncRun,
    data: Parameters<typeof this.log.record<T>>[1]["data"],
    cause: Cause,
  ): void {
    this.log.record(tx, { type, integrationId: run.integrationId, subjectId: run.id, data, cause });
  }
}

function nameOf(change: Change): string {
  return change.kind === "upserted" ? change.object.externalId : change.externalId;
}

/** What became of one object, asked for by name. */
async function lookUp(
  { provider, account }: Pick<OpenAccount, "provider" | "account">,
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

function addCounts(run: SyncRun, { created, updated, deleted }: MirrorCounts): void {
  run.created += created;
  run.updated += updated;
  run.deleted += deleted;
}

/** A sync is somebody's doing; what it finds is the provider's. */
function askedBy({ requestedBy, correlationId }: SyncRun): Cause {
  const kind = requestedBy === null ? "SYSTEM" : "USER";
  return { actor: { kind, id: requestedBy }, correlationId };
}

function isRetryable(error: unknown): boolean {
  return !isIntegrationError(error) || error.retryable;
}
