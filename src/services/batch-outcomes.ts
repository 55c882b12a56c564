import type { Database } from "../database/database.ts";
import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { Integration } from "../entities/integration.ts";
import { JobPosting } from "../entities/job-posting.ts";
import { IntegrationError } from "../errors.ts";
import type { Cause, EventLog } from "../events/event-log.ts";
import type { Queue } from "../queue/queue.ts";
import { reportOf, stateUnsent } from "./batch-plan.ts";
import type { BatchEntry, BatchStep } from "./batch-steps.ts";
import { type BatchBoard, leaveToBatch, nextMailAt, sendSoon } from "./batch-tasks.ts";
import { lockPosting } from "./board-writes.ts";
import { lockIntegration } from "./found-integration.ts";
import { newId } from "./id.ts";
import { jobPostingData } from "./integration-events.ts";
import type { IntegrationHealth } from "./integration-health.ts";
import { causeItself, causeOf, eventOf, type PostingEvent } from "./posting-events.ts";
import { endsByItself } from "./posting-plan.ts";
import { savePosting } from "./posting-tasks.ts";
import { problemOf } from "./problem.ts";
import { nothingUnderWay, takeReport } from "./reported-posting.ts";

/** What the operator has to mend is tried again so long after. */
const mendedAfterMs = 60 * 60 * 1000;

/** What came of a mail with all open jobs of an account. */
export class BatchOutcomes {
  constructor(
    private readonly database: Database,
    private readonly health: Pick<IntegrationHealth, "succeeded" | "failed">,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly log: EventLog,
    private readonly now: () => Date,
  ) {}

  /** The mail is out: what is in it stands there as far as anybody knows, and nothing else does. */
  sent(step: BatchStep, refused: ReadonlyMap<string, IntegrationError>): Promise<void> {
    return this.settle(step, async (tx, integration) => {
      for (const entry of step.entries) {
        const refusal = refused.get(entry.posting.id) ?? null;
        const isUntouched = entry.operation === null && refusal === null;
        const posting = isUntouched && !entry.posting.isUnsure ? null : await this.current(tx, entry.posting);
        if (!posting) continue;
        if (!isUntouched) this.take(tx, posting, entry, refusal, step.board);
        if (entry.version === null) posting.isUnsure = false;
        posting.updatedAt = this.now();
        await leaveToBatch(this.queue, tx, posting, step.board, this.now());
      }
      await this.health.succeeded(tx, integration, this.cause());
    });
  }

  private take(
    tx: TenantTransaction,
    posting: JobPosting,
    entry: BatchEntry,
    refusal: IntegrationError | null,
    board: BatchBoard,
  ): void {
    const { state: before, operation } = posting;
    const cause = endsByItself(posting) ? causeItself(posting) : causeOf(posting, null);
    takeReport(posting, reportOf(posting, entry, refusal), board, this.now());
    if (posting.state === "CLOSED") posting.closedAt = this.now();
    // What somebody saw there before says nothing of it any more.
    if (posting.state !== before) posting.checkedAt = null;
    if (operation === "UPDATE") {
      this.record(tx, refusal ? "job_posting.update_refused" : "job_posting.updated", posting, cause);
    }
    if (posting.state !== before) this.record(tx, eventOf[posting.state], posting, cause);
  }

  /** The mail server fell silent once it had all of it: the next mail, which has the same in it, waits as if it were out. */
  unsure(step: BatchStep): Promise<void> {
    const says = "The mail server did not say whether it has taken the mail";
    const remedy = "Nothing has to be done: it is sent again.";
    const error = new IntegrationError("PROVIDER_UNAVAILABLE", says, { remedy });
    return this.settle(step, async (tx, integration) => {
      for (const { posting: planned } of underWay(step)) {
        const posting = await this.current(tx, planned);
        if (posting) await tx.manager.save(JobPosting, Object.assign(posting, { problem: problemOf(error) }));
      }
      await this.health.failed(tx, integration, error, this.cause());
      const again = await nextMailAt(tx, integration.id, step.board.batch, this.now());
      await sendSoon(this.queue, tx, integration.id, again ?? undefined);
    });
  }

  /** It did not go out: nothing is under way, and the next attempt need not wait. What only people can mend is tried again all the same. */
  notSent(step: BatchStep, error: IntegrationError): Promise<void> {
    return this.settle(step, async (tx, integration) => {
      await tx.query("UPDATE job_batch SET begun_at = NULL WHERE integration_id = $1", [integration.id]);
      for (const { posting: planned } of underWay(step)) {
        const posting = await this.current(tx, planned);
        if (!posting) continue;
        const state = stateUnsent(posting);
        const closedAt = state === "CLOSED" ? this.now() : posting.closedAt;
        Object.assign(posting, {
          ...nothingUnderWay,
          state,
          closedAt,
          problem: problemOf(error),
          updatedAt: this.now(),
        });
        if (state === "CLOSED") this.record(tx, "job_posting.closed", posting, causeOf(posting, null));
        await savePosting(this.queue, tx, posting);
      }
      await this.health.failed(tx, integration, error, this.cause());
      if (error.retryable) return;
      await sendSoon(this.queue, tx, integration.id, new Date(this.now().getTime() + mendedAfterMs));
    });
  }

  /** Unless somebody else has begun another mail meanwhile. */
  private async settle(
    { integration: { tenantId, id }, attemptId }: BatchStep,
    work: (tx: TenantTransaction, integration: Integration) => Promise<void>,
  ): Promise<void> {
    await this.database.inTenant(tenantId, async (tx) => {
      const integration = await lockIntegration(tx, id);
      const [latest] = await tx.query<{ attemptId: string }>(
        `SELECT attempt_id AS "attemptId" FROM job_batch WHERE integration_id = $1`,
        [id],
      );
      if (integration && latest?.attemptId === attemptId) await work(tx, integration);
    });
  }

  /** As it is now; null when somebody has settled meanwhile what was under way, such as a person who looked at the board. */
  private async current(tx: TenantTransaction, { id, operationId }: JobPosting): Promise<JobPosting | null> {
    const posting = await lockPosting(tx, id);
    return posting?.operationId === operationId ? posting : null;
  }

  private cause(): Cause {
    return { actor: { kind: "SYSTEM", id: null }, correlationId: newId(this.now()) };
  }

  private record(tx: TenantTransaction, type: PostingEvent, posting: JobPosting, cause: Cause): void {
    const { integrationId, id: subjectId } = posting;
    this.log.record(tx, { type, integrationId, subjectId, data: jobPostingData(posting), cause });
  }
}

function underWay({ entries }: BatchStep): readonly BatchEntry[] {
  return entries.filter(({ operation }) => operation !== null);
}
