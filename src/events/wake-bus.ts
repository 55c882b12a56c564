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
    // Commits of one moment share one statement.
    if (this.pending.size === 0) this.sending = this.sending.then(() => this.send());
    this.pending.add(topic);
  }

  private async send(): Promise<void> {
    const topics = [...this.pending];
    this.pending.clear();
    await this.client
      ?.query("SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic", [channel, topics])
      .catch((error: unknown) => this.log.warn({ err: error }, "a wake-up could not be sent"));
  }

  private deliver(topic: string): void {
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.databaseUrl, keepAlive: true, application_name: "integrations-wake" });
    client.on("notification", ({ payload }) => payload && this.deliver(payload));
    client.on("error", () => {});
    client.on("end", () => this.reconnect(client));
    await client.connect();
    await client.query(`LISTEN ${channel}`);
    this.client = client;
    // What was sent while nobody listened is lost, so everybody looks once.
    for (const topic of this.listeners.keys()) this.deliver(topic);
  }

  private reconnect(lost: pg.Client): void {
    if (this.stopped || (this.client !== null && this.client !== lost)) return;
    this.client = null;
    setTimeout(() => {
      if (this.stopped) return;
      this.connect().catch((error: unknown) => {
        this.log.warn({ err: error }, "the wake bus has no database; trying again");
        this.reconnect(lost);
      });
    }, reconnectDelayMs).unref();
  }
}
