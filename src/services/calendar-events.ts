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
    const { rows, happenings } = await this.database.inTenant(viewer.tenantId, async (tx) => ({
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
        : series && (happening ? occurrenceView(series, happening) : await this.computed(series, recurrenceKey));
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
    requireScope(viewer, "calendar:read");
    checkFirst(first);
    checkRange(filter);
    const cursors = cursorsOf("calendarEvents", filter);
    const last = placeIn(cursors.read(after));
    const guaranteed = guaranteedWindow(this.now());
    const isStored = filter.from >= guaranteed.from && filter.to <= guaranteed.to;
    const limit = first + 1;

    const { calendars, stored, series } = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const calendars = await this.calendarsOf(tx, viewer, filter);
      const calendarIds = calendars.map(({ id }) => id);
      const series = isStored ? [] : await seriesOf(tx, calendarIds);
      const leaveOut = series.map(({ id }) => id);
      return {
        calendars,
        series,
        stored: await storedHappenings(tx, calendarIds, filter, { after: last, limit, leaveOut }),
      };
    });
    const computed = await expandOnRequest(this.occurrences, series, calendars, filter);
    const happens = [...stored, ...computed.filter((one) => last === null || comparePlaces(placeOf(one), last) > 0)]
      .sort((a, b) => comparePlaces(placeOf(a), placeOf(b)))
      .slice(0, limit);

    const shown = await this.show(viewer, happens);
    const page = pageOf(shown, first, ({ place }) => cursors.write([place.startAt.toISOString(), place.sortId]));
    return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: node.view })) };
  }

  private async show(
    viewer: Viewer,
    happens: readonly Happens[],
  ): Promise<{ place: Place; view: CalendarEventView }[]> {
    if (happens.length === 0) return [];
    const details = await this.database.inTenant(viewer.tenantId, (tx) => detailsOf(tx, happens));
    return happens.flatMap((one) => {
      const row = details.get(one.detailId);
      if (!row) return [];
      return [{ place: placeOf(one), view: row.kind === "SERIES" ? occurrenceView(row, one) : viewOf(row) }];
    });
  }

  private calendarsOf(tx: TenantTransaction, viewer: Viewer, filter: CalendarEventFilter): Promise<Calendar[]> {
    const query = visibleCalendars(tx, viewer).andWhere("calendar.selected");
    if (filter.calendarIds)
      query.andWhere("calendar.id = ANY(:calendarIds)", { calendarIds: possibleIds(filter.calendarIds) });
    if (filter.integrationIds) {
      query.andWhere("integration.id = ANY(:integrationIds)", { integrationIds: possibleIds(filter.integrationIds) });
    }
    if (filter.ownerId != null)
      query.andWhere("integration.ownerId = ANY(:owners)", { owners: possibleNames([filter.ownerId]) });
    return query.getMany();
  }

  /** An occurrence outside of the stored window; null when the series has none that starts then. */
  private async computed(series: CalendarEvent, recurrenceKey: string): Promise<CalendarEventView | null> {
    const start = parseRecurrenceKey(recurrenceKey, series.start);
    if (!start) return null;
    const at = toInstant(start, "UTC").getTime();
    const window = { from: new Date(at - dayMs), to: new Date(at + dayMs) };
    const timeZone = await this.database.inTenant(series.tenantId, async (tx) => {
      const { tenantId, calendarId: id } = series;
      return (await tx.manager.findOneBy(Calendar, { tenantId, id }))?.timeZone ?? null;
    });
    const expansion = (await this.occurrences.within(window, [series], timeZone)).get(series.id);
    const found =
      expansion?.kind === "expanded" ? expansion.occurrences.find(({ key }) => key === recurrenceKey) : undefined;
    return found ? occurrenceView(series, { recurrenceKey, start: found.start, end: found.end }) : null;
  }
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
  if (Number.isNaN(date.getTime())) throw badCursor("This is not a cursor");
  return { startAt: date, sortId };
}
