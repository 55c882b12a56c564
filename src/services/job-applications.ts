import type { SelectQueryBuilder } from "typeorm";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { JobApplication, type StoredAnswer } from "../entities/job-application.ts";
import { JobApplicationEeo } from "../entities/job-application-eeo.ts";
import { JobApplicationFile } from "../entities/job-application-file.ts";
import { JobApplicationStep } from "../entities/job-application-step.ts";
import type { ApplicationStatus } from "../providers/job-board/applications.ts";
import { visibleSql } from "./access-policy.ts";
import { firstPagesOf } from "./first-pages.ts";
import { possibleIds, possibleNames } from "./id.ts";
import { checkFirst, cursorsOf, lastIdIn, type Page, type PageRequest, pageOf } from "./page.ts";
import { requireScope, type Viewer } from "./viewer.ts";

export type { JobApplication, StoredAnswer } from "../entities/job-application.ts";
export { applicationFileStates, type JobApplicationFile } from "../entities/job-application-file.ts";
export { dispositionStates, type JobApplicationStep } from "../entities/job-application-step.ts";
export { applicationStatuses, rejectionReasons } from "../providers/job-board/applications.ts";

export interface JobApplicationFilter {
  readonly jobIds?: readonly string[] | null;
  readonly jobPostingIds?: readonly string[] | null;
  readonly integrationIds?: readonly string[] | null;
  readonly providers?: readonly string[] | null;
  readonly statuses?: readonly ApplicationStatus[] | null;
}

/** The applications of a tenant, as far as the viewer may see the integrations that they came by. */
export class JobApplications {
  constructor(private readonly database: Database) {}

  async byIds(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, JobApplication>> {
    requireScope(viewer, "applications:read");
    const rows = await this.database.inTenant(viewer.tenantId, (tx) =>
      visibleApplications(tx, viewer)
        .andWhere("application.id = ANY(:ids)", { ids: possibleIds(ids) })
        .getMany(),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Newest first. @throws {IntegrationError} INVALID_INPUT */
  async list(
    viewer: Viewer,
    filter: JobApplicationFilter,
    { first, after }: PageRequest,
  ): Promise<Page<JobApplication>> {
    requireScope(viewer, "applications:read");
    checkFirst(first);
    const cursors = cursorsOf("jobApplications", filter);
    const lastId = lastIdIn(cursors.read(after));
    const rows = await this.database.inTenant(viewer.tenantId, (tx) => {
      const query = visibleApplications(tx, viewer)
        .orderBy("application.id", "DESC")
        .take(first + 1);
      narrow(query, filter);
      if (lastId) query.andWhere("application.id < :lastId", { lastId });
      return query.getMany();
    });
    return pageOf(rows, first, ({ id }) => cursors.write([id]));
  }

  /** The first page of each job's, as `list` gives it, in a fixed number of statements. */
  async firstPages(
    viewer: Viewer,
    jobIds: readonly string[],
    first: number,
  ): Promise<ReadonlyMap<string, Page<JobApplication>>> {
    requireScope(viewer, "applications:read");
    checkFirst(first);
    return this.database.inTenant(viewer.tenantId, (tx) =>
      firstPagesOf(tx, JobApplication, visibleApplications(tx, viewer), {
        by: "jobId",
        names: jobIds,
        order: "DESC",
        first,
        cursorsFor: (jobId) => cursorsOf("jobApplications", { jobIds: [jobId] }),
      }),
    );
  }

  /** The files of each, in the order in which they came. */
  async filesOf(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, readonly JobApplicationFile[]>> {
    return this.partsOf(viewer, ids, (tx, visible) =>
      tx.manager
        .createQueryBuilder(JobApplicationFile, "part")
        .where("part.tenantId = :tenantId AND part.jobApplicationId = ANY(:visible)", {
          tenantId: tx.tenantId,
          visible,
        })
        .orderBy("part.id")
        .getMany(),
    );
  }

  /** The steps of each, the first one first. */
  async stepsOf(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, readonly JobApplicationStep[]>> {
    return this.partsOf(viewer, ids, (tx, visible) =>
      tx.manager
        .createQueryBuilder(JobApplicationStep, "part")
        .where("part.tenantId = :tenantId AND part.jobApplicationId = ANY(:visible)", {
          tenantId: tx.tenantId,
          visible,
        })
        .orderBy("part.position")
        .getMany(),
    );
  }

  /** What each answered about equal opportunity: for reports, and not for those who decide. */
  async eeoAnswersOf(viewer: Viewer, ids: readonly string[]): Promise<ReadonlyMap<string, readonly StoredAnswer[]>> {
    requireScope(viewer, "applications:read-eeo");
    const parts = await this.partsOf(viewer, ids, (tx, visible) =>
      tx.manager
        .createQueryBuilder(JobApplicationEeo, "part")
        .where("part.tenantId = :tenantId AND part.jobApplicationId = ANY(:visible)", {
          tenantId: tx.tenantId,
          visible,
        })
        .getMany(),
    );
    return new Map([...parts].map(([id, rows]) => [id, rows.flatMap(({ answers }) => answers)]));
  }

  private async partsOf<Part extends { readonly jobApplicationId: string }>(
    viewer: Viewer,
    ids: readonly string[],
    read: (tx: TenantTransaction, visible: readonly string[]) => Promise<Part[]>,
  ): Promise<ReadonlyMap<string, readonly Part[]>> {
    requireScope(viewer, "applications:read");
    const parts = await this.database.inTenant(viewer.tenantId, async (tx) => {
      const visible = await visibleApplications(tx, viewer)
        .andWhere("application.id = ANY(:ids)", { ids: possibleIds(ids) })
        .select("application.id", "id")
        .getRawMany<{ id: string }>();
      return read(
        tx,
        visible.map(({ id }) => id),
      );
    });
    return new Map(ids.map((id) => [id, parts.filter(({ jobApplicationId }) => jobApplicationId === id)]));
  }
}

export function visibleApplications(tx: TenantTransaction, viewer: Viewer): SelectQueryBuilder<JobApplication> {
  return tx.manager
    .createQueryBuilder(JobApplication, "application")
    .innerJoin(
      Integration,
      "integration",
      "integration.tenantId = application.tenantId AND integration.id = application.integrationId",
    )
    .where(visibleSql(viewer, "details"), { viewerId: viewer.userId })
    .andWhere("application.tenantId = :tenantId", { tenantId: viewer.tenantId });
}

function narrow(query: SelectQueryBuilder<JobApplication>, filter: JobApplicationFilter): void {
  const { jobIds, jobPostingIds, integrationIds, providers, statuses } = filter;
  if (jobIds) query.andWhere("application.jobId = ANY(:jobIds)", { jobIds: possibleNames(jobIds) });
  if (jobPostingIds)
    query.andWhere("application.jobPostingId = ANY(:postingIds)", { postingIds: possibleIds(jobPostingIds) });
  if (integrationIds)
    query.andWhere("application.integrationId = ANY(:integrationIds)", { integrationIds: possibleIds(integrationIds) });
  if (providers) query.andWhere("integration.provider = ANY(:providers)", { providers });
  if (statuses) query.andWhere("application.status = ANY(:statuses)", { statuses });
}
