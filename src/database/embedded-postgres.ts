import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { access, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { findPostgres, type PostgresCommand } from "./postgres-programs.ts";

export interface EmbeddedPostgres {
  /** The directory of the server's Unix socket; there is no TCP port that could clash with another one. */
  readonly host: string;
  readonly port: number;
  /** For pg, TypeORM and pg-boss alike; its user is the superuser `postgres`. */
  readonly url: string;
  /** Stops the server, unless it was running before and belongs to another process. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  readonly dataDirectory: string;
  /** Server settings on top of those below; tests trade durability for speed here. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The version that a new data directory gets; the newest at hand when left out. */
  readonly major?: number | undefined;
}

const database = "integrations";
/** Only names the socket file. */
const port = 5432;
const startTimeoutMs = 60_000;
const stopTimeoutMs = 15_000;

const ownSettings = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "200",
  timezone: "UTC",
  log_timezone: "UTC",
};

/**
 * Runs a Postgres for this project from its own data directory and makes sure that its database is there. A server
 * that already runs on that directory is used instead of a second one.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  if (process.platform === "win32") {
    throw new Error("The embedded Postgres needs Linux or macOS: set DATABASE_URL, or use WSL.");
  }
  const dataDirectory = resolve(options.dataDirectory);
  const host = await socketDirectory(dataDirectory);
  const settings = { ...ownSettings, unix_socket_directories: host, ...options.settings };

  const server = await startUnlessRunning({ dataDirectory, host, settings, major: options.major });
  await createDatabase(host);

  const url = new URL(`postgres://postgres@localhost:${port}/${database}`);
  url.searchParams.set("host", host);
  return { host, port, url: url.href, stop: async () => server && (await stopServer(server)) };
}

/**
 * The kernel cuts socket paths off after some hundred bytes, so a deep directory gets its socket in the temporary one,
 * under a name that every process works out alike.
 */
async function socketDirectory(dataDirectory: string): Promise<string> {
  const longestPath = 103;
  if (Buffer.byteLength(socketFile(dataDirectory)) <= longestPath) return dataDirectory;

  const name = createHash("sha256").update(dataDirectory).digest("hex").slice(0, 16);
  const directory = join(tmpdir(), `integrations-${name}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await stat(directory)).uid !== process.getuid?.()) throw new Error(`${directory} belongs to another user.`);
  return directory;
}

const socketFile = (host: string): string => join(host, `.s.PGSQL.${port}`);

/** @returns the server's process when it is ours */
async function startUnlessRunning({
  dataDirectory,
  host,
  settings,
  major,
}: {
  readonly dataDirectory: string;
  readonly host: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly major: number | undefined;
}): Promise<ChildProcess | undefined> {
  let command: PostgresCommand | undefined;
  let server: ChildProcess | undefined;
  for (const deadline = Date.now() + startTimeoutMs; Date.now() < deadline; await sleep(20)) {
    const answer = await knock(host);
    if (answer === "ready") return server;
    if (answer === "busy" || isRunning(server)) continue;

    // Ours ended early: another process was quicker and holds the lock, or something is wrong for good.
    if (server && !(await exists(lockFile(dataDirectory)))) break;
    command ??= await prepareCluster(dataDirectory, major);
    await removeStaleLock(dataDirectory, host);
    server = await spawnServer(command("postgres"), dataDirectory, settings);
  }
  if (isRunning(server)) await stopServer(server);
  const log = await readFile(logFile(dataDirectory), "utf8").catch(() => "");
  throw new Error(
    `The embedded Postgres in ${dataDirectory} does not start. Set DATABASE_URL to use another one. ` +
      `Its last words:\n${log.trimEnd().split("\n").slice(-5).join("\n")}`,
  );
}

/** Asks for a connection. Postgres is busy while it starts, recovers or shuts down. */
async function knock(host: string): Promise<"ready" | "busy" | "absent"> {
  try {
    await withConnection(host, (client) => client.query("SELECT"));
    return "ready";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EACCES") throw new Error(`The Postgres in ${host} belongs to another user.`, { cause: error });
    return code === "ENOENT" || code === "ECONNREFUSED" ? "absent" : "busy";
  }
}

async function withConnection<T>(host: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ host, port, user: "postgres", database: "postgres", ssl: false });
  // Without a listener a server that goes away meanwhile would end this process; the query fails anyway.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes the data directory when it is missing, and finds the programs that fit it. */
async function prepareCluster(dataDirectory: string, major: number | undefined): Promise<PostgresCommand> {
  const version = await readFile(join(dataDirectory, "PG_VERSION"), "utf8").catch(() => undefined);
  const command = await findPostgres(version === undefined ? major : Number.parseInt(version, 10));
  if (version === undefined) await createCluster(command("initdb"), dataDirectory);
  return command;
}

/** Beside its place and then renamed, so that a kill halfway leaves nothing that looks like a data directory. */
async function createCluster([file, ...words]: ReturnType<PostgresCommand>, dataDirectory: string): Promise<void> {
  const draft = `${dataDirectory}.${randomUUID()}`;
  await mkdir(dirname(dataDirectory), { recursive: true });
  try {
    // Everybody who reaches the socket is trusted; only this user can.
    await promisify(execFile)(file, [
      ...words,
      ...["--pgdata", draft, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C"],
    ]);
    await rename(draft, dataDirectory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const anotherWasQuicker = await exists(join(dataDirectory, "PG_VERSION"));
    if (!anotherWasQuicker) throw error;
  }
}

/**
 * After a power cut or in a restarted container, the process number in the lock may be another program's by now.
 * Postgres would take that one for a running server and refuse to start.
 */
async function removeStaleLock(dataDirectory: string, host: string): Promise<void> {
  const lock = await readFile(lockFile(dataDirectory), "utf8").catch(() => "");
  const holder = await readFile(`/proc/${Number.parseInt(lock, 10)}/comm`, "utf8").catch(() => undefined);
  if (holder === undefined || holder.trim() === "postgres") return;
  await rm(`${socketFile(host)}.lock`, { force: true });
  await rm(lockFile(dataDirectory), { force: true });
}

async function spawnServer(
  [file, ...words]: ReturnType<PostgresCommand>,
  dataDirectory: string,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log = await open(logFile(dataDirectory), "w");
  try {
    // In a process group of its own: Ctrl-C must reach us first, while we still need the database to finish.
    const server = spawn(file, [...words, "-D", dataDirectory, "-p", String(port), ...options], {
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
    });
    server.unref();
    await once(server, "spawn");
    return server;
  } finally {
    await log.close();
  }
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (!isRunning(server)) return;
  server.ref();
  const ended = once(server, "exit");
  // Postgres' fast shutdown: open transactions are rolled back, nothing committed is lost. Its immediate one comes last.
  server.kill("SIGINT");
  const impatience = setTimeout(() => server.kill("SIGQUIT"), stopTimeoutMs);
  await ended;
  clearTimeout(impatience);
}

function isRunning(server: ChildProcess | undefined): server is ChildProcess {
  return server !== undefined && server.exitCode === null && server.signalCode === null;
}

async function createDatabase(host: string): Promise<void> {
  await withConnection(host, async (client) => {
    const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
    if (found.rowCount) return;
    await client.query(`CREATE DATABASE ${database}`).catch((error: { code?: string }) => {
      // Two processes that start together both find it missing: duplicate_database, unique_violation.
      if (error.code !== "42P04" && error.code !== "23505") throw error;
    });
  });
}

const lockFile = (dataDirectory: string): string => join(dataDirectory, "postmaster.pid");
const logFile = (dataDirectory: string): string => join(dataDirectory, "server.log");
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
