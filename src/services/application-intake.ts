import { In } from "typeorm";
import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { InboundDelivery } from "../entities/inbound-delivery.ts";
import { JobApplication } from "../entities/job-application.ts";
import { JobApplicationEeo } from "../entities/job-application-eeo.ts";
import { JobPosting } from "../entities/job-posting.ts";
import { toJsonb } from "../entities/jsonb.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { EventLog } from "../events/event-log.ts";
import type { BoardMessage, BoardNews, ReceivedApplication } from "../providers/job-board/applications.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Vault } from "../security/vault.ts";
import type { ApplicationFiles } from "./application-files.ts";
import { personOf, repeatedBy } from "./application-repeats.ts";
import type { ApplicationSteps } from "./application-steps.ts";
import { lockPosting } from "./board-writes.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { causedByProvider, jobApplicationData } from "./integration-events.ts";
import { postingOf, whereJobLeads } from "./named-posting.ts";
import { problemOf } from "./problem.ts";
import { fromStored } from "./stored-job.ts";

/** A message that is to become an application. */
interface Waiting {
  readonly delivery: InboundDelivery;
  readonly body: Buffer;
}

interface Read {
  readonly posting: JobPosting;
  readonly received: ReceivedApplication;
}

/** Makes applications of the messages that boards sent, each once. */
export class ApplicationIntake {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly files: ApplicationFiles,
    private readonly steps: ApplicationSteps,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /**
   * Reads a stored message. Harmless twice.
   *
   * @throws what it failed with, when it should be tried again; the last time it is FAILED, and kept for another day
   */
  async take(tenantId: string, deliveryId: string, isLastAttempt: boolean): Promise<void> {
    const waiting = await this.waiting(tenantId, deliveryId);
    if (!waiting) return;
    try {
      const { posting, received } = await this.read(waiting);
      const bound = { tenantId, integrationId: posting.integrationId };
      const files = await Promise.all(received.files.map((file) => this.files.prepared(bound, file)));
      await this.store(waiting.delivery, posting, received, files);
    } catch (error) {
      const mayPass = !isIntegrationError(error) || error.retryable;
      if (mayPass && !isLastAttempt) throw error;
      await this.fail(waiting.delivery, error);
      if (!isIntegrationError(error)) throw error;
    }
  }

  private waiting(tenantId: string, id: string): Promise<Waiting | null> {
    return this.database.inTenant(tenantId, async (tx) => {
      const { entities, raw } = await tx.manager
        .createQueryBuilder(InboundDelivery, "delivery")
        .addSelect("delivery.sealed", "sealed")
        .where("delivery.tenantId = :tenantId AND delivery.id = :id", { tenantId, id })
        .getRawAndEntities<{ sealed: Buffer | null }>();
      const [delivery] = entities;
      const sealed = raw[0]?.sealed;
      if (!delivery || !sealed || (delivery.state !== "RECEIVED" && delivery.state !== "FAILED")) return null;
      return { delivery, body: this.vault.openBytes(sealed, { tenantId, integrationId: delivery.integrationId }) };
    });
  }

  /** @throws {IntegrationError} PROVIDER_REPLY_INVALID, NOT_FOUND for a job that nobody posted */
  private async read({ delivery, body }: Waiting): Promise<Read> {
    const provider = jobBoard(delivery.provider);
    const { applications, name } = provider;
    if (!applications) throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${name} sends no applications`);
    const news = applications.read(messageOf(delivery, body));
    const posting = await this.postingFor(delivery, news, provider);
    if (!posting) throw new IntegrationError("NOT_FOUND", "There is no posting of this job", { retryable: false });
    return { posting, received: applications.parse(body, fromStored(posting.job)) };
  }

  /** The one that it was stored with; a message that could not be read at first was stored without. */
  private async postingFor(
    { tenantId, integrationId, jobPostingId }: InboundDelivery,
    news: BoardNews,
    provider: JobBoardProvider,
  ): Promise<JobPosting | null> {
    if (jobPostingId !== null) {
      return this.database.inTenant(tenantId, (tx) => tx.manager.findOneBy(JobPosting, { tenantId, id: jobPostingId }));
    }
    if (news.kind !== "application") return null;
    const named = await whereJobLeads(this.database, provider, news.jobName);
    return this.database.inTenant(tenantId, (tx) => postingOf(tx, integrationId, named, news.jobName));
  }

  private store(
    { tenantId, id, provider, receivedAt }: InboundDelivery,
    { id: jobPostingId, integrationId }: JobPosting,
    received: ReceivedApplication,
    files: Awaited<ReturnType<ApplicationFiles["prepared"]>>[],
  ): Promise<void> {
    return this.database.inTenant(tenantId, async (tx) => {
      await lockIntegration(tx, integrationId);
      // Locked: no two applications of one person come in at the same time.
      const posting = await lockPosting(tx, jobPostingId);
      const delivery = await tx.manager.findOneBy(InboundDelivery, { tenantId, id });
      if (!posting || !delivery || delivery.state === "DONE" || delivery.state === "REPEATED") return;
      const { boardApplicationId, candidate } = received;
      const { repeatDays = 0 } = jobBoard(provider).applications ?? {};
      const person = personOf(candidate);
      const known = await repeatedBy(tx, posting, { boardApplicationId, person, repeatDays, now: this.now() });
      const application = known ?? (await this.insert(tx, posting, received, person, receivedAt));
      if (!known) {
        await this.files.store(tx, application.id, files);
        const cause = causedByProvider(provider, newId(this.now()));
        await this.steps.begin(tx, application, cause);
        this.log.record(tx, {
          type: "job_application.received",
          integrationId,
          subjectId: application.id,
          data: jobApplicationData(application),
          cause,
        });
      }
      const done = { state: known ? ("REPEATED" as const) : ("DONE" as const), problem: null };
      await tx.manager.update(
        InboundDelivery,
        { tenantId, id },
        { ...done, jobPostingId, jobApplicationId: application.id },
      );
    });
  }

  private async insert(
    tx: TenantTransaction,
    { tenantId, id: jobPostingId, integrationId, jobId }: JobPosting,
    received: ReceivedApplication,
    person: string | null,
    receivedAt: Date,
  ): Promise<JobApplication> {
    const { eeoAnswers, files: _, ...told } = received;
    const application: JobApplication = Object.assign(new JobApplication(), {
      ...storable(told),
      appliedAt: told.appliedAt,
      tenantId,
      id: newId(this.now()),
      integrationId,
      jobPostingId,
      jobId,
      person,
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

  private async fail({ tenantId, id }: InboundDelivery, error: unknown): Promise<void> {
    await this.database.inTenant(tenantId, (tx) =>
      // Somebody else may have read it meanwhile.
      tx.manager.update(
        InboundDelivery,
        { tenantId, id, state: In(["RECEIVED", "FAILED"]) },
        { state: "FAILED", problem: problemOf(error) },
      ),
    );
  }
}

/** Without what Postgres's text cannot hold. */
function storable<T>(value: T): T {
  return JSON.parse(toJsonb(value));
}

function messageOf({ headers }: InboundDelivery, body: Buffer): BoardMessage {
  return { headers, query: {}, body };
}
