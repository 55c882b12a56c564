import { In } from "typeorm";
import type { Database } from "../database/database.ts";
import { InboundDelivery } from "../entities/inbound-delivery.ts";
import { JobPosting } from "../entities/job-posting.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { BoardMessage, BoardNews, ReceivedApplication } from "../providers/job-board/applications.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Vault } from "../security/vault.ts";
import type { ApplicationFiles } from "./application-files.ts";
import type { ApplicationFiling } from "./application-filing.ts";
import { lockPosting } from "./board-writes.ts";
import { lockIntegration } from "./found-integration.ts";
import { causedByProvider } from "./integration-events.ts";
import { postingOf, whereJobLeads } from "./named-posting.ts";
import { problemOf } from "./problem.ts";
import { fromStored } from "./stored-job.ts";

/** A message that is to become an application, with what it says. */
export interface OpenedDelivery {
  readonly delivery: InboundDelivery;
  readonly body: Buffer;
}

/** An application that a message brings, and what it is to. */
export interface ReadDelivery {
  readonly posting: JobPosting;
  readonly received: ReceivedApplication;
}

/** Makes applications of the messages that boards sent, each once. */
export class ApplicationIntake {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly files: ApplicationFiles,
    private readonly filing: Pick<ApplicationFiling, "file">,
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

  private async waiting(tenantId: string, id: string): Promise<OpenedDelivery | null> {
    const opened = await this.open(tenantId, id);
    const isWaiting = opened?.delivery.state === "RECEIVED" || opened?.delivery.state === "FAILED";
    return isWaiting ? opened : null;
  }

  /** A stored message with what it says; null when it is not there, or that was not kept. */
  open(tenantId: string, id: string): Promise<OpenedDelivery | null> {
    return this.database.inTenant(tenantId, async (tx) => {
      const { entities, raw } = await tx.manager
        .createQueryBuilder(InboundDelivery, "delivery")
        .addSelect("delivery.sealed", "sealed")
        .where("delivery.tenantId = :tenantId AND delivery.id = :id", { tenantId, id })
        .getRawAndEntities<{ sealed: Buffer | null }>();
      const [delivery] = entities;
      const sealed = raw[0]?.sealed;
      if (!delivery || !sealed) return null;
      return { delivery, body: this.vault.openBytes(sealed, { tenantId, integrationId: delivery.integrationId }) };
    });
  }

  /** What it brings. @throws {IntegrationError} PROVIDER_REPLY_INVALID, NOT_FOUND for a job that nobody posted */
  async read(opened: OpenedDelivery): Promise<ReadDelivery> {
    const { delivery, body } = opened;
    const provider = jobBoard(delivery.provider);
    const { applications, name } = provider;
    if (!applications) throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${name} sends no applications`);
    const news = applications.read(messageOf(opened));
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
    { tenantId, id, provider, receivedAt, correlationId }: InboundDelivery,
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
      const { repeatDays = 0 } = jobBoard(provider).applications ?? {};
      const cause = causedByProvider(provider, correlationId, id);
      const arrival = { recordedBy: null, receivedAt, repeatDays, cause };
      const { application, isRepeated } = await this.filing.file(tx, posting, { received, files }, arrival);
      const done = { state: isRepeated ? ("REPEATED" as const) : ("DONE" as const), problem: null };
      await tx.manager.update(
        InboundDelivery,
        { tenantId, id },
        { ...done, jobPostingId, jobApplicationId: application.id },
      );
    });
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

export function messageOf({ delivery: { headers }, body }: OpenedDelivery): BoardMessage {
  return { headers, query: {}, body };
}
