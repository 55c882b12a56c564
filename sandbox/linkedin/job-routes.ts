import { randomUUID } from "node:crypto";
import { json, type TwinReply } from "../twin.ts";
import { parentApp } from "./apps.ts";
import { badRequest, notEntitled, notFound } from "./errors.ts";
import type { Integrations } from "./integrations.ts";
import { type JobElement, readJobElement } from "./job-element.ts";
import { shownStatus } from "./job-status.ts";
import type { Jobs } from "./jobs.ts";
import { codeOf, messageOf, type Problem } from "./problems.ts";
import { emptyBatch, idsIn, isObject, jsonBody, type LinkedInRequest, needMethod } from "./requests.ts";
import type { LinkedInState, StoredTask } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";
import type { Tasks } from "./tasks.ts";
import type { Throttle } from "./throttle.ts";

const maxElements = 100;

interface JobRoutesOptions {
  readonly now: () => Date;
  readonly state: LinkedInState;
  readonly switches: LinkedInSwitches;
  readonly jobs: Jobs;
  readonly tasks: Tasks;
  readonly integrations: Integrations;
  readonly throttle: Throttle;
  /** Where people look at jobs, without a slash at the end. */
  readonly site: () => string;
}

/** What a child application does with its customer's jobs. */
export class JobRoutes {
  constructor(private readonly options: JobRoutesOptions) {}

  /** @throws {LinkedInError} */
  async handle(request: LinkedInRequest): Promise<TwinReply> {
    const { app, method, resource, key } = request;
    if (app === parentApp) throw notEntitled(`${method} /${resource}`);
    if (key !== "") throw notFound(key);
    switch (`${method} ${resource}`) {
      case "POST simpleJobPostings":
        return this.options.throttle.duringBatch(app.clientId, () => this.createBatch(request));
      case "GET simpleJobPostingTasks":
        return this.shownTasks(request);
      case "GET jobPostingStatus":
        return this.shownStatuses(request);
      default:
        throw notFound(`${method} /${resource}`);
    }
  }

  private createBatch(request: LinkedInRequest): TwinReply {
    needMethod(request, "batch_create");
    const { elements } = jsonBody(request);
    if (!Array.isArray(elements) || elements.length === 0) throw badRequest("elements is missing");
    const problems = problemsOfBatch(elements);
    const [first] = problems.values();
    if (this.options.switches.badBatch === "call" && first) throw badRequest(messageOf([first]));
    for (const element of elements) this.needEntitlement(element);
    const answers = elements.map((element, index) => {
      const problem = problems.get(index);
      return this.answerElement(element, problem ? [problem] : [], request);
    });
    if (this.options.switches.elementOrder === "reversed") answers.reverse();
    return json(200, { elements: answers });
  }

  private answerElement(given: unknown, problems: readonly Problem[], request: LinkedInRequest): object {
    const { tasks, switches, now } = this.options;
    const isNewer = (switches.elementShape ?? (request.version === "rest" ? "newer" : "older")) === "newer";
    const read = problems.length > 0 ? { problems } : readJobElement(given, now(), switches);
    if ("problems" in read) return refusedElement(given, read.problems, isNewer);
    const { element } = read;
    const refusal = switches.wrongState === "element" ? tasks.refusalNow(request.app.clientId, element) : null;
    if (refusal !== null) {
      return refusedElement(given, [{ path: "/jobPostingOperationType", says: refusal }], isNewer);
    }
    const { urn } = tasks.submit(request.app, element);
    return {
      id: urn,
      status: 202,
      location: `/simpleJobPostings/${encodeURIComponent(urn)}`,
      ...(isNewer && { entity: { externalJobPostingId: element.externalJobPostingId } }),
    };
  }

  /** @throws {LinkedInError} 403 for the whole call */
  private needEntitlement(element: unknown): void {
    if (!isObject(element)) return;
    const { contract, budget, company, integrationContext } = element;
    const organization = this.options.state.organizations.get(String(company ?? integrationContext));
    if (contract !== undefined) {
      const isOn = this.options.integrations.isOn(organization?.urn ?? null, "PREMIUM_JOB_POSTING");
      if (!isOn || organization?.contract !== contract) throw notEntitled(`contract ${contract}`);
    }
    if (budget !== undefined && organization?.hasPayForPerformance !== true) throw notEntitled("budget");
  }

  private shownTasks(request: LinkedInRequest): TwinReply {
    const { throttle, tasks } = this.options;
    throttle.count(request.app.clientId, "simpleJobPostingTasks");
    const reply = emptyBatch();
    for (const urn of idsIn(request)) {
      if (!/^urn:li:simpleJobPostingTask:[\w-]+$/.test(urn)) throw badRequest(`${urn} is no URN of a task`);
      const task = tasks.poll(request.app.clientId, urn);
      if (task) reply.results[urn] = shownTask(task);
      else reply.errors[urn] = { status: 404, message: "The task does not exist" };
    }
    return json(200, reply);
  }

  private shownStatuses(request: LinkedInRequest): TwinReply {
    const { throttle, jobs, state, switches, site } = this.options;
    throttle.count(request.app.clientId, "jobPostingStatus");
    const reply = emptyBatch();
    for (const id of idsIn(request)) {
      const job = jobs.get(request.app.clientId, id);
      if (job) {
        jobs.read(job);
        reply.results[id] = shownStatus(job, { state, jobs, switches, site: site() });
      } else {
        reply.errors[id] = { status: 404, message: "The job posting does not exist" };
      }
    }
    return json(200, reply);
  }
}

/** What is wrong about elements beside others, by their index: too many, of several operations, twice the same job. */
function problemsOfBatch(elements: readonly unknown[]): ReadonlyMap<number, Problem> {
  const [first] = elements;
  const seen = new Set<unknown>();
  const problems = new Map<number, Problem>();
  for (const [index, element] of elements.entries()) {
    const id = valueIn(element, "externalJobPostingId");
    if (index >= maxElements) problems.set(index, { path: "/elements", says: `are more than ${maxElements}` });
    else if (valueIn(element, "jobPostingOperationType") !== valueIn(first, "jobPostingOperationType")) {
      problems.set(index, { path: "/jobPostingOperationType", says: "is another one than that of the first element" });
    } else if (id !== undefined && seen.has(id)) {
      problems.set(index, { path: "/externalJobPostingId", says: "is there twice" });
    }
    seen.add(id);
  }
  return problems;
}

const valueIn = (element: unknown, name: keyof JobElement): unknown => (isObject(element) ? element[name] : undefined);

function refusedElement(given: unknown, problems: readonly Problem[], isNewer: boolean): object {
  const error = { status: 422, message: messageOf(problems) };
  if (!isNewer) return { status: 422, error };
  const newer = {
    code: codeOf(problems),
    serviceErrorCode: 0,
    requestId: randomUUID(),
    errorDetailType: "com.linkedin.talent.SimpleJobPostingErrorDetails",
    errorDetails: { externalJobPostingId: valueIn(given, "externalJobPostingId") ?? null },
  };
  return { status: 422, error: { ...error, ...newer } };
}

/** https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/check-job-operation-task-status */
function shownTask({ urn, status, element, jobNumber, errorMessage }: StoredTask): object {
  return {
    id: urn,
    status,
    externalJobPostingId: element.externalJobPostingId,
    location: element.location,
    ...(jobNumber !== null && status !== "FAILED" && { jobPosting: `urn:li:jobPosting:${jobNumber}` }),
    ...(errorMessage !== null && { errorMessage }),
  };
}
