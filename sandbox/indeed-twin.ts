import { type FaultName, type FaultOptions, Faults, type PushFaultName } from "./faults.ts";
import { Applications, type Candidate, type SentApplication } from "./indeed/applications.ts";
import { Dispositions } from "./indeed/dispositions.ts";
import { badInput, IndeedError, TooManyRequests, unauthenticated } from "./indeed/errors.ts";
import { GraphqlApi } from "./indeed/graphql-api.ts";
import { Pages } from "./indeed/pages.ts";
import { type PostingStatus, Postings } from "./indeed/postings.ts";
import type { Question } from "./indeed/screener.ts";
import {
  emptyIndeedState,
  type StoredApplication,
  type StoredDisposition,
  type StoredPosting,
} from "./indeed/state.ts";
import { defaultSwitches, type IndeedSwitches } from "./indeed/switches.ts";
import type { StoredDelivery } from "./job-boards/courier.ts";
import { AuthorizationServer, type ConsentAnswer, type TokenRequest } from "./oauth/authorization-server.ts";
import { emptyOAuthState, type Grant, Grants } from "./oauth/grants.ts";
import { ageIndeedGrants, type IndeedOAuthSwitches, indeedClient, indeedPersonality } from "./oauth/indeed.ts";
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

const apply = { token: "sandbox-apply-token", secret: "sandbox-apply-secret" } as const;

export interface NewEmployer {
  /** Of the person who acts for it. */
  readonly email: string;
  readonly name?: string;
  readonly employerId?: string;
  readonly employerName?: string;
}

/** Indeed: tokens, Job Sync and Disposition Sync by GraphQL, Indeed Apply, and what candidates see, at Glassdoor too. */
export class IndeedTwin implements Twin {
  readonly name = "indeed";
  readonly title = "Indeed, and Glassdoor";
  readonly pages = {
    "/jobs": "Look at the jobs as a candidate",
    "/glassdoor/jobs": "Look at those that Glassdoor shows",
  };
  readonly faults = new Faults(this);
  readonly oauth: IndeedOAuthSwitches = { accessTokenSeconds: 3600, rotatesRefreshTokens: false };
  readonly switches: IndeedSwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  readonly grantsOfAll: Grants;
  private readonly oauthState = emptyOAuthState();
  private readonly indeedState = emptyIndeedState();
  private readonly server: AuthorizationServer;
  private readonly store: Postings;
  private readonly applications: Applications;
  private readonly api: GraphqlApi;
  private readonly candidatePages: Pages;

  constructor(private readonly options: TwinOptions) {
    const { now, origin } = options;
    const { faults, switches, indeedState } = this;
    this.grantsOfAll = new Grants(this.oauthState, now);
    const knowsEmployer = (id: string) => [...indeedState.employers.values()].some((employer) => employer.id === id);
    const personality = indeedPersonality(this.oauth, knowsEmployer);
    this.server = new AuthorizationServer(personality, this.grantsOfAll, now, origin);
    this.store = new Postings(indeedState, switches, { now, knowsApplyToken: (token) => token === apply.token });
    this.applications = new Applications(indeedState, this.store, switches, { faults, now, applySecret: apply.secret });
    this.api = new GraphqlApi(this.store, new Dispositions(indeedState, switches, now), switches, now);
    this.candidatePages = new Pages(this.store, this.applications, origin);
    this.commands = {
      "create-account": ({ email, ...employer }) => this.createAccount({ ...employer, email: String(email) }),
      jobs: () => this.postings().map((posting) => ({ ...posting, status: this.statusOf(posting) })),
      "glassdoor-jobs": () => this.glassdoorJobs(),
      "index-now": ({ sourcedPostingId }) => this.indexNow(String(sourcedPostingId)),
      sponsor: ({ sourcedPostingId }) => this.sponsor(String(sourcedPostingId)),
      apply: ({ sourcedPostingId, ...candidate }) => this.apply(String(sourcedPostingId), candidate),
      "replay-application": ({ applyId }) => this.replay(String(applyId)),
      "retry-deliveries": () => this.retryDeliveries(),
      deliveries: () => this.deliveries(),
      dispositions: () => this.dispositions(),
      "set-switches": (words) => Object.assign(this.switches, words),
      "set-oauth-switches": (words) => Object.assign(this.oauth, words),
      revoke: ({ email }) => this.revoke(String(email)),
      "expire-access-tokens": ({ account }) =>
        this.expireAccessTokens(account === undefined ? undefined : String(account)),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return {
      INDEED_CLIENT_ID: indeedClient.id,
      INDEED_CLIENT_SECRET: indeedClient.secret,
      INDEED_BASE_URL: `${origin}/`,
      INDEED_AUTH_URL: `${origin}/oauth/v2/authorize`,
      INDEED_TOKEN_URL: `${origin}/oauth/v2/tokens`,
      INDEED_APPLY_API_TOKEN: apply.token,
      INDEED_APPLY_API_SECRET: apply.secret,
    };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    if (path === "/oauth/v2/tokens") return "token";
    return path === "/graphql" ? "api" : "page";
  }

  /** There is no cursor: who wants to know how a job is asks for it. */
  continuesFromCursor(): boolean {
    return false;
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    ageIndeedGrants(this.grantsOfAll, this.options.now());
    if (request.path === "/graphql") return this.api.handle(request, this.caller(request));
    const answered = (await this.server.handle(request)) ?? (await this.candidatePages.handle(request));
    return answered ?? json(404, { message: `There is no ${request.path}` });
  }

  private caller({ headers }: TwinRequest) {
    const [, token = ""] = /^Bearer (.+)$/i.exec(headers["authorization"] ?? "") ?? [];
    const holder = this.grantsOfAll.holder(token);
    return holder && { clientId: holder.grant.clientId, account: holder.email, scopes: holder.scopes };
  }

  /** Only too many requests are told by the status, where the switches do not say otherwise. */
  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (door === "token") return refusedToken(refusal);
    if (door === "page") return html(503, "<h1>Indeed is down</h1>");
    switch (refusal) {
      case "rate-limited":
        return this.api.tooMany(new TooManyRequests(1));
      case "quota":
        return this.api.tooMany(new TooManyRequests(3600));
      case "down":
        return this.api.refused(new IndeedError("DOWNSTREAM_SERVICE_ERROR", "A downstream service is not available"));
      case "backend-error":
        return this.api.refused(new IndeedError("INTERNAL_SERVER_ERROR", "Internal server error"));
      case "unauthorized":
        return this.api.refused(unauthenticated());
      case "cursor-gone":
        return this.api.refused(badInput("There is no cursor."));
    }
  }

  readonly state = {
    load: (kept: unknown): void => {
      const { oauth, indeed } = kept as { oauth: object; indeed: object };
      Object.assign(this.oauthState, oauth);
      Object.assign(this.indeedState, indeed);
      void this.applications.retryNow();
    },
    save: (): unknown => ({ oauth: this.oauthState, indeed: this.indeedState }),
  };

  readonly accounts = (): readonly string[] => this.grantsOfAll.accounts;

  /** Somebody who can consent for an employer. The jobs come through the service. */
  seed(): void {
    this.createAccount({
      email: "ana@example.test",
      name: "Ana Muster",
      employerId: "employer-1",
      employerName: "Muster Recruiting",
    });
  }

  createAccount({ email, name = email, employerId = email, employerName = name }: NewEmployer): void {
    this.grantsOfAll.addAccount(email, name);
    this.indeedState.employers.set(email, { id: employerId, name: employerName });
  }

  /** Everything that was ever sent, the oldest first. */
  postings(): readonly StoredPosting[] {
    return this.store.all();
  }

  /** The latest posting of a job. */
  posting(jobPostingId: string): StoredPosting | null {
    return this.postings().findLast(({ job }) => job.metadata.jobPostingId === jobPostingId) ?? null;
  }

  statusOf(posting: StoredPosting): PostingStatus {
    return this.store.statusOf(posting);
  }

  /** Which jobs Glassdoor shows now: each that is live on Indeed, and no other. */
  glassdoorJobs(): readonly { readonly sourcedPostingId: string; readonly title: string }[] {
    const shown = this.postings().filter((posting) => this.statusOf(posting).isAtGlassdoor);
    return shown.map(({ sourcedPostingId, job }) => ({ sourcedPostingId, title: job.body.title }));
  }

  indexNow(sourcedPostingId: string): void {
    this.store.indexNow(this.known(sourcedPostingId));
  }

  /** As when a budget is given to it. */
  sponsor(sourcedPostingId: string): void {
    this.known(sourcedPostingId).isSponsored = true;
  }

  /** What a candidate does at the job's page, without a browser. */
  apply(sourcedPostingId: string, candidate: Candidate = {}): Promise<SentApplication> {
    return this.applications.apply(this.known(sourcedPostingId), candidate);
  }

  /** What a candidate is asked there. */
  async questionsOf(sourcedPostingId: string): Promise<readonly Question[]> {
    return (await this.applications.questionsOf(this.known(sourcedPostingId))).questions;
  }

  /** As when a candidate has everything about them deleted. */
  forgetApplication(applyId: string): void {
    this.indeedState.applications.delete(applyId);
  }

  replay(applyId: string): Promise<StoredDelivery> {
    return this.applications.replay(applyId);
  }

  retryDeliveries(): Promise<void> {
    return this.applications.retryNow();
  }

  /** Resolves when every application that was to be sent by now was sent. */
  settled(): Promise<void> {
    return this.applications.settled();
  }

  applicationsOf(sourcedPostingId: string): readonly StoredApplication[] {
    const all = [...this.indeedState.applications.values()];
    return all.filter((application) => application.sourcedPostingId === sourcedPostingId);
  }

  deliveries(): readonly StoredDelivery[] {
    return [...this.indeedState.deliveries.values()];
  }

  /** Of one application, or of all, in the order in which they were taken. */
  dispositions(applyId?: string): readonly StoredDisposition[] {
    const all = this.indeedState.dispositions;
    return applyId === undefined ? all : all.filter((disposition) => disposition.applyId === applyId);
  }

  /** What a person does at the consent page, without a browser. @returns where their browser is sent back to */
  authorize(authorizationUrl: string, answer: ConsentAnswer): string {
    return this.server.consent(authorizationUrl, answer);
  }

  /** As when a person removes the app. */
  revoke(email: string): void {
    this.server.endAll(email, "revoked");
  }

  /** @param account an employer's id or a person's address; the partner's own tokens when left out */
  expireAccessTokens(account: string = indeedClient.id): void {
    this.grantsOfAll.expireAccessTokens(account);
  }

  grants(account: string): readonly Grant[] {
    return this.grantsOfAll.of(account);
  }

  tokenRequests(account: string = indeedClient.id): readonly TokenRequest[] {
    return this.server.requests.filter((request) => request.email === account);
  }

  insteadOfTokens(answer: (() => TwinReply) | null): void {
    this.server.insteadOfTokens = answer;
  }

  issuedSecrets(): readonly string[] {
    return [...this.grantsOfAll.issued, apply.secret];
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  failPush(fault: PushFaultName, options?: { probability?: number; seed?: number }): () => void {
    return this.faults.armPush(fault, options);
  }

  private known(sourcedPostingId: string): StoredPosting {
    const posting = this.store.byPostingId(sourcedPostingId);
    if (!posting) throw new Error(`There is no posting ${sourcedPostingId}`);
    return posting;
  }
}

function refusedToken(refusal: Refusal): TwinReply {
  switch (refusal) {
    case "rate-limited":
    case "quota":
      return json(429, { error: "temporarily_unavailable", error_description: "Too many requests" });
    case "down":
      return html(503, "<html><head><title>503 Service Unavailable</title></head></html>");
    case "backend-error":
      return json(500, { error: "server_error" });
    case "unauthorized":
      return json(401, { error: "invalid_client", error_description: "Client authentication failed" });
    case "cursor-gone":
      return json(400, { error: "invalid_request" });
  }
}
