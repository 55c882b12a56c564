import { type FaultName, type FaultOptions, Faults, type PushFaultName } from "./faults.ts";
import type { Courier } from "./job-boards/courier.ts";
import { Applications, type Applied } from "./linkedin/applications.ts";
import { Apps, parentApp, refuseToken, type TokenRequest } from "./linkedin/apps.ts";
import { CandidatePages } from "./linkedin/candidate-pages.ts";
import { createCourier } from "./linkedin/courier.ts";
import { badRequest, errorReply, expiredToken, LinkedInError, notFound, throttled } from "./linkedin/errors.ts";
import { type Crawl, crawlFeed } from "./linkedin/feed.ts";
import { Integrations } from "./linkedin/integrations.ts";
import { Jobs } from "./linkedin/jobs.ts";
import { Notices } from "./linkedin/notices.ts";
import { answerOnboardingPage } from "./linkedin/onboarding-page.ts";
import { PartnerApi } from "./linkedin/partner-api.ts";
import { seededOrganizations } from "./linkedin/seed.ts";
import {
  type DeliveryAttempt,
  type EventType,
  emptyLinkedInState,
  type StoredApp,
  type StoredApplication,
  type StoredJob,
  type StoredOrganization,
  type StoredWebhook,
} from "./linkedin/state.ts";
import type { GivenSubmission } from "./linkedin/submission.ts";
import { defaultSwitches, type LinkedInSwitches } from "./linkedin/switches.ts";
import { Tasks } from "./linkedin/tasks.ts";
import { eventTypes, Webhooks } from "./linkedin/webhooks.ts";
import {
  html,
  json,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";

/** LinkedIn for partners: provisioned applications, the Job Posting API and Apply Connect, and what candidates see. */
export class LinkedInTwin implements Twin {
  readonly name = "linkedin";
  readonly title = "LinkedIn";
  readonly pages = {
    "/jobs": "Look at the jobs as a candidate, and apply",
    "/onboarding": "Let a company's jobs be posted, as its administrator",
  };
  readonly faults = new Faults(this);
  readonly switches: LinkedInSwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  private readonly known = emptyLinkedInState();
  private readonly apps: Apps;
  private readonly integrations = new Integrations(this.known);
  private readonly courier: Courier;
  private readonly webhooks: Webhooks;
  private readonly jobs: Jobs;
  private readonly tasks: Tasks;
  private readonly notices: Notices;
  private readonly applications: Applications;
  private readonly api: PartnerApi;
  private readonly candidatePages: CandidatePages;

  constructor(private readonly options: TwinOptions) {
    const { now, origin } = options;
    const { known: state, faults, switches, integrations } = this;
    this.apps = new Apps(state, switches, now);
    const { apps } = this;
    this.courier = createCourier(state, switches, {
      faults,
      now,
      apps,
      onAnswer: (answer, delivery) => this.applications.heard(answer, delivery),
    });
    const { courier } = this;
    this.webhooks = new Webhooks(state, switches, {
      now,
      apps,
      onBlocked: (webhook) => this.sendOffsite(webhook),
    });
    const { webhooks } = this;
    this.jobs = new Jobs(state, switches, {
      now,
      integrations,
      webhooks,
      onChange: (job) => {
        const app = apps.withClientId(job.clientId);
        if (app) this.notices.jobChanged(job, app);
      },
    });
    const { jobs } = this;
    this.tasks = new Tasks(state, switches, { now, jobs, webhooks });
    this.notices = new Notices(state, switches, { now, jobs, webhooks, courier });
    this.applications = new Applications(state, switches, { now, jobs, courier, mediaHost: origin });
    const { tasks, applications } = this;
    this.api = new PartnerApi({ now, state, switches, apps, jobs, tasks, integrations, site: origin });
    this.candidatePages = new CandidatePages({ state, switches, jobs, applications, site: origin });
    this.commands = {
      "create-organization": (organization) => this.createOrganization(organization),
      "set-organization": ({ urn, ...changes }) => this.setOrganization(String(urn), changes),
      "complete-onboarding": ({ urn }) => this.setOrganization(String(urn), { isOnboarded: true }),
      "finish-migration": ({ urn }) => this.finishMigration(String(urn)),
      "register-webhook": ({ type, url }) => this.registerWebhook(type as EventType, String(url)),
      "unblock-webhook": ({ url }) => this.webhooks.unblock(String(url)),
      "finish-tasks": () => this.finishTasks(),
      reject: ({ job, app, message }) => this.jobs.reject(this.jobNamed(job, app), String(message ?? "Refused.")),
      "close-by-members": ({ job, app }) => this.jobs.closeByLinkedIn(this.jobNamed(job, app)),
      "send-offsite": ({ job, app }) =>
        this.jobs.sendOffsite(this.jobNamed(job, app), "Applications could not be delivered."),
      demote: ({ job, app }) => this.jobs.demote(this.jobNamed(job, app)),
      apply: ({ job, app, ...submission }) => this.applications.apply(this.jobNamed(job, app), submission),
      "deliver-again": ({ jobApplicationId }) => this.deliverAgain(String(jobApplicationId)),
      "resync-jobs": ({ app, externalJobPostingIds }) =>
        this.askForResync(String(app), (externalJobPostingIds ?? []) as readonly string[]),
      "show-overdue-resyncs": () => this.overdueResyncs,
      "crawl-feed": ({ url }) => this.crawlFeed(String(url)),
      "show-jobs": () => this.postedJobs,
      "show-applications": () => this.sentApplications,
      "set-switches": (words) => Object.assign(this.switches, words),
      "expire-access-tokens": ({ app }) => this.expireAccessTokens(String(app)),
      "end-app": ({ app }) => this.endApp(String(app)),
    };
  }

  /** There is no consent page, and so no address of one. */
  settings(origin: string): Readonly<Record<string, string>> {
    return {
      LINKEDIN_CLIENT_ID: parentApp.clientId,
      LINKEDIN_CLIENT_SECRET: parentApp.clientSecret,
      LINKEDIN_BASE_URL: `${origin}/`,
      LINKEDIN_TOKEN_URL: `${origin}/oauth/v2/accessToken`,
    };
  }

  serviceListens(publicUrl: string): Promise<unknown> {
    return Promise.all(eventTypes.map((type) => this.registerWebhook(type, `${publicUrl}/webhooks/linkedin/operator`)));
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    if (path === "/oauth/v2/accessToken") return "token";
    return /^\/(rest|v2|media)\//.test(path) ? "api" : "page";
  }

  /** There is no cursor: nothing can be listed. */
  continuesFromCursor(): boolean {
    return false;
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    this.settle();
    switch (this.doorOf(request)) {
      case "token":
        return this.apps.answerTokenRequest(request);
      case "page":
        return this.answerPage(request);
      case "api":
        return this.api.handle(request);
    }
  }

  private async answerPage(request: TwinRequest): Promise<TwinReply> {
    if (request.path === "/onboarding") return answerOnboardingPage(request, this.known.organizations);
    return (await this.candidatePages.handle(request)) ?? errorReply(notFound(request.path));
  }

  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (refusal === "down") return html(503, "<html><head><title>503 Service Unavailable</title></head></html>");
    if (door === "token") return refuseTokenFor(refusal);
    switch (refusal) {
      case "rate-limited":
        return errorReply(throttled("APPLICATION"));
      case "quota":
        return errorReply(throttled("APPLICATION DAY"));
      case "backend-error":
        return errorReply(new LinkedInError(500, "Internal Server Error", { serviceErrorCode: 0 }));
      case "unauthorized":
        return errorReply(expiredToken());
      case "cursor-gone":
        return errorReply(badRequest("There is no cursor"));
    }
  }

  readonly state = {
    load: (kept: unknown): void => {
      Object.assign(this.known, kept);
      void this.courier.retryNow();
    },
    save: (): unknown => this.known,
  };

  readonly accounts = (): readonly string[] =>
    [...this.known.organizations.values()].map(({ name, urn }) => `${name} (${urn})`);

  /** Companies to post for, for whoever develops a front end. */
  seed(): void {
    for (const organization of seededOrganizations) {
      const urn = this.createOrganization({ ...organization, isOnboarded: true, notifiesApplicants: true });
      this.integrations.switchOn(urn, "APPLY_CONNECT");
      this.integrations.switchOn(urn, "PREMIUM_JOB_POSTING");
    }
  }

  /** A company with its page and its contract. @returns its URN */
  createOrganization(organization: Partial<StoredOrganization> = {}): string {
    this.known.latest += 1;
    const number = this.known.latest;
    const { urn = `urn:li:organization:${number}`, name = "Muster AG" } = organization;
    this.known.organizations.set(urn, {
      contract: `urn:li:contract:${number}`,
      pageUrl: `${this.options.origin()}/company/${urn.split(":").at(-1)}`,
      jobSlots: 10,
      seatHolders: [],
      hasPayForPerformance: false,
      isOnboarded: false,
      notifiesApplicants: false,
      isMigrating: false,
      mustPromote: false,
      ...organization,
      urn,
      name,
    });
    return urn;
  }

  setOrganization(urn: string, changes: Partial<StoredOrganization>): void {
    Object.assign(this.organization(urn), changes);
  }

  organization(urn: string): StoredOrganization {
    const organization = this.known.organizations.get(urn);
    if (!organization) throw new Error(`There is no ${urn}`);
    return organization;
  }

  /** From now on the company's jobs are published from the API, those too that were sent before. */
  finishMigration(urn: string): void {
    this.setOrganization(urn, { isMigrating: false });
    this.jobs.endMigration(urn);
  }

  /** As in the developer portal. @returns whether the address has passed the challenge */
  registerWebhook(type: EventType, url: string): Promise<boolean> {
    if (!eventTypes.includes(type)) throw new Error(`type is one of: ${eventTypes.join(", ")}`);
    return this.webhooks.register(type, url);
  }

  get registeredWebhooks(): readonly StoredWebhook[] {
    return [...this.known.webhooks.values()];
  }

  /** All tasks and reviews are over. */
  finishTasks(): void {
    this.tasks.settle(true);
    for (const job of this.jobs.all()) this.jobs.review(job);
  }

  /** What a candidate does, without a browser. */
  apply(job: StoredJob, submission: GivenSubmission): Promise<Applied> {
    this.settle();
    return this.applications.apply(job, submission);
  }

  /** The same application once more. @returns the first attempt; null for one that there is not */
  deliverAgain(jobApplicationId: string): Promise<DeliveryAttempt | null> {
    return this.applications.deliverAgain(jobApplicationId);
  }

  /** Brings what has not arrived yet, without waiting for its time. */
  retryDeliveries(): Promise<void> {
    return this.courier.retryNow();
  }

  /** How many messages have not arrived yet. */
  get waitingDeliveries(): number {
    return [...this.known.deliveries.values()].filter(({ outcome }) => outcome === "waiting").length;
  }

  /** @param externalIds none for all open ones @returns the receiver's status; null where nobody is registered */
  askForResync(app: string, externalIds: readonly string[] = []): Promise<number | null> {
    return this.notices.askForResync(this.appNamed(app), externalIds);
  }

  /** As LinkedIn does with the feeds of partners that do not use the API. */
  crawlFeed(url: string): Promise<Crawl> {
    return crawlFeed(this.known, url);
  }

  /** The jobs that LinkedIn asked for and was not sent within half an hour. */
  get overdueResyncs(): readonly string[] {
    return this.notices.overdue;
  }

  /** @param job its number, its URN or its external id @param app whose, when several have the same external id */
  jobNamed(job: unknown, app?: unknown): StoredJob {
    const name = String(job);
    const clientId = app === undefined ? null : this.appNamed(String(app)).clientId;
    const found = this.jobs
      .all()
      .filter((one) => clientId === null || one.clientId === clientId)
      .filter(
        ({ number, element }) =>
          name === String(number) || name === `urn:li:jobPosting:${number}` || name === element.externalJobPostingId,
      );
    const [first, ...others] = found;
    if (!first || others.length > 0) throw new Error(`There are ${found.length} jobs ${name}; app tells whose`);
    return first;
  }

  /** Every job that was taken, of whichever company. */
  get postedJobs(): readonly StoredJob[] {
    return this.jobs.all();
  }

  get sentApplications(): readonly StoredApplication[] {
    return [...this.known.applications.values()];
  }

  get tokenRequests(): readonly TokenRequest[] {
    return this.apps.tokenRequests;
  }

  expireAccessTokens(app: string): void {
    this.apps.expireTokens(this.appNamed(app));
  }

  /** As when LinkedIn ends an application: neither its secret nor its tokens are good. */
  endApp(app: string): void {
    this.appNamed(app).isEnded = true;
  }

  /** Resolves when every message and every challenge that was to be sent by now was sent. */
  async settled(): Promise<void> {
    await this.webhooks.settled();
    await this.courier.settled();
  }

  issuedSecrets(): readonly string[] {
    return [...this.apps.issued];
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  failPush(fault: PushFaultName, options?: { probability?: number; seed?: number }): () => void {
    return this.faults.armPush(fault, options);
  }

  /** What time has brought since the last request. */
  private settle(): void {
    this.tasks.settle();
    this.jobs.settle();
    this.webhooks.recheck();
  }

  private sendOffsite({ clientId, url }: StoredWebhook): void {
    for (const job of this.jobs.all()) {
      const isItsOwn = job.element.onsiteApplyConfiguration?.jobApplicationWebhookUrl === url;
      if (isItsOwn && job.clientId === clientId) this.jobs.sendOffsite(job, "The webhook is blocked.");
    }
  }

  /** @param name its URN, client id or `uniqueForeignId` */
  private appNamed(name: string): StoredApp {
    const app = this.apps.named(name);
    if (!app) throw new Error(`There is no application ${name}`);
    return app;
  }
}

function refuseTokenFor(refusal: Exclude<Refusal, "down">): TwinReply {
  switch (refusal) {
    case "rate-limited":
    case "quota":
      return json(429, { error: "temporarily_unavailable", error_description: "Too many requests" });
    case "backend-error":
      return json(500, { error: "server_error", error_description: "Internal Server Error" });
    default:
      return refuseToken("invalid_client", "Client authentication failed");
  }
}
