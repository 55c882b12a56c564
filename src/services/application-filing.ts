import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { JobApplication } from "../entities/job-application.ts";
import { JobApplicationEeo } from "../entities/job-application-eeo.ts";
import type { JobPosting } from "../entities/job-posting.ts";
import { toJsonb } from "../entities/jsonb.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { ReceivedApplication } from "../providers/job-board/applications.ts";
import type { ApplicationFiles, NewFile } from "./application-files.ts";
import { personOf, repeatedBy } from "./application-repeats.ts";
import type { ApplicationSteps } from "./application-steps.ts";
import { newId } from "./id.ts";
import { jobApplicationData } from "./integration-events.ts";

/** An application that has come, and its files as they are to be stored. */
export interface NewApplication {
  readonly received: ReceivedApplication;
  readonly files: readonly NewFile[];
}

/** How and when it came. */
export interface Arrival {
  /** Ours, where it is known before. */
  readonly id?: string;
  /** Who filed it by hand; null when it came from the board. */
  readonly recordedBy: string | null;
  readonly receivedAt: Date;
  /** For so many days another application of the same person is the same one. */
  readonly repeatDays: number;
  readonly cause: Cause;
}

/** Stores applications, each once, with their files and their first step. */
export class ApplicationFiling {
  constructor(
    private readonly files: Pick<ApplicationFiles, "store">,
    private readonly steps: Pick<ApplicationSteps, "begin">,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /** @param posting locked: no two applications of one person come in at the same time */
  async file(
    tx: TenantTransaction,
    posting: JobPosting,
    { received, files }: NewApplication,
    arrival: Arrival,
  ): Promise<{ readonly application: JobApplication; readonly isRepeated: boolean }> {
    const { repeatDays, cause } = arrival;
    const { boardApplicationId, candidate } = received;
    const person = personOf(candidate);
    const known = await repeatedBy(tx, posting, { boardApplicationId, person, repeatDays, now: this.now() });
    if (known) return { application: known, isRepeated: true };
    const application = await this.insert(tx, posting, received, person, arrival);
    await this.files.store(tx, application.id, files);
    await this.steps.begin(tx, application, cause);
    this.log.record(tx, {
      type: "job_application.received",
      integrationId: posting.integrationId,
      subjectId: application.id,
      data: jobApplicationData(application),
      cause,
    });
    return { application, isRepeated: false };
  }

  private async insert(
    tx: TenantTransaction,
    { tenantId, id: jobPostingId, integrationId, jobId }: JobPosting,
    received: ReceivedApplication,
    person: string | null,
    { id = newId(this.now()), recordedBy, receivedAt }: Arrival,
  ): Promise<JobApplication> {
    const { eeoAnswers, files: _, ...told } = received;
    const application: JobApplication = Object.assign(new JobApplication(), {
      ...storable(told),
      appliedAt: told.appliedAt,
      tenantId,
      id,
      integrationId,
      jobPostingId,
      jobId,
      person,
      recordedBy,
      status: "NEW",
      statusChangedAt: told.appliedAt ?? receivedAt,
      receivedAt,
    });
    await tx.manager.insert(JobApplication, application);
    if (eeoAnswers.length > 0) {
      const answers = storable({ eeoAnswers }).eeoAnswers;
      await tx.manager.insert(JobApplicationEeo, { tenantId, jobApplicationId: application.id, answers });
    }
    return application;
  }
}

/** Without what Postgres's text cannot hold. */
function storable<T>(value: T): T {
  return JSON.parse(toJsonb(value));
}
