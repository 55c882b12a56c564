import type { Database } from "../database/database.ts";
import type { CallOutcome } from "../providers/call-gate.ts";
import { type CallWindow, concurrentCallsOf, type ProviderLimits } from "../providers/provider.ts";
import type { ServerOf } from "./outages.ts";

/** Whoever has a place says so this often; who has not for so long is dead. */
export const signOfLifeMs = 5_000;
export const placeMs = 15_000;
/** Whoever waits comes to look this often; who does not come for so long has lost its place. */
export const lookMs = 50;
const absentMs = 2_000;
/** Of a window, so much flows steadily and so much may come at once: together never more than all of it. */
const steadyPart = 0.8;
const burstPart = 0.1;
/** A vendor that does not say how long: twice as long each time, from two seconds to about a minute. */
const longestUnsaidMs = 64_000;
/** Nobody notes a server's answers one by one: a refusal so long after its last pause is a first one. */
const forgivenMs = 10 * 60_000;

/** An account of a vendor, whichever integrations of whichever tenants have it. */
export interface BudgetOf {
  readonly key: string;
  readonly provider: string;
  readonly limits: ProviderLimits;
}

/** What is not called now, of one provider. */
export interface LimitsOverview {
  readonly provider: string;
  readonly pausedAccounts: number;
  readonly pausedServers: number;
  readonly outages: number;
}

/** How far a call has come in the line of its account. */
export interface Standing {
  readonly ticket: string;
  readonly goes: boolean;
  /** So long the vendor has asked us to stay away from this account. */
  readonly pausedMs: number;
  readonly pauseCode: string | null;
  /** So long the server has asked everybody to stay away. */
  readonly serverPausedMs: number;
  readonly serverPauseCode: string | null;
  /** So long until the account's window has room. */
  readonly fullMs: number;
  /** So long the server is taken for down; null when it is up, negative when a call may find out. */
  readonly downMs: number | null;
  readonly downForMs: number;
}

/**
 * What may still be called, as all processes know it. Per account: a line of tickets, whose first few may call; when the
 * window of calls has room again; and a pause that the vendor asked for, which may also be about a whole server. Every time is
 * the database's.
 */
export class CallBudgets {
  constructor(private readonly database: Pick<Database, "onLimits">) {}

  /**
   * Gets a ticket for the line of an account, or looks again with the one it has. Whoever goes keeps its place until it
   * leaves; a process that was killed loses it after
   * a quarter of a minute.
   *
   * @param isProbe goes although the server is taken for down
   */
  async stand(budget: BudgetOf, server: string, ticket: string | null, isProbe: boolean): Promise<Standing> {
    const { key, limits } = budget;
    const { everyMs, burstMs } = flowOf(limits.perAccount);
    const parameters = [key, server, ticket, isProbe, concurrentCallsOf(limits), everyMs, burstMs, placeMs, absentMs];
    for (;;) {
      const [standing] = await this.database.onLimits<Standing>(standSql, parameters);
      if (standing) return standing;
      await this.add(key, budget.provider);
    }
  }

  /** Keeps a place for longer, while the call goes on. */
  async keep({ key }: BudgetOf, ticket: string): Promise<void> {
    await this.database.onLimits(
      `UPDATE limits.budget SET line = line || jsonb_build_object($2::text, clock_timestamp() + $3::float * interval '1 ms')
       WHERE key = $1 AND line ? $2`,
      [key, ticket, placeMs],
    );
  }

  /** Gives a place in the line back. */
  async leave({ key }: BudgetOf, ticket: string, outcome: CallOutcome): Promise<void> {
    await this.database.onLimits(
      `UPDATE limits.budget SET line = line - $2,
         refusals = CASE WHEN $3 AND coalesce(paused_until, now()) <= now() THEN 0 ELSE refusals END
       WHERE key = $1`,
      [key, ticket, outcome.kind === "answered"],
    );
  }

  /** Nobody calls this account until then. @returns for how long; null when it is longer already */
  pause({ key }: BudgetOf, code: string, forMs: number | undefined): Promise<number | null> {
    return this.pauseIn("limits.budget", key, code, forMs, null);
  }

  /** Nobody calls this server until then, whichever account it is about. @returns as `pause` */
  async pauseServer({ provider, server }: ServerOf, code: string, forMs: number | undefined): Promise<number | null> {
    await this.database.onLimits(
      `INSERT INTO limits.server (key, provider, counted_from, failing, failed, answered) VALUES ($1, $2, now(), '{}', 0, 0)
       ON CONFLICT DO NOTHING`,
      [server, provider],
    );
    return this.pauseIn("limits.server", server, code, forMs, forgivenMs);
  }

  /** What a server has asked of everybody, where nobody knows yet whose account it will be. */
  async serverPause({ server }: ServerOf): Promise<Pick<Standing, "serverPausedMs" | "serverPauseCode">> {
    const [pause] = await this.database.onLimits<Pick<Standing, "serverPausedMs" | "serverPauseCode">>(
      `SELECT greatest(extract(epoch FROM paused_until - clock_timestamp()), 0)::float * 1000 AS "serverPausedMs",
         pause_code AS "serverPauseCode"
       FROM limits.server WHERE key = $1 AND paused_until IS NOT NULL`,
      [server],
    );
    return pause ?? { serverPausedMs: 0, serverPauseCode: null };
  }

  private async pauseIn(
    table: "limits.budget" | "limits.server",
    key: string,
    code: string,
    forMs: number | undefined,
    forgivenAfterMs: number | null,
  ): Promise<number | null> {
    const [paused] = await this.database.onLimits<{ forMs: number }>(
      `WITH known AS (
         SELECT key, clock_timestamp() AS now, coalesce(paused_until > clock_timestamp(), false) AS is_paused,
           CASE WHEN paused_until < clock_timestamp() - $5::float * interval '1 ms' THEN 0 ELSE refusals END AS refusals
         FROM ${table} WHERE key = $1 FOR UPDATE
       ), decided AS (
         SELECT *, coalesce($2::float, least($3::float, 1000 * 2 ^ least(refusals + 1, 10)) * (0.75 + random() / 2))
           * interval '1 ms' AS wanted FROM known
       ), paused AS (
         UPDATE ${table} AS target SET paused_until = now + wanted, pause_code = $4,
           refusals = decided.refusals + CASE WHEN is_paused THEN 0 ELSE 1 END
         FROM decided
         WHERE target.key = decided.key AND (target.paused_until IS NULL OR target.paused_until < now + wanted)
         RETURNING wanted
       ) SELECT extract(epoch FROM wanted)::float * 1000 AS "forMs" FROM paused`,
      [key, forMs || null, longestUnsaidMs, code, forgivenAfterMs],
    );
    return paused?.forMs ?? null;
  }

  /** Takes so many calls, or as many as there are, from what all accounts of a provider have together. */
  async take(provider: string, window: CallWindow, wanted: number): Promise<{ granted: number; fullMs: number }> {
    const { everyMs, burstMs } = flowOf(window);
    for (;;) {
      const [taken] = await this.database.onLimits<{ granted: number; fullMs: number }>(
        `WITH known AS (
           SELECT key, greatest(spent_until, clock_timestamp()) AS spent, clock_timestamp() AS now
           FROM limits.budget WHERE key = $1 FOR UPDATE
         ), room AS (
           SELECT *, ($3 - extract(epoch FROM spent - now) * 1000)::float AS ms FROM known
         ), decided AS (
           SELECT *, greatest(least(floor(ms / $2), $4), 0)::int AS granted FROM room
         ), stored AS (
           UPDATE limits.budget SET spent_until = spent + granted * $2 * interval '1 ms'
           FROM decided WHERE budget.key = decided.key AND granted > 0
         ) SELECT granted, greatest($2 - ms, 0) AS "fullMs" FROM decided`,
        [provider, everyMs, burstMs, wanted],
      );
      if (taken) return taken;
      await this.add(provider, provider);
    }
  }

  /** What is paused and down at this moment, by provider. */
  overview(): Promise<LimitsOverview[]> {
    return this.database.onLimits(
      `SELECT provider, sum(paused)::int AS "pausedAccounts", sum(shut)::int AS "pausedServers", sum(down)::int AS outages FROM (
         SELECT provider, (paused_until > now())::int AS paused, 0 AS shut, 0 AS down FROM limits.budget
         WHERE paused_until IS NOT NULL
         UNION ALL SELECT provider, 0, coalesce(paused_until > now(), false)::int, (down_until IS NOT NULL)::int
         FROM limits.server
       ) AS known GROUP BY provider`,
      [],
    );
  }

  /** Forgets accounts that nobody has called for a day, and servers that have not failed for as long. */
  async forgetIdle(): Promise<void> {
    await this.database.onLimits(
      `DELETE FROM limits.budget WHERE greatest(spent_until, paused_until) < now() - interval '1 day'`,
      [],
    );
    await this.database.onLimits(
      `DELETE FROM limits.server WHERE down_until IS NULL AND counted_from < now() - interval '1 day'
         AND coalesce(paused_until < now(), true)`,
      [],
    );
  }

  private async add(key: string, provider: string): Promise<void> {
    await this.database.onLimits(
      "INSERT INTO limits.budget (key, provider, spent_until) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING",
      [key, provider],
    );
  }
}

/** A window as a flow: a call every so often, and how far the account may be ahead of that. */
function flowOf(window: CallWindow | undefined): { everyMs: number; burstMs: number } {
  if (!window) return { everyMs: 0, burstMs: 0 };
  const everyMs = (window.seconds * 1000) / (window.calls * steadyPart);
  return { everyMs, burstMs: Math.max(1, window.calls * burstPart) * everyMs };
}

/** The row is locked first, so that whoever looks and whoever goes is one thing. */
const standSql = `
  WITH known AS (
    SELECT key, line, last_ticket, pause_code, clock_timestamp() AS now,
      greatest(spent_until, clock_timestamp()) AS spent, coalesce(paused_until, 'epoch') AS paused_until
    FROM limits.budget WHERE key = $1 FOR UPDATE
  ), standing AS (
    SELECT known.*, coalesce($3::bigint, last_ticket + 1) AS ticket,
      (SELECT coalesce(jsonb_object_agg(place, until), '{}') FROM jsonb_each_text(line) AS one(place, until)
       WHERE until::timestamptz > now) AS others,
      extract(epoch FROM spent - now)::float * 1000 + $6 - $7 AS full_ms,
      extract(epoch FROM known.paused_until - now)::float * 1000 AS paused_ms,
      coalesce(extract(epoch FROM server.paused_until - now)::float * 1000, 0) AS server_paused_ms,
      server.pause_code AS server_pause_code,
      extract(epoch FROM down_until - now)::float * 1000 AS down_ms,
      extract(epoch FROM now - down_since)::float * 1000 AS down_for_ms
    FROM known LEFT JOIN limits.server ON server.key = $2
  ), decided AS (
    SELECT *, paused_ms <= 0 AND server_paused_ms <= 0 AND (down_ms IS NULL OR $4) AND ($6 = 0 OR full_ms <= 0)
      AND (SELECT count(*) < $5 FROM jsonb_object_keys(others) AS place WHERE place::bigint < ticket) AS goes
    FROM standing
  ), stored AS (
    UPDATE limits.budget SET last_ticket = greatest(budget.last_ticket, ticket),
      line = others || jsonb_build_object(ticket, now + CASE WHEN goes THEN $8::float ELSE $9::float END * interval '1 ms'),
      spent_until = CASE WHEN goes THEN spent + $6 * interval '1 ms' ELSE budget.spent_until END
    FROM decided WHERE budget.key = decided.key
  )
  SELECT ticket::text, goes, greatest(paused_ms, 0) AS "pausedMs", pause_code AS "pauseCode",
    greatest(server_paused_ms, 0) AS "serverPausedMs", server_pause_code AS "serverPauseCode",
    CASE WHEN $6 = 0 THEN 0 ELSE greatest(full_ms, 0) END AS "fullMs", down_ms AS "downMs",
    coalesce(down_for_ms, 0) AS "downForMs"
  FROM decided`;
