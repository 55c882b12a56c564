import type { ICloudSwitches } from "./switches.ts";

const minuteMs = 60_000;

/** iCloud publishes no rate; who goes on while refused is refused for longer. */
export class Throttle {
  private readonly calls = new Map<string, number[]>();
  private refused = 0;

  constructor(
    private readonly switches: Pick<ICloudSwitches, "requestsPerMinute" | "throttledWith">,
    private readonly now: () => Date,
  ) {}

  /** The status to refuse a request with; null for one that may go on. */
  meets(email: string): 403 | 429 | 503 | null {
    const { requestsPerMinute, throttledWith } = this.switches;
    if (requestsPerMinute === null) return null;
    const at = this.now().getTime();
    const latest = (this.calls.get(email) ?? []).filter((call) => call > at - minuteMs);
    // A refused request counts as well.
    this.calls.set(email, [...latest, at]);
    if (latest.length < requestsPerMinute) return null;
    this.refused += 1;
    return throttledWith[(this.refused - 1) % throttledWith.length] ?? 503;
  }
}
