import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { operatorOrigins, readConfig } from "../../src/config.ts";
import { providerIds } from "../../src/providers/registry.ts";
import { createCallerTokenVerifier } from "../../src/security/caller-token.ts";
import { createEgress } from "../../src/security/egress.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createFileTokens, createLinkTokens } from "../../src/security/link-token.ts";
import { createVault } from "../../src/security/vault.ts";
import { obey } from "../drill/obey.ts";

export interface ListeningSetup {
  readonly databaseUrl: string;
  /** As in the environment. */
  readonly settings: Readonly<Record<string, string>>;
  readonly secret: string;
  readonly encryptionKeys: string;
}

export interface ListeningCommands {
  /** @returns where the graph is */
  where(input: null): Promise<string>;
  stop(input: null): Promise<void>;
}

/** The whole service in a process of its own: its doors are open, and its workers work. */
obey<ListeningSetup, ListeningCommands>(async ({ databaseUrl, settings, secret, encryptionKeys }) => {
  const keyRing = parseKeyRing(encryptionKeys);
  const config = readConfig({ ...settings, PORT: "0", NODE_ENV: "test", AUTH_SECRET: secret }, providerIds);
  const app = await createApp(config, {
    databaseUrl,
    egress: createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: operatorOrigins(config) }),
    vault: createVault(keyRing),
    links: createLinkTokens(keyRing),
    fileLinks: createFileTokens(keyRing),
    verifier: createCallerTokenVerifier({ keys: { secret } }),
    log: pino({ level: "silent" }),
    now: () => new Date(),
    version: "0.0.0",
  });
  const { url } = await app.start();
  return { where: async () => url, stop: () => app.stop() };
});
