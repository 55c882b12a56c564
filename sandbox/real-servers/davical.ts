import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { startEmbeddedPostgres } from "../../src/database/embedded-postgres.ts";
import { isInstalled, type ServerProcess, startServerProcess } from "./server-process.ts";

const program = "/usr/share/davical";

/** `apt-get install davical php-cli php-pgsql php-xml` */
export const davicalIsInstalled = existsSync(`${program}/htdocs/caldav.php`) && ["php", "psql"].every(isInstalled);

export interface Davical extends ServerProcess {
  /** Holds at once. Its home is `/caldav.php/NAME/`, with nothing in it. */
  createAccount(username: string, password: string): Promise<void>;
}

/** A CalDAV server on PHP's own web server and a Postgres of its own. It finds that by libpq's variables, as its package sets it up. */
export async function startDavical(): Promise<Davical> {
  const folder = await mkdtemp(join(tmpdir(), "davical-"));
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, "postgres"), settings: { fsync: "off" } });
  const env = { PGHOST: postgres.host, PGPORT: String(postgres.port) };
  const asSuperuser = { env: { ...process.env, ...env, PGUSER: "postgres" } };
  await promisify(execFile)("sh", [`${program}/dba/create-database.sh`, "davical", "unused"], asSuperuser);
  const includes = `include_path=.:${program}/inc:/usr/share/awl/inc`;
  const server = await startServerProcess(
    "php",
    async (_, port) => [
      ...["-d", includes, "-d", "display_errors=0", "-d", "log_errors=0"],
      ...["-S", `127.0.0.1:${port}`, "-t", `${program}/htdocs`],
    ],
    // Its workers do not end with it.
    { env: { ...env, PHP_CLI_SERVER_WORKERS: "4" }, detached: true },
  );
  const database = new pg.Client({ host: postgres.host, port: postgres.port, user: "postgres", database: "davical" });
  await database.connect();
  return {
    url: server.url,
    async createAccount(username, password) {
      await database.query(
        `WITH account AS (
           INSERT INTO usr (username, password, fullname, email, active)
           VALUES ($1, '**' || $2::text, $1, $1 || '@example.test', true) RETURNING user_no, fullname
         )
         INSERT INTO principal (type_id, user_no, displayname, default_privileges)
         SELECT 1, user_no, fullname, 0::bit(24) FROM account`,
        [username, password],
      );
    },
    async stop() {
      await database.end();
      await server.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
