import type { Database } from "../database/database.ts";
import type { Integration } from "../entities/integration.ts";
import type { FeedPosting } from "../providers/job-board/feed-dialect.ts";
import { jobBoard } from "../providers/registry.ts";
import { type ApplyLinks, hasApplyLink } from "./apply-links.ts";
import { fromStored } from "./stored-job.ts";

/** The integration whose jobs a feed is of. */
export type FeedOwner = Pick<Integration, "tenantId" | "id" | "provider" | "settings" | "createdAt">;

/** Which text a feed has. */
export interface FeedVersion {
  /** The same as long as the text is. */
  readonly name: string;
  /** When anything of it changed last. */
  readonly changedAt: Date;
}

/** A posting, by our name for it, as it is written into a feed. */
export interface StandingPosting {
  readonly id: string;
  readonly posting: FeedPosting;
}

interface VersionRow {
  readonly postings: number;
  readonly texts: string;
  readonly changedAt: Date | null;
}

interface PostingRow {
  readonly id: string;
  readonly listedAt: Date;
  readonly job: Record<string, unknown>;
}

/** A page holds the texts of so many jobs at once. */
const pageSize = 100;
const beforeAllIds = "00000000-0000-0000-0000-000000000000";

const standing = `integration_id = $1 AND route = 'FEED' AND state IN ('SUBMITTED', 'IN_REVIEW', 'LIVE', 'LIMITED')`;
/** What is open, wanted and not over, also before a task has closed what is not. */
const inFeed = `${standing} AND wanted = 'OPEN' AND (expires_at IS NULL OR expires_at > $2)`;

/** What stands in the feeds of an integration. */
export class FeedContents {
  constructor(
    private readonly database: Database,
    private readonly links: Pick<ApplyLinks, "urlOf">,
    private readonly now: () => Date,
  ) {}

  /**
   * Clocks of processes differ and two changes may come in one millisecond, so that the latest change alone would not tell
   * versions apart: which posting has which version does.
   */
  async version({ tenantId, id, settings, createdAt }: FeedOwner): Promise<FeedVersion> {
    const [row] = await this.database.inTenant(tenantId, (tx) =>
      tx.query<VersionRow>(
        `SELECT count(*)::int AS postings,
           coalesce(sum(hashtextextended(id || ':' || coalesce(version_sent, 0), 0)), 0)::text AS texts,
           greatest(
             (SELECT max(updated_at) FROM job_posting WHERE integration_id = $1 AND route = 'FEED'),
             (SELECT max(expires_at) FROM job_posting WHERE ${standing} AND expires_at <= $2)
           ) AS "changedAt"
         FROM job_posting WHERE ${inFeed}`,
        [id, this.now()],
      ),
    );
    if (!row) throw new Error("A query without a condition found nothing");
    const changedAt = row.changedAt ?? createdAt;
    return { name: JSON.stringify([row.postings, row.texts, changedAt, settings]), changedAt };
  }

  /**
   * Everything in it, page by page, by the order in which it was posted. What is there from the beginning to the end of the
   * reading is there; a reading that fails throws.
   *
   * @param reader by whose name candidates are counted who come from there
   */
  async *postings({ tenantId, id, provider }: FeedOwner, reader: string): AsyncGenerator<StandingPosting> {
    const board = jobBoard(provider);
    let after = beforeAllIds;
    for (;;) {
      const page = await this.database.inTenant(tenantId, (tx) =>
        tx.query<PostingRow>(
          // Of each posting that version which was brought there last: what waits for approval does not stand in it.
          `SELECT posting.id, posting.created_at AS "listedAt", coalesce(sent.job, posting.job) AS job
           FROM (SELECT * FROM job_posting WHERE ${inFeed} AND id > $3 ORDER BY id LIMIT $4) posting
           LEFT JOIN job_posting_version sent ON sent.tenant_id = posting.tenant_id
             AND sent.job_posting_id = posting.id AND sent.version = posting.version_sent
           ORDER BY posting.id`,
          [id, this.now(), after, pageSize],
        ),
      );
      for (const row of page) {
        const job = fromStored(row.job);
        const link = hasApplyLink(job, board) ? this.links.urlOf(row, reader) : null;
        yield { id: row.id, posting: { job, link, listedAt: row.listedAt } };
      }
      const last = page.at(-1);
      if (!last || page.length < pageSize) return;
      after = last.id;
    }
  }
}
