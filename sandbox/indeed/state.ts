import type { StoredDelivery } from "../job-boards/courier.ts";
import type { JobPosting } from "./job-posting.ts";
import type { Screener } from "./screener.ts";

export interface StoredEmployer {
  readonly id: string;
  readonly name: string;
}

/** One posting of one job. Sent again long after its end, the job gets another one. */
export interface StoredPosting {
  readonly sourcedPostingId: string;
  readonly employerJobId: string;
  readonly jobPostId: string;
  /** In addresses, and in applications. */
  readonly jobKey: string;
  readonly clientId: string;
  /** In whose name the token was that it came with: an employer, or the partner. */
  readonly account: string;
  /** As it was sent last. */
  job: JobPosting;
  readonly createdAt: Date;
  updatedAt: Date;
  /** Since when it is being indexed, and how often its status was asked for since then. */
  indexingSince: Date;
  statusCalls: number;
  endedAt: Date | null;
  endedBy: "request" | "expirationDate" | "gone" | null;
  isSponsored: boolean;
}

export interface StoredApplication {
  /** Indeed Apply's id. */
  readonly id: string;
  readonly ittk: string;
  readonly sourcedPostingId: string;
  readonly jobSeekerKey: string;
  readonly email: string;
  readonly appliedAt: Date;
}

export interface StoredDisposition {
  readonly applyId: string;
  readonly status: string;
  readonly rawStatus: string;
  readonly rawDetails: string | null;
  readonly atsName: string;
  readonly changedAt: Date;
}

/** Screener questions that were fetched from the partner. */
export interface FetchedScreener {
  readonly at: Date;
  /** What was wrong with it, as text. */
  readonly screener: Screener | string;
}

/** Everything Indeed knows, beside who may ask: plain data. */
export interface IndeedState {
  /** By e-mail address of the person who acts for it. */
  readonly employers: Map<string, StoredEmployer>;
  /** By sourcedPostingId, the oldest first. */
  readonly postings: Map<string, StoredPosting>;
  readonly applications: Map<string, StoredApplication>;
  /** By application. */
  readonly deliveries: Map<string, StoredDelivery>;
  /** In the order in which they were taken. */
  readonly dispositions: StoredDisposition[];
  /** By address. */
  readonly screeners: Map<string, FetchedScreener>;
}

export function emptyIndeedState(): IndeedState {
  return {
    employers: new Map(),
    postings: new Map(),
    applications: new Map(),
    deliveries: new Map(),
    dispositions: [],
    screeners: new Map(),
  };
}
