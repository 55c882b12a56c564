import { type FaultName, type FaultOptions, Faults, type PushFaultName } from "./faults.ts";
import type { StoredDelivery } from "./job-boards/courier.ts";
import { Applications, type Candidate, type SentApplication } from "./monster/applications.ts";
import { Gateway, refused } from "./monster/gateway.ts";
import { Pages } from "./monster/pages.ts";
import { emptyMonsterState, type StoredAccount, type StoredJob } from "./monster/state.ts";
import { defaultSwitches, type MonsterSwitches } from "./monster/switches.ts";
import { fault } from "./soap/envelope.ts";
import {
  html,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";

/** Monster: its gateway for jobs, what candidates see, and the applications that they send there. */
export class MonsterTwin implements Twin {
  readonly name = "monster";
  readonly title = "Monster";
  readonly pages = { "/jobs": "Look at the jobs as a candidate" };
  readonly faults = new Faults(this);
  readonly switches: MonsterSwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  private readonly stored = emptyMonsterState();
  private readonly gateway: Gateway;
  private readonly applications: Applications;
  private readonly candidatePages: Pages;

  constructor({ now, origin }: TwinOptions) {
    const { stored, switches, faults } = this;
    this.gateway = new Gateway(stored, switches, now);
    this.applications = new Applications(stored, switches, { faults, now });
    this.candidatePages = new Pages(() => this.open(), this.applications, origin);
    this.commands = {
      "create-account": ({ recruiter }) => this.createAccount(String(recruiter ?? "xmuster")),
      "set-inventory": ({ recruiter, left }) =>
        this.setInventory(String(recruiter), left === null ? null : Number(left)),
      jobs: () => this.jobs(),
      apply: ({ postingId, ...candidate }) => this.apply(String(postingId), candidate),
      "replay-application": ({ id }) => this.replay(String(id)),
      "retry-deliveries": () => this.retryDeliveries(),
      deliveries: () => this.deliveries(),
      "set-switches": (words) => Object.assign(this.switches, words),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return { MONSTER_BASE_URL: `${origin}/` };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    return path === "/bgwBroker" ? "api" : "page";
  }

  /** There is no cursor. */
  continuesFromCursor(): boolean {
    return false;
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    if (this.doorOf(request) === "api") return this.gateway.handle(request);
    return (await this.candidatePages.handle(request)) ?? html(404, "<h1>Not found</h1>");
  }

  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (door !== "api") return html(503, "<h1>Monster is down</h1>");
    switch (refusal) {
      case "rate-limited":
        return { ...fault("Server", "Too many requests"), status: 429 };
      case "quota":
        return refused("", ["There is no inventory available for this posting"]);
      case "down":
        return html(503, "<h1>Service Unavailable</h1>");
      case "unauthorized":
        return fault("Client", "FailedAuthentication: The user name or password is not valid");
      default:
        return fault("Server", "The gateway could not process the request");
    }
  }

  readonly state = {
    load: (kept: unknown): void => {
      Object.assign(this.stored, kept);
      void this.applications.retryNow();
    },
    save: (): unknown => this.stored,
  };

  /** The recruiters. */
  readonly accounts = (): readonly string[] => [...this.stored.accounts.keys()];

  seed(): void {
    this.createAccount("xsandbox");
  }

  /** What a contract gives. */
  createAccount(recruiter: string, inventory: number | null = null): StoredAccount {
    const number = this.stored.accounts.size + 1;
    const account = {
      userName: `gateway-${recruiter}`,
      password: `secret-${recruiter}-${number}`,
      recruiter,
      inventory,
    };
    this.stored.accounts.set(recruiter, account);
    return account;
  }

  setInventory(recruiter: string, left: number | null): void {
    const account = this.stored.accounts.get(recruiter);
    if (!account) throw new Error(`There is no recruiter ${recruiter}`);
    account.inventory = left;
  }

  /** Everything that was ever posted, the oldest first. */
  jobs(): readonly StoredJob[] {
    return [...this.stored.jobs.values()];
  }

  isOpen(job: StoredJob): boolean {
    return this.gateway.isOpen(job);
  }

  /** What a candidate does at the job's page, without a browser. */
  apply(postingId: string, candidate: Candidate = {}): Promise<SentApplication> {
    const stored = this.open().find((job) => job.postingId === postingId);
    if (!stored) throw new Error(`Candidates do not see ${postingId}`);
    return this.applications.apply(stored, candidate);
  }

  replay(id: string): Promise<StoredDelivery> {
    return this.applications.replay(id);
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

  issuedSecrets(): readonly string[] {
    return [...this.stored.accounts.values()].map(({ password }) => password);
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  failPush(fault: PushFaultName, options?: { probability?: number; seed?: number }): () => void {
    return this.faults.armPush(fault, options);
  }

  private open(): readonly StoredJob[] {
    return this.jobs().filter((job) => this.isOpen(job));
  }
}
