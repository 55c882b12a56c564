import type { Database } from "../database/database.ts";
import type { Integration } from "../entities/integration.ts";
import { IntegrationError } from "../errors.ts";
import type { Job } from "../providers/job-board/job.ts";
import type { JobBoardProvider, JobFinding } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import { requireUsable } from "./accounts.ts";
import { type ApplyAddresses, applyingElsewhere } from "./apply-addresses.ts";
import { findVisible, notFound, requireChangeable } from "./found-integration.ts";
import { overridden, type PostRequest } from "./post-request.ts";
import type { Viewer } from "./viewer.ts";

/** A board that is asked to show a job, and the job as it gets it. */
export interface AskedBoard {
  readonly integration: Integration;
  readonly provider: JobBoardProvider;
  readonly job: Job;
}

/** The same, with what can be known of it beforehand. */
export interface KnownBoard extends AskedBoard {
  /** Why candidates cannot apply at the board itself, though the job wants them to; null when they can, or need not. */
  readonly applyMissing: string | null;
}

/** @throws {IntegrationError} NOT_FOUND, FORBIDDEN, REAUTHORIZATION_REQUIRED, UNSUPPORTED_CAPABILITY when it is no board */
export async function findBoard(
  database: Database,
  addresses: Pick<ApplyAddresses, "missing">,
  viewer: Viewer,
  integrationId: string,
  request: PostRequest,
): Promise<KnownBoard> {
  return database.inTenant(viewer.tenantId, async (tx) => {
    const integration = await findVisible(tx, viewer, integrationId);
    requireChangeable(viewer, integration);
    if (integration.status === "DISCONNECTED") throw notFound();
    requireUsable(integration);
    const job = overridden(request.job, request.overrides, integrationId);
    const provider = jobBoard(integration.provider);
    return { integration, provider, job, applyMissing: await addresses.missing(tx, integration, job) };
  });
}

/** What the board would refuse, leave out or change. Where candidates cannot apply there, they are sent elsewhere. */
export function findingsOf({ integration, provider, job, applyMissing }: KnownBoard, now: Date): readonly JobFinding[] {
  const { settings } = integration;
  if (applyMissing === null) return provider.check(job, settings, now);
  const elsewhere: JobFinding = {
    field: ["applyMethod"],
    effect: "CHANGED",
    rule: `Candidates are sent to \`applyUrl\`. ${applyMissing}`,
    fix: "Ask whoever runs this service to set it.",
  };
  return [elsewhere, ...provider.check(applyingElsewhere(job), settings, now)];
}

/** What the board would refuse, each as an error at its field. */
export function refusalsOf(board: KnownBoard, now: Date): IntegrationError[] {
  const { provider } = board;
  return findingsOf(board, now)
    .filter(({ effect }) => effect === "REFUSED")
    .map(
      ({ field, rule, fix }) =>
        new IntegrationError("INVALID_INPUT", `${provider.name}: ${rule}`, {
          field: ["input", "job", ...field],
          remedy: fix,
        }),
    );
}
