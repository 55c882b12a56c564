import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { JobPosting } from "../entities/job-posting.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import { findNamed } from "./routes.ts";

type Named = Awaited<ReturnType<typeof findNamed>>;

/** Where the name of a job that a board says leads; null when it leads nowhere, or the board's names are no ways. */
export async function whereJobLeads(
  database: Database,
  { id: provider, applications }: JobBoardProvider,
  jobName: string,
): Promise<Named> {
  return applications?.jobNameOf ? findNamed(database, { kind: "POSTING", provider, name: jobName }) : null;
}

/**
 * By the way that its name leads; else by its reference, which the account's own messages say.
 *
 * @param integrationId whose message it is; null when only the name says it
 */
export async function postingOf(
  tx: TenantTransaction,
  integrationId: string | null,
  named: Named,
  jobName: string,
): Promise<JobPosting | null> {
  const { tenantId } = tx;
  if (named !== null) {
    const posting = await tx.manager.findOneBy(JobPosting, { tenantId, id: named.targetId });
    return integrationId !== null && posting?.integrationId !== integrationId ? null : posting;
  }
  if (integrationId === null) return null;
  return tx.manager.findOneBy(JobPosting, { tenantId, integrationId, reference: jobName });
}
