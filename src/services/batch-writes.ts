import { isIntegrationError } from "../errors.ts";
import type { Accounts } from "./accounts.ts";
import type { BatchOutcomes } from "./batch-outcomes.ts";
import type { BatchStep, BatchSteps } from "./batch-steps.ts";
import type { BoardMail } from "./board-mail.ts";

/** Mails boards that get all open jobs of an account at once: what is not in a mail goes off the board. */
export class BatchWrites {
  constructor(
    private readonly steps: Pick<BatchSteps, "begin">,
    private readonly accounts: Pick<Accounts, "mailed">,
    private readonly mail: Pick<BoardMail, "send">,
    private readonly outcomes: Pick<BatchOutcomes, "sent" | "unsure" | "notSent">,
  ) {}

  /**
   * Sends what is wanted of an account's postings, if that differs from what was sent, and no mail went out just before.
   * Harmless twice: when the mail begins is stored before it is sent, and a second one, which has all jobs again, waits its time.
   * Nothing is given up, however long there is no way to send it.
   *
   * @throws what it failed with, when it should be tried again
   */
  async send(tenantId: string, integrationId: string, signal: AbortSignal): Promise<void> {
    const step = await this.steps.begin(tenantId, integrationId);
    if (!step) return;
    const handed = await this.hand(step, signal).catch(async (error: unknown) => {
      if (signal.aborted || !isIntegrationError(error)) throw error;
      await this.outcomes.notSent(step, error);
      if (error.retryable) throw error;
    });
    if (handed?.outcome === "TAKEN") await this.outcomes.sent(step, handed.refused);
    if (handed?.outcome === "UNSURE") await this.outcomes.unsure(step);
  }

  private async hand(step: BatchStep, signal: AbortSignal) {
    const { integration, board, told } = step;
    const { settings, fillIn } = await this.accounts.mailed(integration.tenantId, integration.id);
    const { mail, refused } = await board.batch.compose(settings, told);
    return { outcome: await this.mail.send(board, { ...mail, text: fillIn(mail.text) }, signal), refused };
  }
}
