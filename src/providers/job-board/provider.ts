import type { IntegrationError } from "../../errors.ts";
import type { AccountSettings, ProvenIdentity, ProviderBase, VendorAccount } from "../provider.ts";
import type { ApplyAddress, BoardApplications, BoardDispositions } from "./applications.ts";
import type { BoardBatch } from "./batch.ts";
import type { FeedDialect } from "./feed-dialect.ts";
import type { Job, JobField, Money } from "./job.ts";
import type { ManualPosting } from "./manual-posting.ts";

/**
 * How a job reaches a board: by calls to it, in a feed that it reads, by standing on another board that it copies from, by
 * mail, or by a person who enters it.
 */
export const postingRoutes = ["API", "FEED", "MIRROR", "EMAIL", "MANUAL"] as const;
export type PostingRoute = (typeof postingRoutes)[number];

export type BoardAccount = VendorAccount;

/** What is done to a posting. */
export type PostingOperation = "POST" | "UPDATE" | "CLOSE" | "REOPEN";

/** How a posting stands at its board. LIMITED is visible with restrictions, SUBMITTED taken with no word on it yet. */
export type BoardState = "SUBMITTED" | "IN_REVIEW" | "LIVE" | "LIMITED" | "REJECTED" | "EXPIRED" | "CLOSED";

/** One posting as its board is told of it. */
export interface BoardPosting {
  /** Ours: a lower-case UUID that no other posting has, of whichever tenant. */
  readonly id: string;
  /** `job.externalReference` is the same in every call. */
  readonly job: Job;
  /** When the job was first posted. */
  readonly listedAt: Date;
  /** The moment of the call. */
  readonly now: Date;
  /** What is being done to it; null when it is only looked at. */
  readonly operation: PostingOperation | null;
  /** How it stood when that was asked for; null before it is posted the first time. */
  readonly previousState: BoardState | null;
  /** The board's own name for it; null while nobody knows one. */
  readonly boardPostingId: string | null;
  /** What the board gave to ask about the outcome of the last operation by; null when there is none. */
  readonly boardTaskId: string | null;
  /** Where candidates see it; null while nobody knows. */
  readonly url: string | null;
  /** Where applications go that candidates make at the board; null when they apply at `job.applyUrl`. */
  readonly apply: ApplyAddress | null;
}

/** What a board says of a posting. */
export interface PostingReport {
  readonly state: BoardState;
  /** The board's own words for the state. */
  readonly boardState: string | null;
  readonly boardPostingId: string | null;
  readonly boardTaskId: string | null;
  /** Where candidates see it. */
  readonly url: string | null;
  readonly expiresAt: Date | null;
  /** Whether it is not known yet what became of the last operation. */
  readonly isPending: boolean;
  /** Whether the board did what was done to it last: else it has the job as it was before. True while that is pending. */
  readonly isTaken: boolean;
  /** Why it is REJECTED or LIMITED, or why the last operation was not taken; null when all is well. */
  readonly refusal: IntegrationError | null;
}

/** Something about a job that a board does not take as it is. */
export interface JobFinding {
  /** From the job down: `["salary", "max"]`. */
  readonly field: readonly [JobField, ...string[]];
  /** Whether the board would refuse the job, leave this out, or show it changed. */
  readonly effect: "REFUSED" | "DROPPED" | "CHANGED";
  /** The board's rule. */
  readonly rule: string;
  /** What to do about it. */
  readonly fix: string;
}

/** Where a board keeps a field of ours, and what it wants there. */
export type FieldPlace = FieldDemands &
  (
    | { readonly sentAs: string; readonly isRequired?: boolean; readonly rule?: string }
    /** It does not go to the board by itself; the reason is shown to people. */
    | { readonly notSent: string }
  );

/** What a board takes of a field. `check` keeps to it, and tells what goes beyond. */
export interface FieldDemands {
  /** Of the text as it is sent, or of a list. Absent where any length is taken. */
  readonly limits?: FieldLimits;
  /** Of a choice, the values that it has a word for. Absent where it has one for each. */
  readonly options?: readonly string[];
}

export interface FieldLimits {
  readonly unit: "CHARACTERS" | "BYTES" | "ITEMS";
  readonly min?: number;
  readonly max?: number;
}

/** What posting a job costs. */
export interface PostingCost {
  /** Null where the board publishes no price. */
  readonly money: Money | null;
  /** What it is paid for: `job slot`, `budget of 30 days`. */
  readonly unit: string;
}

/**
 * One job board. An optional member that is there is a capability; no flag says it twice. A board without `post` is reached
 * by another route than API, and the service does what that route needs.
 *
 * Every call may throw an {@link IntegrationError}: CREDENTIALS_REJECTED, FORBIDDEN, RATE_LIMITED, PROVIDER_UNAVAILABLE,
 * PROVIDER_REPLY_INVALID or EGRESS_REFUSED; PROVIDER_REFUSED, with the board's words, for a job that it does not take;
 * QUOTA_EXHAUSTED where the account has no room left. A read that fails throws; it never says that nothing is there.
 */
export interface JobBoardProvider extends ProviderBase<ProvenIdentity> {
  readonly kind: "JOB_BOARD";
  /** By which route an account of these settings posts. It stays for as long as a posting is open. */
  route(settings: AccountSettings): PostingRoute;
  /**
   * Set on a board that shows another board's jobs and is told of none itself: that other board's id. The service keeps its
   * postings as those there stand, and calls nothing. Its route is MIRROR.
   */
  readonly mirrorOf?: string;
  /** Who takes a job off when its `expiresAt` comes: the board by itself, or the service, which closes it then. */
  readonly expires: "BOARD" | "SERVICE";
  /** Where each field of a job goes. */
  readonly fields: Readonly<Record<JobField, FieldPlace>>;
  /** What the board would refuse, leave out or change: told before anything is sent. Calls nothing. */
  check(job: Job, settings: AccountSettings, now: Date): readonly JobFinding[];
  /** The description as it is sent; empty where none is. */
  render(job: Job): string;
  /** What posting it costs; null for nothing. Absent where the board is free. What costs money waits for approval. */
  cost?(job: Job, settings: AccountSettings): PostingCost | null;
  /** One call that changes nothing, to see whether the account works. Absent where nothing shows that beforehand. */
  tryOut?(account: BoardAccount): Promise<unknown>;

  /**
   * Set where `status` finds a posting by the board's own name alone, and not by the job's reference: while nobody knows that
   * name, null tells nothing, and `post` and `close` find the posting by themselves. Absent where the reference is enough.
   */
  readonly findsBy?: "boardPostingId";
  /** Posts a job. What `status` finds is not posted again; where it cannot tell, the board takes a second time for the first. */
  post?(account: BoardAccount, posting: BoardPosting): Promise<PostingReport>;
  /** Sends the whole job again, as it is now. Harmless twice. */
  update?(account: BoardAccount, posting: BoardPosting): Promise<PostingReport>;
  /** Takes it off the board. What is closed or gone already is no error. */
  close?(account: BoardAccount, posting: BoardPosting): Promise<PostingReport>;
  /** Puts one back that was closed or has expired. */
  reopen?(account: BoardAccount, posting: BoardPosting): Promise<PostingReport>;
  /**
   * How it stands; null when the board knows of no such posting. See `findsBy` for one whose answer got lost.
   */
  status?(account: BoardAccount, posting: BoardPosting): Promise<PostingReport | null>;
  /**
   * Set where a person does what others are called for, and confirms it. The route is MANUAL, and the board has none of `post`,
   * `update`, `close` and `reopen`. `status` may look where candidates do; what it does not see there is still as it was.
   */
  readonly manual?: ManualPosting;
  /**
   * Set where the board gets all open jobs of an account at once, by mail. The route is EMAIL, and the board has none of `post`,
   * `update`, `close`, `reopen` and `status`: the service sends it what is wanted, and waits between two mails.
   */
  readonly batch?: BoardBatch;
  /**
   * Set where this service hosts the jobs, and others read them: how each kind of reader wants them, by the last part of the
   * address. The route is FEED, nobody is called, and there is no `status`: `post` and the others say at once what is so from
   * then on, because it is wanted.
   */
  readonly feeds?: Readonly<Record<string, FeedDialect>>;
  /** Set where candidates can apply at the board itself. */
  readonly applications?: BoardApplications;
  /** Set where the board hears what became of its applications. */
  readonly dispositions?: BoardDispositions;
}
