import { tooMany } from "./errors.ts";
import type { ZohoSwitches } from "./switches.ts";

const minuteMs = 60_000;

/** How much one account may ask at a time and in a minute. None of it is published. */
export class Throttle {
  private readonly open = new Map<string, number>();
  private readonly calls = new Map<string, number[]>();
  private refused = 0;

  constructor(
    private readonly switches: ZohoSwitches,
    private readonly now: () => Date,
  ) {}

  /** @throws {ZohoError} 429, or 400 with the same words */
  async during<T>(email: string, work: () => Promise<T>): Promise<T> {
    const { requestsPerMinute, parallelRequests } = this.switches;
    const at = this.now().getTime();
    const recent = (this.calls.get(email) ?? []).filter((before) => at - before < minuteMs);
    const open = this.open.get(email) ?? 0;
    if (open >= parallelRequests || recent.length >= (requestsPerMinute ?? Number.POSITIVE_INFINITY)) {
      this.refused += 1;
      throw tooMany(this.switches.tooManyStatus ?? (this.refused % 2 === 1 ? 429 : 400));
    }
    this.calls.set(email, [...recent, at]);
    this.open.set(email, open + 1);
    try {
      return await work();
    } finally {
      this.open.set(email, (this.open.get(email) ?? 1) - 1);
    }
  }
}
