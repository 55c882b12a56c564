import type { ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { challengeResponse } from "../../sandbox/linkedin/signature.ts";
import type { LinkedInTwin } from "../../sandbox/linkedin-twin.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../sandbox/sandbox.ts";
import { type LoopbackServer, type ReceivedRequest, serveOnLoopback } from "./loopback-server.ts";

/** A test reads what it expects, and fails where it is not there. */
type Body = Awaited<ReturnType<Response["json"]>>;

export interface LinkedInAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Credentials {
  readonly client_id: string;
  readonly client_secret: string;
}

/** An application with a token of LinkedIn's twin, with nothing in between but `fetch`. */
export class LinkedInClient {
  constructor(
    readonly origin: string,
    readonly credentials: Credentials,
    /** `urn:li:developerApplication:{n}` */
    readonly key: string,
    readonly token: string,
  ) {}

  /** The same application with another token, for when time has passed. */
  async withNewToken(): Promise<LinkedInClient> {
    const body = new URLSearchParams({ grant_type: "client_credentials", ...this.credentials });
    const reply = await fetch(`${this.origin}/oauth/v2/accessToken`, { method: "POST", body });
    return new LinkedInClient(this.origin, this.credentials, this.key, (await reply.json()).access_token);
  }

  /** @param path with its version in front: `/rest/simpleJobPostings` */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const reply = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        "linkedin-version": "202504",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return answerOf(reply);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<LinkedInAnswer> {
    return this.call("GET", path, undefined, headers);
  }

  /** `batch_create` of these jobs. */
  post(elements: readonly unknown[], path = "/rest/simpleJobPostings"): Promise<LinkedInAnswer> {
    return this.call("POST", path, { elements }, { "x-restli-method": "batch_create" });
  }

  /** Sends one job. @returns its element of the answer */
  async send(element: unknown): Promise<Body> {
    const { status, body } = await this.post([element]);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body.elements[0];
  }

  /** Sends one job, and asks until it is known what became of it. @returns the task */
  async sendAndWait(element: unknown): Promise<Body> {
    const { id, error } = await this.send(element);
    if (id === undefined) throw new Error(JSON.stringify(error));
    for (;;) {
      const task = await this.task(id);
      if (task.status !== "IN_PROGRESS") return task;
    }
  }

  async task(urn: string): Promise<Body> {
    const { body } = await this.get(`/rest/simpleJobPostingTasks?ids=${encodeURIComponent(urn)}`);
    return body.results[urn];
  }

  async status(externalId: string): Promise<Body> {
    const { body } = await this.get(`/v2/jobPostingStatus?ids=${encodeURIComponent(externalId)}`);
    return body.results[externalId];
  }

  act(action: unknown, headers: Record<string, string> = {}): Promise<LinkedInAnswer> {
    const own = { "x-restli-method": "create", "x-restli-protocol-version": "2.0.0" };
    return this.call("POST", "/v2/jobApplicationLifecycleActions", action, { ...own, ...headers });
  }
}

async function answerOf(reply: Response): Promise<LinkedInAnswer> {
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
}

export interface LinkedInWorld {
  readonly sandbox: Sandbox;
  readonly twin: LinkedInTwin;
  readonly origin: string;
  /** Of a customer that is ready for Apply Connect and for promoted jobs. */
  readonly organization: string;
  readonly contract: string;
  readonly parent: LinkedInClient;
  readonly child: LinkedInClient;
  /** Provisions another child. */
  provision(uniqueForeignId: string): Promise<LinkedInClient>;
  advance(ms: number): void;
}

/** The twin with a customer and its application; it ends with the test. */
export async function aLinkedIn(options: SandboxOptions = {}): Promise<LinkedInWorld> {
  const sandbox = await startSandbox({ port: 0, ...options });
  onTestFinished(() => sandbox.stop());
  const twin = sandbox.linkedin;
  Object.assign(twin.switches, { latencyMs: 0, resendDelayMs: 0 });
  const organization = "urn:li:organization:1001";
  const contract = "urn:li:contract:2001";
  twin.createOrganization({
    ...{ urn: organization, name: "Muster AG", contract, seatHolders: ["ana@example.test"] },
    ...{ isOnboarded: true, notifiesApplicants: true },
  });
  const parent = await parentOf(sandbox);
  for (const type of ["APPLY_CONNECT", "PREMIUM_JOB_POSTING"]) {
    const { query, entity } = integration(organization, type);
    await parent.call("POST", `/v2/atsIntegrations?${query}`, entity, { "x-restli-method": "batch_partial_update" });
  }
  const provision = (id: string) => provisionedBy(parent, sandbox, id);
  const child = await provision("tenant-1");
  const advance = (ms: number) => sandbox.clock.advance(ms);
  return { sandbox, twin, origin: parent.origin, organization, contract, parent, child, provision, advance };
}

/** One customer's use of a product, as `/v2/atsIntegrations` names it. */
export function integration(organization: string, type: string) {
  const parts = { integrationContext: organization, integrationType: type, tenantType: "JOBS", dataProvider: "ATS" };
  const key = new URLSearchParams(Object.entries(parts).map(([name, value]) => [`ids[0].${name}`, value]));
  const entity = {
    entities: { [new URLSearchParams(parts).toString()]: { patch: { $set: { integrationName: type } } } },
  };
  return { query: key.toString(), entity };
}

export async function tokenOf(
  { settings }: Sandbox,
  credentials: Credentials,
  changes: Readonly<Record<string, string>> = {},
): Promise<LinkedInAnswer> {
  const form = { grant_type: "client_credentials", ...credentials, ...changes };
  const body = new URLSearchParams(Object.entries(form).filter(([, value]) => value !== ""));
  return answerOf(await fetch(settings["LINKEDIN_TOKEN_URL"] ?? "", { method: "POST", body }));
}

async function parentOf(sandbox: Sandbox): Promise<LinkedInClient> {
  const { LINKEDIN_CLIENT_ID: id = "", LINKEDIN_CLIENT_SECRET: secret = "", LINKEDIN_BASE_URL: url } = sandbox.settings;
  const credentials = { client_id: id, client_secret: secret };
  const { body } = await tokenOf(sandbox, credentials);
  return new LinkedInClient((url ?? "").replace(/\/$/, ""), credentials, "", body.access_token);
}

async function provisionedBy(parent: LinkedInClient, sandbox: Sandbox, uniqueForeignId: string) {
  const wish = { uniqueForeignId, name: `Ours - ${uniqueForeignId}` };
  const { body } = await parent.call("POST", "/v2/provisionedApplications", wish);
  const token = (await tokenOf(sandbox, body.credentials)).body.access_token;
  return new LinkedInClient(parent.origin, body.credentials, body.key, token);
}

/** A job that nothing is wrong about. */
export function aJob(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    company: "urn:li:organization:1001",
    companyApplyUrl: "https://jobs.example.test/42/apply",
    externalJobPostingId: "job-42",
    jobPostingOperationType: "CREATE",
    title: "Backend engineer",
    description: `<p>${"You build what others build upon. ".repeat(4)}</p>`,
    listedAt: Date.now() - 60_000,
    location: "Zurich, Switzerland",
    ...changes,
  };
}

/** With these questions, where candidates apply at LinkedIn. */
export function anOnsiteJob(url: string, questions?: object, changes: Readonly<Record<string, unknown>> = {}) {
  const onsiteApplyConfiguration = { jobApplicationWebhookUrl: url, ...(questions && { questions }) };
  return aJob({ onsiteApplyConfiguration, ...changes });
}

export const zoe = { firstName: "Zoë", lastName: "Müller", email: "zoe@example.test" };

export interface Receiver {
  readonly url: string;
  readonly server: LoopbackServer;
  /** What was delivered. */
  messages(): readonly ReceivedRequest[];
}

/** A webhook that passes challenges by the secret, and answers messages one after the other with these statuses; the last one stays. */
export async function aReceiver(
  secret: string,
  statuses: readonly number[] = [200],
  answer = answerChallenge,
): Promise<Receiver> {
  let taken = 0;
  const server = await serveOnLoopback((request, response) => {
    if (request.method === "GET") {
      answer(request, response, secret);
      return;
    }
    const status = statuses[Math.min(taken, statuses.length - 1)] ?? 200;
    taken += 1;
    const refusal = { errorCode: "INTERNAL_ERROR", additionalErrorDetails: "Try again" };
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(status === 200 ? "{}" : JSON.stringify(refusal));
  });
  const messages = () => server.requests.filter(({ method }) => method === "POST");
  return { url: `${server.origin}/hooks/linkedin?mine=1`, server, messages };
}

export function answerChallenge({ url }: ReceivedRequest, response: ServerResponse, secret: string): void {
  const challengeCode = new URL(url, "http://here").searchParams.get("challengeCode") ?? "";
  response
    .writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify({ challengeCode, challengeResponse: challengeResponse(challengeCode, secret) }));
}
