import type { StoredDelivery } from "../job-boards/courier.ts";
import type { Job } from "./job.ts";
import type { ScreenerQuestion } from "./questions.ts";

export type BoostLevel = "single" | "double" | "triple";

export interface StoredJob {
  /** As it was sent last. */
  job: Job;
  questions: readonly ScreenerQuestion[];
  readonly createdAt: Date;
  updatedAt: Date;
  closedAt: Date | null;
  /** A quality review hides jobs without a word. */
  isHidden: boolean;
}

/** Money that was spent, and does not come back. */
export interface StoredBoost {
  readonly jobId: string;
  readonly level: BoostLevel;
  readonly at: Date;
}

export interface StoredApplication {
  readonly responseId: string;
  /** Null for a candidate of the résumé database, who has not applied. */
  readonly zrApplicationId: string | null;
  readonly jobId: string;
  readonly email: string;
  readonly at: Date;
}

export interface StoredSignal {
  readonly zrApplicationId: string;
  readonly event: string;
  readonly eventTimestamp: Date;
  readonly statusName: string | null;
  readonly statusGroup: string | null;
  readonly reason: string | null;
  readonly additionalData: unknown;
}

/** Everything ZipRecruiter knows: plain data. */
export interface ZipRecruiterState {
  /** By job_id, the oldest first. */
  readonly jobs: Map<string, StoredJob>;
  readonly boosts: StoredBoost[];
  readonly applications: Map<string, StoredApplication>;
  /** By response_id. */
  readonly deliveries: Map<string, StoredDelivery>;
  readonly signals: StoredSignal[];
  /** The partner's one address for applications; null until it has told one. */
  webhookUrl: string | null;
}

export function emptyZipRecruiterState(): ZipRecruiterState {
  return {
    jobs: new Map(),
    boosts: [],
    applications: new Map(),
    deliveries: new Map(),
    signals: [],
    webhookUrl: null,
  };
}
