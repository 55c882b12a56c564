import pg from "pg";
import type { Logger } from "pino";

const channel = "integrations_wake";
const reconnectDelayMs = 1000;

/**
 * Tells every process that there is something to look at: `log:<tenant>` or `task:<name>`.
 *
 * A hint, never the data: topics may arrive twice, late, or not at all. Whoever listens also looks by itself now and
 * then. Sent after the commit on a connection of its own, so that no transaction waits for another tenant's.
 */
export class WakeBus {
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly pending = new Set<string>();
  private client: pg.Client | null = null;
  private sending: Promise<void> = Promise.resolve();
  private isSendDue = false;
  private connecting: Promise<void> = Promise.resolve();
  private retry: NodeJS.Timeout | undefined;
  private stopped = true;

  constructor(
    private readonly databaseUrl: string,
    private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    this.stopped = false;
    await this.connect();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.connecting;
    await this.sending;
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => {});
  }

  /** Calls `listener` for this topic until the function returned is called. */
  subscribe(topic: string, listener: () => void): () => void {
    const listeners = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(topic) === listeners) this.listeners.delete(topic);
    };
  }

  /** Wakes this process at once, and the others as soon as the hint has travelled. */
  publish(topic: string): void {
    this.deliver(topic);
    if (this.stopped) return;
    this.pending.add(topic);
    this.send();
  }

  /** What is published at one moment shares one statement. What cannot be sent waits for the next connection. */
  private send(): void {
    if (this.isSendDue) return;
    this.isSendDue = true;
    this.sending = this.sending.then(async () => {
      this.isSendDue = false;
      const topics = [...this.pending];
      if (!this.client || topics.length === 0) return;
      this.pending.clear();
      try {
        await this.client.query("SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic", [channel, topics]);
      } catch (error) {
        this.log.warn({ err: error }, "a wake-up could not be sent");
        for (const topic of topics) this.pending.add(topic);
      }
    });
  }

  private deliver(topic: string): void {
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      application_name: "integrations-wake",
    });
    client.on("notification", ({ payload }) => payload && this.deliver(payload));
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    client.once("end", () => this.reconnect());
    this.client = client;
    this.send();
    // What was sent while nobody listened is lost, so everybody looks once.
    for (const topic of [...this.listeners.keys()]) this.deliver(topic);
  }

  private reconnect(): void {
    this.client = null;
    if (this.stopped) return;
    this.retry = setTimeout(() => {
      this.connecting = this.connect().catch((error: unknown) => {
        this.log.warn({ err: error }, "the wake bus has no database; trying again");
        this.reconnect();
      });
    }, reconnectDelayMs).unref();
  }
}
