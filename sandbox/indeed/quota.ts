import { TooManyRequests } from "./errors.ts";
import type { IndeedSwitches } from "./switches.ts";

/** Calls that send jobs, counted by how many jobs they have: few with many count as much as many with one. */
export class Quota {
  /** By kind of call and length of window: which window it is, and how many calls it has had. */
  private readonly windows = new Map<string, { index: number; calls: number }>();

  constructor(
    private readonly switches: Pick<IndeedSwitches, "quotas">,
    private readonly now: () => Date,
  ) {}

  /** @throws {TooManyRequests} */
  count(client: string, jobs: number): void {
    const row = this.switches.quotas.findIndex(({ maxJobs }) => maxJobs === null || jobs <= maxJobs);
    const limits = this.switches.quotas[row]?.limits ?? [];
    const ms = this.now().getTime();
    const windows = limits.map(({ seconds, requests }) => {
      const key = `${client} ${row} ${seconds}`;
      const index = Math.floor(ms / (seconds * 1000));
      const before = this.windows.get(key);
      return { key, seconds, requests, index, calls: before?.index === index ? before.calls : 0 };
    });
    // The longest window that is full says when there is room again.
    const full = windows.findLast(({ calls, requests }) => calls >= requests);
    if (full) throw new TooManyRequests(Math.ceil(((full.index + 1) * full.seconds * 1000 - ms) / 1000));
    for (const { key, index, calls } of windows) this.windows.set(key, { index, calls: calls + 1 });
  }
}
