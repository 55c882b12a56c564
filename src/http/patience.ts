/** What is begun goes on; nobody waits for it any longer. */
export class TooLate extends Error {
  override readonly name = "TooLate";
}

export interface PatienceLimits {
  /** So long somebody waits. */
  readonly waitMs: number;
  /** So much may lie about that nobody waits for any more: beyond it, nothing new is begun. */
  readonly lateBytes: number;
}

/** Even of an empty message something lies about. */
const overheadBytes = 16 * 1024;

/** Waits for work as long as somebody else waits for us. A process in which everything is stuck takes on nothing new. */
export class Patience {
  private late = 0;

  constructor(
    private readonly limits: PatienceLimits,
    /** Told how work ended that nobody waited for. */
    private readonly failedLate: (error: unknown) => void,
  ) {}

  /**
   * @param bytes what the work holds in memory
   * @throws {TooLate} and what the work fails with
   */
  async waitFor<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const { waitMs, lateBytes } = this.limits;
    if (this.late > lateBytes) throw new TooLate("Too much is late already");
    const coming = work();
    let timer: NodeJS.Timeout | undefined;
    const lateness = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.leave(coming, bytes + overheadBytes);
        reject(new TooLate(`It was not done within ${waitMs} ms`));
      }, waitMs);
    });
    return Promise.race([coming, lateness]).finally(() => clearTimeout(timer));
  }

  private leave(coming: Promise<unknown>, bytes: number): void {
    this.late += bytes;
    void coming.catch(this.failedLate).finally(() => {
      this.late -= bytes;
    });
  }
}
