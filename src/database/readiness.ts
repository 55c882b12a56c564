import type { DataSource } from "typeorm";

export interface DatabaseReadiness {
  readonly reachable: boolean;
  readonly migrated: boolean;
  /** False when the working role could see rows of another tenant. */
  readonly rowsGuarded: boolean;
}

/** Whether this process may be given work, as far as the database is concerned. */
export async function databaseReadiness(dataSource: DataSource): Promise<DatabaseReadiness> {
  const notReady = { reachable: false, migrated: false, rowsGuarded: false };
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query("SELECT 1");
    const pending = await countPending(runner, dataSource.migrations.length).catch(() => dataSource.migrations.length);
    if (pending > 0) return { ...notReady, reachable: true };
    return { reachable: true, migrated: true, rowsGuarded: await rowsGuarded(runner) };
  } catch {
    return notReady;
  } finally {
    await runner.release().catch(() => {});
  }
}

interface Runner {
  query(sql: string): Promise<{ [column: string]: unknown }[]>;
}

async function countPending(runner: Runner, known: number): Promise<number> {
  const [row] = await runner.query("SELECT count(*)::int AS done FROM migration");
  return known - Number(row?.["done"] ?? 0);
}

async function rowsGuarded(runner: Runner): Promise<boolean> {
  const [row] = await runner.query(`
    SELECT bool_and(c.relrowsecurity AND c.relforcerowsecurity AND c.relowner <> r.oid) AND NOT bool_or(r.rolsuper OR r.rolbypassrls) AS guarded
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    CROSS JOIN pg_roles r
    WHERE c.relkind IN ('r', 'p') AND c.relname <> 'migration' AND r.rolname IN ('integrations_tenant', 'integrations_system')
  `);
  return row?.["guarded"] === true;
}
