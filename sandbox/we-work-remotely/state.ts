import type { RemoteJob } from "./remote-job.ts";

export type JobStatus = "approved" | "canceled" | "pending" | "rejected";

export interface StoredJob {
  readonly id: number;
  /** Whose it is. */
  readonly token: string;
  /** As it was sent last. */
  job: RemoteJob;
  status: JobStatus;
  readonly createdAt: Date;
  updatedAt: Date;
}

/** Money that is owed for a post, and does not come back. */
export interface StoredCharge {
  readonly jobId: number;
  readonly token: string;
  /** In US dollars. */
  readonly amount: number;
  readonly at: Date;
}

/** Everything We Work Remotely knows: plain data. */
export interface WeWorkRemotelyState {
  /** The partner's name, by its token. */
  readonly partners: Map<string, string>;
  /** By id, the oldest first. */
  readonly jobs: Map<number, StoredJob>;
  readonly charges: StoredCharge[];
  /** By token: on which day, and how many requests. */
  readonly requests: Map<string, { readonly day: string; readonly count: number }>;
}

export function emptyWeWorkRemotelyState(): WeWorkRemotelyState {
  return { partners: new Map(), jobs: new Map(), charges: [], requests: new Map() };
}
