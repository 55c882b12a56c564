import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { CalendarEvent } from "../entities/calendar-event.ts";
import { Integration } from "../entities/integration.ts";
import { Tenant } from "../entities/tenant.ts";
import type { Queue } from "../queue/queue.ts";
import { idleMs } from "./access-tokens.ts";
import { resumeApplications } from "./application-tasks.ts";
import { resumeDeliveries } from "./delivery-tasks.ts";
import { forgetCalendar } from "./forget-calendar.ts";
import { purgeAfterMs } from "./integrations.ts";
import type { KeyRotation } from "./key-rotation.ts";
import { type Occurrences, occurrencesOfRows, replaceOccurrences } from "./occurrences.ts";
import { resumePostings } from "./posting-tasks.ts";
import { keepPushSoon } from "./push-channels.ts";
import { storedWindow } from "./stored-window.ts";
import { isSynced, type Syncs } from "./syncs.ts";

const dayMs = 24 * 60 * 60 * 1000;
/** What is this late will not come by itself. */
const overdueMs = 60 * 60 * 1000;
const tombstoneDays = 30;
const syncRunDays = 30;
/** Of those that had nothing to read, of which there is one every 30 seconds. */
const quietSyncRunDays = 1;
/** Messages that never became an application. */
const undoneDays = 90;
/** Grants that were given together are not renewed together. */
const spreadMs = 12 * 60 * 60 * 1000;
/** Series of one statement's reach; also how many are expanded between two transactions. */
const batchSize = 200;

/** What has to be done now and then so that nothing grows without end and nothing stops for ever. */
export class Housekeeping {
  constructor(
    private readonly database: Database,
    private readonly occurrences: Occurrences,
    private readonly syncs: Syncs,
    private readonly queue: Queue,
    private readonly keys: KeyRotation,
    private readonly now: () => Date,
    private readonly eventRetentionDays: number,
    private readonly rawRetentionDays: number,
    private readonly applicationRetentionDays: number,
  ) {}

  /** Makes sure that every tenant's house is kept. Harmless twice: a waiting task is not joined by another. */
  async keepAll(): Promise<void> {
    const tenants = await this.database.asSystem((manager) => manager.find(Tenant));
    for (const { tenantId } of tenants) {
      await this.database.inTenant(tenantId, (tx) =>
        this.queue.enqueue(tx, "keep-house", { tenantId }, { key: tenantId }),
      );
    }
    await this.start(new Date(this.now().getTime() + dayMs));
  }

  /** Sets the next daily turn; at start-up, the first one. */
  async start(startAt: Date): Promise<void> {
    await this.queue.enqueueAlone("keep-houses", {}, { key: "all", startAt });
  }

  /** Removes what is past its retention, and restarts schedules that were lost. */
  async keep(tenantId: string): Promise<void> {
    const before = (days: number) => new Date(this.now().getTime() - days * dayMs);
    await this.database.inTenant(tenantId, async (tx) => {
      await tx.query("DELETE FROM calendar_event WHERE deleted_at < $1", [before(tombstoneDays)]);
      await tx.query("DELETE FROM idempotency_key WHERE expires_at < $1", [this.now()]);
      await tx.query("DELETE FROM route WHERE expires_at < $1", [this.now()]);
      await tx.query("DELETE FROM oauth_flow WHERE expires_at < $1", [before(1)]);
      // Nobody has consented, and the link is long over.
      await tx.query("DELETE FROM integration WHERE status = 'CONNECTING' AND updated_at < $1", [before(1)]);
      // What has not become anything yet is kept until it has, or nobody can want it any more.
      await tx.query(
        `DELETE FROM inbound_delivery WHERE received_at < $2 OR (received_at < $1 AND state NOT IN ('RECEIVED', 'FAILED'))`,
        [before(this.rawRetentionDays), before(Math.max(this.rawRetentionDays, undoneDays))],
      );
      await removeApplications(tx, before(this.applicationRetentionDays));
      await tx.query(
        "DELETE FROM sync_run WHERE finished_at < $1 OR (finished_at < $2 AND state = 'SUCCEEDED' AND NOT announced)",
        [before(syncRunDays), before(quietSyncRunDays)],
      );
      // A run whose task was lost would be waited for, and joined, for ever.
      const stuck = await tx.query<{ id: string; integrationId: string }>(
        `SELECT id, integration_id AS "integrationId" FROM sync_run WHERE state IN ('QUEUED', 'RUNNING') AND queued_at < $1`,
        [new Date(this.now().getTime() - overdueMs)],
      );
      for (const { id: syncRunId, integrationId } of stuck) {
        await this.queue.enqueue(tx, "run-sync", { tenantId, integrationId, syncRunId }, { key: integrationId });
      }
      await resumePostings(this.queue, tx, { overdueSince: new Date(this.now().getTime() - overdueMs) });
      await resumeApplications(this.queue, tx, null);
      await resumeDeliveries(this.queue, tx);
      const live = await tx.manager.findBy(Integration, [
        { tenantId, status: "ACTIVE" },
        { tenantId, status: "DEGRADED" },
      ]);
      for (const integration of live.filter(isSynced)) {
        const { id: integrationId, nextSyncAt } = integration;
        const isLost = nextSyncAt === null || this.now().getTime() - nextSyncAt.getTime() > overdueMs;
        if (isLost) await this.syncs.schedule(tx, integration);
        await this.syncs.scheduleReconcile(tx, integration);
        await keepPushSoon(this.queue, tx, integration);
        await this.queue.enqueue(tx, "extend-occurrences", { tenantId, integrationId }, { key: integrationId });
      }
    });
    await this.keepGrantsAlive(tenantId);
    await this.keys.resealTenant(tenantId);
    // By itself: whoever writes an event holds rows first and the log's head last, and would wait here the other way round.
    await this.database.inTenant(tenantId, (tx) =>
      tx.query(
        `WITH expired AS (
           DELETE FROM event WHERE position <= (SELECT max(position) FROM event WHERE occurred_at < $1) RETURNING position
         )
         UPDATE event_head SET removed_until = greatest(removed_until, (SELECT max(position) FROM expired))
         WHERE EXISTS (SELECT FROM expired)`,
        [before(this.eventRetentionDays)],
      ),
    );
    await this.database.inTenant(tenantId, (tx) => removeDeliveries(tx, before(this.eventRetentionDays)));
  }

  /** Vendors forget a grant that nobody uses: each is renewed at least once a week, some time today. */
  private async keepGrantsAlive(tenantId: string): Promise<void> {
    const now = this.now().getTime();
    await this.database.inTenant(tenantId, async (tx) => {
      const idle = await tx.query<{ integrationId: string }>(
        `SELECT credential.integration_id AS "integrationId" FROM credential
         JOIN integration ON integration.tenant_id = credential.tenant_id AND integration.id = credential.integration_id
         WHERE expires_at IS NOT NULL AND renewed_at < $1 AND status IN ('ACTIVE', 'DEGRADED')`,
        [new Date(now - idleMs)],
      );
      for (const { integrationId } of idle) {
        const startAt = new Date(now + Math.random() * spreadMs);
        await this.queue.enqueue(tx, "keep-grant-alive", { tenantId, integrationId }, { key: integrationId, startAt });
      }
    });
  }

  /** Removes the mirrored data of an integration that stayed disconnected. */
  async purge(tenantId: string, integrationId: string): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      const integration = await tx.manager.findOneBy(Integration, { tenantId, id: integrationId });
      if (integration?.status !== "DISCONNECTED" || !integration.disconnectedAt) return;
      const startAt = new Date(integration.disconnectedAt.getTime() + purgeAfterMs);
      if (startAt > this.now()) {
        // It was connected again in the meantime, and disconnected again.
        await this.queue.enqueue(tx, "purge-integration", { tenantId, integrationId }, { key: integrationId, startAt });
        return;
      }
      for (const { id } of await tx.manager.findBy(Calendar, { tenantId, integrationId })) await forgetCalendar(tx, id);
      await tx.query("DELETE FROM calendar WHERE integration_id = $1", [integrationId]);
      await tx.query("UPDATE integration SET default_calendar_id = NULL WHERE id = $1", [integrationId]);
      await tx.query("DELETE FROM job_feed_fetch WHERE integration_id = $1", [integrationId]);
    });
  }

  /** Expands the series of an integration again, so that the stored window moves on with time. Nothing is announced. */
  async extend(tenantId: string, integrationId: string): Promise<void> {
    let after = "00000000-0000-0000-0000-000000000000";
    for (;;) {
      const series = await this.database.inTenant(tenantId, (tx) =>
        tx.manager
          .createQueryBuilder(CalendarEvent, "event")
          .where("event.tenantId = :tenantId AND event.integrationId = :integrationId", { tenantId, integrationId })
          .andWhere("event.kind = 'SERIES' AND event.deletedAt IS NULL AND event.id > :after", { after })
          .orderBy("event.id")
          .limit(batchSize)
          .getMany(),
      );
      const last = series.at(-1);
      if (!last) return;
      after = last.id;
      await this.expandAgain(tenantId, series);
    }
  }

  private async expandAgain(tenantId: string, series: readonly CalendarEvent[]): Promise<void> {
    const calendars = await this.database.inTenant(tenantId, (tx) => tx.manager.findBy(Calendar, { tenantId }));
    for (const calendar of calendars) {
      const own = series.filter(({ calendarId }) => calendarId === calendar.id);
      if (own.length === 0) continue;
      const expansions = await this.occurrences.within(storedWindow(this.now()), own, calendar.timeZone);
      await this.database.inTenant(tenantId, async (tx) => {
        const current = await tx.manager
          .createQueryBuilder(CalendarEvent, "event")
          .where("event.tenantId = :tenantId AND event.deletedAt IS NULL", { tenantId })
          .andWhere("(event.id = ANY(:ids) OR event.seriesId = ANY(:ids))", { ids: own.map(({ id }) => id) })
          .orderBy("event.id")
          // A sync that is at one of them waits, and then expands it itself.
          .setLock("pessimistic_read")
          .getMany();
        // What changed meanwhile was expanded when it changed; what cannot be expanded keeps what it has.
        const unchanged = own.filter(
          ({ id, version }) =>
            expansions.get(id)?.kind === "expanded" && current.some((row) => row.id === id && row.version === version),
        );
        const rows = unchanged.flatMap((one) => {
          const changed = current.filter(({ seriesId }) => seriesId === one.id);
          return occurrencesOfRows(one, changed, expansions.get(one.id), calendar.timeZone);
        });
        await replaceOccurrences(
          tx,
          calendar.id,
          unchanged.map(({ id }) => id),
          rows,
        );
      });
    }
  }
}

/** All that is known of applicants who applied so long ago. */
async function removeApplications(tx: TenantTransaction, before: Date): Promise<void> {
  const old = "(SELECT id FROM job_application WHERE received_at < $1)";
  for (const part of ["eeo", "file", "step"]) {
    await tx.query(`DELETE FROM job_application_${part} WHERE job_application_id IN ${old}`, [before]);
  }
  await tx.query("DELETE FROM job_application WHERE received_at < $1", [before]);
}

/** What was sent is known as long as its event is: as long it can be told what was missed. */
async function removeDeliveries(tx: TenantTransaction, before: Date): Promise<void> {
  const old = `(SELECT id FROM webhook_delivery WHERE state <> 'PENDING' AND (
     position <= (SELECT removed_until FROM event_head) OR (position IS NULL AND created_at < $1)))`;
  await tx.query(`DELETE FROM webhook_attempt WHERE delivery_id IN ${old}`, [before]);
  await tx.query(`DELETE FROM webhook_delivery WHERE id IN ${old}`, [before]);
}
