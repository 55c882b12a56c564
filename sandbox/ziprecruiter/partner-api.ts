import { json, type TwinReply, type TwinRequest } from "../twin.ts";
import { invalid, noSlots, notAllowed, notFound, unauthorized, ZipRecruiterError } from "./errors.ts";
import { takeSignal } from "./hiring-signals.ts";
import { type Job, readJob } from "./job.ts";
import { readQuestions } from "./questions.ts";
import type { BoostLevel, StoredJob, ZipRecruiterState } from "./state.ts";
import type { ZipRecruiterSwitches } from "./switches.ts";

const levels: readonly BoostLevel[] = ["single", "double", "triple"];

/** ZipRecruiter's Partner Platform: jobs, their questions and boosts, and hiring signals. https://www.ziprecruiter.com/partner/documentation/ */
export class PartnerApi {
  private second = { at: 0, requests: 0 };

  constructor(
    private readonly state: ZipRecruiterState,
    private readonly switches: ZipRecruiterSwitches,
    private readonly options: { readonly now: () => Date; readonly apiKey: string },
  ) {}

  handle(request: TwinRequest): TwinReply {
    try {
      this.authorize(request.headers["authorization"] ?? "");
      this.count();
      return this.route(request);
    } catch (error) {
      if (!(error instanceof ZipRecruiterError)) throw error;
      return this.refused(error);
    }
  }

  refused({ status, message, problems, headers }: ZipRecruiterError): TwinReply {
    if (this.switches.errorBody === "text") {
      const lines = [message, ...problems.map(({ field, message: says }) => `${field}: ${says}`)];
      return { status, headers: { ...headers, "content-type": "text/plain; charset=utf-8" }, body: lines.join("\n") };
    }
    return json(status, { message, ...(problems.length > 0 && { errors: problems }) }, headers);
  }

  /** `Authorization: Basic` and the key, which is in the form to be used already. */
  private authorize(header: string): void {
    const { keyEncoding } = this.switches;
    const encoded = Buffer.from(`${this.options.apiKey}:`).toString("base64");
    const good = { raw: [this.options.apiKey], "base64-colon": [encoded], either: [this.options.apiKey, encoded] };
    const [, key = ""] = /^Basic (.+)$/i.exec(header) ?? [];
    if (!good[keyEncoding].includes(key)) throw unauthorized();
  }

  private count(): void {
    const { requestsPerSecond, tellsRetryAfter } = this.switches;
    const at = Math.floor(this.options.now().getTime() / 1000);
    this.second = { at, requests: this.second.at === at ? this.second.requests + 1 : 1 };
    if (requestsPerSecond === null || this.second.requests <= requestsPerSecond) return;
    throw new ZipRecruiterError(429, "Too many requests", [], tellsRetryAfter ? { "retry-after": "1" } : {});
  }

  private route({ method, path, body }: TwinRequest): TwinReply {
    if (path === "/hiring-signal/v0/event") {
      if (method !== "POST") throw notAllowed("POST");
      const signal = takeSignal(this.state, this.readBody(body), this.switches);
      return json(200, { zr_application_id: signal.zrApplicationId, event: signal.event });
    }
    const place = /^\/partner\/v0\/job(?:\/([^/]+)(?:\/(questions|features))?)?\/?$/.exec(path);
    if (!place) throw notFound(path);
    const [, encodedId, part] = place;
    if (encodedId === undefined) return this.jobs(method, body);
    const jobId = decoded(encodedId);
    if (part === "questions") return this.questions(method, jobId, body);
    return part === "features" ? this.features(method, jobId, body) : this.job(method, jobId, body);
  }

  private jobs(method: string, body: string): TwinReply {
    if (method !== "POST" && method !== "PUT") throw notAllowed("POST, PUT");
    const given = this.readBody(body);
    if (method === "PUT") return this.put(undefined, given);
    const job = readJob(given, this.switches);
    // Closed ones too: they are there, and can be opened again.
    if (this.state.jobs.has(job.job_id)) {
      const problems = [{ field: "job_id", message: "already exists" }];
      throw new ZipRecruiterError(this.switches.existsStatus, "The job already exists", problems);
    }
    this.needSlot(job);
    return json(this.switches.createdStatus, shown(this.create(job)));
  }

  private job(method: string, jobId: string, body: string): TwinReply {
    switch (method) {
      case "GET": {
        const stored = this.known(jobId);
        const isGone = stored.closedAt !== null && this.switches.closedJob === "not-found";
        if (isGone || (stored.isHidden && this.switches.hiddenJob === "not-found")) throw notFound("The job");
        return json(200, shown(stored));
      }
      case "PUT":
        return this.put(jobId, this.readBody(body));
      case "DELETE": {
        const stored = this.known(jobId);
        stored.closedAt ??= this.options.now();
        return json(200, shown(stored));
      }
      default:
        throw notAllowed("GET, PUT, DELETE");
    }
  }

  /** Opens it again, too. */
  private put(jobId: string | undefined, given: unknown): TwinReply {
    const sent = typeof given === "object" && given !== null ? { ...given } : {};
    const named = "job_id" in sent ? sent.job_id : jobId;
    if (jobId !== undefined && named !== jobId) throw this.wrong("job_id", "is not the one in the address");
    const before = this.state.jobs.get(String(named));
    const merged = this.switches.put === "merge" ? { ...before?.job, ...sent } : sent;
    const job = readJob({ ...merged, job_id: named }, this.switches);
    if (!before && !this.switches.putCreates) throw notFound("The job");
    if (before && before.job.employer_id !== job.employer_id && !this.switches.employerMayChange) {
      throw this.wrong("employer_id", "cannot be changed");
    }
    if (before?.closedAt !== null) this.needSlot(job);
    const stored = before ?? this.create(job);
    Object.assign(stored, { job, updatedAt: this.options.now(), closedAt: null });
    return json(200, shown(stored));
  }

  private questions(method: string, jobId: string, body: string): TwinReply {
    const stored = this.known(jobId);
    switch (method) {
      case "GET":
        return json(200, stored.questions);
      case "DELETE":
        stored.questions = [];
        return json(200, []);
      case "POST":
      case "PUT": {
        const mustBeNew = method === "POST" && this.switches.questionsPost === "exists";
        if (mustBeNew && stored.questions.length > 0) {
          throw new ZipRecruiterError(this.switches.existsStatus, "The job has questions already");
        }
        if (method === "PUT" && !this.switches.questionsPutCreates && stored.questions.length === 0) {
          throw notFound("The questionnaire");
        }
        stored.questions = readQuestions(this.readBody(body), this.switches.invalidStatus);
        return json(200, stored.questions);
      }
      default:
        throw notAllowed("GET, POST, PUT, DELETE");
    }
  }

  /** TrafficBoost: each POST costs money, and nothing takes it back. */
  private features(method: string, jobId: string, body: string): TwinReply {
    this.known(jobId);
    if (method === "POST") {
      const level = boostIn(this.readBody(body));
      if (level === null) throw this.wrong("TrafficBoost", `must be one of ${levels.join(", ")}`);
      this.state.boosts.push({ jobId, level, at: this.options.now() });
    } else if (method !== "GET") {
      throw notAllowed("GET, POST");
    }
    const boosts = this.state.boosts.filter((boost) => boost.jobId === jobId);
    return json(
      200,
      boosts.map(({ level, at }) => ({ TrafficBoost: level, created_at: at })),
    );
  }

  private create(job: Job): StoredJob {
    const at = this.options.now();
    const stored = { job, questions: [], createdAt: at, updatedAt: at, closedAt: null, isHidden: false };
    this.state.jobs.set(job.job_id, stored);
    return stored;
  }

  /** Slots are free again when a job is closed. */
  private needSlot({ employer_id: employerId }: Job): void {
    const { jobSlots, noSlotStatus } = this.switches;
    const open = [...this.state.jobs.values()].filter(
      ({ job, closedAt }) => closedAt === null && job.employer_id === employerId,
    );
    if (jobSlots !== null && open.length >= jobSlots) throw noSlots(noSlotStatus);
  }

  private known(jobId: string): StoredJob {
    const stored = this.state.jobs.get(jobId);
    if (!stored) throw notFound("The job");
    return stored;
  }

  private wrong(field: string, message: string): ZipRecruiterError {
    return invalid(this.switches.invalidStatus, [{ field, message }]);
  }

  private readBody(body: string): unknown {
    try {
      return JSON.parse(body);
    } catch {
      throw new ZipRecruiterError(this.switches.invalidStatus, "The body is no JSON");
    }
  }
}

/** @throws {ZipRecruiterError} 404 */
function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw notFound("The job");
  }
}

function shown({ job, closedAt }: StoredJob): object {
  return { ...job, status: closedAt === null ? "open" : "closed" };
}

/** How a boost is asked for is not written beyond its words: `{"TrafficBoost": "double"}` and its likes. */
function boostIn(given: unknown): BoostLevel | null {
  const asked: Readonly<Record<string, unknown>> = typeof given === "object" && given !== null ? { ...given } : {};
  const level = asked["TrafficBoost"] ?? asked["traffic_boost"] ?? asked["level"];
  return levels.find((known) => known === level) ?? null;
}
