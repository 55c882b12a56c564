import { randomUUID } from "node:crypto";
import { companyOf, type JobElement } from "./job-element.ts";
import type { Jobs } from "./jobs.ts";
import type { LinkedInState, StoredApp, StoredJob, StoredTask } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";
import type { Webhooks } from "./webhooks.ts";

const dayMs = 86_400_000;

interface TasksOptions {
  readonly now: () => Date;
  readonly jobs: Jobs;
  readonly webhooks: Webhooks;
}

/** Elements that were taken in, until it is known what became of them. */
export class Tasks {
  constructor(
    private readonly state: LinkedInState,
    private readonly switches: LinkedInSwitches,
    private readonly options: TasksOptions,
  ) {}

  submit(app: StoredApp, element: JobElement): StoredTask {
    const task: StoredTask = {
      urn: `urn:li:simpleJobPostingTask:${randomUUID()}`,
      clientId: app.clientId,
      element,
      jobNumber: this.numberFor(app.clientId, element),
      submittedAt: this.now(),
      polls: 0,
      status: "IN_PROGRESS",
      errorMessage: null,
    };
    this.state.tasks.set(task.urn, task);
    const { onsiteApplyConfiguration: onsite, jobPostingOperationType: operation } = element;
    if (onsite && operation !== "CLOSE") this.options.webhooks.forApplications(app, onsite.jobApplicationWebhookUrl);
    return task;
  }

  /** Counts the question. Null for tasks of others, and after their time. */
  poll(clientId: string, urn: string): StoredTask | null {
    const task = this.state.tasks.get(urn);
    if (task?.clientId !== clientId) return null;
    if (this.now() - task.submittedAt >= this.switches.taskDays * dayMs) return null;
    task.polls += 1;
    if (task.polls > this.switches.pollsUntilDone && task.status === "IN_PROGRESS") this.finish(task);
    return task;
  }

  /** Those end that were given the time. @param isAll ends all of them now */
  settle(isAll = false): void {
    const since = this.now() - this.switches.taskSeconds * 1000;
    for (const task of this.state.tasks.values()) {
      const isDue = isAll || task.submittedAt <= since;
      if (isDue && task.status === "IN_PROGRESS") this.finish(task);
    }
  }

  /** Why a job is in no state for an element, counting what was submitted before; null when it is. */
  refusalNow(clientId: string, element: JobElement): string | null {
    const before = this.options.jobs.get(clientId, element.externalJobPostingId);
    let state = before && this.stateOf(before);
    for (const { element: submitted } of this.openTasks(clientId, element.externalJobPostingId)) {
      const { jobPostingOperationType: operation, availability } = submitted;
      const isClosed = operation === "CLOSE";
      if (operation === "CREATE" || state) state = { availability, isOpen: !isClosed, isClosed };
    }
    return wrongState(element, state, this.switches);
  }

  /** In the order they came in, so that those of one job never overtake each other. */
  private finish(task: StoredTask): void {
    for (const earlier of this.openTasks(task.clientId, task.element.externalJobPostingId)) {
      this.end(earlier);
      if (earlier === task) return;
    }
  }

  private end(task: StoredTask): void {
    const { jobs } = this.options;
    const { element, clientId } = task;
    task.errorMessage = this.refusalOf(task);
    if (task.errorMessage !== null) {
      task.status = "FAILED";
      return;
    }
    const organization = this.state.organizations.get(companyOf(element) ?? "");
    const isHeld = organization?.isMigrating === true || element.title.includes("[processed]");
    task.status = isHeld ? "PROCESSED" : "SUCCEEDED";
    jobs.take(clientId, task.jobNumber ?? 0, element, isHeld);
  }

  private refusalOf({ element, clientId }: StoredTask): string | null {
    const { title, location, posterEmail } = element;
    const company = companyOf(element);
    const organization = this.state.organizations.get(company ?? "");
    const parts = location.split(",").filter((part) => part.trim() !== "");
    if (title.includes("[fail]") || parts.length < 2) {
      return `Rejected fields: location. The city, postalCode or geo of "${location}" is invalid.`;
    }
    if (company !== null && !organization) return `Rejected fields: company. ${company} does not exist.`;
    if (posterEmail !== undefined && organization && !organization.seatHolders.includes(posterEmail)) {
      return "Rejected fields: posterEmail. It is not the address of a seat holder.";
    }
    const job = this.options.jobs.get(clientId, element.externalJobPostingId);
    return wrongState(element, job && this.stateOf(job), this.switches);
  }

  private stateOf(job: StoredJob): JobState {
    const { element, isClosed } = job;
    return { availability: element.availability, isOpen: !this.options.jobs.hasEnded(job), isClosed };
  }

  private openTasks(clientId: string, externalId: string): readonly StoredTask[] {
    return [...this.state.tasks.values()].filter(
      (task) =>
        task.clientId === clientId && task.element.externalJobPostingId === externalId && task.status === "IN_PROGRESS",
    );
  }

  /** The job's, or that of the one which is being made; else a new one for what makes one. */
  private numberFor(clientId: string, element: JobElement): number | null {
    const { externalJobPostingId, jobPostingOperationType: operation } = element;
    const job = this.options.jobs.get(clientId, externalJobPostingId);
    const isOver = operation === "CREATE" && job !== undefined && this.options.jobs.hasEnded(job);
    const open = this.openTasks(clientId, externalJobPostingId).at(-1);
    const isClosing = open?.element.jobPostingOperationType === "CLOSE";
    const isAnew = operation === "CREATE" && (open ? isClosing : isOver);
    const number = isAnew ? null : (open?.jobNumber ?? job?.number ?? null);
    if (number !== null || operation !== "CREATE") return number;
    this.state.latest += 1;
    return this.state.latest;
  }

  private now(): number {
    return this.options.now().getTime();
  }
}

/** What counts about a job when something is to be done to it. */
interface JobState {
  readonly availability: string;
  readonly isOpen: boolean;
  readonly isClosed: boolean;
}

/** Why it cannot be done to a job in this state, or without a job; null when it can. */
function wrongState(element: JobElement, state: JobState | undefined, switches: LinkedInSwitches): string | null {
  const { externalJobPostingId: id, jobPostingOperationType: operation, availability } = element;
  if (operation === "CREATE") {
    const isRefused = state?.isOpen === true && switches.secondCreate === "refused";
    return isRefused ? `A job with externalJobPostingId ${id} is open.` : null;
  }
  if (!state) return `There is no job with externalJobPostingId ${id}.`;
  if (operation === "CLOSE") {
    return !state.isOpen && switches.secondClose === "refused" ? `The job ${id} is closed.` : null;
  }
  // What has expired can be renewed.
  if (state.isClosed || (!state.isOpen && operation !== "RENEW")) return `The job ${id} is closed.`;
  if (state.availability === availability) return null;
  return "Rejected fields: availability. Close the job and create it anew.";
}
