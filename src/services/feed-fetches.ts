import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { JobFeedFetch } from "../entities/job-feed-fetch.ts";

/** A reader that got a feed, or heard that it has the newest one. */
export interface FeedFetch {
  readonly tenantId: string;
  readonly integrationId: string;
  readonly dialect: string;
  /** As it calls itself; empty when it does not. */
  readonly userAgent: string;
  readonly etag: string;
  readonly jobs: number;
}

const mostCharacters = 200;
/** Of one feed those that came last are kept. */
const mostReaders = 20;

/** Who has fetched which feed when. */
export class FeedFetches {
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly log: Logger,
    private readonly now: () => Date,
  ) {}

  /** Writes it down, while nobody waits for that. What cannot be written down is lost, and logged. */
  note(fetch: FeedFetch): void {
    const writing = this.write(fetch).catch((error: unknown) => {
      const { tenantId, integrationId, dialect } = fetch;
      this.log.warn(
        { err: error, tenantId, integrationId, dialect },
        "that a feed was fetched could not be written down",
      );
    });
    this.underWay.add(writing);
    void writing.finally(() => this.underWay.delete(writing));
  }

  /** Waits for what is being written down. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Of the feeds of an integration, those who came last first. */
  of(tenantId: string, integrationId: string): Promise<JobFeedFetch[]> {
    return this.database.inTenant(tenantId, (tx) =>
      tx.manager.find(JobFeedFetch, { where: { tenantId, integrationId }, order: { lastFetchedAt: "DESC" } }),
    );
  }

  private async write({ tenantId, integrationId, dialect, userAgent, etag, jobs }: FeedFetch): Promise<void> {
    const name = userAgent.slice(0, mostCharacters);
    await this.database.inTenant(tenantId, async (tx) => {
      await tx.query(
        `INSERT INTO job_feed_fetch AS known
           (tenant_id, integration_id, dialect, user_agent, etag, jobs, fetches, first_fetched_at, last_fetched_at)
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)
         ON CONFLICT (tenant_id, integration_id, dialect, user_agent) DO UPDATE SET
           etag = excluded.etag, jobs = excluded.jobs, fetches = known.fetches + 1, last_fetched_at = excluded.last_fetched_at`,
        [tenantId, integrationId, dialect, name, etag, jobs, this.now()],
      );
      await tx.query(
        `DELETE FROM job_feed_fetch WHERE integration_id = $1 AND dialect = $2 AND user_agent NOT IN (
           SELECT user_agent FROM job_feed_fetch WHERE integration_id = $1 AND dialect = $2
           ORDER BY last_fetched_at DESC, user_agent LIMIT ${mostReaders}
         )`,
        [integrationId, dialect],
      );
    });
  }
}
