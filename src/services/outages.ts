import { performance } from "node:perf_hooks";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { placeMs } from "./call-budgets.ts";

/** A server of a vendor: for most providers there is one, for CalDAV there are as many as people name. */
export interface ServerOf {
  readonly provider: string;
  /** The origin. */
  readonly server: string;
}

/** Failures of so many accounts, within a minute, are the server's own trouble when they outnumber its answers. */
const accountsUntilDown = 5;
const countedMs = 60_000;
/** The first time; then twice as long each time a call finds it down still. */
const firstDownMs = 15_000;
export const longestDownMs = 10 * 60_000;

/**
 * Which servers are down, as all processes know it. While one is, nobody calls it but a single call now and then, which
 * finds out; its success ends the outage for everybody. One account's own trouble is no outage.
 */
export class Outages {
  /** Answers that were not told to the others; they are, when something fails. */
  private readonly answers = new Map<string, { count: number; since: number }>();

  constructor(
    private readonly database: Pick<Database, "onLimits">,
    private readonly log: Logger,
  ) {}

  /** A call was answered. Costs nothing, unless it was to find out. */
  async answered({ provider, server }: ServerOf, isProbe: boolean): Promise<void> {
    const { count, since } = this.recentAnswers(server);
    this.answers.set(server, { count: count + 1, since });
    if (!isProbe) return;
    const ended = await this.database.onLimits<{ forMs: number }>(
      `WITH before AS (
         SELECT key, down_since FROM limits.server WHERE key = $1 FOR UPDATE
       ), ended AS (
         UPDATE limits.server SET down_since = NULL, down_until = NULL, openings = 0, failing = '{}', failed = 0, answered = 0
         FROM before WHERE server.key = before.key AND before.down_since IS NOT NULL RETURNING before.down_since
       ) SELECT extract(epoch FROM clock_timestamp() - down_since)::float * 1000 AS "forMs" FROM ended`,
      [server],
    );
    for (const { forMs } of ended) this.log.warn({ provider, server, forMs: Math.round(forMs) }, "a provider is back");
  }

  /** A call of this account failed, because the server cannot answer or cannot be reached. */
  async failed({ provider, server }: ServerOf, account: string, isProbe: boolean): Promise<void> {
    if (isProbe) {
      await this.database.onLimits(
        `UPDATE limits.server SET openings = openings + 1, down_until = clock_timestamp() + ${nextDown} WHERE key = $1`,
        [server, firstDownMs, longestDownMs],
      );
      return;
    }
    const { count } = this.recentAnswers(server);
    this.answers.delete(server);
    const [counted] = await this.database.onLimits<{ isDown: boolean }>(
      `INSERT INTO limits.server AS known (key, provider, counted_from, failing, failed, answered)
       VALUES ($1, $2, now(), jsonb_build_object($3::text, true), 1, $4)
       ON CONFLICT (key) DO UPDATE SET (counted_from, failing, failed, answered) = (
         SELECT CASE WHEN is_old THEN now() ELSE known.counted_from END,
           CASE WHEN is_old THEN '{}' ELSE known.failing END || excluded.failing,
           CASE WHEN is_old THEN 0 ELSE known.failed END + 1,
           CASE WHEN is_old THEN 0 ELSE known.answered END + excluded.answered
         FROM (SELECT known.counted_from < now() - $5 * interval '1 ms') AS counted(is_old)
       )
       RETURNING failed > answered AND (SELECT count(*) FROM jsonb_object_keys(failing)) >= $6 AS "isDown"`,
      [server, provider, account, count, countedMs, accountsUntilDown],
    );
    if (counted?.isDown) await this.begin({ provider, server });
  }

  /** Whether this call is the one that finds out. No other one may until it has, or its process is believed dead. */
  async mayProbe(server: string): Promise<boolean> {
    const claimed = await this.database.onLimits(
      `WITH claimed AS (
         UPDATE limits.server SET down_until = clock_timestamp() + $2 * interval '1 ms'
         WHERE key = $1 AND down_until <= clock_timestamp() RETURNING 1
       ) SELECT FROM claimed`,
      [server, placeMs],
    );
    return claimed.length > 0;
  }

  private async begin({ provider, server }: ServerOf): Promise<void> {
    const begun = await this.database.onLimits<{ forMs: number }>(
      `WITH begun AS (
         UPDATE limits.server SET down_since = clock_timestamp(), down_until = clock_timestamp() + ${nextDown}, openings = 1
         WHERE key = $1 AND down_until IS NULL RETURNING down_until - down_since AS time
       ) SELECT extract(epoch FROM time)::float * 1000 AS "forMs" FROM begun`,
      [server, firstDownMs, longestDownMs],
    );
    for (const { forMs } of begun) {
      this.log.error(
        { provider, server, forMs: Math.round(forMs) },
        "a provider fails for many accounts and is not called",
      );
    }
  }

  private recentAnswers(server: string): { count: number; since: number } {
    const now = performance.now();
    const known = this.answers.get(server);
    return known && now - known.since < countedMs ? known : { count: 0, since: now };
  }
}

/** Grows with each opening, up to a longest; a random part keeps the processes of many services apart. */
const nextDown = `least($2::float * 2 ^ least(openings, 10), $3::float) * (0.75 + random() / 4) * interval '1 ms'`;
