import type { Faults } from "../faults.ts";
import { type PushAnswer, sendPush } from "../push.ts";

/** What became of a message on its way to an applicant tracking system. */
export type Outcome = "waiting" | "delivered" | "refused" | "given-up";

/** One message that is to be brought somewhere: plain data. */
export interface StoredDelivery {
  readonly id: string;
  /** Null until somebody has said where it goes. */
  address: string | null;
  /** What is signed and sent, byte by byte the same each time. */
  readonly body: string;
  /** The status of each answer; 599 where nobody answered, null where the message was lost on its way. */
  readonly attempts: { readonly at: Date; readonly status: number | null }[];
  outcome: Outcome;
}

/** What one board does in its own way. */
export interface CourierOptions {
  readonly faults: Faults;
  readonly now: () => Date;
  /** Made anew for each attempt. */
  headersFor(delivery: StoredDelivery, at: Date): Readonly<Record<string, string>>;
  /** What an answer means; told once for each. */
  heard(answer: PushAnswer, delivery: StoredDelivery): Exclude<Outcome, "given-up">;
  /** Seconds before the second attempt, before the third, and so on; none is made after the last. */
  retryAfterSeconds(): readonly number[];
}

/** Brings messages to the addresses that were given for them, again where it fails, and as badly as the faults want it. */
export class Courier {
  /** By delivery: no two go on with the same one. */
  private readonly underWay = new Map<string, Promise<void>>();
  private held: StoredDelivery | null = null;

  constructor(
    /** By id, where they are kept. */
    private readonly deliveries: () => Map<string, StoredDelivery>,
    private readonly options: CourierOptions,
  ) {}

  /** @returns the delivery after all attempts that are made at once */
  async send(delivery: Pick<StoredDelivery, "id" | "address" | "body">): Promise<StoredDelivery> {
    const stored: StoredDelivery = { ...delivery, attempts: [], outcome: "waiting" };
    this.deliveries().set(stored.id, stored);
    await this.goOn(stored);
    return stored;
  }

  /** Sends the same message once more, whatever became of it. */
  async replay(id: string): Promise<StoredDelivery> {
    const delivery = this.deliveries().get(id);
    if (!delivery) throw new Error(`There is no delivery ${id}`);
    await this.underWay.get(id);
    await this.post(delivery);
    return delivery;
  }

  /** Brings everything that still waits, without waiting for its time. */
  async retryNow(): Promise<void> {
    this.held = null;
    const waiting = [...this.deliveries().values()].filter(({ outcome }) => outcome === "waiting");
    await Promise.all(waiting.map((delivery) => this.goOn(delivery)));
  }

  /** Resolves when everything that was to be sent by now was sent. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay.values());
  }

  private goOn(delivery: StoredDelivery): Promise<void> {
    const { id } = delivery;
    const going = this.underWay.get(id) ?? this.bring(delivery).finally(() => this.underWay.delete(id));
    this.underWay.set(id, going);
    return going;
  }

  private async bring(delivery: StoredDelivery): Promise<void> {
    while (delivery.address !== null) {
      await this.attempt(delivery);
      if (delivery.outcome !== "waiting" || delivery === this.held) return;
      const seconds = this.options.retryAfterSeconds()[delivery.attempts.length - 1];
      if (seconds === undefined) {
        delivery.outcome = "given-up";
        return;
      }
      if (seconds > 0) return this.later(delivery, seconds);
    }
  }

  private later(delivery: StoredDelivery, seconds: number): void {
    const attempted = delivery.attempts.length;
    const again = () => {
      const isStillMine = delivery.outcome === "waiting" && delivery.attempts.length === attempted;
      if (isStillMine) void this.goOn(delivery);
    };
    setTimeout(again, seconds * 1000).unref();
  }

  private async attempt(delivery: StoredDelivery): Promise<void> {
    const { faults, now } = this.options;
    if (faults.meets("lost")) {
      delivery.attempts.push({ at: now(), status: null });
      delivery.outcome = "delivered";
      return;
    }
    if (faults.meets("reordered") && this.held === null) {
      this.held = delivery;
      return;
    }
    const late = this.held;
    this.held = null;
    await this.post(delivery);
    if (faults.meets("duplicated")) await this.post(delivery);
    if (!late) return;
    await this.post(late);
    if (late.outcome === "waiting") await this.goOn(late);
  }

  private async post(delivery: StoredDelivery): Promise<void> {
    const { address, body } = delivery;
    if (address === null) return;
    const at = this.options.now();
    const headers = { "content-type": "application/json; charset=utf-8", ...this.options.headersFor(delivery, at) };
    const answer = await sendPush({ address, headers, body, redirect: "manual" });
    delivery.attempts.push({ at, status: answer.status });
    delivery.outcome = this.options.heard(answer, delivery);
  }
}
