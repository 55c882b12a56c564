import { setTimeout as delay } from "node:timers/promises";
import type { Faults } from "../faults.ts";
import { isObject } from "./requests.ts";
import { escapeUnicode, signatureOf } from "./signature.ts";
import type { DeliveryAttempt } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";

interface Message {
  readonly url: string;
  /** The client secret of whom it is for. */
  readonly secret: string;
  readonly payload: object;
}

const patienceMs = 10_000;

/** Brings signed messages to webhooks, again where they do not say 200, and as badly as the faults want it. */
export class Courier {
  private readonly waiting: Message[] = [];
  private readonly sending = new Set<Promise<unknown>>();

  constructor(
    private readonly faults: Faults,
    private readonly switches: LinkedInSwitches,
  ) {}

  /**
   * Sends a message until it is taken, or was sent again as often as it is.
   *
   * @param onAttempt told after each attempt, whether it was the last one
   * @returns what became of the first attempt; the others go on
   */
  send(message: Message, onAttempt: (attempt: DeliveryAttempt, isLast: boolean) => void): Promise<DeliveryAttempt> {
    return new Promise((resolve) => {
      void this.during(async () => {
        for (let resends = 0; resends <= this.switches.resends; resends += 1) {
          if (resends > 0) await delay(this.switches.resendDelayMs);
          const attempt = await this.bring(message);
          const isLast = attempt.status === 200 || resends === this.switches.resends;
          onAttempt(attempt, isLast);
          resolve(attempt);
          if (isLast) return;
        }
      });
    });
  }

  /** Whatever else is done in the background. */
  during<T>(work: () => Promise<T>): Promise<T> {
    const done = work();
    this.sending.add(done);
    void done.finally(() => this.sending.delete(done)).catch(() => {});
    return done;
  }

  /** Resolves when everything that was begun by now, and what came of it, is over. */
  async settled(): Promise<void> {
    while (this.sending.size > 0) await Promise.allSettled(this.sending);
  }

  private async bring(message: Message): Promise<DeliveryAttempt> {
    if (this.faults.meets("lost")) return taken;
    if (this.faults.meets("reordered") && this.waiting.length === 0) {
      this.waiting.push(message);
      return taken;
    }
    const attempt = await this.post(message);
    if (this.faults.meets("duplicated")) await this.post(message);
    for (const late of this.waiting.splice(0)) await this.post(late);
    return attempt;
  }

  private async post({ url, secret, payload }: Message): Promise<DeliveryAttempt> {
    const { signaturePrefix, sentAs, escapeDigits } = this.switches;
    const json = JSON.stringify(payload);
    const escaped = escapeUnicode(json, escapeDigits);
    const signature = signatureOf(escaped, secret);
    const reply = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        "x-li-signature": signaturePrefix ? `hmacsha256=${signature}` : signature,
      },
      body: sentAs === "escaped" ? escaped : json,
      signal: AbortSignal.timeout(patienceMs),
    }).catch(() => null);
    const text = (await reply?.text().catch(() => "")) ?? "";
    return { status: reply?.status ?? 599, ...explanationIn(text) };
  }
}

const taken: DeliveryAttempt = { status: 200, errorCode: null, additionalErrorDetails: null };

/** What a receiver gives as the reason not to take a message. */
function explanationIn(text: string): Pick<DeliveryAttempt, "errorCode" | "additionalErrorDetails"> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = null;
  }
  const said = (name: string) => (isObject(body) && typeof body[name] === "string" ? body[name] : null);
  return { errorCode: said("errorCode"), additionalErrorDetails: said("additionalErrorDetails") };
}
