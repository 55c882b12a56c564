import type { TenantTransaction } from "../database/tenant-transaction.ts";

/** Removes our copy of a calendar. Nothing is deleted at the vendor, so nothing is announced as deleted. */
export async function forgetCalendar(tx: TenantTransaction, calendarId: string): Promise<void> {
  await tx.query("DELETE FROM calendar_occurrence WHERE calendar_id = $1", [calendarId]);
  await tx.query("DELETE FROM calendar_event WHERE calendar_id = $1", [calendarId]);
  await tx.query(
    "UPDATE calendar SET sync_cursor = NULL, reading_since = NULL, left_out = '[]', last_synced_at = NULL WHERE id = $1",
    [calendarId],
  );
}
