import { setTimeout as sleep } from "node:timers/promises";

/** One message that a vendor sends. */
export interface VendorMessage {
  readonly name: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One time that it was sent. Times are those of `performance.now()`. */
export interface Attempt {
  readonly name: string;
  readonly begunAt: number;
  readonly endedAt: number;
  /** Null when nobody answered as long as vendors wait. */
  readonly status: number | null;
}

/** Microsoft and LinkedIn wait no longer. */
export const patienceMs = 3_000;
/** Vendors repeat for hours, at growing distances; these come sooner. */
const firstAgainMs = 500;
const longestAgainMs = 4_000;
const giveUpMs = 60_000;

/** Sends messages as vendors do: at its own pace, whatever becomes of those before, and again until they are taken. */
export class Sender {
  readonly attempts: Attempt[] = [];
  readonly taken = new Set<string>();

  /** A message every so often. @returns when all of them were taken, or given up */
  async steadily(count: number, perSecond: number, next: (number: number) => VendorMessage): Promise<void> {
    const begunAt = performance.now();
    const under: Promise<void>[] = [];
    for (let number = 0; number < count; number += 1) {
      const wait = begunAt + (number * 1000) / perSecond - performance.now();
      if (wait > 0) await sleep(wait);
      under.push(this.bring(next(number)));
    }
    await Promise.all(under);
  }

  async atOnce(messages: readonly VendorMessage[]): Promise<void> {
    await Promise.all(messages.map((message) => this.bring(message)));
  }

  private async bring(message: VendorMessage): Promise<void> {
    const giveUpAt = performance.now() + giveUpMs;
    for (let again = firstAgainMs; performance.now() < giveUpAt; again = Math.min(2 * again, longestAgainMs)) {
      const { status } = await this.send(message);
      if (status !== null && status < 300) {
        this.taken.add(message.name);
        return;
      }
      // Whatever else is answered is not sent again.
      if (status !== null && status < 500) return;
      await sleep(again);
    }
  }

  private async send({ name, address, headers, body }: VendorMessage): Promise<Attempt> {
    const begunAt = performance.now();
    const status = await fetch(address, {
      method: "POST",
      headers,
      ...(body !== "" && { body }),
      signal: AbortSignal.timeout(patienceMs),
    }).then(
      async (reply) => {
        await reply.arrayBuffer();
        return reply.status;
      },
      () => null,
    );
    const attempt = { name, begunAt, endedAt: performance.now(), status };
    this.attempts.push(attempt);
    return attempt;
  }
}
