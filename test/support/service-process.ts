import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CallerOptions, keys, secret, type TestCaller, testCaller } from "./app.ts";
import { inTime } from "./eventually.ts";

const root = join(import.meta.dirname, "../..");

/** The service as it is deployed: compiled, in a process of its own that may be killed. */
export interface ServiceProcess {
  readonly url: string;
  readonly wsUrl: string;
  as(caller?: CallerOptions): Promise<TestCaller>;
  /** @returns its exit code; null when the signal itself ended it */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

/** Compiles the service once, into a folder of its own. @returns its main module, and how to remove it */
export async function buildService(): Promise<{ main: string; remove(): Promise<void> }> {
  // In the project, so that the packages are found from there.
  await mkdir(join(root, ".data"), { recursive: true });
  const folder = await mkdtemp(join(root, ".data/test-service-"));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const words = [compiler, "-p", "tsconfig.build.json", "--outDir", join(folder, "dist")];
  const { status, stdout } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`The service does not compile: ${stdout}`);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", version: "0.0.0" }));
  return {
    main: join(folder, "dist/src/main.js"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function startService(main: string, databaseUrl: string): Promise<ServiceProcess> {
  const data = await mkdtemp(join(tmpdir(), "service-data-"));
  const env = {
    PATH: process.env["PATH"],
    NODE_ENV: "test",
    PORT: "0",
    DATA_DIR: data,
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: secret,
    ENCRYPTION_KEYS: keys,
    EGRESS_ALLOW_CIDRS: "127.0.0.0/8",
    // So that no turn of the schedule comes in between.
    CALDAV_SYNC_SECONDS: "300-300",
  };
  const child = spawn(process.execPath, ["--enable-source-maps", main], { env, stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  const url = await readyUrl(child).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  const wsUrl = url.replace(/^http/, "ws");
  return {
    url,
    wsUrl,
    as: (caller) => testCaller({ url, wsUrl }, caller),
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code] = await inTime("the end of the service", exited, 30_000);
      await rm(data, { recursive: true, force: true });
      return code;
    },
  };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  let output = "";
  const ready = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const line = output.split("\n").find((text) => text.includes('"msg":"ready"'));
      if (line) resolve((JSON.parse(line) as { url: string }).url);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", () => reject(new Error(`The service did not start: ${output}`)));
  });
  return inTime("the service", ready, 60_000);
}
