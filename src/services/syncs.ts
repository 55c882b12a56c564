import { IsNull, Not } from "typeorm";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { SyncRun, type SyncRunState, type SyncTrigger } from "../entities/sync-run.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { CalendarPush } from "../providers/calendar/provider.ts";
import { calendarPushOf, providerWith } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import { visibleSql } from "./access-policy.ts";
import { requireUsable } from "./accounts.ts";
import { lockChangeable, lockIntegration, notFound } from "./found-integration.ts";
import { isId, newId, possibleIds } from "./id.ts";
import { syncCountsData } from "./integration-events.ts";
import { type Night, nextTurn } from "./night.ts";
import { checkFirst, cursorsOf, lastIdIn, type Page, type PageRequest, pageOf } from "./page.ts";
import type { Polling } from "./polling.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export type { SyncRun } from "../entities/sync-run.ts";

export interface SyncRunFilter {
  readonly integrationId?: string | null;
  readonly states?: readonly SyncRunState[] | null;
  readonly correlationId?: string | null;
}

/** What kind of sync is wanted. */
export interface SyncWish {
  readonly trigger: SyncTrigger;
  readonly requestedBy: string | null;
  /** Reads everything, whatever the cursors say. */
  readonly full: boolean;
  /** This calendar alone; all that are mirrored when left out. */
  readonly calendarId?: string | null;
  /** At once when left out. */
  readonly startAt?: Date;
  /** The vendor's message that asks for it. */
  readonly askedBy?: { readonly id: string; readonly correlationId: string };
  /** What it belongs to, where no message asks for it; it stands for itself when left out. */
  readonly correlationId?: string;
}

/** Whether an integration is read by a schedule. A job board is not: it is asked about one posting after the other. */
export function isSynced({ provider }: Pick<Integration, "provider">): boolean {
  return providerWith(provider).kind === "CALENDAR";
}

/** Activity is noted no more often. */
const activityStepMs = 60_000;

/** What was compared so short a time ago is not compared again tonight. */
const comparedLatelyMs = 12 * 60 * 60 * 1000;

/** Asking for syncs, and asking how they went. `SyncRunner` does them. */
export class Syncs {
  constructor(
    private readonly database: Database,
    private readonly queue: Queue,
    private readonly log: EventLog,
    private readonly now: () => Date,
    /** When integrations are compared; null for never. */
    private readonly night: Night | null,
    private readonly polling: Polling,
  ) {}

  /**
   * Asks for a sync. One that is waiting already will do; it becomes a full one if that was asked for, and this
   * person's if it was nobody's.
   *
   * @throws {IntegrationError} NOT_FOUND, FORBIDDEN, REAUTHORIZATION_REQUIRED
   */
  async request(
    viewer: Viewer,
    integrationId: string,
    { full, correlationId }: { full: boolean; correlationId?: string },
  ): Promise<SyncRun> {
    requireScope(viewer, "integrations:write");
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integration = await lockChangeable(tx, viewer, integrationId);
      if (integration.status === "DISCONNECTED") throw notFound();
      requireUsable(integration);
      if (isSynced(integration)) await this.noteActivity(tx, [integration.id]);
      const wish = { trigger: "MANUAL" as const, requestedBy: viewer.userId, full };
      return this.enqueue(tx, integration, { ...wish, ...(correlationId && { correlationId }) });
    });
  }

  /** A first sync of an account that has just been connected, and the schedule of those that follow. */
  async begin(
    tx: TenantTransaction,
    integration: Integration,
    { requestedBy, correlationId }: { readonly requestedBy: string; readonly correlationId: string },
  ): Promise<void> {
    if (!isSynced(integration)) return;
    await this.enqueue(tx, integration, { trigger: "CONNECT", requestedBy, full: false, correlationId });
    await this.schedule(tx, integration);
    await this.scheduleReconcile(tx, integration);
  }

  /**
   * The scheduled sync, and the next turn of the schedule. Harmless twice: a waiting run is not joined by another, and
   * one that failed and is tried again will do.
   */
  async requestScheduled(tenantId: string, integrationId: string): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockIntegration(tx, integrationId);
      // The schedule ends here; connecting again begins a new one. A refused password is not tried again by itself.
      if (!integration || integration.status === "DISCONNECTED" || integration.status === "NEEDS_REAUTH") return;
      if (!(await isTriedAgain(tx, integration))) {
        await this.enqueue(tx, integration, { trigger: "SCHEDULE", requestedBy: null, full: false });
      }
      await this.schedule(tx, integration);
    });
  }

  /** The nightly comparison, and the next night's. Harmless twice: a waiting run is not joined by another. */
  async requestReconcile(tenantId: string, integrationId: string): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockIntegration(tx, integrationId);
      // It ends like the schedule; housekeeping begins it again.
      if (!this.night || !integration || !["ACTIVE", "DEGRADED"].includes(integration.status)) return;
      const comparedMs = integration.lastComparedAt?.getTime() ?? 0;
      if (this.now().getTime() - comparedMs > comparedLatelyMs) {
        await this.enqueue(tx, integration, { trigger: "RECONCILE", requestedBy: null, full: true });
      }
      await this.scheduleReconcile(tx, integration);
    });
  }

  /** Sets the next nightly comparison, unless one is set already. */
  async scheduleReconcile(tx: TenantTransaction, { tenantId, id: integrationId }: Integration): Promise<void> {
    if (!this.night) return;
    const startAt = nextTurn(this.night, integrationId, this.now());
    await this.queue.enqueue(tx, "reconcile", { tenantId, integrationId }, { key: integrationId, startAt });
  }

  /** Sets the next turn of the schedule. */
  async schedule(tx: TenantTransaction, integration: Integration): Promise<void> {
    await this.setTurn(tx, integration, await this.nextTurn(tx, integration));
  }

  /**
   * Something happens in these integrations, or somebody wants them fresh: for a while they are read as often as their
   * providers bear. One that somebody else holds right now is left out, so that nobody waits for it.
   */
  async noteActivity(tx: TenantTransaction, integrationIds: readonly string[]): Promise<void> {
    const now = this.now();
    const noted = await tx.query<{ id: string }>(
      `WITH noted AS (
         UPDATE integration SET active_at = $2 WHERE id IN (
           SELECT id FROM integration
           WHERE id = ANY($1) AND status IN ('ACTIVE', 'DEGRADED') AND (active_at IS NULL OR active_at < $3)
           ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
         ) RETURNING id
       ) SELECT id FROM noted ORDER BY id`,
      [integrationIds, now, new Date(now.getTime() - activityStepMs)],
    );
    for (const { id } of noted) {
      const integration = await tx.manager.findOneByOrFail(Integration, { tenantId: tx.tenantId, id });
      const startAt = await this.nextTurn(tx, integration);
      if (integration.nextSyncAt && startAt < integration.nextSyncAt) await this.setTurn(tx, integration, startAt);
    }
  }

  private async nextTurn(tx: TenantTransaction, integration: Integration): Promise<Date> {
    const push = calendarPushOf(integration.provider);
    const now = this.now();
    const polledAt = new Date(now.getTime() + this.polling.intervalOf(integration, now).seconds * 1000);
    if (!push || integration.syncIntervalSeconds !== null) return polledAt;
    const watchedUntil = await this.watchedUntil(tx, integration, push);
    return watchedUntil > polledAt ? watchedUntil : polledAt;
  }

  private async setTurn(tx: TenantTransaction, integration: Integration, startAt: Date): Promise<void> {
    const { tenantId, id: integrationId } = integration;
    integration.nextSyncAt = startAt;
    await tx.query("UPDATE integration SET next_sync_at = $2 WHERE id = $1", [integrationId, startAt]);
    await this.queue.reschedule(tx, "schedule-sync", { tenantId, integrationId }, { key: integrationId, startAt });
  }

  /**
   * How long the vendor itself is relied on to tell of changes: no longer than its channels last, and only when every
   * mirrored calendar has one that has been heard of.
   */
  private async watchedUntil(
    tx: TenantTransaction,
    { id }: Integration,
    { backstopSeconds }: CalendarPush,
  ): Promise<Date> {
    const backstop = new Date(this.now().getTime() + backstopSeconds * 1000);
    const [watch] = await tx.query<{ until: Date | null }>(
      `SELECT CASE WHEN bool_and(channel.until IS NOT NULL) THEN least(min(channel.until), $2) END AS until
       FROM calendar CROSS JOIN LATERAL (
         SELECT max(expires_at) AS until FROM push_channel
         WHERE calendar_id = calendar.id AND state = 'LIVE' AND last_message_at IS NOT NULL
       ) channel
       WHERE calendar.integration_id = $1 AND calendar.selected`,
      [id, backstop],
    );
    return watch?.until ?? new Date(0);
  }

  /** The run that waits, and reads this calendar: it begins no sooner than the transaction ends. Null when none does. */
  async waitingFor(
    tx: TenantTransaction,
    integrationId: string,
    calendarId: string | null,
  ): Promise<Pick<SyncRun, "id" | "correlationId"> | null> {
    const [run] = await tx.query<Pick<SyncRun, "id" | "correlationId">>(
      `SELECT id, correlation_id AS "correlationId" FROM sync_run
       WHERE integration_id = $1 AND state = 'QUEUED' AND (calendar_id IS NULL OR calendar_id = $2)
       ORDER BY calendar_id NULLS FIRST LIMIT 1 FOR SHARE SKIP LOCKED`,
      [integrationId, calendarId],
    );
    return run ?? null;
  }

  async enqueue(tx: TenantTransaction, { tenantId, id: integrationId }: Integration, wish: SyncWish): Promise<SyncRun> {
    const { trigger, requestedBy, full, calendarId = null, startAt } = wish;
    const queuedAt = this.now();
    const id = newId(queuedAt);
    const { askedBy } = wish;
    const correlationId = askedBy?.correlationId ?? wish.correlationId ?? newId(queuedAt);
    const waiting = { tenantId, integrationId, state: "QUEUED" } as const;
    // One of all calendars that waits reads this one as well.
    const ofAll =
      calendarId === null ? null : await tx.manager.findOneBy(SyncRun, { ...waiting, calendarId: IsNull() });
    if (ofAll) return ofAll;
    await tx.query(
      `INSERT INTO sync_run (tenant_id, id, integration_id, calendar_id, trigger, requested_by, "full", state,
         cancel_requested, attempts, calendars_total, calendars_done, created, updated, deleted, skipped, skipped_total,
         correlation_id, causation_id, queued_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'QUEUED', false, 0, 0, 0, 0, 0, 0, '[]', 0, $8, $9, $10)
       ON CONFLICT ${calendarId === null ? "(tenant_id, integration_id) WHERE state = 'QUEUED' AND calendar_id IS NULL" : "(tenant_id, calendar_id) WHERE state = 'QUEUED' AND calendar_id IS NOT NULL"}
       DO UPDATE SET "full" = sync_run."full" OR excluded."full",
         trigger = CASE WHEN sync_run.requested_by IS NULL AND excluded.requested_by IS NOT NULL
           THEN excluded.trigger ELSE sync_run.trigger END,
         requested_by = coalesce(sync_run.requested_by, excluded.requested_by)`,
      [
        tenantId,
        id,
        integrationId,
        calendarId,
        trigger,
        requestedBy,
        full,
        correlationId,
        askedBy?.id ?? null,
        queuedAt,
      ],
    );
    const run = await tx.manager.findOneByOrFail(SyncRun, { ...waiting, calendarId: calendarId ?? IsNull() });
    if (run.id === id) {
      const payload = { tenantId, integrationId, syncRunId: id };
      await this.queue.enqueue(tx, "run-sync", payload, { key: integrationId, ...(startAt && { startAt }) });
    }
    return run;
  }

  /** Stops a run: a waiting one at once, a running one after the batch it is at. What is over stays as it is. */
  async cancel(viewer: Viewer, id: string, cause: Cause): Promise<SyncRun> {
    requireScope(viewer, "integrations:write");
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const known = isId(id) ? await tx.manager.findOneBy(SyncRun, { tenantId: viewer.tenantId, id }) : null;
      if (!known) throw notFound();
      await lockChangeable(tx, viewer, known.integrationId);
      const run = await tx.manager.findOneOrFail(SyncRun, {
        where: { tenantId: viewer.tenantId, id },
        lock: { mode: "pessimistic_write" },
      });
      if (run.state === "QUEUED") {
        Object.assign(run, { state: "CANCELLED", finishedAt: this.now() });
        this.log.record(tx, {
          type: "sync.cancelled",
          integrationId: run.integrationId,
          subjectId: run.id,
          data: syncCountsData(run),
          cause: { ...cause, correlationId: run.correlationId, causationId: run.id },
        });
      }
      if (run.state === "RUNNING") run.cancelRequested = true;
      return tx.manager.save(SyncRun, run);
    });
  }

  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, SyncRun>> {
    requireScope(viewer, "integrations:read");
    const runs = await this.database.inTenant(viewer.tenantId, (tx) =>
      this.visibleRuns(tx, viewer)
        .andWhere("run.id = ANY(:ids)", { ids: possibleIds(ids) })
        .getMany(),
    );
    return new Map(runs.map((run) => [run.id, run]));
  }

  /** Newest first. @throws {IntegrationError} INVALID_INPUT */
  async list(viewer: Viewer, filter: SyncRunFilter, { first, after }: PageRequest): Promise<Page<SyncRun>> {
    requireScope(viewer, "integrations:read");
    checkFirst(first);
    const cursors = cursorsOf("syncRuns", filter);
    const lastId = lastIdIn(cursors.read(after));
    const runs = await this.database.inTenant(viewer.tenantId, (tx) => {
      const query = this.visibleRuns(tx, viewer)
        .orderBy("run.id", "DESC")
        .take(first + 1);
      if (filter.integrationId != null)
        query.andWhere("run.integrationId = ANY(:of)", { of: possibleIds([filter.integrationId]) });
      if (filter.states) query.andWhere("run.state = ANY(:states)", { states: filter.states });
      if (filter.correlationId != null) {
        query.andWhere("run.correlationId = ANY(:correlations)", { correlations: possibleIds([filter.correlationId]) });
      }
      if (lastId) query.andWhere("run.id < :lastId", { lastId });
      return query.getMany();
    });
    return pageOf(runs, first, ({ id }) => cursors.write([id]));
  }

  private visibleRuns(tx: TenantTransaction, viewer: Viewer) {
    return tx.manager
      .createQueryBuilder(SyncRun, "run")
      .innerJoin(
        Integration,
        "integration",
        "integration.tenantId = run.tenantId AND integration.id = run.integrationId",
      )
      .where(visibleSql(viewer, "existence"), { viewerId: viewer.userId })
      .andWhere("run.tenantId = :tenantId", { tenantId: viewer.tenantId });
  }
}

/** Whether a sync of all calendars has failed, and comes again by itself. */
async function isTriedAgain(tx: TenantTransaction, { tenantId, id: integrationId }: Integration): Promise<boolean> {
  const run = { tenantId, integrationId, calendarId: IsNull(), state: "RUNNING", problem: Not(IsNull()) } as const;
  return tx.manager.existsBy(SyncRun, run);
}
