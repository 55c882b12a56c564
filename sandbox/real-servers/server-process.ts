import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { freePort } from "../../src/http/free-port.ts";

/** A server program of its own, for one test file. */
export interface ServerProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Whether a program is installed on this machine. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync("which", [program], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What a program says of its own version, for example `3.1.8`. */
export function versionOf(program: string): string {
  return versionIn(execFileSync(program, ["--version"], { encoding: "utf8" }));
}

/** @throws Error when there is none */
export function versionIn(text: string): string {
  const version = /\d+(\.\d+)+/.exec(text)?.[0];
  if (version === undefined) throw new Error(`There is no version in ${text}`);
  return version;
}

/** As whom a server runs, and in what surroundings. */
type ProcessOptions = Pick<SpawnOptions, "uid" | "gid" | "detached"> & {
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it answers yet; as a web server does when it is left out. */
  readonly answers?: (url: string) => Promise<boolean>;
};

/**
 * Starts a server on a free port of the loopback with a folder of its own, and waits until it answers.
 *
 * @param args what to start it with, given its folder and port
 */
export async function startServerProcess(
  program: string,
  args: (folder: string, port: number) => Promise<readonly string[]>,
  { env, answers = answersHttp, ...options }: ProcessOptions = {},
): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), `${basename(program)}-`));
  const port = await freePort();
  const child = spawn(program, await args(folder, port), {
    ...options,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  /** A server with a process group of its own ends with everything that it has started. @returns whether it was running */
  const end = () => {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    return options.detached && child.pid ? process.kill(-child.pid, "SIGTERM") : child.kill("SIGTERM");
  };
  process.once("exit", end);
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = `${complaints}${chunk}`.slice(-2000);
  });
  const url = `http://127.0.0.1:${port}/`;
  await ready(
    () => answers(url),
    child,
    () => complaints,
  );
  return {
    url,
    async stop() {
      process.off("exit", end);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (end()) await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answersHttp(url: string): Promise<boolean> {
  return (await fetch(url, { method: "OPTIONS" }).catch(() => undefined)) !== undefined;
}

async function ready(answers: () => Promise<boolean>, child: ChildProcess, complaints: () => string): Promise<void> {
  const giveUpAt = Date.now() + 20_000;
  while (Date.now() < giveUpAt) {
    if (child.exitCode !== null) break;
    if (await answers()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGKILL");
  throw new Error(`${child.spawnfile} did not start: ${complaints()}`);
}
