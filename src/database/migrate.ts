import { createDataSource } from "./data-source.ts";

/** An arbitrary number that every process of this service agrees on. */
const migrationLock = 7_224_519_003;

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
    await lock.query("SELECT pg_advisory_lock($1)", [migrationLock]);
    await dataSource.runMigrations({ transaction: "each" });
    await installQueue(adminUrl);
    await dataSource.query(grantsFor(loginOf(workingUrl, await currentLogin(dataSource))));
  } finally {
    await lock.query("SELECT pg_advisory_unlock($1)", [migrationLock]).finally(() => lock.release());
    await dataSource.destroy();
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
