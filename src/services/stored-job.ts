import type { Job } from "../providers/job-board/job.ts";

/** A job as jsonb keeps it. */
export function toStored(job: Job): Record<string, unknown> {
  const { publishedAt, expiresAt, ...rest } = job;
  return { ...rest, publishedAt: publishedAt?.toISOString() ?? null, expiresAt: expiresAt?.toISOString() ?? null };
}

/** What {@link toStored} made. */
export function fromStored(stored: Record<string, unknown>): Job {
  const { publishedAt, expiresAt, ...rest } = stored;
  return { ...(rest as unknown as Job), publishedAt: dateIn(publishedAt), expiresAt: dateIn(expiresAt) };
}

function dateIn(text: unknown): Date | null {
  return typeof text === "string" ? new Date(text) : null;
}
