import { Client } from "pg";
import type { VirtualClock } from "../../sandbox/clock.ts";
import type { TestApp } from "./app.ts";

/** One clock of the service, of its queue and of the stand-ins, which can be moved on. */
export class MovableTime {
  private aheadMs = 0;
  private database: Client | null = null;

  constructor(private readonly vendors: Pick<VirtualClock, "advance">) {}

  readonly now = (): Date => new Date(Date.now() + this.aheadMs);

  /** What this app has to do comes when its time has come by this clock. */
  async follow({ databaseUrl }: Pick<TestApp, "databaseUrl">): Promise<void> {
    this.database = new Client({ connectionString: databaseUrl });
    await this.database.connect();
  }

  async pass(ms: number): Promise<void> {
    this.aheadMs += ms;
    this.vendors.advance(ms);
    // Tasks are told when to start by our clock, and are looked for by the database's.
    const due = "UPDATE pgboss.job SET start_after = now() WHERE state = 'created' AND start_after <= $1";
    await this.database?.query(due, [this.now()]);
  }

  async stop(): Promise<void> {
    await this.database?.end();
  }
}
