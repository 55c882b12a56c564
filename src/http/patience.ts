/** It was not done in time. What was begun goes on, and nobody waits for it any longer. */
export class TooLate extends Error {
  override readonly name = "TooLate";
}

export interface PatienceLimits {
  /** So long somebody waits. */
  readonly waitMs: number;
  /** Of it, so long in line: what begins has the rest of the time to be done. */
  readonly lineMs: number;
  /** So much is under way at a time; the rest stands in line. */
  readonly atOnce: number;
}

/**
 * Does work as long as somebody waits for it. What nobody waits for any more before it has begun is never begun, so that after a
 * stall what is new does not stand behind what is late.
 */
export class Patience {
  private running = 0;
  /** In the order in which they came. Each is called when it is its turn. */
  private readonly line = new Set<() => void>();

  constructor(
    private readonly limits: PatienceLimits,
    /** Told what work failed with that nobody waited for. */
    private readonly failedLate: (error: unknown) => void,
  ) {}

  /** @throws {TooLate} and what the work fails with */
  waitFor<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cameAt = performance.now();
      const begin = () => {
        clearTimeout(timer);
        const begun = work().finally(() => this.next());
        timer = setTimeout(
          () => {
            begun.catch(this.failedLate);
            reject(new TooLate(`It was not done within ${waitMs} ms`));
          },
          waitMs - (performance.now() - cameAt),
        );
        begun.finally(() => clearTimeout(timer)).then(resolve, reject);
      };
      const { waitMs, lineMs } = this.limits;
      const stillInLine = () => {
        if (this.line.delete(begin)) reject(new TooLate(`It was not begun within ${lineMs} ms`));
      };
      let timer = setTimeout(stillInLine, lineMs);
      this.line.add(begin);
      this.fill();
    });
  }

  private next(): void {
    this.running -= 1;
    this.fill();
  }

  private fill(): void {
    for (const begin of this.line) {
      if (this.running >= this.limits.atOnce) return;
      this.line.delete(begin);
      this.running += 1;
      begin();
    }
  }
}
