import type { Integration } from "../../src/entities/integration.ts";
import { JobPosting } from "../../src/entities/job-posting.ts";
import { newId } from "../../src/services/id.ts";
import { toStored } from "../../src/services/stored-job.ts";
import { aJob } from "./a-job.ts";

/** The row of a job that is about to be posted. */
export function aJobPosting(
  { tenantId, id: integrationId }: Integration,
  changes: Partial<JobPosting> = {},
): JobPosting {
  const job = aJob();
  const now = new Date("2026-12-01T09:00:00Z");
  return Object.assign(new JobPosting(), {
    tenantId,
    id: newId(now),
    integrationId,
    jobId: job.externalReference,
    reference: job.externalReference,
    route: "API",
    state: "QUEUED",
    wanted: "OPEN",
    job: toStored(job),
    jobVersion: 1,
    versionSent: null,
    versionRefused: null,
    operation: null,
    operationId: null,
    operationVersion: null,
    previousState: null,
    isUnsure: false,
    boardState: null,
    boardPostingId: null,
    boardTaskId: null,
    boardUrl: null,
    closeReason: null,
    approval: null,
    cost: null,
    problem: null,
    requestedBy: "ana",
    correlationId: newId(now),
    looks: 0,
    nextLookAt: null,
    checkedAt: null,
    submittedAt: null,
    expiresAt: null,
    closedAt: null,
    createdAt: now,
    updatedAt: now,
    ...changes,
  });
}
