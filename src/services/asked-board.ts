import type { Database } from "../database/database.ts";
import type { Integration } from "../entities/integration.ts";
import { IntegrationError } from "../errors.ts";
import type { Job } from "../providers/job-board/job.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import { requireUsable } from "./accounts.ts";
import { findVisible, notFound, requireChangeable } from "./found-integration.ts";
import { overridden, type PostRequest } from "./post-request.ts";
import type { Viewer } from "./viewer.ts";

/** A board that is asked to show a job, and the job as it gets it. */
export interface AskedBoard {
  readonly integration: Integration;
  readonly provider: JobBoardProvider;
  readonly job: Job;
}

/** @throws {IntegrationError} NOT_FOUND, FORBIDDEN, REAUTHORIZATION_REQUIRED, UNSUPPORTED_CAPABILITY when it is no board */
export async function findBoard(
  database: Database,
  viewer: Viewer,
  integrationId: string,
  request: PostRequest,
): Promise<AskedBoard> {
  const integration = await database.inTenant(viewer.tenantId, (tx) => findVisible(tx, viewer, integrationId));
  requireChangeable(viewer, integration);
  if (integration.status === "DISCONNECTED") throw notFound();
  requireUsable(integration);
  const provider = jobBoard(integration.provider);
  return { integration, provider, job: overridden(request.job, request.overrides, integrationId) };
}

/** What the board would refuse, each as an error at its field. */
export function refusalsOf({ integration, provider, job }: AskedBoard): IntegrationError[] {
  return provider
    .check(job, integration.settings, new Date())
    .filter(({ effect }) => effect === "REFUSED")
    .map(
      ({ field, rule, fix }) =>
        new IntegrationError("INVALID_INPUT", `${provider.name}: ${rule}`, {
          field: ["input", "job", ...field],
          remedy: fix,
        }),
    );
}
