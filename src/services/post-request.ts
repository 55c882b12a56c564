import type { JobPosting } from "../entities/job-posting.ts";
import { IntegrationError } from "../errors.ts";
import type { Job, Promotion } from "../providers/job-board/job.ts";
import { mistakesIn } from "./job-check.ts";

/** What one board gets other than the others; what is left out is the job's. */
export interface BoardOverride {
  readonly integrationId: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly applyUrl?: string | undefined;
  readonly contactEmail?: string | undefined;
  readonly promotion?: Promotion | null | undefined;
  readonly boardCodes?: Job["boardCodes"] | undefined;
}

export interface PostRequest {
  readonly jobId: string;
  readonly job: Job;
  /** A job for the tenant's own people goes to no board. */
  readonly internalOnly: boolean;
  readonly integrationIds: readonly string[];
  readonly overrides: readonly BoardOverride[];
}

/** What became of one board's part. */
export interface BoardResult {
  readonly integrationId: string;
  readonly jobPosting: JobPosting | null;
  /** Why there is none, or why it stays as it was. */
  readonly errors: readonly IntegrationError[];
}

const maxBoards = 50;

/** @throws {IntegrationError} INVALID_INPUT when it is nothing for any board */
export function checkRequest({ job, internalOnly, integrationIds }: PostRequest): void {
  if (internalOnly) {
    throw new IntegrationError("INVALID_INPUT", "A job for your own people alone goes to no board", {
      field: ["input", "job", "internalOnly"],
    });
  }
  if (integrationIds.length === 0 || integrationIds.length > maxBoards || hasTwice(integrationIds)) {
    throw new IntegrationError("INVALID_INPUT", `A job is posted to 1 to ${maxBoards} integrations, to each once`, {
      field: ["input", "integrationIds"],
    });
  }
  const [mistake] = mistakesIn(job);
  if (mistake) throw mistake;
}

const hasTwice = (ids: readonly string[]): boolean => new Set(ids).size < ids.length;

/** The job as this board gets it. */
export function overridden(job: Job, overrides: readonly BoardOverride[], integrationId: string): Job {
  const { integrationId: _, ...own } = overrides.find((one) => one.integrationId === integrationId) ?? {
    integrationId,
  };
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...job, ...Object.fromEntries(given) };
}
