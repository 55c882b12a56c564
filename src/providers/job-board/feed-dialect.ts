import type { AccountSettings } from "../provider.ts";
import type { Job } from "./job.ts";
import type { FieldLimits } from "./provider.ts";

/** One posting as it is written into a feed. */
export interface FeedPosting {
  readonly job: Job;
  /** The link of ours by which candidates come to `job.applyUrl`; null where there is none. */
  readonly link: string | null;
  /** When the job was first posted. */
  readonly listedAt: Date;
}

/** What is said of a feed as a whole. */
export interface FeedFacts {
  readonly settings: AccountSettings;
  /** How many jobs are in it: a job with three places is three. */
  readonly jobs: number;
  /** When anything in it changed last. */
  readonly changedAt: Date;
}

/** A feed as one kind of reader wants it. The same jobs make the same text: nothing in it is of the moment of writing. */
export interface FeedDialect {
  /** Who reads it, for people. */
  readonly reader: string;
  /** The description as it stands in it, and how long that may be; no limits where any length is taken. */
  describe(job: Job): string;
  readonly descriptionLimits?: FieldLimits;
  /** What has to be entered before there can be such a feed, in words; null when nothing is missing. */
  missing?(settings: AccountSettings): string | null;
  /** Everything before the first job. */
  head(facts: FeedFacts): string;
  /** Its job elements: one for each place, where readers know jobs of one place alone. Never none. */
  jobsOf(posting: FeedPosting, settings: AccountSettings): readonly string[];
  /** Everything after the last one. */
  readonly tail: string;
}
