import { errorAnswer, namespace, processJobAnswer, statusAnswer } from "./careerbuilder/answers.ts";
import { login } from "./careerbuilder/errors.ts";
import { JobPost } from "./careerbuilder/job-post.ts";
import { answerPage } from "./careerbuilder/pages.ts";
import { emptyCareerBuilderState, type StoredAccount, type StoredJob } from "./careerbuilder/state.ts";
import { type CareerBuilderSwitches, defaultSwitches } from "./careerbuilder/switches.ts";
import { type FaultName, type FaultOptions, Faults } from "./faults.ts";
import { fault, readEnvelope, textIn } from "./soap/envelope.ts";
import {
  html,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";
import { type XmlElement, XmlError } from "./xml-reader.ts";

/** CareerBuilder's old interface for distributing jobs (DPI): jobs are handed in by SOAP, queued, and asked about. */
export class CareerBuilderTwin implements Twin {
  readonly name = "careerbuilder";
  readonly title = "CareerBuilder";
  readonly pages = { "/jobs": "Look at the jobs as a candidate" };
  readonly faults = new Faults(this);
  readonly switches: CareerBuilderSwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  private readonly stored = emptyCareerBuilderState();
  private readonly jobPost: JobPost;
  private readonly now: () => Date;
  private readonly origin: () => string;

  constructor({ now, origin }: TwinOptions) {
    this.now = now;
    this.origin = origin;
    this.jobPost = new JobPost(this.stored, this.switches, now);
    this.commands = {
      "create-account": ({ code }) => this.createAccount(String(code ?? "MUSTER")),
      jobs: () => this.jobs(),
      charges: () => this.stored.charges,
      "set-switches": (words) => Object.assign(this.switches, words),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return { CAREERBUILDER_BASE_URL: `${origin}/` };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    return path.startsWith("/WebServices/") ? "api" : "page";
  }

  /** There is no cursor. */
  continuesFromCursor(): boolean {
    return false;
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    const { path, method, body } = request;
    if (this.doorOf(request) === "page") {
      return (
        answerPage(
          request,
          this.jobs().filter((job) => this.isOpen(job)),
          this.origin(),
        ) ?? html(404, "Not found")
      );
    }
    if (method !== "POST") return html(405, "<h1>Only POST</h1>");
    try {
      const { content } = readEnvelope(body);
      const service = `${path}#${content.ns === namespace ? content.name : ""}`;
      if (service === "/WebServices/RealTimeJobPost.asmx#ProcessJob") return this.process(content);
      if (service === "/WebServices/RealTimeJobStatus.asmx#GetJobPostStatus")
        return this.tell(textIn(content, "sTGDID"));
      return fault("Client", `Server did not recognize ${content.name}`);
    } catch (error) {
      if (error instanceof XmlError) return fault("Client", error.message);
      throw error;
    }
  }

  refuse(refusal: Refusal, door: TwinDoor = "api"): TwinReply {
    if (door !== "api") return html(503, "<h1>CareerBuilder is down</h1>");
    switch (refusal) {
      case "rate-limited":
      case "quota":
        return { ...fault("Server", "Too many requests"), status: 429 };
      case "down":
        return html(503, "<h1>Service Unavailable</h1>");
      case "unauthorized":
        return this.refusedLogin();
      default:
        return fault("Server", "Server was unable to process request.");
    }
  }

  readonly state = {
    load: (kept: unknown): void => void Object.assign(this.stored, kept),
    save: (): unknown => this.stored,
  };

  readonly accounts = (): readonly string[] => [...this.stored.accounts.keys()];

  seed(): void {
    this.createAccount("SANDBOX");
  }

  /** What the contract gives: a vendor's id, a login and the customer's code. */
  createAccount(code: string): StoredAccount {
    const number = this.stored.accounts.size + 1;
    const account = { vendorId: "VENDOR1", userName: `user-${code}`, password: `password-${code}-${number}`, code };
    this.stored.accounts.set(code, account);
    return account;
  }

  /** Everything that was ever handed in, the oldest first. */
  jobs(): readonly StoredJob[] {
    return [...this.stored.jobs.values()];
  }

  charges(): readonly { readonly accountCode: string; readonly jobId: string }[] {
    return this.stored.charges;
  }

  /** The queue is worked off. */
  finishQueue(): void {
    for (const transaction of this.stored.transactions.values()) transaction.polls = this.switches.pollsQueued;
  }

  isOpen({ isDeleted, expiresAt }: StoredJob): boolean {
    return !isDeleted && expiresAt > this.now();
  }

  issuedSecrets(): readonly string[] {
    return [...this.stored.accounts.values()].map(({ password }) => password);
  }

  /** @returns how to end it */
  fail(name: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(name, options);
  }

  private process(content: XmlElement): TwinReply {
    const processed = this.jobPost.process(textIn(content, "xmlJob"));
    return processed ? processJobAnswer(processed, this.switches.words.queued) : this.refusedLogin();
  }

  private refusedLogin(): TwinReply {
    return this.switches.loginFailure === "fault" ? fault("Client", login.text) : errorAnswer("ProcessJob", [login]);
  }

  private tell(did: string): TwinReply {
    const transaction = this.stored.transactions.get(did);
    if (!transaction) {
      return errorAnswer("GetJobPostStatus", [{ code: "302", text: "No transaction with this TGDID was found." }]);
    }
    const { words, pollsQueued, refusedInQueue } = this.switches;
    const job = this.stored.jobs.get(transaction.jobDid);
    const isQueued = transaction.polls < pollsQueued;
    transaction.polls += 1;
    if (isQueued) return statusAnswer(transaction, job, { postStatus: words.queued, errors: [] });
    if (refusedInQueue !== null && transaction.action !== "delete") {
      if (job) job.isDeleted = true;
      return statusAnswer(transaction, job, {
        postStatus: words.failed,
        errors: [{ code: "500", text: refusedInQueue }],
      });
    }
    if (!job || job.isDeleted) return statusAnswer(transaction, job, { postStatus: "Deleted", errors: [] });
    const postStatus = this.isOpen(job) ? words.posted : "Expired";
    return statusAnswer(transaction, job, { postStatus, errors: [] });
  }
}
