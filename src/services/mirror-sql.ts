import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { CalendarEvent } from "../entities/calendar-event.ts";
import { toJsonb } from "../entities/jsonb.ts";

/** In place of the vendor's name, as long as it is not known: of a creation that is on its way, or failed. */
export const pendingPrefix = "pending:";

/** One at a time stores what is in a calendar: two that knew the same would both tell of the same change. */
export async function lockCalendar(tx: TenantTransaction, calendarId: string): Promise<void> {
  await tx.query("SELECT FROM calendar WHERE id = $1 FOR NO KEY UPDATE", [calendarId]);
}

/** The objects' rows as the mirror has them, tombstones left out. Creations on their way are found by their uid. */
export function rowsOfObjects(
  tx: TenantTransaction,
  calendarId: string,
  externalIds: readonly string[],
  uids: readonly string[],
): Promise<CalendarEvent[]> {
  return tx.manager
    .createQueryBuilder(CalendarEvent, "event")
    .addSelect("event.raw")
    .where("event.tenantId = :tenantId AND event.calendarId = :calendarId AND event.deletedAt IS NULL", {
      tenantId: tx.tenantId,
      calendarId,
    })
    .andWhere(
      `(event.externalId = ANY(:externalIds) OR (event.externalId LIKE '${pendingPrefix}%' AND event.uid = ANY(:uids)))`,
      {
        externalIds,
        uids,
      },
    )
    .getMany();
}

const columns = {
  tenant_id: "text",
  id: "uuid",
  integration_id: "uuid",
  calendar_id: "uuid",
  external_id: "text",
  uid: "text",
  kind: "text",
  series_id: "uuid",
  recurrence_key: "text",
  etag: "text",
  raw: "text",
  title: "text",
  description: "text",
  location: "text",
  conference_url: "text",
  reminders: "jsonb",
  status: "text",
  transparency: "text",
  classification: "text",
  organizer: "jsonb",
  attendees: "jsonb",
  start: "jsonb",
  end: "jsonb",
  recurrence: "jsonb",
  sequence: "int",
  version: "int",
  sync_state: "text",
  intent: "jsonb",
  written_at: "timestamptz",
  problem: "jsonb",
  created_at: "timestamptz",
  updated_at: "timestamptz",
} as const;

const names = Object.keys(columns).map((name) => `"${name}"`);
const upsertSql = `
  INSERT INTO calendar_event (${names.join(", ")})
  SELECT ${names.join(", ")}
  FROM jsonb_to_recordset($1::jsonb) AS row (${Object.entries(columns)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(", ")})
  ON CONFLICT (tenant_id, id) DO UPDATE SET ${names
    .filter((name) => name !== '"tenant_id"' && name !== '"id"')
    .map((name) => `${name} = excluded.${name}`)
    .join(", ")}`;

/** Writes whole rows in one statement, new and old alike. */
export async function saveRows(tx: TenantTransaction, rows: readonly CalendarEvent[]): Promise<void> {
  if (rows.length === 0) return;
  const records = rows.map((row) =>
    Object.fromEntries(Object.keys(columns).map((name) => [name, nullIfJsonNull(row[propertyOf(name)])])),
  );
  await tx.query(upsertSql, [toJsonb(records)]);
}

/** Of these objects, those that we deleted since then. */
export async function buriedSince(
  tx: TenantTransaction,
  calendarId: string,
  externalIds: readonly string[],
  since: Date,
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ externalId: string }>(
    `SELECT DISTINCT external_id AS "externalId" FROM calendar_event
     WHERE calendar_id = $1 AND external_id = ANY($2) AND deleted_at IS NOT NULL AND written_at >= $3`,
    [calendarId, externalIds, since],
  );
  return new Set(rows.map(({ externalId }) => externalId));
}

/** Deleted events stay as tombstones; nothing of them happens any more. */
export async function buryRows(
  tx: TenantTransaction,
  ids: readonly string[],
  { now, writtenAt }: { readonly now: Date; readonly writtenAt: Date | null },
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    "UPDATE calendar_event SET deleted_at = $2, intent = NULL, updated_at = $2, written_at = $3 WHERE id = ANY($1)",
    [ids, now, writtenAt],
  );
  await tx.query("DELETE FROM calendar_occurrence WHERE event_id = ANY($1) OR detail_id = ANY($1)", [ids]);
}

function propertyOf(column: string): keyof CalendarEvent {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) as keyof CalendarEvent;
}

function nullIfJsonNull(value: unknown): unknown {
  return value === undefined ? null : value;
}
