import { throttled } from "./errors.ts";
import type { OutlookSwitches } from "./switches.ts";

const windowMs = 10 * 60_000;
const concurrencyRetrySeconds = 1;

/** Limits of one app in one mailbox. https://learn.microsoft.com/en-us/graph/throttling-limits#outlook-service-limits */
export class Throttle {
  private readonly open = new Map<string, number>();
  private readonly calls = new Map<string, number[]>();

  constructor(
    private readonly switches: OutlookSwitches,
    private readonly now: () => Date,
  ) {}

  /** @throws {GraphError} 429 ApplicationThrottled */
  async during<T>(email: string, work: () => Promise<T>): Promise<T> {
    this.count(email);
    const open = this.open.get(email) ?? 0;
    if (open >= this.switches.concurrentRequests) {
      throw throttled(concurrencyRetrySeconds, "Application is over its MailboxConcurrency limit.");
    }
    this.open.set(email, open + 1);
    try {
      return await work();
    } finally {
      this.open.set(email, (this.open.get(email) ?? 1) - 1);
    }
  }

  /** @throws {GraphError} 429 ApplicationThrottled, until the oldest call is ten minutes ago */
  count(email: string): void {
    const now = this.now().getTime();
    const recent = (this.calls.get(email) ?? []).filter((at) => now - at < windowMs);
    const oldest = recent.at(-this.switches.requestsPerTenMinutes);
    this.calls.set(email, [...recent, now]);
    if (oldest === undefined) return;
    throw throttled(Math.ceil((oldest + windowMs - now) / 1000), "Application is over its request limit.");
  }
}
