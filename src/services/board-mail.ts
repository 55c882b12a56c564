import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { Mail, Mailer, MailOutcome } from "../mail/mailer.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";

/** The way to boards that are mailed to. The operator may have no mail server: then they cannot be reached. */
export class BoardMail {
  constructor(
    private readonly mailer: Mailer | null,
    /** Told of every mail, for whoever counts. */
    private readonly observe: (call: {
      readonly provider: string;
      readonly method: string;
      readonly outcome: string;
      readonly durationMs: number;
    }) => void,
  ) {}

  /** Why the board cannot be reached here; null when it can, or needs no mail. */
  missing({ batch }: Pick<JobBoardProvider, "batch">): string | null {
    return batch && this.mailer === null ? whatIsMissing : null;
  }

  /** The same as a refusal. */
  refusalOf(board: Pick<JobBoardProvider, "batch" | "name">): IntegrationError | null {
    return this.missing(board) === null ? null : notSetUp(board);
  }

  /** @throws as {@link Mailer.send} */
  async send(board: Pick<JobBoardProvider, "id" | "name">, mail: Mail, signal: AbortSignal): Promise<MailOutcome> {
    if (this.mailer === null) throw notSetUp(board);
    const startedAt = performance.now();
    const told = (outcome: string) =>
      this.observe({ provider: board.id, method: "MAIL", outcome, durationMs: performance.now() - startedAt });
    try {
      const outcome = await this.mailer.send(mail, signal);
      told(outcome === "TAKEN" ? "ok" : outcome);
      return outcome;
    } catch (error) {
      told(isIntegrationError(error) ? error.code : "fault");
      throw error;
    }
  }
}

const whatIsMissing = "The operator has to set SMTP_URL: jobs go there by mail.";

function notSetUp({ name }: Pick<JobBoardProvider, "name">): IntegrationError {
  return new IntegrationError("NOT_CONFIGURED", `${name} is not set up in this installation`, {
    remedy: whatIsMissing,
  });
}
