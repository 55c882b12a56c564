import type { SelectQueryBuilder } from "typeorm";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { JobPosting, type JobPostingState } from "../entities/job-posting.ts";
import { visibleSql } from "./access-policy.ts";
import { firstPagesOf } from "./first-pages.ts";
import { possibleIds, possibleNames } from "./id.ts";
import { checkFirst, cursorsOf, lastIdIn, type Page, type PageRequest, pageOf } from "./page.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export { type JobPosting, jobPostingStates } from "../entities/job-posting.ts";

export interface JobPostingFilter {
  readonly jobIds?: readonly string[] | null;
  readonly integrationIds?: readonly string[] | null;
  readonly providers?: readonly string[] | null;
  readonly states?: readonly JobPostingState[] | null;
}

export type PostingBoard = Pick<Integration, "provider" | "settings" | "simulated">;

/** The job postings of a tenant, as far as the viewer may see the integrations they are of. */
export class JobPostings {
  constructor(private readonly database: Database) {}

  /** The boards behind postings and applications, by integration: for whoever may see those, with or without the integration. */
  async boardsOf(viewer: Viewer, integrationIds: readonly string[]): Promise<ReadonlyMap<string, PostingBoard>> {
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      tx.manager
        .createQueryBuilder(Integration, "integration")
        .where(visibleSql(viewer, "details"), { viewerId: viewer.userId })
        .andWhere("integration.tenantId = :tenantId", { tenantId: tx.tenantId })
        .andWhere("integration.id = ANY(:ids)", { ids: possibleIds(integrationIds) })
        .getMany(),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, JobPosting>> {
    requireScope(viewer, "jobs:read");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      visiblePostings(tx, viewer)
        .andWhere("posting.id = ANY(:ids)", { ids: possibleIds(ids) })
        .getMany(),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Newest first. @throws {IntegrationError} INVALID_INPUT */
  async list(viewer: Viewer, filter: JobPostingFilter, { first, after }: PageRequest): Promise<Page<JobPosting>> {
    requireScope(viewer, "jobs:read");
    checkFirst(first);
    const cursors = cursorsOf("jobPostings", filter);
    const lastId = lastIdIn(cursors.read(after));
    const rows = await this.database.inTenant(viewer.tenantId, (tx) => {
      const query = visiblePostings(tx, viewer)
        .orderBy("posting.id", "DESC")
        .take(first + 1);
      narrow(query, filter);
      if (lastId) query.andWhere("posting.id < :lastId", { lastId });
      return query.getMany();
    });
    return pageOf(rows, first, ({ id }) => cursors.write([id]));
  }

  /** The first page of each job's, as `list` gives it, in a fixed number of statements. */
  async firstPages(
    viewer: Viewer,
    jobIds: readonly string[],
    first: number,
  ): Promise<ReadonlyMap<string, Page<JobPosting>>> {
    requireScope(viewer, "jobs:read");
    checkFirst(first);
    return this.database.inTenant(viewer.tenantId, (tx) =>
      firstPagesOf(tx, JobPosting, visiblePostings(tx, viewer), {
        by: "jobId",
        names: jobIds,
        order: "DESC",
        first,
        cursorsFor: (jobId) => cursorsOf("jobPostings", { jobIds: [jobId] }),
      }),
    );
  }
}

export function visiblePostings(tx: TenantTransaction, viewer: Viewer): SelectQueryBuilder<JobPosting> {
  return tx.manager
    .createQueryBuilder(JobPosting, "posting")
    .innerJoin(
      Integration,
      "integration",
      "integration.tenantId = posting.tenantId AND integration.id = posting.integrationId",
    )
    .where(visibleSql(viewer, "details"), { viewerId: viewer.userId })
    .andWhere("posting.tenantId = :tenantId", { tenantId: viewer.tenantId });
}

function narrow(query: SelectQueryBuilder<JobPosting>, filter: JobPostingFilter): void {
  const { jobIds, integrationIds, providers, states } = filter;
  if (jobIds) query.andWhere("posting.jobId = ANY(:jobIds)", { jobIds: possibleNames(jobIds) });
  if (integrationIds)
    query.andWhere("posting.integrationId = ANY(:integrationIds)", { integrationIds: possibleIds(integrationIds) });
  if (providers) query.andWhere("integration.provider = ANY(:providers)", { providers });
  if (states) query.andWhere("posting.state = ANY(:states)", { states });
}
