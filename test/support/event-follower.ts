import type { TestCaller } from "./app.ts";
import { inTime } from "./eventually.ts";

export interface FollowedEvent {
  readonly id: string;
  readonly cursor: string;
  readonly type: string;
  readonly subjectId: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at it as JSON.
  readonly data: any;
}

const subscription = `subscription ($after: String, $filter: IntegrationEventFilter) {
  integrationEvents(after: $after, filter: $filter) { id cursor type subjectId data }
}`;

/** Follows the log over a socket, and keeps what came. */
export class EventFollower {
  readonly events: FollowedEvent[] = [];
  /** Why it ended; null while it follows. */
  ending: unknown = null;
  private readonly stream;
  private readonly waiting = new Set<() => void>();

  constructor(caller: TestCaller, { after = null, types }: { after?: string | null; types?: readonly string[] } = {}) {
    this.stream = caller.subscribe(subscription, { after, filter: types ? { types } : null });
    void this.follow();
  }

  get types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }

  /** Waits until what came is what is waited for. */
  async until(
    what: string,
    isThere: (events: readonly FollowedEvent[]) => boolean,
    withinMs?: number,
  ): Promise<readonly FollowedEvent[]> {
    const came = new Promise<void>((resolve, reject) => {
      const look = () => {
        if (isThere(this.events)) resolve();
        else if (this.ending) reject(this.ending);
        else return;
        this.waiting.delete(look);
      };
      this.waiting.add(look);
      look();
    });
    await inTime(`${what}; came: ${this.types.join(", ")}`, came, withinMs);
    return this.events;
  }

  /** Waits for an event of this type, and answers it. */
  async untilType(type: string): Promise<FollowedEvent> {
    const events = await this.until(type, () => this.events.some((event) => event.type === type));
    return events.find((event) => event.type === type) as FollowedEvent;
  }

  async stop(): Promise<void> {
    await this.stream.return?.();
  }

  private async follow(): Promise<void> {
    try {
      for await (const { data, errors } of this.stream) {
        if (errors) throw new Error(JSON.stringify(errors));
        this.events.push(data.integrationEvents);
        this.look();
      }
      this.ending = new Error("The stream is over");
    } catch (error) {
      this.ending = error;
    }
    this.look();
  }

  private look(): void {
    for (const look of this.waiting) look();
  }
}
