import { createHash } from "node:crypto";
import { json, type TwinReply, type TwinRequest } from "../twin.ts";
import { invalid, notFound, unauthorized, unpaid, WeWorkRemotelyError } from "./errors.ts";
import { readRemoteJob } from "./remote-job.ts";
import type { StoredJob, WeWorkRemotelyState } from "./state.ts";
import type { WeWorkRemotelySwitches } from "./switches.ts";
import { skills } from "./vocabulary.ts";

const base = "/api/v1";
const dayMs = 24 * 60 * 60 * 1000;
const firstId = 100_001;

/** We Work Remotely's API for partners: make, show and change a job. https://weworkremotely.com/api */
export class JobsApi {
  constructor(
    private readonly state: WeWorkRemotelyState,
    private readonly switches: WeWorkRemotelySwitches,
    private readonly now: () => Date,
  ) {}

  handle(request: TwinRequest): TwinReply {
    try {
      const token = this.authorize(request.headers["authorization"] ?? "");
      this.count(token);
      return unlessKnown(request, this.route(request, token));
    } catch (error) {
      if (!(error instanceof WeWorkRemotelyError)) throw error;
      return this.refused(error);
    }
  }

  refused({ status, message, problems, headers }: WeWorkRemotelyError): TwinReply {
    if (status === 401 || this.switches.errorBody === "text") {
      const lines = [message, ...problems.map((problem) => `${problem.field} ${problem.message}`)];
      return { status, headers: { ...headers, "content-type": "text/plain; charset=utf-8" }, body: lines.join("\n") };
    }
    if (problems.length === 0) return json(status, { message }, headers);
    const map = Object.fromEntries(problems.map((problem) => [problem.field, [problem.message]]));
    return json(status, { message, errors: this.switches.errorBody === "map" ? map : problems }, headers);
  }

  /** The status as it is told: a job is shown for so many days. */
  statusOf({ status, createdAt }: StoredJob): string {
    const isOver = this.now().getTime() >= createdAt.getTime() + this.switches.daysShown * dayMs;
    return status === "approved" && isOver ? "expired" : status;
  }

  private authorize(header: string): string {
    const { headerForm } = this.switches;
    const [, ofToken] = /^Token (?:token=)?"?([^",\s]+)"?$/i.exec(header) ?? [];
    const [, ofBearer] = /^Bearer (\S+)$/i.exec(header) ?? [];
    const token = { token: ofToken, bearer: ofBearer, either: ofToken ?? ofBearer }[headerForm] ?? "";
    if (!this.state.partners.has(token)) throw unauthorized();
    return token;
  }

  private count(token: string): void {
    const { requestsPerDay, overLimitStatus, tellsRetryAfter } = this.switches;
    const day = this.now().toISOString().slice(0, 10);
    const before = this.state.requests.get(token);
    const count = before?.day === day ? before.count + 1 : 1;
    this.state.requests.set(token, { day, count });
    if (requestsPerDay === null || count <= requestsPerDay) return;
    const secondsLeft = Math.ceil((Date.parse(day) + dayMs - this.now().getTime()) / 1000);
    const headers = tellsRetryAfter ? { "retry-after": String(secondsLeft) } : undefined;
    throw new WeWorkRemotelyError(overLimitStatus, "API rate limit exceeded", [], headers);
  }

  private route({ method, path, query, body }: TwinRequest, token: string): TwinReply {
    const { skillsPath } = this.switches;
    if (skillsPath !== null && path === `${base}${skillsPath}`) return this.allSkills(method);
    const place = /^\/api\/v1\/remote-jobs(?:\/([^/]+))?\/?$/.exec(path);
    if (!place) throw notFound();
    const [, id] = place;
    if (id !== undefined) return this.job(method, this.known(id, token), body);
    if (method === "POST") return this.create(token, this.readBody(body));
    if (method === "GET" && this.switches.listing === "own") return this.list(token, query);
    throw this.noSuchVerb();
  }

  private allSkills(method: string): TwinReply {
    if (method !== "GET") throw this.noSuchVerb();
    const isNamesAlone = this.switches.skillsAs === "names";
    return json(
      200,
      [...skills].map(([id, name]) => (isNamesAlone ? name : { id, name })),
    );
  }

  /** Each POST makes a job, and costs money. */
  private create(token: string, given: unknown): TwinReply {
    const job = readRemoteJob(given, this.switches);
    const { price, postsPaidFor, unpaidStatus, reviews, createdStatus } = this.switches;
    const charged = this.state.charges.filter((charge) => charge.token === token);
    if (postsPaidFor !== null && charged.length >= postsPaidFor) throw unpaid(unpaidStatus);
    const at = this.now();
    const id = firstId + this.state.jobs.size;
    const status = job.status ?? "approved";
    const shown = status === "approved" && reviews ? "pending" : status;
    const stored: StoredJob = { id, token, job, status: shown, createdAt: at, updatedAt: at };
    this.state.jobs.set(id, stored);
    this.state.charges.push({ jobId: id, token, amount: price, at });
    return json(createdStatus, this.enveloped(stored));
  }

  private list(token: string, query: URLSearchParams): TwinReply {
    const { pageSize, listed } = this.switches;
    const own = [...this.state.jobs.values()].filter((stored) => stored.token === token && !this.isHidden(stored));
    const page = Math.max(1, Number(query.get("page") ?? 1));
    const shown = pageSize === null ? own : own.slice((page - 1) * pageSize, page * pageSize);
    return json(
      200,
      shown.map((stored) => (listed === "whole" ? this.shown(stored) : this.shortly(stored))),
    );
  }

  private job(method: string, stored: StoredJob, body: string): TwinReply {
    if (method === "GET") {
      if (this.isHidden(stored)) throw notFound();
      return json(200, this.enveloped(stored));
    }
    const { updateVerb } = this.switches;
    const isUpdate = method === "PUT" || method === "PATCH";
    if (!isUpdate || (updateVerb !== "either" && updateVerb !== method)) throw this.noSuchVerb();
    this.update(stored, this.readBody(body));
    return json(200, this.enveloped(stored));
  }

  private update(stored: StoredJob, given: unknown): void {
    const { update, canceledCanReturn, invalidStatus } = this.switches;
    const sent = typeof given === "object" && given !== null ? given : {};
    const job = readRemoteJob(update === "merge" ? { ...stored.job, status: undefined, ...sent } : sent, this.switches);
    const returns = stored.status === "canceled" && job.status === "approved";
    if (returns && !canceledCanReturn) {
      throw invalid(invalidStatus, [{ field: "status", message: "cannot be changed after it was canceled" }]);
    }
    if (job.status === "canceled" || returns) stored.status = job.status ?? stored.status;
    Object.assign(stored, { job, updatedAt: this.now() });
  }

  private isHidden(stored: StoredJob): boolean {
    const { canceledJob, expiredJob } = this.switches;
    const status = this.statusOf(stored);
    return (
      (status === "canceled" && canceledJob === "not-found") || (status === "expired" && expiredJob === "not-found")
    );
  }

  private known(id: string, token: string): StoredJob {
    const stored = this.state.jobs.get(Number(id));
    if (stored?.token !== token) throw notFound();
    return stored;
  }

  private enveloped(stored: StoredJob): object {
    const { envelope } = this.switches;
    return envelope === null ? this.shown(stored) : { [envelope]: this.shown(stored) };
  }

  private shown(stored: StoredJob) {
    const { id, job, createdAt, updatedAt } = stored;
    const { ids, expiredJob } = this.switches;
    const status = this.statusOf(stored);
    return {
      ...job,
      id: ids === "texts" ? String(id) : id,
      status: status === "expired" && expiredJob === "approved" ? "approved" : status,
      created_at: createdAt.toISOString(),
      updated_at: updatedAt.toISOString(),
    };
  }

  private shortly(stored: StoredJob): object {
    const { id, status, created_at } = this.shown(stored);
    return { id, title: stored.job.title, status, created_at };
  }

  private noSuchVerb(): WeWorkRemotelyError {
    const { otherVerbStatus } = this.switches;
    return otherVerbStatus === 404 ? notFound() : new WeWorkRemotelyError(405, "Method Not Allowed");
  }

  private readBody(body: string): unknown {
    try {
      return JSON.parse(body);
    } catch {
      throw new WeWorkRemotelyError(400, "Problems parsing JSON");
    }
  }
}

/** Conditional requests: who has the same already gets no body. */
function unlessKnown({ method, headers }: TwinRequest, reply: TwinReply): TwinReply {
  if (method !== "GET") return reply;
  const etag = `"${createHash("sha256").update(String(reply.body)).digest("hex").slice(0, 32)}"`;
  if (headers["if-none-match"] === etag) return { status: 304, headers: { etag } };
  return { ...reply, headers: { ...reply.headers, etag } };
}
