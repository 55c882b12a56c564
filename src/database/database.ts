import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import type { DataSource, EntityManager, QueryRunner } from "typeorm";
import { TenantTransaction } from "./tenant-transaction.ts";

/** The one way to the rows. Only services come this way, once per use case. */
export class Database {
  private readonly inside = new AsyncLocalStorage<true>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Works in the name of one tenant: all of it is stored, or none.
   *
   * Row-level security leaves this tenant's rows and no others in sight, whatever a query forgets to ask for.
   * `work` must not call the network, and not open another transaction.
   */
  async inTenant<T>(tenantId: string, work: (tx: TenantTransaction) => Promise<T>): Promise<T> {
    const opening = `BEGIN; SET LOCAL ROLE integrations_tenant; SELECT set_config('app.tenant_id', ${pg.escapeLiteral(tenantId)}, true)`;
    const { result, tx } = await this.transaction(opening, async (runner) => {
      const tx = new TenantTransaction(tenantId, runner.manager);
      const result = await work(tx);
      await tx.finish();
      return { result, tx };
    });
    tx.follow();
    return result;
  }

  /** Reads what is known across tenants: `route`, `tenant` and `event_head`, and nothing else. */
  asSystem<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.transaction("BEGIN; SET LOCAL ROLE integrations_system", (runner) => work(runner.manager));
  }

  /**
   * The same for one query, in one round trip: everybody who knocks with a token waits for it.
   *
   * @param query makes its SQL; values become part of it by `literal`
   */
  async lookAsSystem<Row>(query: (literal: (value: string) => string) => string): Promise<Row[]> {
    this.refuseInside();
    const runner = this.dataSource.createQueryRunner();
    try {
      const client: pg.PoolClient = await runner.connect();
      // Statements of one message are one transaction, and the role ends with it. Each has its own result.
      const results: unknown = await client.query(`SET LOCAL ROLE integrations_system; ${query(pg.escapeLiteral)}`);
      const [, { rows }] = results as [pg.QueryResult, pg.QueryResult<Row & pg.QueryResultRow>];
      return rows;
    } finally {
      await runner.release();
    }
  }

  /** One statement on what limits calls (the schema `limits`, of no tenant), in one round trip and a transaction of its own. */
  onLimits<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.dataSource.query(sql, [...parameters]);
  }

  /** Whether the caller is inside a transaction, where nobody may call the network. */
  get isInTransaction(): boolean {
    return this.inside.getStore() === true;
  }

  private refuseInside(): void {
    if (this.isInTransaction) throw new Error("A transaction was opened inside another one");
  }

  private async transaction<T>(opening: string, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    this.refuseInside();
    return this.inside.run(true, async () => {
      const runner = this.dataSource.createQueryRunner();
      try {
        await open(runner, opening);
        const result = await work(runner);
        await runner.commitTransaction();
        return result;
      } catch (error) {
        // When the connection itself is gone there is nothing left to roll back; the first error is the one to tell.
        await runner.query("ROLLBACK").catch(() => {});
        throw error;
      } finally {
        await runner.release();
      }
    });
  }
}

/**
 * Begins, takes the role and names the tenant in one round trip. TypeORM's own `startTransaction` would be a second
 * one, so it is told afterwards that a transaction is open; `commitTransaction` and `save` then behave as usual.
 */
async function open(runner: QueryRunner, sql: string): Promise<void> {
  await runner.query(sql);
  Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
}
