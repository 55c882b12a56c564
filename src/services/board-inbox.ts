import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { InboundDelivery, type InboundDeliveryState } from "../entities/inbound-delivery.ts";
import { Integration } from "../entities/integration.ts";
import { JobApplication } from "../entities/job-application.ts";
import { JobPosting } from "../entities/job-posting.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { BoardApplications, BoardMessage, BoardNews, MessageKeys } from "../providers/job-board/applications.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";
import type { Queue } from "../queue/queue.ts";
import type { Vault } from "../security/vault.ts";
import { personOf, repeatedBy } from "./application-repeats.ts";
import { takeSoon } from "./application-tasks.ts";
import { type ApplyAddresses, operatorToken } from "./apply-addresses.ts";
import { newId } from "./id.ts";
import { keptHeaders } from "./kept-headers.ts";
import { postingOf, whereJobLeads } from "./named-posting.ts";
import { takesNobody } from "./posting-plan.ts";
import { problemOf } from "./problem.ts";
import { unknownAddress } from "./push-channels.ts";
import { findNamed, findRoute } from "./routes.ts";
import { bringAsTold, type JobNews, postingsIn } from "./told-postings.ts";
import { noteUnproved } from "./unproved-messages.ts";
import { refused, type WebhookAnswer } from "./webhook-answer.ts";

/** Whose a message is, and with what it is proved. */
interface Addressee {
  /** Null at the operator's address, until the message says whose it is. */
  readonly integration: Integration | null;
  readonly keys: MessageKeys;
}

/** What became of an application at the door. */
interface Reception {
  readonly state: InboundDeliveryState;
  readonly refusal: { readonly status: number; readonly error: IntegrationError } | null;
  readonly posting: JobPosting | null;
  readonly application: JobApplication | null;
}

const taken: WebhookAnswer = { status: 200, body: {} };

/**
 * Where boards bring applications, and tell of jobs. Each message is proved, stored as it came, and answered; what it leads
 * to is a task, so that the answer does not wait for it.
 */
export class BoardInbox {
  constructor(
    private readonly database: Database,
    private readonly addresses: ApplyAddresses,
    private readonly vault: Vault,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly now: () => Date,
  ) {}

  /**
   * Answers a board that asks whether the address is right.
   *
   * @throws {IntegrationError} NOT_FOUND for an address that is nobody's, or that nobody asks at
   */
  async greet(provider: JobBoardProvider, token: string, query: BoardMessage["query"]): Promise<WebhookAnswer> {
    const applications = applicationsOf(provider);
    const { keys } = await this.addresseeOf(provider, token);
    const body = applications.handshake?.(query, keys);
    if (!body) throw unknownAddress();
    return { status: 200, body };
  }

  /**
   * Takes a message. A repeated one is stored once.
   *
   * @throws {IntegrationError} NOT_FOUND for an address that is nobody's, FORBIDDEN for a message that is not the board's,
   *   PROVIDER_REPLY_INVALID for one that nobody can read and that is for nobody
   */
  async receive(provider: JobBoardProvider, token: string, message: BoardMessage): Promise<WebhookAnswer> {
    const applications = applicationsOf(provider);
    const { integration, keys } = await this.addresseeOf(provider, token);
    await this.prove(applications, message, keys, integration);
    const news = this.newsIn(applications, message, integration);
    if (isIntegrationError(news)) return this.keepUnreadable(integration, message, news);
    switch (news.kind) {
      case "nothing":
        return taken;
      case "application":
        return this.receiveApplication(provider, integration, message, news);
      default:
        return this.receiveJobNews(provider, message, news);
    }
  }

  private async addresseeOf({ id }: JobBoardProvider, token: string): Promise<Addressee> {
    if (token === operatorToken) return { integration: null, keys: this.addresses.operatorKeys(id) };
    const route = await findRoute(this.database, "APPLICATIONS", token, this.now());
    if (!route) throw unknownAddress();
    const { tenantId, targetId } = route;
    return this.database.inTenant(tenantId, async (tx) => {
      const integration = await tx.manager.findOneBy(Integration, { tenantId, id: targetId });
      const keys = integration && (await this.addresses.keysIn(tx, integration));
      if (!keys || integration.provider !== id) throw unknownAddress();
      return { integration, keys };
    });
  }

  /** At the operator's address nobody knows whose a message is that was not proved. */
  private async prove(
    applications: BoardApplications,
    message: BoardMessage,
    keys: MessageKeys,
    integration: Integration | null,
  ): Promise<void> {
    const receivedAt = this.now();
    try {
      applications.prove(message, keys, receivedAt);
    } catch (error) {
      if (integration && isIntegrationError(error, "FORBIDDEN")) {
        await this.database.inTenant(integration.tenantId, (tx) =>
          noteUnproved(tx, integration, message.headers, error, receivedAt),
        );
      }
      throw error;
    }
  }

  /** What cannot be read is an error to keep, where somebody is known to keep it for. */
  private newsIn(
    applications: BoardApplications,
    message: BoardMessage,
    integration: Integration | null,
  ): BoardNews | IntegrationError {
    try {
      return applications.read(message);
    } catch (error) {
      if (integration && isIntegrationError(error, "PROVIDER_REPLY_INVALID")) return error;
      throw error;
    }
  }

  /** The board has said it right once, and need not say it again: the fault is with whoever reads it. */
  private async keepUnreadable(
    integration: Integration | null,
    message: BoardMessage,
    error: IntegrationError,
  ): Promise<WebhookAnswer> {
    if (!integration) throw error;
    const row = this.deliveryOf(integration, message, null);
    const failed = { ...row, state: "FAILED" as const, problem: problemOf(error) };
    await this.database.inTenant(integration.tenantId, (tx) => tx.manager.insert(InboundDelivery, failed));
    return taken;
  }

  private async receiveApplication(
    provider: JobBoardProvider,
    integration: Integration | null,
    message: BoardMessage,
    news: Extract<BoardNews, { readonly kind: "application" }>,
  ): Promise<WebhookAnswer> {
    const named = await whereJobLeads(this.database, provider, news.jobName);
    const tenantId = integration?.tenantId ?? named?.tenantId;
    // For nobody here: to send it again would not help.
    if (tenantId === undefined) return taken;
    const sealedFor = (to: Integration) => this.deliveryOf(to, message, news.boardApplicationId);
    return this.database.inTenant(tenantId, async (tx) => {
      const posting = await postingOf(tx, integration?.id ?? null, named, news.jobName);
      const owner = integration ?? (posting && (await integrationOf(tx, posting)));
      if (!owner) return taken;
      const reception = await this.receptionOf(tx, provider, posting, news);
      await this.store(tx, sealedFor(owner), reception);
      return reception.refusal ? refused(reception.refusal.status, reception.refusal.error) : taken;
    });
  }

  /** Where the board wants to hear of it, it is told what is known of the job and the person at the door. */
  private async receptionOf(
    tx: TenantTransaction,
    { applications }: JobBoardProvider,
    posting: JobPosting | null,
    { boardApplicationId, email }: Extract<BoardNews, { readonly kind: "application" }>,
  ): Promise<Reception> {
    const { refusals = {}, repeatDays = 0 } = applications ?? {};
    const reception = (state: InboundDeliveryState, more: Partial<Reception> = {}): Reception => ({
      state,
      refusal: null,
      posting,
      application: null,
      ...more,
    });
    if (!posting) {
      const error = unknownJob();
      return reception("REFUSED", { refusal: { status: refusals.unknownJob ?? 200, error } });
    }
    if (takesNobody(posting) && refusals.closedJob) {
      return reception("REFUSED", { refusal: { status: refusals.closedJob, error: closedJob() } });
    }
    if (refusals.repeated) {
      const person = personOf({ email, phone: null });
      const application = await repeatedBy(tx, posting, { boardApplicationId, person, repeatDays, now: this.now() });
      if (application && application.boardApplicationId !== boardApplicationId) {
        return reception("REPEATED", { application, refusal: { status: refusals.repeated, error: repeated() } });
      }
    }
    return reception("RECEIVED");
  }

  /** Once, however often it comes. What was refused, or could not be read, has another chance when it comes again. */
  private async store(
    tx: TenantTransaction,
    delivery: Omit<InboundDelivery, "state" | "problem">,
    { state, refusal, posting, application }: Reception,
  ): Promise<void> {
    const row = { ...delivery, state, problem: refusal && problemOf(refusal.error), jobPostingId: posting?.id ?? null };
    const [stored] = await tx.query<{ id: string; state: InboundDeliveryState }>(
      `INSERT INTO inbound_delivery (tenant_id, id, provider, integration_id, external_id, headers, sealed, key_id, state,
         problem, job_posting_id, job_application_id, receipts, received_at, correlation_id, verified, size)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, true, $15)
       ON CONFLICT (tenant_id, integration_id, external_id) WHERE external_id IS NOT NULL DO UPDATE SET
         receipts = inbound_delivery.receipts + 1,
         state = CASE WHEN inbound_delivery.state IN ('REFUSED', 'FAILED') THEN excluded.state ELSE inbound_delivery.state END,
         problem = CASE WHEN inbound_delivery.state IN ('REFUSED', 'FAILED') THEN excluded.problem ELSE inbound_delivery.problem END,
         job_posting_id = coalesce(inbound_delivery.job_posting_id, excluded.job_posting_id)
       RETURNING id, state`,
      [
        ...[row.tenantId, row.id, row.provider, row.integrationId, row.externalId, JSON.stringify(row.headers)],
        ...[row.sealed, row.keyId, row.state, row.problem && JSON.stringify(row.problem)],
        ...[row.jobPostingId, application?.id ?? null, row.receivedAt, row.correlationId, row.size],
      ],
    );
    if (stored?.state === "RECEIVED") await takeSoon(this.queue, tx, stored.id);
  }

  /** Jobs that the board wants sent again, or that changed there by themselves. */
  private async receiveJobNews(
    { id: provider }: JobBoardProvider,
    message: BoardMessage,
    news: JobNews,
  ): Promise<WebhookAnswer> {
    const named = await findNamed(this.database, { kind: "BOARD_ACCOUNT", provider, name: news.accountName });
    if (!named) return taken;
    await this.database.inTenant(named.tenantId, async (tx) => {
      const integration = await tx.manager.findOneBy(Integration, { tenantId: tx.tenantId, id: named.targetId });
      if (!integration) return;
      const delivery = { ...this.deliveryOf(integration, message, null), says: news.kind };
      const { correlationId, receivedAt: at } = delivery;
      const postingIds = await postingsIn(tx, integration.id, news);
      await tx.manager.insert(InboundDelivery, {
        ...delivery,
        state: postingIds.length > 0 ? "DONE" : "IGNORED",
        problem: null,
        jobPostingId: (postingIds.length === 1 && postingIds[0]) || null,
      });
      await bringAsTold(tx, this.queue, postingIds, { kind: news.kind, correlationId, at });
    });
    return taken;
  }

  private deliveryOf(
    { tenantId, id: integrationId, provider }: Integration,
    { headers, body }: BoardMessage,
    externalId: string | null,
  ): Omit<InboundDelivery, "state" | "problem"> {
    const receivedAt = this.now();
    return {
      tenantId,
      id: newId(receivedAt),
      provider,
      integrationId,
      channelId: null,
      says: null,
      externalId,
      headers: keptHeaders(headers),
      verified: true,
      unprovedHour: null,
      size: body.length,
      sealed: this.vault.sealBytes(body, { tenantId, integrationId }),
      keyId: this.vault.newestKeyId,
      syncRunId: null,
      jobPostingId: null,
      jobApplicationId: null,
      correlationId: newId(receivedAt),
      receipts: 1,
      receivedAt,
    };
  }
}

function integrationOf(tx: TenantTransaction, { integrationId }: JobPosting): Promise<Integration | null> {
  return tx.manager.findOneBy(Integration, { tenantId: tx.tenantId, id: integrationId });
}

/** @throws {IntegrationError} NOT_FOUND where no messages come from */
function applicationsOf({ applications }: JobBoardProvider): BoardApplications {
  if (!applications) throw unknownAddress();
  return applications;
}

const unknownJob = () => new IntegrationError("NOT_FOUND", "There is no posting of this job");
const closedJob = () => new IntegrationError("PREREQUISITE_MISSING", "The posting of this job is closed");
const repeated = () => new IntegrationError("DUPLICATE", "This person has applied to this job before");
