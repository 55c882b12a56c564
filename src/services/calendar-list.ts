import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import type { Integration } from "../entities/integration.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { RemoteCalendar } from "../providers/calendar/provider.ts";
import { forgetCalendar } from "./forget-calendar.ts";
import { newId } from "./id.ts";
import { calendarData } from "./integration-events.ts";

/** Keeps an integration's calendars as the vendor lists them. */
export class CalendarList {
  constructor(
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /**
   * Stores a complete listing; what it lacks is gone at the vendor.
   *
   * @param select which calendars that were not known before are mirrored
   * @returns the calendars that are there, known ones with their cursors
   */
  async update(
    tx: TenantTransaction,
    integration: Integration,
    listed: readonly RemoteCalendar[],
    cause: Cause,
    select: (calendar: RemoteCalendar) => boolean = () => false,
  ): Promise<Calendar[]> {
    const { tenantId, id: integrationId } = integration;
    const known = await tx.manager.findBy(Calendar, { tenantId, integrationId });
    const current: Calendar[] = [];
    for (const remote of listed) {
      const before = known.find(({ externalId }) => externalId === remote.externalId);
      const calendar = before ? this.changed(before, remote) : this.added(integration, remote, select(remote));
      if (!before || before.removedAt) this.record(tx, "calendar.added", calendar, cause);
      else if (calendar !== before) this.record(tx, "calendar.updated", calendar, cause);
      if (calendar !== before) await tx.manager.save(Calendar, calendar);
      current.push(calendar);
    }
    const listedIds = new Set(listed.map(({ externalId }) => externalId));
    for (const calendar of known) {
      if (calendar.removedAt || listedIds.has(calendar.externalId)) continue;
      await forgetCalendar(tx, calendar.id);
      const now = this.now();
      const removed = { ...calendar, selected: false, syncCursor: null, removedAt: now, updatedAt: now };
      await tx.manager.save(Calendar, removed);
      this.record(tx, "calendar.removed", removed, cause);
    }
    return current;
  }

  private added(
    integration: Integration,
    { currentCursor: _, ...remote }: RemoteCalendar,
    selected: boolean,
  ): Calendar {
    const now = this.now();
    return {
      ...remote,
      tenantId: integration.tenantId,
      id: newId(now),
      integrationId: integration.id,
      selected,
      syncCursor: null,
      cursorReadAt: null,
      readingSince: null,
      leftOut: [],
      lastSyncedAt: null,
      removedAt: null,
      createdAt: now,
      updatedAt: now,
    };
  }

  /** The same object when nothing changed. */
  private changed(before: Calendar, { name, writable, primary, timeZone, color }: RemoteCalendar): Calendar {
    const isSame =
      before.removedAt === null &&
      before.name === name &&
      before.writable === writable &&
      before.primary === primary &&
      before.timeZone === timeZone &&
      before.color === color;
    return isSame
      ? before
      : { ...before, name, writable, primary, timeZone, color, removedAt: null, updatedAt: this.now() };
  }

  private record(
    tx: TenantTransaction,
    type: "calendar.added" | "calendar.updated" | "calendar.removed",
    calendar: Calendar,
    cause: Cause,
  ): void {
    const { integrationId, id: subjectId } = calendar;
    this.log.record(tx, { type, integrationId, subjectId, data: calendarData(calendar), cause });
  }
}
