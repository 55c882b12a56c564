import { hasQuestionTwice } from "./apply-configuration.ts";
import type { Integrations } from "./integrations.ts";
import { companyOf, type JobElement } from "./job-element.ts";
import { type ErrorType, jobKey, type LinkedInState, type StatusDetail, type StoredJob } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";
import type { Webhooks } from "./webhooks.ts";

const dayMs = 86_400_000;
const defaultDays = 180;
const renewalDays = 30;
/** How long a budget is spent. */
const campaignDays = 30;

export interface ApplyStatus {
  readonly status: "ENABLED" | "NOT_ENABLED" | "IN_PROGRESS";
  readonly detail: StatusDetail | null;
}

interface JobsOptions {
  readonly now: () => Date;
  readonly integrations: Integrations;
  readonly webhooks: Webhooks;
  /** Told when LinkedIn changes what a job is like. */
  readonly onChange: (job: StoredJob) => void;
}

/** Jobs that were posted, and what becomes of them. */
export class Jobs {
  constructor(
    private readonly state: LinkedInState,
    private readonly switches: LinkedInSwitches,
    private readonly options: JobsOptions,
  ) {}

  get(clientId: string, externalId: string): StoredJob | undefined {
    return this.state.jobs.get(jobKey(clientId, externalId));
  }

  numbered(number: number): StoredJob | undefined {
    return this.all().find((job) => job.number === number);
  }

  all(): readonly StoredJob[] {
    return [...this.state.jobs.values()];
  }

  /** Does what an element says, of a task that has succeeded. @param isHeld keeps a new job from being published */
  take(clientId: string, number: number, element: JobElement, isHeld: boolean): void {
    const job = this.get(clientId, element.externalJobPostingId);
    const { jobPostingOperationType: operation } = element;
    if (!job || (operation === "CREATE" && this.hasEnded(job))) {
      this.create(clientId, number, element, isHeld);
      return;
    }
    job.element = element;
    if (operation === "CLOSE") {
      job.isClosed = true;
      this.list(job, "NOT_LISTED", said("The job was closed by its poster."));
      return;
    }
    if (operation === "RENEW") this.prolong(job);
    else if (element.expireAt !== undefined) job.expireAt = element.expireAt;
    // A new chance for one whose applications could not be delivered.
    if (job.offsite) Object.assign(job, { offsite: null, hasDelivered: false });
    this.promote(job);
    if (job.listing === "NOT_LISTED" || this.rejectionOf(job)) this.list(job, "IN_PROGRESS", null);
  }

  /** Closed, or expired. */
  hasEnded({ isClosed, expireAt }: StoredJob): boolean {
    return isClosed || expireAt <= this.now();
  }

  /** What time brings: reviews, the ends of jobs, and what members report. */
  settle(): void {
    for (const job of this.all()) {
      const waitedMs = this.now() - job.listingSince;
      if (waitedMs >= this.switches.reviewSeconds * 1000) this.review(job);
      if (job.listing === "LISTED" && job.expireAt <= this.now()) {
        this.change(job, "NOT_LISTED", said("The job has expired."));
      }
      const { promotedSince, element } = job;
      const isSpent = element.budget && promotedSince !== null && promotedSince + campaignDays * dayMs <= this.now();
      if (isSpent) this.demote(job);
      const isReported = job.listing === "LISTED" && element.title.includes("[closed-by-member]");
      if (isReported && waitedMs >= this.switches.memberReportSeconds * 1000) this.closeByLinkedIn(job);
    }
  }

  /** Counts a reading of the status, after which a review may be over. */
  read(job: StoredJob): void {
    job.reads += 1;
    if (job.reads > this.switches.readsUntilReviewed) this.review(job);
  }

  /** Ends the review of a job that is in one. */
  review(job: StoredJob): void {
    if (job.listing !== "IN_PROGRESS" || job.isHeld) return;
    const rejection = this.rejectionOf(job);
    this.change(job, rejection ? "NOT_LISTED" : "LISTED", rejection);
  }

  /** LinkedIn takes a job off its list after all. */
  reject(job: StoredJob, statusMessage: string, errorType: ErrorType = "CUSTOMER_ERROR"): void {
    this.change(job, "NOT_LISTED", { errorCode: "JOB_POLICY_VIOLATION", errorType, statusMessage });
  }

  closeByLinkedIn(job: StoredJob): void {
    job.isClosed = true;
    this.change(job, "NOT_LISTED", {
      errorCode: "JOB_CLOSED_BY_LINKEDIN",
      errorType: "CUSTOMER_ERROR",
      statusMessage: "The job was closed after members reported it.",
    });
  }

  /** Candidates are sent to the company's own page from now on. */
  sendOffsite(job: StoredJob, statusMessage: string): void {
    if (!job.element.onsiteApplyConfiguration || job.offsite) return;
    job.offsite = { errorCode: "APPLICATION_DELIVERY_FAILED", errorType: "PARTNER_ERROR", statusMessage };
    this.options.onChange(job);
  }

  demote(job: StoredJob): void {
    job.promotedSince = null;
    job.promotionDetail = said("The promotion has ended.");
    this.options.onChange(job);
  }

  /** The jobs of a company are published from the API from now on. */
  endMigration(organization: string): void {
    for (const job of this.all()) if (companyOf(job.element) === organization) job.isHeld = false;
  }

  applyStatus(job: StoredJob): ApplyStatus {
    const { onsiteApplyConfiguration: onsite } = job.element;
    const notEnabled = (errorType: ErrorType, statusMessage: string, errorCode: string | null = null): ApplyStatus => ({
      status: "NOT_ENABLED",
      detail: { errorCode, errorType, statusMessage },
    });
    if (!onsite) return notEnabled("PARTNER_ERROR", "No attempt to enable LinkedIn Apply was found for this job.");
    if (job.offsite) return { status: "NOT_ENABLED", detail: job.offsite };
    if (hasQuestionTwice(onsite.questions)) {
      return notEnabled("PARTNER_ERROR", "A partnerQuestionIdentifier is there twice.", "DUPLICATE_QUESTIONS");
    }
    if (!this.options.integrations.isOn(companyOf(job.element), "APPLY_CONNECT")) {
      return notEnabled("CUSTOMER_ERROR", "Apply Connect is not switched on for the company.", "NOT_INTEGRATED");
    }
    const webhook = this.options.webhooks.find(job.clientId, onsite.jobApplicationWebhookUrl);
    if (webhook?.isVerified === false) {
      return notEnabled("PARTNER_ERROR", "The webhook has not passed its validation.", "WEBHOOK_NOT_VALIDATED");
    }
    const isSettled = webhook?.isVerified === true && job.listing !== "IN_PROGRESS";
    return { status: isSettled ? "ENABLED" : "IN_PROGRESS", detail: null };
  }

  private create(clientId: string, number: number, element: JobElement, isHeld: boolean): void {
    const job: StoredJob = {
      clientId,
      number,
      element,
      listing: "IN_PROGRESS",
      listingDetail: null,
      listingSince: this.now(),
      reads: 0,
      isHeld,
      isClosed: false,
      expireAt: element.expireAt ?? this.now() + defaultDays * dayMs,
      promotedSince: null,
      promotionDetail: null,
      offsite: null,
      hasDelivered: false,
    };
    this.promote(job);
    this.state.jobs.set(jobKey(clientId, element.externalJobPostingId), job);
  }

  private prolong(job: StoredJob): void {
    job.expireAt = Math.max(job.expireAt, this.now()) + renewalDays * dayMs;
  }

  /** With money, or a slot of the company's contract while there are any. */
  private promote(job: StoredJob): void {
    const { listingType, budget } = job.element;
    const organization = this.state.organizations.get(companyOf(job.element) ?? "");
    const isOther = (other: StoredJob) => other !== job && other.promotedSince !== null && !this.hasEnded(other);
    const taken = this.all().filter(
      (other) => isOther(other) && companyOf(other.element) === organization?.urn && !other.element.budget,
    );
    const hasRoom = budget !== undefined || taken.length < (organization?.jobSlots ?? 0);
    const isWanted = listingType === "PREMIUM" || budget !== undefined;
    job.promotedSince = isWanted && hasRoom ? (job.promotedSince ?? this.now()) : null;
    job.promotionDetail =
      isWanted && !hasRoom
        ? {
            errorCode: "NO_JOB_SLOTS",
            errorType: "CUSTOMER_ERROR",
            statusMessage: "The contract has no job slot left.",
          }
        : null;
  }

  /** Why LinkedIn does not list it; null when it does. */
  private rejectionOf({ element, promotedSince }: StoredJob): StatusDetail | null {
    const { mustPromote = false } = this.state.organizations.get(companyOf(element) ?? "") ?? {};
    if (mustPromote && promotedSince === null) {
      const statusMessage = "Jobs of this company have to be promoted.";
      return { errorCode: "PROMOTION_REQUIRED", errorType: "CUSTOMER_ERROR", statusMessage };
    }
    if (!element.title.includes("[rejected]")) return null;
    const statusMessage = "The job does not comply with LinkedIn's job posting policies.";
    return { errorCode: "JOB_POLICY_VIOLATION", errorType: "CUSTOMER_ERROR", statusMessage };
  }

  private change(job: StoredJob, listing: StoredJob["listing"], detail: StatusDetail | null): void {
    this.list(job, listing, detail);
    this.options.onChange(job);
  }

  private list(job: StoredJob, listing: StoredJob["listing"], detail: StatusDetail | null): void {
    Object.assign(job, { listing, listingDetail: detail, listingSince: this.now(), reads: 0 });
  }

  private now(): number {
    return this.options.now().getTime();
  }
}

/** Nobody's error. */
const said = (statusMessage: string): StatusDetail => ({ errorCode: null, errorType: null, statusMessage });
