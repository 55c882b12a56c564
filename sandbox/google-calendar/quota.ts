import { type ApiError, usageLimit } from "./errors.ts";

export interface QuotaSwitches {
  /** Of one account; spent ones are refused in turn with each of Google's ways to say so. */
  requestsPerMinute: number;
  /** Of all accounts together. */
  requestsPerMinuteOfAll: number;
}

const minuteMs = 60_000;
const refusals: readonly (() => ApiError)[] = [
  () => usageLimit(403, "userRateLimitExceeded", "User Rate Limit Exceeded"),
  () => usageLimit(403, "rateLimitExceeded", "Rate Limit Exceeded"),
  () => usageLimit(429, "rateLimitExceeded", "Rate Limit Exceeded"),
];

/** How much one client may ask, over a minute that slides. https://developers.google.com/workspace/calendar/api/guides/quota */
export class Quota {
  private readonly calls = new Map<string, number[]>();
  private refused = 0;

  constructor(
    private readonly switches: QuotaSwitches,
    private readonly now: () => Date,
  ) {}

  /** @throws {ApiError} rateLimitExceeded, userRateLimitExceeded */
  count(email: string): void {
    const { requestsPerMinute, requestsPerMinuteOfAll } = this.switches;
    const isOver = [this.latest(email).length >= requestsPerMinute, this.latest("").length >= requestsPerMinuteOfAll];
    if (!isOver.includes(true)) {
      for (const who of [email, ""]) this.latest(who).push(this.now().getTime());
      return;
    }
    const refusal = refusals[this.refused % refusals.length];
    this.refused += 1;
    if (refusal) throw refusal();
  }

  /** The calls of the last minute; of everybody for no address. */
  private latest(who: string): number[] {
    const since = this.now().getTime() - minuteMs;
    const calls = (this.calls.get(who) ?? []).filter((at) => at > since);
    this.calls.set(who, calls);
    return calls;
  }
}
