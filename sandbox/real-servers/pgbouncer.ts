import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { isInstalled, type ServerProcess, startServerProcess } from "./server-process.ts";

const program = "/usr/sbin/pgbouncer";

/** `apt-get install pgbouncer` */
export const pgbouncerIsInstalled = isInstalled(program);

export interface PgBouncer extends ServerProcess {
  /** The same database, through the bouncer. */
  through(databaseUrl: string): string;
}

/**
 * PgBouncer in transaction mode, in front of the server of this database, with everything else as it is by default. Few
 * connections stand behind it, so that two transactions of one client are seldom on the same one.
 */
export async function startPgBouncer(databaseUrl: string): Promise<PgBouncer> {
  const { hostname, port, username, password, searchParams } = new URL(databaseUrl);
  const server = [
    `host=${searchParams.get("host") ?? hostname}`,
    `port=${port || 5432}`,
    `user=${decodeURIComponent(username)}`,
    ...(password ? [`password=${decodeURIComponent(password)}`] : []),
  ].join(" ");
  const [starter, ...words] = [...guise(), program];
  const bouncer = await startServerProcess(
    starter ?? program,
    async (folder, ownPort) => {
      const file = join(folder, "pgbouncer.ini");
      await writeFile(
        file,
        [
          `[databases]\n* = ${server}`,
          `[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${ownPort}\nunix_socket_dir =`,
          "auth_type = any\npool_mode = transaction\ndefault_pool_size = 4\nmax_client_conn = 200\n",
        ].join("\n"),
      );
      await chmod(folder, 0o755);
      return [...words, "--quiet", file];
    },
    { answers: listens },
  );
  return {
    ...bouncer,
    through(url) {
      const { pathname, username: login } = new URL(url);
      return `postgres://${login}@${new URL(bouncer.url).host}${pathname}`;
    },
  };
}

/** It does not run as root, and a Postgres of our own lets nobody else in who may not read root's files. */
function guise(): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const reachFiles = ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
  return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...reachFiles, "--"];
}

async function listens(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
