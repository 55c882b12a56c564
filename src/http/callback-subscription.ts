import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import type { IntegrationError } from "../errors.ts";
import type { CallbackOutcome, CallbackReceiver } from "./callback-receiver.ts";

/** What the log's reading gave last. */
type Came = { readonly result: IteratorResult<ExecutionResult> } | { readonly failure: unknown };

/**
 * One subscription that is sent to a router, message by message: the next one waits until the one before is taken, and
 * nothing waits here but that next one. A router that is slow is fed from the log at its own pace.
 */
export class CallbackSubscription {
  private came: Came | null = null;
  private ending: IntegrationError | null = null;
  /** Fires when it is to end; a message that was refused is not tried again then. */
  private readonly hurry = new AbortController();
  private wake: () => void = () => {};

  constructor(
    private readonly results: AsyncIterator<ExecutionResult>,
    private readonly receiver: CallbackReceiver,
    private readonly showError: (error: unknown) => GraphQLFormattedError,
    /** How long nothing may be sent before a `check` is; 0 for no limit. */
    private readonly heartbeatMs: number,
  ) {}

  /** Whether the router knows of it, and wants it. */
  check({ isFirst = false } = {}): Promise<CallbackOutcome> {
    return this.receiver.send({ action: "check" }, this.hurry.signal, { isFirst });
  }

  /** Has it end, after what is being sent, with `complete` and this error. */
  endWith(error: IntegrationError): void {
    this.ending ??= error;
    this.hurry.abort();
    this.wake();
  }

  /** Sends until it is over. @returns why, when that is because the router does not take it */
  async run(): Promise<string | null> {
    try {
      this.pull();
      for (;;) {
        await this.somethingToSend();
        const { came, ending } = this;
        if (ending) return await this.complete(ending);
        if (came && "failure" in came) return await this.complete(came.failure);
        if (came?.result.done) return await this.complete();
        const outcome = came ? await this.next(came.result.value) : await this.check();
        if (!outcome.isTaken && !this.ending) return outcome.why;
      }
    } finally {
      await this.results.return?.();
    }
  }

  /** Asks for one more result. It is there when `came` is set. */
  private pull(): void {
    this.came = null;
    const arrive = (came: Came) => {
      this.came = came;
      this.wake();
    };
    this.results.next().then(
      (result) => arrive({ result }),
      (failure: unknown) => arrive({ failure }),
    );
  }

  private async somethingToSend(): Promise<void> {
    if (this.came || this.ending) return;
    let heartbeat: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (this.heartbeatMs > 0) heartbeat = setTimeout(resolve, this.heartbeatMs).unref();
    });
    clearTimeout(heartbeat);
  }

  private async next({ data = null, errors }: ExecutionResult): Promise<CallbackOutcome> {
    const payload = { data, ...(errors && { errors: errors.map(this.showError) }) };
    const outcome = await this.receiver.send({ action: "next", payload }, this.hurry.signal);
    if (outcome.isTaken) this.pull();
    return outcome;
  }

  private async complete(...errors: readonly unknown[]): Promise<null> {
    const shown = errors.length > 0 && { errors: errors.map(this.showError) };
    await this.receiver.send({ action: "complete", ...shown });
    return null;
  }
}
