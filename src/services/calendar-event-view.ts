import type { CalendarEvent, StoredTime } from "../entities/calendar-event.ts";
import { parseRecurrenceKey } from "../recurrence/instant.ts";
import { isId } from "./id.ts";

export type { StoredTime } from "../entities/calendar-event.ts";

/** When one thing happens: what an occurrence has of its own. */
export interface Happening {
  /** Original start of an occurrence of a series; empty for a single. */
  readonly recurrenceKey: string;
  readonly start: StoredTime;
  readonly end: StoredTime;
}

/**
 * A calendar event as it is shown: a single, a series, or one occurrence.
 *
 * An occurrence that was never changed has no row of its own; it shows its series' fields with its own times.
 */
export interface CalendarEventView extends Omit<CalendarEvent, "raw" | "recurrenceKey" | "intent"> {
  /** `{seriesId}_{recurrenceKey}` for an occurrence of a known series. */
  readonly id: string;
  /** The original start of an occurrence; null otherwise. */
  readonly recurrenceId: StoredTime | null;
}

export function viewOf(row: CalendarEvent): CalendarEventView {
  const { raw: _raw, intent: _intent, recurrenceKey, ...fields } = row;
  return { ...fields, id: publicIdOf(row), recurrenceId: originalStart(recurrenceKey, row.start) };
}

/** One occurrence of a series whose row describes it. */
export function occurrenceView(series: CalendarEvent, { recurrenceKey, start, end }: Happening): CalendarEventView {
  return {
    ...viewOf(series),
    id: `${series.id}_${recurrenceKey}`,
    kind: "OCCURRENCE",
    seriesId: series.id,
    recurrence: [],
    recurrenceId: originalStart(recurrenceKey, series.start),
    start,
    end,
  };
}

/** The id people see. Changed occurrences share theirs with the unchanged ones they were before. */
export function publicIdOf(row: Pick<CalendarEvent, "id" | "seriesId" | "recurrenceKey">): string {
  return row.seriesId === null ? row.id : `${row.seriesId}_${row.recurrenceKey}`;
}

/** An id that people gave us, taken apart; null when it cannot be one. */
export function parsePublicId(id: string): { readonly rowId: string; readonly recurrenceKey: string } | null {
  const [, rowId = "", recurrenceKey = ""] = /^([^_]+)(?:_(\d{8}(?:T\d{6}Z)?))?$/.exec(id) ?? [];
  return isId(rowId) ? { rowId, recurrenceKey } : null;
}

function originalStart(recurrenceKey: string, seriesStart: StoredTime): StoredTime | null {
  return recurrenceKey === "" ? null : (parseRecurrenceKey(recurrenceKey, seriesStart) ?? null);
}
