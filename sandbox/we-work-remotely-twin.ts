import { type FaultName, type FaultOptions, Faults } from "./faults.ts";
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
import { unauthorized, unpaid, WeWorkRemotelyError } from "./we-work-remotely/errors.ts";
import { JobsApi } from "./we-work-remotely/jobs-api.ts";
import { answerPage } from "./we-work-remotely/pages.ts";
import { emptyWeWorkRemotelyState, type StoredCharge, type StoredJob } from "./we-work-remotely/state.ts";
import { defaultSwitches, type WeWorkRemotelySwitches } from "./we-work-remotely/switches.ts";

/** We Work Remotely: the API with which partners post remote jobs, each for money, and what candidates see. */
export class WeWorkRemotelyTwin implements Twin {
  readonly name = "we-work-remotely";
  readonly title = "We Work Remotely";
  readonly pages = { "/jobs": "Look at the jobs as a candidate" };
  readonly faults = new Faults(this);
  readonly switches: WeWorkRemotelySwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  private readonly stored = emptyWeWorkRemotelyState();
  private readonly api: JobsApi;
  private readonly origin: () => string;

  constructor({ now, origin }: TwinOptions) {
    this.origin = origin;
    this.api = new JobsApi(this.stored, this.switches, now);
    this.commands = {
      "create-account": ({ email }) => this.createAccount({ email: String(email) }),
      jobs: () => this.jobs(),
      charges: () => this.charges(),
      review: ({ jobId, isApproved }) => this.review(Number(jobId), isApproved !== false),
      cancel: ({ jobId }) => this.cancel(Number(jobId)),
      "revoke-token": ({ token }) => this.revokeToken(String(token)),
      "set-switches": (words) => Object.assign(this.switches, words),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return { WE_WORK_REMOTELY_BASE_URL: `${origin}/` };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    return path.startsWith("/api/") ? "api" : "page";
  }

  /** There is no cursor. */
  continuesFromCursor(): boolean {
    return false;
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    if (this.doorOf(request) === "api") return this.api.handle(request);
    const page = answerPage(request, { open: this.open(), origin: this.origin() });
    return page ?? json(404, { message: `There is no ${request.path}` });
  }

  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (door !== "api") return html(503, "<h1>We Work Remotely is down</h1>");
    switch (refusal) {
      case "rate-limited":
        return this.api.refused(new WeWorkRemotelyError(429, "API rate limit exceeded"));
      case "quota":
        return this.api.refused(unpaid(this.switches.unpaidStatus));
      case "down":
        return html(503, "<html><head><title>503 Service Temporarily Unavailable</title></head></html>");
      case "backend-error":
        return this.api.refused(new WeWorkRemotelyError(500, "Internal Server Error"));
      case "unauthorized":
        return this.api.refused(unauthorized());
      case "cursor-gone":
        return this.api.refused(new WeWorkRemotelyError(400, "There is no cursor"));
    }
  }

  readonly state = {
    load: (kept: unknown): void => void Object.assign(this.stored, kept),
    save: (): unknown => this.stored,
  };

  /** The partners. */
  readonly accounts = (): readonly string[] => [...this.stored.partners.values()];

  /** With a token that everybody knows. */
  seed(): void {
    this.stored.partners.set("sandbox-token", "ana@example.test");
  }

  /** What is agreed by mail. @returns the token */
  createAccount({ email }: { readonly email: string }): string {
    const token = `token-${this.stored.partners.size + 1}`;
    this.stored.partners.set(token, email);
    return token;
  }

  revokeToken(token: string): void {
    this.stored.partners.delete(token);
  }

  /** Everything that was ever posted, the oldest first. */
  jobs(): readonly StoredJob[] {
    return [...this.stored.jobs.values()];
  }

  /** What was paid for posts. */
  charges(): readonly StoredCharge[] {
    return this.stored.charges;
  }

  /** Somebody at We Work Remotely has looked at a job. */
  review(jobId: number, isApproved: boolean): void {
    this.known(jobId).status = isApproved ? "approved" : "rejected";
  }

  /** As an editor does, or the company itself on We Work Remotely's own pages. */
  cancel(jobId: number): void {
    this.known(jobId).status = "canceled";
  }

  issuedSecrets(): readonly string[] {
    return [...this.stored.partners.keys()];
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  private open(): readonly StoredJob[] {
    return this.jobs().filter((stored) => this.api.statusOf(stored) === "approved");
  }

  private known(jobId: number): StoredJob {
    const stored = this.stored.jobs.get(jobId);
    if (!stored) throw new Error(`There is no job ${jobId}`);
    return stored;
  }
}
