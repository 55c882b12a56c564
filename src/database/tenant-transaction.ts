import type { EntityManager } from "typeorm";

/** One tenant's transaction. It sees and writes that tenant's rows and no others. */
export class TenantTransaction {
  private readonly closing: (() => Promise<void>)[] = [];
  private readonly following: (() => void)[] = [];

  constructor(
    readonly tenantId: string,
    readonly manager: EntityManager,
  ) {}

  query<Row = Record<string, unknown>>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.manager.query(sql, [...parameters]);
  }

  /** Runs as the transaction's last statements, in the order given. */
  beforeCommit(step: () => Promise<void>): void {
    this.closing.push(step);
  }

  /** Runs once everybody can see the changes; never after a rollback. */
  afterCommit(step: () => void): void {
    this.following.push(step);
  }

  /** For `Database` alone, right before the commit. */
  async finish(): Promise<void> {
    for (const step of this.closing) await step();
  }

  /** For `Database` alone, after the commit: what is stored is stored, so a step that fails stops nobody. */
  follow(): void {
    for (const step of this.following) {
      try {
        step();
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }
}
