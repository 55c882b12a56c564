import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { createApp } from "../../src/app.ts";
import { operatorOrigins, readConfig } from "../../src/config.ts";
import { providerIds } from "../../src/providers/registry.ts";
import { Queue } from "../../src/queue/queue.ts";
import { createCallerTokenVerifier } from "../../src/security/caller-token.ts";
import { signDevelopmentToken } from "../../src/security/development-token.ts";
import { createEgress } from "../../src/security/egress.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createFileTokens, createLinkTokens } from "../../src/security/link-token.ts";
import { createVault } from "../../src/security/vault.ts";
import { scopes } from "../../src/services/viewer.ts";
import { TaskRunner } from "../../src/tasks/runner.ts";
import type { Drill } from "../drill/drill.ts";
import { TaskClock } from "../drill/task-clock.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../drill/temporary-database.ts";

export const tenantId = "drill";
const silent = pino({ level: "silent" });

/** The whole service, whose doors are open and whose workers work when they are told to, beside the stand-ins of all boards. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly database: TemporaryDatabase;
  /** Where the service is. */
  readonly origin: string;
  readonly now: () => Date;
  /** Time passes for everybody, and every task is done that is due by then, one after the other. */
  work(ms: number): Promise<void>;
  /** Time passes, and nobody works. */
  wait(ms: number): Promise<void>;
  /** A mutation with one input, by Ana or somebody else. @returns its payload @throws Error with what it complains about */
  mutate<Payload>(name: string, input: Record<string, unknown>, selection: string, userId?: string): Promise<Payload>;
}

export async function openStage(drill: Drill): Promise<Stage> {
  drill.step("a Postgres, the boards and the service");
  const database = await startTemporaryDatabase(drill);
  const sandbox = await startSandbox({ port: 0 });
  drill.atEnd(() => sandbox.stop());
  const clock = new TaskClock({ look: database.query });
  const secret = randomBytes(32).toString("hex");
  const keyRing = parseKeyRing(`drill:${randomBytes(32).toString("base64")}`);
  // Nobody works by themselves.
  const settings = { ...sandbox.settings, PORT: "0", ROLES: "api", NODE_ENV: "test", AUTH_SECRET: secret };
  const config = readConfig(settings, providerIds);
  const app = await createApp(config, {
    databaseUrl: database.url,
    egress: createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: operatorOrigins(config) }),
    vault: createVault(keyRing),
    links: createLinkTokens(keyRing),
    fileLinks: createFileTokens(keyRing),
    verifier: createCallerTokenVerifier({ keys: { secret } }),
    log: silent,
    now: clock.now,
    version: "0.0.0",
  });
  const { url } = await app.start();
  drill.atEnd(() => app.stop());
  const queue = new Queue(database.url, silent);
  await queue.start();
  drill.atEnd(() => queue.stop({ timeoutMs: 1000 }));
  // As workers do when they start: the house is kept once a day.
  await queue.enqueueAlone("keep-houses", {}, { key: "all", startAt: clock.now() });
  const runner = new TaskRunner(queue, app.tasks, clock.now, silent, () => {});
  const tokenOf = (userId: string) =>
    signDevelopmentToken(secret, { tenantId, userId, scopes, expiresInSeconds: 86_400 });

  /** The boards' clock is another one, which goes on by itself as ours does. */
  const passing = async (ms: number, pass: () => Promise<void>): Promise<void> => {
    const from = clock.now().getTime();
    await pass();
    sandbox.clock.advance(Math.max(0, ms));
    await clock.pass(from + ms - clock.now().getTime());
  };

  return {
    sandbox,
    database,
    origin: new URL(url).origin,
    now: clock.now,
    work: (ms) => passing(ms, () => clock.work(runner, app.tasks, new Date(clock.now().getTime() + ms))),
    wait: (ms) => passing(ms, async () => {}),
    async mutate(name, input, selection, userId = "ana") {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
      const query = `mutation ($input: ${type}) { answer: ${name}(input: $input) { ${selection} userErrors { code message } } }`;
      const reply = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${await tokenOf(userId)}` },
        body: JSON.stringify({ query, variables: { input } }),
      });
      const { data, errors } = (await reply.json()) as Answer;
      const complaints = errors ?? data?.answer.userErrors ?? [];
      if (complaints.length > 0) throw new Error(`${name}: ${JSON.stringify(complaints)}`);
      return data?.answer as never;
    },
  };
}

interface Answer {
  readonly data?: { readonly answer: { readonly userErrors: readonly unknown[] } };
  readonly errors?: readonly unknown[];
}
