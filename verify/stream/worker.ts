import { pino } from "pino";
import { type App, createApp } from "../../src/app.ts";
import { operatorOrigins, readConfig } from "../../src/config.ts";
import { createDataSource } from "../../src/database/data-source.ts";
import { Database } from "../../src/database/database.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { WakeBus } from "../../src/events/wake-bus.ts";
import { providerIds } from "../../src/providers/registry.ts";
import { Queue } from "../../src/queue/queue.ts";
import { createCallerTokenVerifier } from "../../src/security/caller-token.ts";
import { createEgress } from "../../src/security/egress.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createFileTokens, createLinkTokens } from "../../src/security/link-token.ts";
import { createVault } from "../../src/security/vault.ts";
import { newId } from "../../src/services/id.ts";
import { LogFollowers } from "../../src/services/log-followers.ts";
import { obey } from "../drill/obey.ts";
import { processorTime } from "../drill/processor-time.ts";

export interface StreamSetup {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly encryptionKeys: string;
  /** Routers that results may be brought to. */
  readonly callbackOrigins: readonly string[];
}

export interface StreamCommands {
  /** Where it listens. */
  address(input: null): Promise<{ readonly url: string; readonly wsUrl: string }>;
  /** Writes events about an integration, several in a transaction, as use cases do. */
  write(input: {
    readonly tenantId: string;
    readonly integrationId: string;
    readonly count: number;
    readonly inOne: number;
  }): Promise<void>;
  /** In bytes. */
  memory(input: null): Promise<number>;
  /** In microseconds. */
  processorTime(input: null): Promise<number>;
}

obey<StreamSetup, StreamCommands>(async ({ databaseUrl, secret, encryptionKeys, callbackOrigins }) => {
  const log = pino({ level: "silent" });
  const now = () => new Date();
  const settings = { PORT: "0", NODE_ENV: "test", AUTH_SECRET: secret };
  const config = readConfig({ ...settings, SUBSCRIPTION_CALLBACK_ORIGINS: callbackOrigins.join(",") }, providerIds);
  const ring = parseKeyRing(encryptionKeys);
  const app: App = await createApp(config, {
    ...{ databaseUrl, log, now, version: "0.0.0" },
    egress: createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: operatorOrigins(config) }),
    vault: createVault(ring),
    links: createLinkTokens(ring),
    fileLinks: createFileTokens(ring),
    verifier: createCallerTokenVerifier({ keys: { secret } }),
  });
  const address = await app.start();
  // Beside the service, and with its own parts: what writes events here is what writes them there.
  const database = new Database(await createDataSource(databaseUrl, { poolSize: 4 }).initialize());
  const wakeBus = new WakeBus(databaseUrl, log);
  await wakeBus.start();
  const queue = new Queue(databaseUrl, log);
  await queue.start();
  const followers = new LogFollowers(database, queue, now);
  const events = new EventLog(now, (tenantId, isFollowed) => {
    wakeBus.publish(`log:${tenantId}`);
    if (isFollowed) followers.logHasGrown(tenantId);
  });

  return {
    address: async () => address,
    memory: async () => process.memoryUsage().rss,
    processorTime: async () => processorTime(),
    async write({ tenantId, integrationId, count, inOne }) {
      const data = { provider: "CALDAV", ownership: "TENANT", status: "ACTIVE" };
      for (let written = 0; written < count; written += inOne) {
        await database.inTenant(tenantId, async (tx) => {
          const cause = { actor: { kind: "SYSTEM" as const, id: null }, correlationId: newId(now()) };
          for (let index = written; index < Math.min(count, written + inOne); index += 1) {
            const draft = {
              integrationId,
              subjectId: integrationId,
              data: { ...data, label: `event ${index}` },
              cause,
            };
            events.record(tx, { type: "integration.updated", ...draft });
          }
        });
      }
    },
  };
});
