import { In, type SelectQueryBuilder } from "typeorm";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { Integration } from "../entities/integration.ts";
import { JobPosting, type JobPostingState } from "../entities/job-posting.ts";
import { jobBoard, mirrorIds } from "../providers/registry.ts";
import { possibleIds } from "./id.ts";
import { isOpen } from "./posting-plan.ts";

/** What stands best comes first. */
const fromBest: readonly JobPostingState[] = ["LIVE", "LIMITED", "IN_REVIEW", "SUBMITTED", "QUEUED"];

/**
 * The posting of a job on the board whose jobs another board shows; where there are several, the one that stands best. It is
 * the tenant's, or of the same owner. Nobody changes it until the transaction ends: whoever wants to, has the mirror follow.
 *
 * A mirror's posting is locked before its original, and never the other way round.
 *
 * @param mirror the integration of the board that shows the other one's jobs
 */
export async function findOriginal(
  tx: TenantTransaction,
  mirror: Integration,
  jobId: string,
): Promise<JobPosting | null> {
  const boards = boardsBehind(tx, mirror).select("integration.id");
  const found = await tx.manager
    .createQueryBuilder(JobPosting, "posting")
    .where("posting.tenantId = :tenantId AND posting.jobId = :jobId")
    .andWhere(`posting.integrationId IN (${boards.getQuery()})`)
    .setParameters({ ...boards.getParameters(), tenantId: tx.tenantId, jobId })
    .orderBy("posting.updatedAt", "DESC")
    .setLock("pessimistic_read")
    .getMany();
  const best = fromBest.flatMap((state) => found.filter((posting) => posting.state === state));
  return best[0] ?? found[0] ?? null;
}

/** Whether one of these integrations is of the board whose jobs `mirror` shows: what is posted there can be shown. */
export async function hasOriginalBoard(
  tx: TenantTransaction,
  mirror: Integration,
  integrationIds: readonly string[],
): Promise<boolean> {
  const ids = possibleIds(integrationIds);
  return (await boardsBehind(tx, mirror).andWhere("integration.id = ANY(:ids)", { ids }).getCount()) > 0;
}

/** Those of the integrations whose boards show other boards' jobs. */
export async function mirrorsAmong(tx: TenantTransaction, integrationIds: readonly string[]): Promise<string[]> {
  const { tenantId } = tx;
  const provider = In(mirrorIds);
  const rows = await tx.manager.findBy(Integration, { tenantId, id: In(possibleIds(integrationIds)), provider });
  return rows.map(({ id }) => id);
}

/** Whether its board has the job or is about to get it, so that another board can show it. */
export function isStanding({ state, wanted }: JobPosting): boolean {
  return wanted === "OPEN" && (state === "QUEUED" || isOpen({ state }));
}

/** The integrations at the board whose jobs `mirror` shows: the tenant's, and those of the same owner. */
function boardsBehind(tx: TenantTransaction, { provider, ownerId }: Integration): SelectQueryBuilder<Integration> {
  const board = jobBoard(provider).mirrorOf ?? null;
  return tx.manager
    .createQueryBuilder(Integration, "integration")
    .where("integration.tenantId = :tenantId", { tenantId: tx.tenantId })
    .andWhere("integration.provider = :board AND integration.status <> 'DISCONNECTED'", { board })
    .andWhere("(integration.ownership = 'TENANT' OR integration.ownerId = :ownerId)", { ownerId });
}
