/** The time that all twins live in. It goes on like everybody's, and can be moved ahead. */
export class VirtualClock {
  private aheadMs = 0;

  constructor(private readonly real: () => Date = () => new Date()) {}

  readonly now = (): Date => new Date(this.real().getTime() + this.aheadMs);

  advance(ms: number): void {
    this.aheadMs += ms;
  }

  set(at: Date): void {
    this.aheadMs = at.getTime() - this.real().getTime();
  }
}
