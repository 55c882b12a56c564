import { setTimeout as delay } from "node:timers/promises";
import { throttled } from "./errors.ts";
import type { LinkedInSwitches } from "./switches.ts";

/** How much one application may ask: so often per UTC day, and one batch after the other. */
export class Throttle {
  private readonly openBatches = new Map<string, number>();
  private readonly calls = new Map<string, number>();
  private day = "";

  constructor(
    private readonly switches: LinkedInSwitches,
    private readonly now: () => Date,
  ) {}

  /** @throws {LinkedInError} 429, until the next midnight in UTC */
  count(clientId: string, resource: keyof LinkedInSwitches["callsPerDay"]): void {
    const today = this.now().toISOString().slice(0, 10);
    if (today !== this.day) this.calls.clear();
    this.day = today;
    const key = `${clientId} ${resource}`;
    const calls = (this.calls.get(key) ?? 0) + 1;
    this.calls.set(key, calls);
    if (calls > this.switches.callsPerDay[resource])
      throw throttled("APPLICATION DAY", this.switches.retryAfterSeconds);
  }

  /** @throws {LinkedInError} 429 while another batch is open */
  async duringBatch<T>(clientId: string, work: () => T): Promise<T> {
    const open = this.openBatches.get(clientId) ?? 0;
    if (open >= this.switches.parallelBatches) throw throttled("APPLICATION", this.switches.retryAfterSeconds);
    this.openBatches.set(clientId, open + 1);
    try {
      await delay(this.switches.latencyMs);
      return work();
    } finally {
      this.openBatches.set(clientId, (this.openBatches.get(clientId) ?? 1) - 1);
    }
  }
}
