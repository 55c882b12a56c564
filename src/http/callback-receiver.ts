import { setTimeout as sleep } from "node:timers/promises";
import type { FormattedExecutionResult, GraphQLFormattedError } from "graphql";
import { isIntegrationError } from "../errors.ts";
import type { EgressFetch } from "../security/egress/egress-fetch.ts";

/** Whom a router wants its events sent to. */
export interface CallbackTarget {
  readonly callbackUrl: string;
  readonly subscriptionId: string;
  /** The router's own proof that a message is about the subscription it began. */
  readonly verifier: string;
}

export type CallbackMessage =
  | { readonly action: "check" }
  | { readonly action: "next"; readonly payload: FormattedExecutionResult }
  | { readonly action: "complete"; readonly errors?: readonly GraphQLFormattedError[] };

/** What became of a message; `why` is for people. */
export type CallbackOutcome = { readonly isTaken: true } | { readonly isTaken: false; readonly why: string };

/** Names the protocol in each message. */
export const callbackProtocol = { "subscription-protocol": "callback/1.0" };

const timeoutMs = 10_000;
const maxReplyBytes = 64 * 1024;
const firstDelayMs = 100;
const longestDelayMs = 2000;
const maxAttempts = 6;

/** The receiving end of one subscription by HTTP callback: what it does not take at once, it is asked again to take. */
export class CallbackReceiver {
  constructor(
    private readonly fetch: EgressFetch,
    private readonly target: CallbackTarget,
    /** Breaks off a call that runs. */
    private readonly cutOff: AbortSignal,
  ) {}

  /**
   * Returns once the message is taken, or will not be: 404 and everything else that is no trouble of the receiver's is
   * its last word.
   *
   * @param hurry has it tried no further
   * @param isFirst a receiver may come to know its subscription a moment after it asked for it
   */
  async send(message: CallbackMessage, hurry = this.cutOff, { isFirst = false } = {}): Promise<CallbackOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      const { outcome, mayPass } = await this.call(message);
      const isOver = outcome.isTaken || !(mayPass.inTrouble || (isFirst && mayPass.isUnknown));
      if (isOver || attempt === maxAttempts || hurry.aborted) return outcome;
      const delayMs = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
      await sleep(delayMs, undefined, { signal: hurry }).catch(() => {});
    }
  }

  private async call(message: CallbackMessage) {
    const { callbackUrl, subscriptionId: id, verifier } = this.target;
    try {
      const { status } = await this.fetch(callbackUrl, {
        method: "POST",
        headers: { "content-type": "application/json", ...callbackProtocol },
        body: JSON.stringify({ kind: "subscription", id, verifier, ...message }),
        // What is redirected would go where nobody has allowed it.
        redirect: "manual",
        timeoutMs,
        maxBodyBytes: maxReplyBytes,
        signal: this.cutOff,
      });
      const isTaken = status >= 200 && status < 300;
      const outcome: CallbackOutcome = isTaken ? { isTaken } : { isTaken, why: `it answered ${status}` };
      return {
        outcome,
        mayPass: { inTrouble: status >= 500 || status === 408 || status === 429, isUnknown: status === 404 },
      };
    } catch (error) {
      const why = isIntegrationError(error) ? error.message : "it could not be reached";
      const inTrouble = !isIntegrationError(error, "EGRESS_REFUSED") && !this.cutOff.aborted;
      return { outcome: { isTaken: false, why } as const, mayPass: { inTrouble, isUnknown: false } };
    }
  }
}
