import * as z from "zod";
import { type PropertyNames, type Resource, textOf } from "./webdav.ts";

/** Where a complete reading ended: at a sync token, or at a ctag where the server has no sync-collection. */
const Cursor = z.object({ syncToken: z.string().optional(), ctag: z.string().optional() });
export type Cursor = z.infer<typeof Cursor>;

/** What a calendar says of its own version; null for what it does not say. */
export interface CalendarState {
  readonly syncToken: string | null;
  readonly ctag: string | null;
}

/** What has to be asked for to know it. */
export const stateNames = ["d:sync-token", "cs:getctag", "d:supported-report-set"] as const satisfies PropertyNames;

export function stateIn(properties: Resource["properties"]): CalendarState {
  const reports = properties["supportedReportSet"];
  // Xandikos leaves out an element on the way to the name of a report.
  const canSync = reports === undefined || JSON.stringify(reports).includes('"syncCollection"');
  return {
    syncToken: canSync ? textOf(properties["syncToken"]) : null,
    ctag: textOf(properties["getctag"]),
  };
}

/** The cursor of a reading that found the calendar in this state; null where it says nothing of its version. */
export function cursorAt({ syncToken, ctag }: CalendarState): string | null {
  if (syncToken !== null) return formatCursor({ syncToken });
  return ctag === null ? null : formatCursor({ ctag });
}

export function formatCursor(cursor: Cursor): string {
  return JSON.stringify(cursor);
}

/** Empty for none, and for one that cannot be read. */
export function parseCursor(cursor: string | null): Cursor {
  if (cursor === null) return {};
  try {
    return Cursor.parse(JSON.parse(cursor));
  } catch {
    return {};
  }
}
