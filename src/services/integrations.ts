import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { Integration, type IntegrationStatus, type Visibility } from "../entities/integration.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { Freshness } from "../providers/provider.ts";
import { jobBoard, type Provider, providerWith } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import type { LinkTokens } from "../security/link-token.ts";
import { mayChange, visibleSql } from "./access-policy.ts";
import { type Accounts } from "./accounts.ts";
import { interactivePatienceMs } from "./call-gates.ts";
import { firstPagesOf } from "./first-pages.ts";
import { forgetCalendar } from "./forget-calendar.ts";
import {
  findVisible,
  lockChangeable,
  lockVisible,
  notFound,
  requireChangeable,
  waitsForConsent,
} from "./found-integration.ts";
import { possibleIds, possibleNames } from "./id.ts";
import { integrationData } from "./integration-events.ts";
import type { IntegrationHealth } from "./integration-health.ts";
import { checkFirst, cursorsOf, lastIdIn, type Page, type PageRequest, pageOf } from "./page.ts";
import type { Polling } from "./polling.ts";
import { approvalSetting, type PostingApproval } from "./posting-plan.ts";
import { keepPushSoon } from "./push-channels.ts";
import { isSynced, type Syncs } from "./syncs.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export type { Integration } from "../entities/integration.ts";

export interface IntegrationFilter {
  readonly providers?: readonly string[] | null;
  readonly statuses?: readonly IntegrationStatus[] | null;
  /** Only those of this user. */
  readonly ownerId?: string | null;
}

export interface IntegrationChanges {
  readonly label?: string | null | undefined;
  readonly visibility?: Visibility | null | undefined;
  /** The calendars to mirror, all of them. */
  readonly calendarIds?: readonly string[] | null | undefined;
  readonly defaultCalendarId?: string | null | undefined;
  /** Null leaves it to what happens in the calendars, between the provider's floor and its default. */
  readonly syncIntervalSeconds?: number | null | undefined;
  /** Of a job board: which postings somebody has to approve. */
  readonly postingApproval?: PostingApproval | null | undefined;
}

/** Mirrored data of a disconnected integration stays this long, in case it is connected again. */
export const purgeAfterMs = 24 * 60 * 60 * 1000;
/** A link to reconnect is good for this long from when it was asked for. */
const reconnectLinkMs = 7 * 24 * 60 * 60 * 1000;
const maxIntervalSeconds = 24 * 60 * 60;

/** The integrations of a tenant: who has which, how they are, and what they mirror. */
export class Integrations {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly syncs: Syncs,
    private readonly health: IntegrationHealth,
    private readonly queue: Queue,
    private readonly log: EventLog,
    private readonly links: LinkTokens,
    private readonly polling: Polling,
    private readonly now: () => Date,
    private readonly publicUrl: string,
  ) {}

  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, Integration>> {
    requireScope(viewer, "integrations:read");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      this.visible(tx, viewer)
        .andWhere("integration.id = ANY(:ids)", { ids: possibleIds(ids) })
        .getMany(),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Oldest first. @throws {IntegrationError} INVALID_INPUT */
  async list(viewer: Viewer, filter: IntegrationFilter, { first, after }: PageRequest): Promise<Page<Integration>> {
    requireScope(viewer, "integrations:read");
    checkFirst(first);
    const cursors = cursorsOf("integrations", filter);
    const lastId = lastIdIn(cursors.read(after));
    const rows = await this.database.inTenant(viewer.tenantId, (tx) => {
      const query = this.visible(tx, viewer)
        .orderBy("integration.id")
        .take(first + 1);
      if (filter.providers) query.andWhere("integration.provider = ANY(:providers)", { providers: filter.providers });
      if (filter.statuses) query.andWhere("integration.status = ANY(:statuses)", { statuses: filter.statuses });
      if (filter.ownerId != null)
        query.andWhere("integration.ownerId = ANY(:owners)", { owners: possibleNames([filter.ownerId]) });
      if (lastId) query.andWhere("integration.id > :lastId", { lastId });
      return query.getMany();
    });
    return pageOf(rows, first, ({ id }) => cursors.write([id]));
  }

  /** The first page of each user's own, as `list` gives it, in a fixed number of statements. */
  async firstPages(
    viewer: Viewer,
    ownerIds: readonly string[],
    first: number,
  ): Promise<ReadonlyMap<string, Page<Integration>>> {
    requireScope(viewer, "integrations:read");
    checkFirst(first);
    return this.database.inTenant(viewer.tenantId, (tx) =>
      firstPagesOf(tx, Integration, this.visible(tx, viewer), {
        by: "ownerId",
        names: ownerIds,
        order: "ASC",
        first,
        cursorsFor: (ownerId) => cursorsOf("integrations", { ownerId }),
      }),
    );
  }

  /** @throws {IntegrationError} NOT_FOUND, FORBIDDEN, INVALID_INPUT */
  async update(viewer: Viewer, id: string, changes: IntegrationChanges, cause: Cause): Promise<Integration> {
    requireScope(viewer, "integrations:write");
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const integration = await lockChangeable(tx, viewer, id);
      if (integration.status === "DISCONNECTED") throw notFound();
      if (changes.label !== undefined) integration.label = changes.label;
      if (changes.visibility) integration.visibility = changes.visibility;
      if (changes.syncIntervalSeconds !== undefined) {
        if (!isSynced(integration)) throw withoutInterval();
        integration.syncIntervalSeconds = checkedInterval(
          this.polling.freshnessOf(integration.provider),
          changes.syncIntervalSeconds,
        );
      }
      if (changes.postingApproval) {
        // Only a board has postings.
        jobBoard(integration.provider);
        integration.settings = { ...integration.settings, [approvalSetting]: changes.postingApproval };
      }
      if (changes.calendarIds) await this.select(tx, viewer, integration, changes.calendarIds);
      if (changes.defaultCalendarId !== undefined) {
        integration.defaultCalendarId = await this.checkedDefault(tx, integration, changes.defaultCalendarId);
      }
      integration.updatedAt = this.now();
      await tx.manager.save(Integration, integration);
      if (changes.syncIntervalSeconds !== undefined && integration.status !== "NEEDS_REAUTH") {
        await this.syncs.schedule(tx, integration);
      }
      this.record(tx, "integration.updated", integration, cause);
      return integration;
    });
  }

  /** For those who may change it; null when it is not theirs. */
  async findOwn(viewer: Viewer, id: string): Promise<Integration | null> {
    requireScope(viewer, "integrations:write");
    return this.database.inTenant(viewer.tenantId, async (tx) => {
      const found = await this.visible(tx, viewer)
        .andWhere("integration.id = ANY(:ids)", { ids: possibleIds([id]) })
        .getOne();
      return found && mayChange(viewer, found) ? found : null;
    });
  }

  /** Calls the provider once, and believes what it answers. @throws what the call failed with, and UNSUPPORTED_CAPABILITY */
  async test(viewer: Viewer, id: string, cause: Cause): Promise<Integration> {
    requireScope(viewer, "integrations:write");
    await this.database.inTenant(viewer.tenantId, async (tx) => {
      const found = await findVisible(tx, viewer, id);
      requireChangeable(viewer, found);
      requireTrial(providerWith(found.provider));
    });
    const outcome = await this.tryOut(viewer.tenantId, id);
    const integration = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const current = await lockVisible(tx, viewer, id);
      const wasRefused = current.status === "NEEDS_REAUTH";
      if (outcome.error === null) await this.health.succeeded(tx, current, cause);
      else await this.health.failed(tx, current, outcome.error, cause);
      if (wasRefused && outcome.error === null && isSynced(current)) await this.syncs.schedule(tx, current);
      return current;
    });
    if (outcome.error) throw outcome.error;
    return integration;
  }

  /** A link that leads its owner back to the consent page; null when there is nothing to mend, or no such page. */
  async reconnectUrl(viewer: Viewer, integration: Integration): Promise<string | null> {
    const { tenantId, id: integrationId } = integration;
    if (!waitsForConsent(integration) || !mayChange(viewer, integration)) return null;
    const expiresAt = new Date(this.now().getTime() + reconnectLinkMs);
    const token = await this.links.issue({ tenantId, integrationId, userId: viewer.userId }, expiresAt);
    return `${this.publicUrl}/connect/${token}`;
  }

  private async tryOut(tenantId: string, id: string): Promise<{ error: IntegrationError | null }> {
    try {
      const { provider, account } = await this.accounts.open(tenantId, id, undefined, interactivePatienceMs);
      await (provider.kind === "CALENDAR" ? provider.listCalendars(account) : provider.tryOut?.(account));
      return { error: null };
    } catch (error) {
      if (!isIntegrationError(error)) throw error;
      return { error };
    }
  }

  /** Mirrors these calendars and no others. What is no longer wanted is forgotten, what is new is read. */
  private async select(
    tx: TenantTransaction,
    viewer: Viewer,
    integration: Integration,
    calendarIds: readonly string[],
  ): Promise<void> {
    const calendars = await tx.manager.findBy(Calendar, { tenantId: viewer.tenantId, integrationId: integration.id });
    const wanted = new Set(calendarIds);
    for (const id of wanted) {
      if (!calendars.some((calendar) => calendar.id === id && !calendar.removedAt)) {
        throw new IntegrationError("INVALID_INPUT", "This integration has no such calendar", {
          field: ["input", "calendarIds"],
        });
      }
    }
    let mustRead = false;
    let changed = false;
    for (const calendar of calendars) {
      const selected = wanted.has(calendar.id);
      if (selected === calendar.selected) continue;
      changed = true;
      if (selected) mustRead = true;
      else await forgetCalendar(tx, calendar.id);
      await tx.manager.update(
        Calendar,
        { tenantId: viewer.tenantId, id: calendar.id },
        { selected, updatedAt: this.now() },
      );
    }
    if (changed) await keepPushSoon(this.queue, tx, integration);
    if (mustRead && integration.status !== "NEEDS_REAUTH") {
      await this.syncs.enqueue(tx, integration, { trigger: "MANUAL", requestedBy: viewer.userId, full: false });
    }
  }

  private async checkedDefault(
    tx: TenantTransaction,
    { tenantId, id }: Integration,
    calendarId: string | null,
  ): Promise<string | null> {
    if (calendarId === null) return null;
    const [possible] = possibleIds([calendarId]);
    const calendar = possible
      ? await tx.manager.findOneBy(Calendar, { tenantId, integrationId: id, id: possible })
      : null;
    if (!calendar?.writable || calendar.removedAt) {
      throw new IntegrationError("INVALID_INPUT", "The default calendar must be a writable one of this integration", {
        field: ["input", "defaultCalendarId"],
      });
    }
    return calendar.id;
  }

  private visible(tx: TenantTransaction, viewer: Viewer) {
    return tx.manager
      .createQueryBuilder(Integration, "integration")
      .where(visibleSql(viewer, "existence"), { viewerId: viewer.userId })
      .andWhere("integration.tenantId = :tenantId", { tenantId: viewer.tenantId });
  }

  private record(tx: TenantTransaction, type: "integration.updated", integration: Integration, cause: Cause): void {
    const { id } = integration;
    this.log.record(tx, { type, integrationId: id, subjectId: id, data: integrationData(integration), cause });
  }
}

function checkedInterval({ floorSeconds }: Freshness, seconds: number | null): number | null {
  if (seconds === null) return null;
  if (seconds < floorSeconds || seconds > maxIntervalSeconds) {
    throw new IntegrationError(
      "INVALID_INPUT",
      `The sync interval must be ${floorSeconds} to ${maxIntervalSeconds} seconds`,
      {
        field: ["input", "syncIntervalSeconds"],
      },
    );
  }
  return seconds;
}

/** @throws {IntegrationError} UNSUPPORTED_CAPABILITY where nothing shows whether an account works */
function requireTrial(provider: Provider): void {
  if (provider.kind === "CALENDAR" || provider.tryOut) return;
  throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${provider.name} has no way to try an account out`, {
    remedy: "Post a job, and look at the board whether it is there.",
  });
}

function withoutInterval(): IntegrationError {
  return new IntegrationError("UNSUPPORTED_CAPABILITY", "A job board is not read by an interval", {
    field: ["input", "syncIntervalSeconds"],
  });
}
