import { performance } from "node:perf_hooks";

interface Waiting {
  readonly until: number;
  readonly go: () => void;
  readonly stop: (reason: unknown) => void;
}

/** Calls of this process that wait for the same thing. Tenants take turns; of one tenant, who has least time goes first. */
export class FairLine {
  /** By tenant, in the order of their turns; nobody waits in vain in an empty list. */
  private readonly waiting = new Map<string, Waiting[]>();

  get size(): number {
    return [...this.waiting.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * Waits to be admitted.
   *
   * @param until by `performance.now()`
   * @throws what `late` makes when nobody was admitted in time; the reason of the signal
   */
  wait(tenantId: string, until: number, signal: AbortSignal | null, late: () => Error): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.remove(tenantId, one);
      };
      const one: Waiting = {
        until,
        go: () => {
          leave();
          resolve();
        },
        stop: (reason) => {
          leave();
          reject(reason);
        },
      };
      const abort = () => one.stop(signal?.reason);
      const timer = setTimeout(() => one.stop(late()), until - performance.now());
      signal?.addEventListener("abort", abort, { once: true });
      this.add(tenantId, one);
    });
  }

  /** Lets the next one go on. @returns whether anybody was waiting */
  admit(): boolean {
    const [first] = this.waiting;
    if (!first) return false;
    const [tenantId, [next]] = first;
    next?.go();
    const left = this.waiting.get(tenantId);
    if (!left) return true;
    // Its next turn comes after everybody else's.
    this.waiting.delete(tenantId);
    this.waiting.set(tenantId, left);
    return true;
  }

  /** Sends everybody away. */
  stop(reason: unknown): void {
    for (const one of [...this.waiting.values()].flat()) one.stop(reason);
  }

  private add(tenantId: string, one: Waiting): void {
    const own = this.waiting.get(tenantId) ?? [];
    const place = own.findIndex(({ until }) => until > one.until);
    own.splice(place === -1 ? own.length : place, 0, one);
    this.waiting.set(tenantId, own);
  }

  private remove(tenantId: string, one: Waiting): void {
    const left = this.waiting.get(tenantId)?.filter((other) => other !== one) ?? [];
    if (left.length > 0) this.waiting.set(tenantId, left);
    else this.waiting.delete(tenantId);
  }
}
