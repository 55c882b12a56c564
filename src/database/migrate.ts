import { setTimeout as sleep } from "node:timers/promises";
import type { QueryRunner } from "typeorm";
import { createDataSource } from "./data-source.ts";

/** An arbitrary number that every process of this service agrees on. */
const migrationLock = 7_224_519_003;
const lockIntervalMs = 100;

/**
 * Brings the tables up to date and lets the working login act as the two working roles.
 *
 * Processes that start together wait for each other: TypeORM takes no lock of its own.
 *
 * @param adminUrl a login that may create tables and roles
 * @param workingUrl the login the service works with; the same one when left out
 * @param installQueue brings the queue's own tables up to date; called under the same lock
 */
export async function migrate(
  adminUrl: string,
  workingUrl: string = adminUrl,
  installQueue: (adminUrl: string) => Promise<void> = async () => {},
): Promise<void> {
  const dataSource = createDataSource(adminUrl, { poolSize: 2 });
  await dataSource.initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await takeLock(lock);
    await dataSource.runMigrations({ transaction: "each" });
    await installQueue(adminUrl);
    await dataSource.query(grantsFor(loginOf(workingUrl, await currentLogin(dataSource))));
  } finally {
    await lock.query("COMMIT").finally(() => lock.release());
    await dataSource.destroy();
  }
}

/**
 * Held by an open transaction, because PgBouncer in transaction mode gives a session's lock to whoever comes next. Who
 * waits has none open meanwhile: behind a bouncer with few connections the one who works would be left without.
 */
async function takeLock(runner: QueryRunner): Promise<void> {
  for (;;) {
    await runner.query("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0");
    const [row] = await runner.query("SELECT pg_try_advisory_xact_lock($1) AS taken", [migrationLock]);
    if (row?.taken === true) return;
    await runner.query("COMMIT");
    await sleep(lockIntervalMs);
  }
}

async function currentLogin(dataSource: { query(sql: string): Promise<{ login: string }[]> }): Promise<string> {
  const [row] = await dataSource.query("SELECT session_user AS login");
  return row?.login ?? "postgres";
}

function loginOf(url: string, fallback: string): string {
  const user = decodeURIComponent(/^[a-z]+:\/\/([^:@/?]*)(?::[^@/]*)?@/.exec(url)?.[1] ?? "");
  return user === "" ? fallback : user;
}

/** The working roles may use the queue, and the login what limits calls: those rows hold ids only, and belong to no tenant. */
function grantsFor(login: string): string {
  const quoted = `"${login.replaceAll('"', '""')}"`;
  return `
    DO $$ BEGIN
      IF ${literal(login)} NOT IN ('integrations_tenant', 'integrations_system') THEN
        GRANT integrations_tenant, integrations_system TO ${quoted};
      END IF;
      IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'pgboss') THEN
        GRANT USAGE ON SCHEMA pgboss TO integrations_tenant, ${quoted};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO integrations_tenant, ${quoted};
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA pgboss TO integrations_tenant, ${quoted};
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO integrations_tenant, ${quoted};
      END IF;
      GRANT USAGE ON SCHEMA limits TO ${quoted};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA limits TO ${quoted};
      GRANT SELECT ON migration TO ${quoted};
    END $$`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
