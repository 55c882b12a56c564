import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Problem } from "../entities/problem.ts";
import type { PushChannelState } from "../entities/push-channel.ts";

/** What is known of one mirrored calendar. Times are ISO 8601. */
export interface CalendarFacts {
  readonly calendarId: string;
  readonly lastReadAt: string | null;
  /** Of its best channel that has not ended; null when there is none. */
  readonly channel: {
    readonly state: Exclude<PushChannelState, "ENDED">;
    readonly expiresAt: string | null;
    readonly lastMessageAt: string | null;
  } | null;
}

/** A failure that stands beside those of the integration itself. */
export interface Failure {
  readonly problem: Problem;
  /** ISO 8601. */
  readonly since: string;
}

/** What the rows of other tables say about one integration. */
export interface HealthFacts {
  readonly integrationId: string;
  readonly lagP50Ms: number | null;
  readonly lagP99Ms: number | null;
  readonly pendingWrites: number;
  readonly failedWrites: number;
  /** Of the write that failed last. */
  readonly writeFailure: Failure | null;
  /** Of a reading that is tried again right now. */
  readonly readingFailure: Failure | null;
  readonly calendars: readonly CalendarFacts[];
}

const dayMs = 24 * 60 * 60 * 1000;

/** What there is to know of many integrations, in one statement. The indexes are made for it: it looks at no row in vain. */
export function healthFacts(
  tx: TenantTransaction,
  integrationIds: readonly string[],
  now: Date,
): Promise<HealthFacts[]> {
  return tx.query(
    `SELECT asked.id AS "integrationId", lag.*, writes.*, reading."readingFailure", calendars.list AS calendars
     FROM unnest($1::uuid[]) AS asked(id)
     CROSS JOIN LATERAL (
       SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY lag_ms) AS "lagP50Ms",
              percentile_disc(0.99) WITHIN GROUP (ORDER BY lag_ms) AS "lagP99Ms"
       FROM sync_run WHERE integration_id = asked.id AND lag_ms IS NOT NULL AND finished_at > $2
     ) lag
     CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE sync_state = 'PENDING')::int AS "pendingWrites",
              count(*) FILTER (WHERE sync_state <> 'PENDING')::int AS "failedWrites",
              (array_agg(jsonb_build_object('problem', problem, 'since', updated_at) ORDER BY updated_at DESC)
                FILTER (WHERE sync_state <> 'PENDING' AND problem IS NOT NULL))[1] AS "writeFailure"
       FROM calendar_event WHERE integration_id = asked.id AND sync_state <> 'SYNCED' AND deleted_at IS NULL
     ) writes
     LEFT JOIN LATERAL (
       SELECT jsonb_build_object('problem', problem, 'since', started_at) AS "readingFailure"
       FROM sync_run WHERE integration_id = asked.id AND state = 'RUNNING' AND problem IS NOT NULL
       ORDER BY started_at LIMIT 1
     ) reading ON true
     CROSS JOIN LATERAL (
       SELECT coalesce(jsonb_agg(jsonb_build_object('calendarId', calendar.id, 'lastReadAt', calendar.last_synced_at,
                'channel', channel.known) ORDER BY "primary" DESC, name, calendar.id), '[]') AS list
       FROM calendar LEFT JOIN LATERAL (
         SELECT jsonb_build_object('state', state, 'expiresAt', expires_at, 'lastMessageAt', last_message_at) AS known
         FROM push_channel WHERE calendar_id = calendar.id AND state <> 'ENDED'
         ORDER BY state = 'LIVE' DESC, id DESC LIMIT 1
       ) channel ON true
       WHERE calendar.integration_id = asked.id AND calendar.selected
     ) calendars`,
    [integrationIds, new Date(now.getTime() - dayMs)],
  );
}
