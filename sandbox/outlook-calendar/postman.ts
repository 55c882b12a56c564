import { setTimeout as delay } from "node:timers/promises";
import type { Faults } from "../faults.ts";
import { sendPush } from "../push.ts";

interface Letter {
  readonly address: string;
  readonly value: readonly unknown[];
}

const attempts = 3;

/** Brings messages to whoever asked for them, again where nobody says 2xx, and as badly as the faults want it. */
export class Postman {
  private readonly waiting: Letter[] = [];
  private sending: Promise<unknown> = Promise.resolve();

  constructor(private readonly faults: Faults) {}

  send(letter: Letter): Promise<number> {
    const sent = this.deliver(letter);
    this.sending = Promise.allSettled([this.sending, sent]);
    return sent;
  }

  /** Resolves when everything that was to be sent by now was sent. */
  async settled(): Promise<void> {
    await this.sending;
  }

  private async deliver(letter: Letter): Promise<number> {
    let status = 599;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      status = await this.bring(letter);
      if (status >= 200 && status < 300) break;
      await delay(200 * attempt);
    }
    return status;
  }

  private async bring(letter: Letter): Promise<number> {
    if (this.faults.meets("lost")) return 202;
    if (this.faults.meets("reordered") && this.waiting.length === 0) {
      this.waiting.push(letter);
      return 202;
    }
    const status = await post(letter);
    if (this.faults.meets("duplicated")) await post(letter);
    for (const late of this.waiting.splice(0)) await post(late);
    return status;
  }
}

async function post({ address, value }: Letter): Promise<number> {
  const headers = { "content-type": "application/json; charset=utf-8" };
  const { status } = await sendPush({ address, headers, body: JSON.stringify({ value }) });
  return status;
}
