import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { isInstalled, type ServerProcess, startServerProcess } from "./server-process.ts";

/** `apt-get install pgbouncer`; Debian keeps it where only administrators look. */
const program = "/usr/sbin/pgbouncer";
export const pgbouncerIsInstalled = isInstalled(program);

/** Before the server of `databaseUrl`, in transaction mode: what a session keeps is another client's a moment later. */
export async function startPgbouncer(databaseUrl: string): Promise<ServerProcess & { readonly databaseUrl: string }> {
  const direct = new URL(databaseUrl);
  const host = direct.searchParams.get("host") ?? direct.hostname;
  // It does not run as root. In a namespace of its own it sees itself as somebody else, and files stay where they are.
  const asNobody = ["--user", "--map-user=65534", "--map-group=65534", "--", program];
  const isRoot = process.getuid?.() === 0;
  const settings = async (folder: string, port: number) => {
    const file = join(folder, "pgbouncer.ini");
    await writeFile(
      file,
      `[databases]
* = host=${host} port=${direct.port || 5432} user=${direct.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
`,
    );
    return isRoot ? [...asNobody, file] : [file];
  };
  const bounced = (url: string) => {
    const { port } = new URL(url);
    return `postgres://${direct.username}@127.0.0.1:${port}${direct.pathname}`;
  };
  const server = await startServerProcess(isRoot ? "unshare" : program, settings, {
    answers: (url) => answers(bounced(url)),
  });
  return { ...server, databaseUrl: bounced(server.url) };
}

async function answers(databaseUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
