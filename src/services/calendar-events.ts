import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Calendar } from "../entities/calendar.ts";
import { CalendarEvent } from "../entities/calendar-event.ts";
import { CalendarOccurrence } from "../entities/calendar-occurrence.ts";
import { Integration } from "../entities/integration.ts";
import { IntegrationError } from "../errors.ts";
import { parseRecurrenceKey, toInstant } from "../recurrence/instant.ts";
import { visibleSql } from "./access-policy.ts";
import { type CalendarEventView, occurrenceView, parsePublicId, viewOf } from "./calendar-event-view.ts";
import { visibleCalendars } from "./calendars.ts";
import {
  comparePlaces,
  detailsOf,
  expandOnRequest,
  type Happens,
  type Place,
  placeOf,
  seriesOf,
  storedHappenings,
} from "./happenings.ts";
import { possibleIds, possibleNames } from "./id.ts";
import type { Occurrences } from "./occurrences.ts";
import { badCursor, checkFirst, cursorsOf, type Page, type PageRequest, pageOf } from "./page.ts";
import { guaranteedWindow } from "./stored-window.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export interface CalendarEventFilter {
  readonly from: Date;
  readonly to: Date;
  readonly calendarIds?: readonly string[] | null;
  readonly integrationIds?: readonly string[] | null;
  /** Only events of integrations of this user. */
  readonly ownerId?: string | null;
}

const dayMs = 24 * 60 * 60 * 1000;
const maxRangeDays = 400;

/** What happens in the calendars that the viewer may see. */
export class CalendarEvents {
  constructor(
    private readonly database: Database,
    private readonly occurrences: Occurrences,
    private readonly now: () => Date,
  ) {}

  /** Singles, series and occurrences by their ids, in a fixed number of statements. */
  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, CalendarEventView>> {
    requireScope(viewer, "calendar:read");
    const asked = ids.flatMap((id) => {
      const parsed = parsePublicId(id);
      return parsed ? [{ id, ...parsed }] : [];
    });
    const rowIds = [...new Set(asked.map(({ rowId }) => rowId))];
    const keys = asked.map(({ recurrenceKey }) => recurrenceKey).filter((key) => key !== "");
    const { rows, happenings, timeZones } = await this.database.inTenant(viewer.tenantId, async (tx) => ({
      rows: await visibleEvents(tx, viewer)
        .andWhere("(event.id = ANY(:rowIds) OR (event.seriesId = ANY(:rowIds) AND event.recurrenceKey = ANY(:keys)))", {
          rowIds,
          keys,
        })
        .getMany(),
      happenings: await tx.manager
        .createQueryBuilder(CalendarOccurrence, "occurrence")
        .where("occurrence.eventId = ANY(:rowIds) AND occurrence.recurrenceKey = ANY(:keys)", { rowIds, keys })
        .getMany(),
      timeZones: keys.length === 0 ? new Map<string, string | null>() : await timeZonesOf(tx, rowIds),
    }));

    const found = new Map<string, CalendarEventView>();
    for (const { id, rowId, recurrenceKey } of asked) {
      const own = rows.find((row) =>
        recurrenceKey === "" ? row.id === rowId : row.seriesId === rowId && row.recurrenceKey === recurrenceKey,
      );
      const series = rows.find((row) => row.id === rowId && row.kind === "SERIES");
      const happening = happenings.find((known) => known.eventId === rowId && known.recurrenceKey === recurrenceKey);
      const view = own
        ? viewOf(own)
        : series &&
          (happening
            ? occurrenceView(series, happening)
            : await this.computed(series, recurrenceKey, timeZones.get(series.calendarId) ?? null));
      if (view) found.set(id, view);
    }
    return found;
  }

  /**
   * What overlaps `[from, to)`, by start and id: singles, and one node per occurrence of a series.
   *
   * @throws {IntegrationError} INVALID_INPUT when the range is empty or longer than 400 days
   */
  async list(
    viewer: Viewer,
    filter: CalendarEventFilter,
    { first, after }: PageRequest,
  ): Promise<Page<CalendarEventView>> {
    const last = placeIn(cursorsOf("calendarEvents", filter).read(after));
    const [page] = await this.pages(viewer, filter, [filter.ownerId ?? null], { first, last });
    return page ?? { edges: [], hasNextPage: false };
  }

  /** The first page of what happens to each user, as `list` gives it, in a fixed number of statements. */
  async firstPages(
    viewer: Viewer,
    ownerIds: readonly string[],
    filter: CalendarEventFilter,
    first: number,
  ): Promise<ReadonlyMap<string, Page<CalendarEventView>>> {
    const pages = await this.pages(viewer, filter, ownerIds, { first, last: null });
    return new Map(pages.map((page, index) => [ownerIds[index] ?? "", page]));
  }

  /** @param ownerIds a page for each; null stands for everybody */
  private async pages(
    viewer: Viewer,
    filter: CalendarEventFilter,
    ownerIds: readonly (string | null)[],
    { first, last }: { first: number; last: Place | null },
  ): Promise<Page<CalendarEventView>[]> {
    requireScope(viewer, "calendar:read");
    checkFirst(first);
    checkRange(filter);
    const guaranteed = guaranteedWindow(this.now());
    const isStored = filter.from >= guaranteed.from && filter.to <= guaranteed.to;
    const limit = first + 1;

    const { lists, stored, series, known } = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const lists = await this.calendarsOf(tx, viewer, filter, ownerIds);
      const calendarIds = lists.map((calendars) => calendars.map(({ id }) => id));
      const series = isStored ? [] : await seriesOf(tx, calendarIds.flat());
      const leaveOut = series.map(({ id }) => id);
      const stored = await storedHappenings(tx, calendarIds, filter, { after: last, limit, leaveOut });
      return { lists, series, stored, known: await detailsOf(tx, stored) };
    });
    const happens = await Promise.all(
      lists.map(async (calendars, index) => {
        const computed = await expandOnRequest(this.occurrences, series, calendars, filter);
        const later = computed.filter((one) => last === null || comparePlaces(placeOf(one), last) > 0);
        return [...stored.filter(({ list }) => list === index), ...later]
          .sort((a, b) => comparePlaces(placeOf(a), placeOf(b)))
          .slice(0, limit);
      }),
    );

    const details = await this.withDetails(viewer, known, happens.flat());
    return happens.map((own, index) => {
      const ownerId = ownerIds[index] ?? null;
      const cursors = cursorsOf("calendarEvents", ownerId === null ? filter : { ...filter, ownerId });
      const page = pageOf(own, first, (one) => {
        const { startAt, sortId } = placeOf(one);
        return cursors.write([startAt.toISOString(), sortId]);
      });
      return { ...page, edges: page.edges.flatMap(({ cursor, node }) => shown(cursor, node, details)) };
    });
  }

  /** Reads the rows that are not known yet: those of series that were expanded on request. */
  private async withDetails(
    viewer: Viewer,
    known: ReadonlyMap<string, CalendarEvent>,
    happens: readonly Happens[],
  ): Promise<ReadonlyMap<string, CalendarEvent>> {
    const unknown = happens.filter(({ detailId }) => !known.has(detailId));
    if (unknown.length === 0) return known;
    const further = await this.database.inTenant(viewer.tenantId, (tx) => detailsOf(tx, unknown));
    return new Map([...known, ...further]);
  }

  /** The calendars that the filter means, of each owner. */
  private async calendarsOf(
    tx: TenantTransaction,
    viewer: Viewer,
    filter: CalendarEventFilter,
    ownerIds: readonly (string | null)[],
  ): Promise<Calendar[][]> {
    const query = visibleCalendars(tx, viewer).andWhere("calendar.selected");
    if (filter.calendarIds)
      query.andWhere("calendar.id = ANY(:calendarIds)", { calendarIds: possibleIds(filter.calendarIds) });
    if (filter.integrationIds) {
      query.andWhere("integration.id = ANY(:integrationIds)", { integrationIds: possibleIds(filter.integrationIds) });
    }
    const named = ownerIds.filter((ownerId) => ownerId !== null);
    if (named.length > 0) query.andWhere("integration.ownerId = ANY(:owners)", { owners: possibleNames(named) });
    const { entities, raw } = await query
      .addSelect("integration.ownerId", "owner")
      .getRawAndEntities<{ owner: string | null }>();
    return ownerIds.map((ownerId) => entities.filter((_, index) => ownerId === null || raw[index]?.owner === ownerId));
  }

  /** An occurrence outside of the stored window; null when the series has none that starts then. */
  private async computed(
    series: CalendarEvent,
    recurrenceKey: string,
    timeZone: string | null,
  ): Promise<CalendarEventView | null> {
    const start = parseRecurrenceKey(recurrenceKey, series.start);
    if (!start) return null;
    const at = toInstant(start, "UTC").getTime();
    const window = { from: new Date(at - dayMs), to: new Date(at + dayMs) };
    const expansion = (await this.occurrences.within(window, [series], timeZone)).get(series.id);
    const found =
      expansion?.kind === "expanded" ? expansion.occurrences.find(({ key }) => key === recurrenceKey) : undefined;
    return found ? occurrenceView(series, { recurrenceKey, start: found.start, end: found.end }) : null;
  }
}

/** Nothing when the row is gone since. */
function shown(
  cursor: string,
  one: Happens,
  details: ReadonlyMap<string, CalendarEvent>,
): { cursor: string; node: CalendarEventView }[] {
  const row = details.get(one.detailId);
  if (!row) return [];
  return [{ cursor, node: row.kind === "SERIES" ? occurrenceView(row, one) : viewOf(row) }];
}

/** By calendar, of those that these events are in. */
async function timeZonesOf(tx: TenantTransaction, eventIds: readonly string[]): Promise<Map<string, string | null>> {
  const calendars = await tx.query<{ id: string; timeZone: string | null }>(
    `SELECT id, time_zone AS "timeZone" FROM calendar
     WHERE id IN (SELECT calendar_id FROM calendar_event WHERE id = ANY($1))`,
    [eventIds],
  );
  return new Map(calendars.map(({ id, timeZone }) => [id, timeZone]));
}

/** Rows of events that are there, of integrations whose details are in sight. */
export function visibleEvents(tx: TenantTransaction, viewer: Viewer) {
  return tx.manager
    .createQueryBuilder(CalendarEvent, "event")
    .innerJoin(
      Integration,
      "integration",
      "integration.tenantId = event.tenantId AND integration.id = event.integrationId",
    )
    .where(visibleSql(viewer, "details"), { viewerId: viewer.userId })
    .andWhere("event.tenantId = :tenantId AND event.deletedAt IS NULL", { tenantId: viewer.tenantId });
}

function checkRange({ from, to }: CalendarEventFilter): void {
  const days = (to.getTime() - from.getTime()) / dayMs;
  if (days > 0 && days <= maxRangeDays) return;
  throw new IntegrationError("INVALID_INPUT", `from must be before to, by at most ${maxRangeDays} days`, {
    field: ["filter"],
  });
}

function placeIn(keys: readonly string[] | null): Place | null {
  if (keys === null) return null;
  const [startAt = "", sortId = ""] = keys;
  const date = new Date(startAt);
  if (Number.isNaN(date.getTime()) || sortId.includes("\0")) throw badCursor("This is not a cursor");
  return { startAt: date, sortId };
}
