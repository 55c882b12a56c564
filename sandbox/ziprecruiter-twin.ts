import { type FaultName, type FaultOptions, Faults, type PushFaultName } from "./faults.ts";
import type { StoredDelivery } from "./job-boards/courier.ts";
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
import { Applications, type Candidate, type SentApplication } from "./ziprecruiter/applications.ts";
import { noSlots, unauthorized, ZipRecruiterError } from "./ziprecruiter/errors.ts";
import { Pages } from "./ziprecruiter/pages.ts";
import { PartnerApi } from "./ziprecruiter/partner-api.ts";
import { emptyZipRecruiterState, type StoredBoost, type StoredJob, type StoredSignal } from "./ziprecruiter/state.ts";
import { defaultSwitches, type ZipRecruiterSwitches } from "./ziprecruiter/switches.ts";

const apiKey = "c2FuZGJveC1hcGkta2V5Og==";
const signingKey = "sandbox-webhook-signing-key";

/** ZipRecruiter: the job API of its partners, the apply webhook, hiring signals, and what candidates see. */
export class ZipRecruiterTwin implements Twin {
  readonly name = "ziprecruiter";
  readonly title = "ZipRecruiter";
  readonly pages = { "/jobs": "Look at the jobs as a candidate" };
  readonly faults = new Faults(this);
  readonly switches: ZipRecruiterSwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  private readonly stored = emptyZipRecruiterState();
  private readonly applications: Applications;
  private readonly api: PartnerApi;
  private readonly candidatePages: Pages;

  constructor({ now, origin }: TwinOptions) {
    const { faults, switches, stored } = this;
    this.applications = new Applications(stored, switches, { faults, now, signingKey });
    this.api = new PartnerApi(stored, switches, { now, apiKey });
    this.candidatePages = new Pages(stored, this.applications, origin);
    this.commands = {
      "register-webhook": ({ url }) => this.registerWebhook(String(url)),
      jobs: () => this.jobs(),
      hide: ({ jobId }) => this.hide(String(jobId)),
      apply: ({ jobId, ...candidate }) => this.apply(String(jobId), candidate),
      "send-resume-database-candidate": ({ jobId, ...candidate }) =>
        this.sendResumeDatabaseCandidate(String(jobId), candidate),
      "replay-application": ({ responseId }) => this.replay(String(responseId)),
      "retry-deliveries": () => this.retryDeliveries(),
      deliveries: () => this.deliveries(),
      signals: () => this.signals(),
      boosts: () => this.boosts(),
      "set-switches": (words) => Object.assign(this.switches, words),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return {
      ZIPRECRUITER_BASE_URL: `${origin}/`,
      ZIPRECRUITER_API_KEY: apiKey,
      ZIPRECRUITER_WEBHOOK_SIGNING_KEY: signingKey,
    };
  }

  serviceListens(publicUrl: string): Promise<void> {
    return this.registerWebhook(`${publicUrl}/webhooks/ziprecruiter/operator`);
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    return path.startsWith("/partner/") || path.startsWith("/hiring-signal/") ? "api" : "page";
  }

  /** There is no cursor, and nothing to list. */
  continuesFromCursor(): boolean {
    return false;
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    if (this.doorOf(request) === "api") return this.api.handle(request);
    return (await this.candidatePages.handle(request)) ?? json(404, { message: `There is no ${request.path}` });
  }

  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (door !== "api") return html(503, "<h1>ZipRecruiter is down</h1>");
    switch (refusal) {
      case "rate-limited":
        return this.api.refused(new ZipRecruiterError(429, "Too many requests"));
      case "quota":
        return this.api.refused(noSlots(this.switches.noSlotStatus));
      case "down":
        return html(503, "<html><head><title>503 Service Temporarily Unavailable</title></head></html>");
      case "backend-error":
        return this.api.refused(new ZipRecruiterError(500, "Internal server error"));
      case "unauthorized":
        return this.api.refused(unauthorized());
      case "cursor-gone":
        return this.api.refused(new ZipRecruiterError(400, "There is no cursor"));
    }
  }

  readonly state = {
    load: (kept: unknown): void => {
      Object.assign(this.stored, kept);
      void this.applications.retryNow();
    },
    save: (): unknown => this.stored,
  };

  /** The employers that have jobs. */
  readonly accounts = (): readonly string[] => [...new Set(this.jobs().map(({ job }) => job.employer_id))];

  /** Tells ZipRecruiter where applications go, as a partner does by mail. */
  registerWebhook(url: string): Promise<void> {
    return this.applications.registerWebhook(url);
  }

  /** Everything that was ever sent, the oldest first. */
  jobs(): readonly StoredJob[] {
    return [...this.stored.jobs.values()];
  }

  job(jobId: string): StoredJob | null {
    return this.stored.jobs.get(jobId) ?? null;
  }

  /** As a quality review does, without a word. */
  hide(jobId: string): void {
    this.known(jobId).isHidden = true;
  }

  /** What a candidate does at the job's page, without a browser. */
  apply(jobId: string, candidate: Candidate = {}): Promise<SentApplication> {
    return this.applications.apply(this.known(jobId), candidate);
  }

  sendResumeDatabaseCandidate(jobId: string, candidate: Candidate = {}): Promise<SentApplication> {
    return this.applications.sendResumeDatabaseCandidate(this.known(jobId), candidate);
  }

  replay(responseId: string): Promise<StoredDelivery> {
    return this.applications.replay(responseId);
  }

  retryDeliveries(): Promise<void> {
    return this.applications.retryNow();
  }

  /** Resolves when every application that was to be sent by now was sent. */
  settled(): Promise<void> {
    return this.applications.settled();
  }

  deliveries(): readonly StoredDelivery[] {
    return [...this.stored.deliveries.values()];
  }

  /** Of one application, or of all, in the order in which they came. */
  signals(zrApplicationId?: string): readonly StoredSignal[] {
    const all = this.stored.signals;
    return zrApplicationId === undefined ? all : all.filter((signal) => signal.zrApplicationId === zrApplicationId);
  }

  /** What was spent on boosts. */
  boosts(): readonly StoredBoost[] {
    return this.stored.boosts;
  }

  issuedSecrets(): readonly string[] {
    return [apiKey, signingKey];
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  failPush(fault: PushFaultName, options?: { probability?: number; seed?: number }): () => void {
    return this.faults.armPush(fault, options);
  }

  private known(jobId: string): StoredJob {
    const stored = this.job(jobId);
    if (!stored) throw new Error(`There is no job ${jobId}`);
    return stored;
  }
}
