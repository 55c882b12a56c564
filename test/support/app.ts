import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { type App, createApp } from "../../src/app.ts";
import { operatorOrigins, readConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { providerIds } from "../../src/providers/registry.ts";
import { createCallerTokenVerifier } from "../../src/security/caller-token.ts";
import { signDevelopmentToken } from "../../src/security/development-token.ts";
import { createEgress } from "../../src/security/egress.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createFileTokens, createLinkTokens } from "../../src/security/link-token.ts";
import { createVault } from "../../src/security/vault.ts";
import { scopes as allScopes } from "../../src/services/viewer.ts";

import { createTestDatabase } from "./database.ts";

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
  readonly data?: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: Record<string, unknown>;
    readonly path?: readonly unknown[];
  }[];
}

export interface CallerOptions {
  readonly tenantId?: string;
  readonly userId?: string;
  readonly scopes?: readonly string[];
  readonly expiresInSeconds?: number;
}

/** Somebody with a token. */
export interface TestCaller {
  readonly token: string;
  query(query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** Follows a subscription over a socket until the iterator is returned from. */
  subscribe(query: string, variables?: Record<string, unknown>): AsyncIterableIterator<Answer>;
}

export interface TestApp {
  readonly url: string;
  readonly wsUrl: string;
  readonly databaseUrl: string;
  /** Everything that was logged, line by line. */
  readonly logLines: readonly string[];
  as(caller?: CallerOptions): Promise<TestCaller>;
  stop(): Promise<void>;
}

export interface TestAppOptions {
  /** Shares another app's database: a second process of the same service. */
  readonly beside?: Pick<TestApp, "databaseUrl">;
  readonly env?: NodeJS.ProcessEnv;
  /** As in ENCRYPTION_KEYS. */
  readonly encryptionKeys?: string;
  readonly now?: () => Date;
  readonly onStatement?: (sql: string) => void;
  readonly standInOrigins?: readonly string[];
  /** Serves GraphiQL, with a token of this caller filled in. */
  readonly graphiqlFor?: CallerOptions;
}

/** What test callers' tokens are signed with, and credentials sealed. */
export const secret = `test-${randomBytes(32).toString("hex")}`;
export const keys = `test:${randomBytes(32).toString("base64")}`;

/** The whole service on a database of its own, listening on loopback; only loopback may be called. */
export async function startTestApp({
  beside,
  env = {},
  encryptionKeys = keys,
  now = () => new Date(),
  onStatement,
  standInOrigins,
  graphiqlFor,
}: TestAppOptions = {}): Promise<TestApp> {
  const database = beside ? { url: beside.databaseUrl, drop: async () => {} } : await createTestDatabase();
  const logLines: string[] = [];
  const feedFolder = await mkdtemp(join(tmpdir(), "feeds-"));
  const config = readConfig(
    {
      PORT: "0",
      NODE_ENV: "test",
      EGRESS_ALLOW_CIDRS: "127.0.0.0/8",
      LOG_LEVEL: "debug",
      FEED_CACHE_DIR: feedFolder,
      ...env,
    },
    providerIds,
  );
  const app: App = await createApp(config, {
    databaseUrl: database.url,
    egress: createEgress({ allowCidrs: config.EGRESS_ALLOW_CIDRS, allowedOrigins: operatorOrigins(config) }),
    vault: createVault(parseKeyRing(encryptionKeys)),
    links: createLinkTokens(parseKeyRing(encryptionKeys)),
    fileLinks: createFileTokens(parseKeyRing(encryptionKeys)),
    verifier: createCallerTokenVerifier({ keys: { secret } }),
    log: createLog(config.LOG_LEVEL, { write: (line) => logLines.push(line) }),
    now,
    ...(standInOrigins && { standInOrigins }),
    version: "0.0.0",
    ...(onStatement && { onStatement }),
    ...(graphiqlFor && { graphiql: { token: await tokenFor(graphiqlFor), firstQuery: "{ providers { id } }\n" } }),
  });
  const { url, wsUrl } = await app.start();
  return {
    url,
    wsUrl,
    databaseUrl: database.url,
    logLines,
    as: (caller) => testCaller({ url, wsUrl }, caller),
    async stop() {
      await app.stop();
      await database.drop();
      await rm(feedFolder, { recursive: true, force: true });
    },
  };
}

function tokenFor({
  tenantId = `tenant-${randomUUID()}`,
  userId = "ana",
  scopes = allScopes,
  expiresInSeconds = 3600,
}: CallerOptions): Promise<string> {
  return signDevelopmentToken(secret, { tenantId, userId, scopes, expiresInSeconds });
}

export async function testCaller(
  { url, wsUrl }: { url: string; wsUrl: string },
  options: CallerOptions = {},
): Promise<TestCaller> {
  const token = await tokenFor(options);
  const authorization = `Bearer ${token}`;
  return {
    token,
    async query(query, variables) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer;
    },
    subscribe(query, variables) {
      const client = createClient({
        url: wsUrl,
        webSocketImpl: WebSocket,
        connectionParams: { authorization },
        retryAttempts: 0,
      });
      return client.iterate({ query, variables: variables ?? null }) as unknown as AsyncIterableIterator<Answer>;
    },
  };
}
