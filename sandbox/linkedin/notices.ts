import { randomUUID } from "node:crypto";
import type { Courier, StoredDelivery } from "../job-boards/courier.ts";
import { urnOfApp } from "./apps.ts";
import { bodyOf } from "./courier.ts";
import type { Jobs } from "./jobs.ts";
import type { LinkedInState, StoredApp, StoredJob, StoredTask, StoredWebhook } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";
import type { Webhooks } from "./webhooks.ts";

const resyncMs = 30 * 60_000;

interface NoticesOptions {
  readonly now: () => Date;
  readonly jobs: Jobs;
  readonly webhooks: Webhooks;
  readonly courier: Courier;
}

/** What the partner is told about its customers' jobs, at the addresses of its own application. */
export class Notices {
  constructor(
    private readonly state: LinkedInState,
    private readonly switches: LinkedInSwitches,
    private readonly options: NoticesOptions,
  ) {}

  /** https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/job-status-change-notifications */
  jobChanged(job: StoredJob, app: StoredApp): void {
    const webhook = this.options.webhooks.for("JOB_STATUS_CHANGE");
    if (!webhook) return;
    const { externalJobPostingId } = job.element;
    const named =
      this.switches.changedJobs === "list"
        ? { externalJobPostingIds: [externalJobPostingId] }
        : { externalJobPostingId };
    const payload = { type: "JOB_STATUS_CHANGE", developerApplicationUrn: urnOfApp(app), ...named };
    void this.send(webhook, payload);
  }

  /**
   * Asks for jobs to be sent again. https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/job-resync-notifications
   *
   * @param externalIds none for all open ones
   * @returns the receiver's status; null where there is no address
   */
  async askForResync(app: StoredApp, externalIds: readonly string[]): Promise<number | null> {
    const webhook = this.options.webhooks.for("RESYNC_JOBS");
    if (!webhook) return null;
    const syncAllOpenJobs = externalIds.length === 0;
    const open = this.options.jobs
      .all()
      .filter((job) => job.clientId === app.clientId && !this.options.jobs.hasEnded(job))
      .map((job) => job.element.externalJobPostingId);
    const payload = {
      type: "RESYNC_JOBS",
      developerApplicationUrn: urnOfApp(app),
      externalJobPostingIds: externalIds,
      syncAllOpenJobs,
    };
    const askedAt = this.options.now().getTime();
    const { attempts } = await this.send(webhook, payload);
    // A message that is lost or late is believed to be taken.
    const status = attempts[0]?.status ?? 200;
    const externalJobPostingIds = syncAllOpenJobs ? open : externalIds;
    this.state.resyncs.push({ clientId: app.clientId, externalJobPostingIds, askedAt, status });
    return status;
  }

  /** The jobs that were asked for and were not updated within half an hour, or not yet. */
  get overdue(): readonly string[] {
    return this.state.resyncs.flatMap(({ clientId, externalJobPostingIds, askedAt }) => {
      const isAnswer = ({ clientId: by, element, submittedAt }: StoredTask) =>
        by === clientId &&
        element.jobPostingOperationType === "UPDATE" &&
        submittedAt >= askedAt &&
        submittedAt <= askedAt + resyncMs;
      const answers = [...this.state.tasks.values()].filter(isAnswer);
      return externalJobPostingIds.filter((id) => answers.every(({ element }) => element.externalJobPostingId !== id));
    });
  }

  private send({ url }: StoredWebhook, payload: object): Promise<StoredDelivery> {
    return this.options.courier.send({ id: randomUUID(), address: url, body: bodyOf(payload, this.switches) });
  }
}
