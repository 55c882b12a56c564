import type { LoggedEvent } from "./event-log.ts";

type Page = (tenantId: string, after: bigint, limit: number) => Promise<readonly LoggedEvent[]>;

const pageSize = 500;
/** Of a tenant's newest events, kept so that many readers at the end cost one query. */
const keptEvents = 1000;

/**
 * The end of one tenant's log, read once for all who follow it here. A reader who has fallen further behind than what
 * is kept is fed from the log itself, at their own pace; nothing is ever dropped for them.
 */
export class LogTail {
  private kept: LoggedEvent[] = [];
  /** Everything after this position, up to `readUntil`, is in `kept`. */
  private keptAfter: bigint;
  private readUntil: bigint;
  private reading: Promise<void> | null = null;
  private readingNext: Promise<void> | null = null;

  constructor(
    private readonly tenantId: string,
    private readonly page: Page,
    start: bigint,
  ) {
    this.keptAfter = start;
    this.readUntil = start;
  }

  /** The next events after a position, at most a page; empty when there is none yet. */
  async after(position: bigint): Promise<readonly LoggedEvent[]> {
    if (position < this.keptAfter) return this.page(this.tenantId, position, pageSize);
    while (position >= this.readUntil) {
      const before = this.readUntil;
      await this.readOn();
      if (this.readUntil === before) break;
    }
    const from = Number(position - this.keptAfter);
    return from < 0 ? this.page(this.tenantId, position, pageSize) : this.kept.slice(from, from + pageSize);
  }

  /**
   * One query at a time, shared by everybody who waits for it. Who comes while one is under way waits for the one
   * after it: the first may have begun before the commit they were woken for.
   */
  private readOn(): Promise<void> {
    if (!this.reading) {
      this.reading = this.read().finally(() => {
        this.reading = null;
      });
      return this.reading;
    }
    this.readingNext ??= this.reading
      .catch(() => {})
      .then(() => {
        this.readingNext = null;
        return this.readOn();
      });
    return this.readingNext;
  }

  /** Sharing may have changed: what is kept is shown by the rule of today, like what is read from the log. */
  private takeOver(page: readonly LoggedEvent[]): void {
    for (const { type, integrationId, ownership, ownerId, visibility } of page) {
      if (type !== "integration.updated") continue;
      this.kept = this.kept.map((event) =>
        event.integrationId === integrationId ? { ...event, ownership, ownerId, visibility } : event,
      );
    }
  }

  private async read(): Promise<void> {
    const page = await this.page(this.tenantId, this.readUntil, pageSize);
    const last = page.at(-1);
    if (!last) return;
    // Retention may have removed what was never read here; what is kept has no hole.
    if (page[0]?.position !== (this.readUntil + 1n).toString()) this.kept = [];
    this.kept.push(...page);
    this.takeOver(page);
    this.readUntil = BigInt(last.position);
    const surplus = this.kept.length - keptEvents;
    if (surplus > 0) this.kept.splice(0, surplus);
    const first = this.kept[0];
    if (first) this.keptAfter = BigInt(first.position) - 1n;
  }
}
