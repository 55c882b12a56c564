import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Calendar } from "../entities/calendar.ts";
import type { RemoteCalendar } from "../providers/calendar/provider.ts";

/**
 * Of these calendars, those that need not be read: the vendor's listing says that they are where their last reading ended,
 * and there is nothing that their cursor knows nothing of (a reading that broke off, an object that was left out of the
 * last one, or one that was written here since). They count as read at `now`.
 *
 * @returns their ids
 */
export async function passOverUnchanged(
  tx: TenantTransaction,
  calendars: readonly Calendar[],
  listed: readonly RemoteCalendar[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const currentCursors = new Map(listed.map(({ externalId, currentCursor }) => [externalId, currentCursor ?? null]));
  const candidates = calendars.filter(
    ({ externalId, syncCursor }) => syncCursor !== null && syncCursor === currentCursors.get(externalId),
  );
  if (candidates.length === 0) return new Set();
  const unchanged = await tx.query<{ id: string }>(
    `WITH unchanged AS (
       UPDATE calendar SET last_synced_at = $2
       WHERE id = ANY($1) AND reading_since IS NULL AND left_out = '[]' AND NOT EXISTS (
         SELECT FROM calendar_event event WHERE event.calendar_id = calendar.id AND event.written_at >= calendar.cursor_read_at
       )
       RETURNING id
     ) SELECT id FROM unchanged`,
    [candidates.map(({ id }) => id), now],
  );
  return new Set(unchanged.map(({ id }) => id));
}
