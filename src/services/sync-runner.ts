import type { Database } from "../database/database.ts";
import { databaseTime } from "../database/database-time.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { type Drift, Integration } from "../entities/integration.ts";
import { SyncRun } from "../entities/sync-run.ts";
import { isHeldBack, isIntegrationError } from "../errors.ts";
import type { RecordedEventType } from "../events/catalogue.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import { providerWith } from "../providers/registry.ts";
import { type Accounts, type OpenCalendarAccount, requireUsable } from "./accounts.ts";
import type { BoardReader } from "./board-reader.ts";
import type { CalendarList } from "./calendar-list.ts";
import { type CalendarReader, Cancelled, saveProgress } from "./calendar-reader.ts";
import { lockIntegration } from "./found-integration.ts";
import { causedByProvider, syncCountsData, syncRunData } from "./integration-events.ts";
import type { IntegrationHealth } from "./integration-health.ts";
import { problemOf } from "./problem.ts";
import type { Syncs } from "./syncs.ts";
import { passOverUnchanged } from "./unchanged-calendars.ts";

/** Told when a run is over, for whoever counts. */
export type SyncObserver = (run: { provider: string; state: string; durationMs: number }) => void;

/** Does one sync, calendar by calendar, and tells how it went. */
export class SyncRunner {
  constructor(
    private readonly database: Database,
    private readonly accounts: Pick<Accounts, "openCalendars">,
    private readonly board: Pick<BoardReader, "read">,
    private readonly calendarList: CalendarList,
    private readonly reader: CalendarReader,
    private readonly health: IntegrationHealth,
    private readonly syncs: Pick<Syncs, "noteActivity">,
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
      await this.read(run, provider, cause, signal);
      await this.finish(run, "SUCCEEDED", cause);
    } catch (error) {
      if (error instanceof Cancelled) {
        await this.finish(run, "CANCELLED", cause);
      } else if (signal.aborted) {
        throw error;
      } else if (isHeldBack(error)) {
        await this.putBack(run, cause, error);
        throw error;
      } else if (isRetryable(error) && !isLastAttempt) {
        await this.troubled(run, error);
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
      // Locked: until it is RUNNING a person may join it, and then it is no routine any more.
      const run = await tx.manager.findOne(SyncRun, { where: { tenantId, id }, lock: { mode: "pessimistic_write" } });
      if (!run || (run.state !== "QUEUED" && run.state !== "RUNNING")) return null;
      const integration = await tx.manager.findOneBy(Integration, { tenantId, id: run.integrationId });
      if (!integration) return null;
      const cause = causedByProvider(integration.provider, run.correlationId, run.id);
      const fresh = { calendarsTotal: 0, calendarsDone: 0, skipped: [], skippedTotal: 0 };
      Object.assign(run, fresh, {
        state: "RUNNING",
        attempts: run.attempts + 1,
        drift: run.full ? (run.drift ?? 0) : null,
        startedAt: run.startedAt ?? this.now(),
      });
      if (!isRoutine(run)) this.announce(tx, run);
      await saveProgress(tx, run);
      return { run, cause, provider: integration.provider };
    });
  }

  private async read(run: SyncRun, providerId: string, cause: Cause, signal: AbortSignal): Promise<void> {
    const { tenantId, integrationId, calendarId } = run;
    const provider = providerWith(providerId);
    if (provider.kind === "JOB_BOARD") {
      // Nothing is compared, and nothing of it stored: what is asked for comes by tasks.
      run.board = await this.board.read(tenantId, integrationId, provider);
      run.drift = null;
      return;
    }
    const opened = await this.accounts.openCalendars(tenantId, integrationId, signal);
    requireUsable(opened.integration);
    const { toRead, beganAt } = await (calendarId === null
      ? this.readCalendars(opened, run, cause)
      : this.oneCalendar(run, calendarId));
    for (const calendar of toRead) await this.reader.read({ opened, calendar, beganAt, run, cause });
  }

  private async readCalendars(
    { integration, provider, account }: OpenCalendarAccount,
    run: SyncRun,
    cause: Cause,
  ): Promise<{ toRead: readonly Calendar[]; beganAt: Date }> {
    const listed = await provider.listCalendars(account);
    return this.database.inTenant(run.tenantId, async (tx) => {
      await lockIntegration(tx, integration.id);
      const calendars = await this.calendarList.update(tx, integration, listed, cause);
      const selected = calendars.filter((calendar) => calendar.selected);
      const unchanged = isRoutine(run) ? await passOverUnchanged(tx, selected, listed, this.now()) : new Set();
      run.calendarsTotal = selected.length;
      run.calendarsDone = unchanged.size;
      const toRead = selected.filter(({ id }) => !unchanged.has(id));
      if (toRead.length > 0) this.announce(tx, run);
      await saveProgress(tx, run);
      return { toRead, beganAt: await databaseTime(tx) };
    });
  }

  /** The calendar that a vendor has told of; none when it is no longer mirrored. */
  private oneCalendar(run: SyncRun, id: string): Promise<{ toRead: readonly Calendar[]; beganAt: Date }> {
    return this.database.inTenant(run.tenantId, async (tx) => {
      const toRead = await tx.manager.findBy(Calendar, { tenantId: run.tenantId, id, selected: true });
      run.calendarsTotal = toRead.length;
      this.announce(tx, run);
      await saveProgress(tx, run);
      return { toRead, beganAt: await databaseTime(tx) };
    });
  }

  /** It is tried again; until then people can read why. */
  private async troubled(run: SyncRun, error: unknown): Promise<void> {
    run.problem = problemOf(error);
    await this.database.inTenant(run.tenantId, async (tx) => {
      this.announce(tx, run);
      await saveProgress(tx, run);
    });
  }

  private async finish(
    run: SyncRun,
    state: "SUCCEEDED" | "FAILED" | "CANCELLED",
    cause: Cause,
    error?: unknown,
  ): Promise<void> {
    await this.database.inTenant(run.tenantId, async (tx) => {
      const integration = await lockIntegration(tx, run.integrationId);
      Object.assign(run, { state, finishedAt: this.now(), problem: state === "FAILED" ? problemOf(error) : null });
      if (integration && state !== "SUCCEEDED") this.announce(tx, run);
      await saveProgress(tx, run);
      if (!integration) return;
      await this.noteDrift(tx, integration, run);
      if (run.created + run.updated + run.deleted > 0) await this.syncs.noteActivity(tx, [integration.id]);
      if (state === "SUCCEEDED") {
        if (run.announced) this.record(tx, "sync.finished", run, syncCountsData(run), askedBy(run));
        // Of a board nothing was read yet.
        if (run.board === null) await this.noteRead(tx, integration, run, cause);
      } else if (state === "CANCELLED") {
        this.record(tx, "sync.cancelled", run, syncCountsData(run), askedBy(run));
      } else {
        const { code, message, remedy } = problemOf(error);
        const data = { ...syncCountsData(run), problem: { code, message, remedy } };
        this.record(tx, "sync.failed", run, data, askedBy(run));
        await this.health.failed(tx, integration, error, cause, run.startedAt);
      }
    });
  }

  /** Nothing is said when nothing was found. */
  private async noteDrift(tx: TenantTransaction, { id }: Integration, run: SyncRun): Promise<void> {
    const complete = run.state === "SUCCEEDED";
    if (run.drift === null || (run.drift === 0 && !complete)) return;
    const drift: Drift = { comparedAt: this.now().toISOString(), differences: run.drift, complete };
    await tx.query("UPDATE integration SET drift = $2 WHERE id = $1", [id, JSON.stringify(drift)]);
    if (run.drift === 0) return;
    this.record(tx, "sync.drift_found", run, { ...syncCountsData(run), differences: run.drift }, askedBy(run));
  }

  /** We kept its calls back: it waits as before, so that whoever asks for a sync meanwhile shares it. */
  private async putBack({ tenantId, id, integrationId }: SyncRun, cause: Cause, error: unknown): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockIntegration(tx, integrationId);
      await tx.query(
        `UPDATE sync_run run SET state = 'QUEUED' WHERE id = $1 AND state = 'RUNNING' AND NOT EXISTS (
           SELECT FROM sync_run other WHERE other.integration_id = run.integration_id AND other.state = 'QUEUED'
             AND other.calendar_id IS NOT DISTINCT FROM run.calendar_id
         )`,
        [id],
      );
      if (integration) await this.health.failed(tx, integration, error, cause);
    });
  }

  private async noteRead(
    tx: TenantTransaction,
    integration: Integration,
    { calendarId, full }: SyncRun,
    cause: Cause,
  ): Promise<void> {
    if (calendarId === null) {
      await tx.query(
        "UPDATE integration SET last_synced_at = $2, last_compared_at = CASE WHEN $3 THEN $2 ELSE last_compared_at END WHERE id = $1",
        [integration.id, this.now(), full],
      );
    }
    await this.health.succeeded(tx, integration, cause);
  }

  /** Tells once that it began. A routine one is told of as soon as there is something to tell, which mostly there is not. */
  private announce(tx: TenantTransaction, run: SyncRun): void {
    if (run.announced) return;
    run.announced = true;
    this.record(tx, "sync.started", run, syncRunData(run), { ...askedBy(run), causationId: run.causationId });
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

/** A sync is somebody's doing; what it finds is the provider's. */
function askedBy({ id, requestedBy, correlationId }: SyncRun): Cause {
  const kind = requestedBy === null ? "SYSTEM" : "USER";
  return { actor: { kind, id: requestedBy }, correlationId, causationId: id };
}

/** Nobody wants to know for sure: what the vendor's listing says of a calendar is enough. */
function isRoutine({ trigger, full }: SyncRun): boolean {
  return trigger === "SCHEDULE" && !full;
}

function isRetryable(error: unknown): boolean {
  return !isIntegrationError(error) || error.retryable;
}
