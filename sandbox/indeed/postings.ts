import { createHash, randomUUID } from "node:crypto";
import type { JobPosting } from "./job-posting.ts";
import { moderationOf, requiresSponsorship } from "./posting-rules.ts";
import type { IndeedState, StoredPosting } from "./state.ts";
import type { IndeedSwitches } from "./switches.ts";

const dayMs = 24 * 60 * 60_000;

/** In whose name a job is sent. */
export interface Caller {
  readonly clientId: string;
  /** An employer's id, a person's address, or the partner's client id. */
  readonly account: string;
}

/** How a posting is, seen from outside. */
export interface PostingStatus {
  readonly lifecycle: "pending" | "active" | "inactive";
  /** What moderation has against it; null for nothing. */
  readonly rejectedFor: string | null;
  readonly isSponsorshipRequired: boolean;
  readonly isMissingRequiredSponsorship: boolean;
  readonly isIndeedApplyActive: boolean;
  /** Jobs on Indeed are on Glassdoor too; nobody can choose it alone. */
  readonly isAtGlassdoor: boolean;
}

/** The jobs that partners have sent, and what has become of them. */
export class Postings {
  constructor(
    private readonly state: IndeedState,
    private readonly switches: IndeedSwitches,
    private readonly options: {
      readonly now: () => Date;
      /** Whether somebody sends with this Indeed Apply token. */
      readonly knowsApplyToken: (token: string) => boolean;
    },
  ) {}

  /** Creates, updates, or brings back: the key is the job's id, its source and the client. */
  upsert(job: JobPosting, caller: Caller): StoredPosting {
    const now = this.options.now();
    const known = this.latest(job, caller.clientId);
    if (!known || this.isForgotten(known)) return this.create(job, caller);
    known.job = job;
    known.updatedAt = now;
    const staysEnded = known.endedBy === "gone" && this.switches.ignoresRepostAfterGone;
    if (known.endedAt !== null && !staysEnded) {
      Object.assign(known, { endedAt: null, endedBy: null, indexingSince: now, statusCalls: 0 });
    }
    return known;
  }

  end(posting: StoredPosting, by: "request" | "gone"): void {
    this.settle(posting);
    if (posting.endedAt !== null) return;
    posting.endedAt = this.options.now();
    posting.endedBy = by;
  }

  /** Without waiting for it to be indexed. */
  indexNow(posting: StoredPosting): void {
    posting.statusCalls = Math.max(posting.statusCalls, this.switches.liveAfterCalls);
  }

  byPostingId(sourcedPostingId: string): StoredPosting | null {
    const posting = this.state.postings.get(sourcedPostingId);
    return posting ? this.settle(posting) : null;
  }

  byEmployerJobId(employerJobId: string): StoredPosting | null {
    return this.all().find((posting) => posting.employerJobId === employerJobId) ?? null;
  }

  byJobKey(jobKey: string): StoredPosting | null {
    return this.all().find((posting) => posting.jobKey === jobKey) ?? null;
  }

  all(): readonly StoredPosting[] {
    return [...this.state.postings.values()].map((posting) => this.settle(posting));
  }

  statusOf(posting: StoredPosting): PostingStatus {
    const { job, endedAt, isSponsored } = this.settle(posting);
    const lifecycle = endedAt !== null ? "inactive" : this.isIndexed(posting) ? "active" : "pending";
    const rejectedFor = moderationOf(job, this.switches);
    const isSponsorshipRequired = requiresSponsorship(job);
    const isMissingRequiredSponsorship = isSponsorshipRequired && !isSponsored;
    const apply = job.applyMethod?.indeedApply;
    const isActive = lifecycle === "active";
    return {
      lifecycle,
      rejectedFor,
      isSponsorshipRequired,
      isMissingRequiredSponsorship,
      isIndeedApplyActive: isActive && apply != null && this.options.knowsApplyToken(apply.apiToken),
      isAtGlassdoor: isActive && rejectedFor === null && !isMissingRequiredSponsorship,
    };
  }

  private create(job: JobPosting, { clientId, account }: Caller): StoredPosting {
    const now = this.options.now();
    const sourcedPostingId = randomUUID();
    const posting: StoredPosting = {
      sourcedPostingId,
      employerJobId: Buffer.from(`iri://apis.indeed.com/EmployerJob/${randomUUID()}`).toString("base64"),
      jobPostId: Buffer.from(`iri://apis.indeed.com/JobPost/${randomUUID()}`).toString("base64"),
      jobKey: createHash("sha256").update(sourcedPostingId).digest("hex").slice(0, 16),
      clientId,
      account,
      job,
      createdAt: now,
      updatedAt: now,
      indexingSince: now,
      statusCalls: 0,
      endedAt: null,
      endedBy: null,
      isSponsored: false,
    };
    this.state.postings.set(sourcedPostingId, posting);
    return posting;
  }

  private latest({ metadata }: JobPosting, clientId: string): StoredPosting | undefined {
    return this.all().findLast(({ job, clientId: sentBy }) => {
      const { jobPostingId, jobSource } = job.metadata;
      const isSame = jobPostingId === metadata.jobPostingId && jobSource.sourceName === metadata.jobSource.sourceName;
      return isSame && sentBy === clientId;
    });
  }

  private isForgotten({ endedAt }: StoredPosting): boolean {
    const sinceMs = endedAt === null ? 0 : this.options.now().getTime() - endedAt.getTime();
    return sinceMs > this.switches.reactivationDays * dayMs;
  }

  private isIndexed({ statusCalls, indexingSince }: StoredPosting): boolean {
    const { liveAfterCalls, liveAfterSeconds } = this.switches;
    const seconds = (this.options.now().getTime() - indexingSince.getTime()) / 1000;
    return statusCalls >= liveAfterCalls || seconds >= liveAfterSeconds;
  }

  /** Ends what has reached its last day. */
  private settle(posting: StoredPosting): StoredPosting {
    const { expirationDate } = posting.job.metadata;
    const endsAt = expirationDate == null ? null : new Date(expirationDate);
    const isOver = endsAt !== null && endsAt <= this.options.now();
    if (posting.endedAt === null && isOver && this.switches.expiresAtExpirationDate) {
      Object.assign(posting, { endedAt: endsAt, endedBy: "expirationDate" });
    }
    return posting;
  }
}
