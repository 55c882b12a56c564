/** A login that failed. */
export interface BadLogin {
  readonly username: string;
  readonly at: Date;
}

const countedMs = 30 * 60_000;
const keptMs = 12 * 60 * 60_000;
const most = 10;
const maxDelayMs = 25_000;

/** Nextcloud's brute force protection. It counts by address, and everybody comes from the same one here. */
export class BruteForce {
  constructor(
    private readonly bad: BadLogin[],
    private readonly now: () => Date,
  ) {}

  /** Whether every login is refused, with right passwords too. */
  get isShut(): boolean {
    return this.latest(countedMs) > most;
  }

  /** What an answer waits for, in capabilities too. */
  get delayMs(): number {
    const failed = this.latest(keptMs);
    return failed === 0 ? 0 : Math.min(maxDelayMs, 100 * 2 ** failed);
  }

  failed(username: string): void {
    this.bad.push({ username, at: this.now() });
  }

  /** Forgives those of this user alone. */
  succeeded(username: string): void {
    const others = this.bad.filter((login) => login.username !== username);
    this.bad.splice(0, this.bad.length, ...others);
  }

  /** As an administrator does: `occ security:bruteforce:reset`. */
  reset(): void {
    this.bad.splice(0);
  }

  private latest(withinMs: number): number {
    const since = this.now().getTime() - withinMs;
    return this.bad.filter(({ at }) => at.getTime() > since).length;
  }
}
