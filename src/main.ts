import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Logger } from "pino";
import { createApp } from "./app.ts";
import { type Config, operatorOrigins, readConfig, useUtc } from "./config.ts";
import { startEmbeddedPostgres } from "./database/embedded-postgres.ts";
import { migrate } from "./database/migrate.ts";
import { developmentKeys } from "./development-keys.ts";
import { createLog } from "./log.ts";
import { originOfSmtp, readSmtpUrl } from "./mail/smtp-url.ts";
import { providerIds } from "./providers/registry.ts";
import { Queue } from "./queue/queue.ts";
import { createCallerTokenVerifier } from "./security/caller-token.ts";
import { signDevelopmentToken } from "./security/development-token.ts";
import { createEgress } from "./security/egress.ts";
import { parseKeyRing } from "./security/key-ring.ts";
import { createFileTokens, createLinkTokens } from "./security/link-token.ts";
import { createVault } from "./security/vault.ts";
import { scopes } from "./services/viewer.ts";

const aMonthInSeconds = 30 * 24 * 60 * 60;
const firstQuery = `query {
  providers {
    id
    name
    availability
    credentialFields { name label required help }
  }
}
`;

useUtc(process.env);
try {
  const { config, twins } = await withTwins(readConfig(process.env, providerIds));
  await run(config, createLog(config.LOG_LEVEL), twins);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Stand-ins of vendors, for developing without an account anywhere. */
interface Twins {
  readonly origin: string;
  readonly furtherOrigins: readonly string[];
  /** What the service is configured with to use them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Tells them where the messages for all accounts go. */
  serviceListens(publicUrl: string): Promise<void>;
  stop(): Promise<void>;
}

/** In development every provider that the operator has set nothing for is at its twin. Loaded only then. */
async function withTwins(config: Config): Promise<{ config: Config; twins: Twins | null }> {
  if (config.NODE_ENV !== "development") return { config, twins: null };
  const { startSandbox } = await import("../sandbox/sandbox.ts");
  const stateFile = join(resolve(config.DATA_DIR), "sandbox.state");
  const start = (port: number) => startSandbox({ port, stateFile, seed: true });
  const twins = await start(config.SANDBOX_PORT).catch((error: unknown) => {
    // Another one of these runs on this machine.
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!isTaken || process.env["SANDBOX_PORT"]) throw error;
    return start(0);
  });
  // With a mail server of the operator's own, mail comes from the operator's own address too.
  const isMail = (name: string) => name.startsWith("SMTP_");
  const own = Object.entries(twins.settings).filter(
    ([name]) =>
      !(isMail(name) && config.SMTP_URL) && ![...config.providers.keys()].some((id) => name.startsWith(`${id}_`)),
  );
  return { config: readConfig({ ...process.env, ...Object.fromEntries(own) }, providerIds), twins };
}

async function run(config: Config, log: Logger, twins: Twins | null): Promise<void> {
  const isDevelopment = config.NODE_ENV !== "production";
  const dataDirectory = resolve(config.DATA_DIR);
  const keys = isDevelopment ? await developmentKeys(dataDirectory) : { authSecret: "", encryptionKeys: "" };
  const embedded = config.DATABASE_URL
    ? null
    : await startEmbeddedPostgres({ dataDirectory: join(dataDirectory, "postgres") });
  const databaseUrl = config.DATABASE_URL ?? embedded?.url ?? "";
  await migrate(config.DATABASE_ADMIN_URL ?? databaseUrl, databaseUrl, Queue.install);

  const secret = config.AUTH_SECRET ?? keys.authSecret;
  const verifier = createCallerTokenVerifier({
    keys: config.AUTH_JWKS_URL ? { jwksUrl: config.AUTH_JWKS_URL } : { secret },
    issuer: config.AUTH_ISSUER,
    audience: config.AUTH_AUDIENCE,
    tenantClaim: config.AUTH_TENANT_CLAIM,
  });
  const keyRing = parseKeyRing(config.ENCRYPTION_KEYS ?? keys.encryptionKeys);
  const token = isDevelopment && !config.AUTH_JWKS_URL ? await developmentToken(config, secret) : null;
  const app = await createApp(config, {
    databaseUrl,
    egress: createEgress({
      allowCidrs: config.EGRESS_ALLOW_CIDRS,
      allowedOrigins: [...operatorOrigins(config), ...(twins?.furtherOrigins ?? [])],
    }),
    standInOrigins: twins ? originsOf(twins) : [],
    vault: createVault(keyRing),
    links: createLinkTokens(keyRing),
    fileLinks: createFileTokens(keyRing),
    verifier,
    log,
    now: () => new Date(),
    version: await ownVersion(),
    ...(token && { graphiql: { token, firstQuery } }),
  });

  const stop = stopOnce(async () => {
    await app.stop();
    await twins?.stop();
    await embedded?.stop();
  }, log);
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);

  const { url, wsUrl } = await app.start();
  log.info({ url, roles: [...config.ROLES] }, "ready");
  await twins?.serviceListens(url.replace(/\/graphql$/, ""));
  if (token) await welcome({ dataDirectory, url, wsUrl, token, sandboxUrl: twins?.origin ?? null });
}

function originsOf({ settings, furtherOrigins }: Twins): readonly string[] {
  const addresses = Object.entries(settings).flatMap(([name, value]) => (name.endsWith("_BASE_URL") ? [value] : []));
  const mail = settings["SMTP_URL"] ? [originOfSmtp(readSmtpUrl(settings["SMTP_URL"]))] : [];
  return [...addresses.map((address) => new URL(address).origin), ...furtherOrigins, ...mail];
}

/** Tells a developer where to go, and other programs too. */
async function welcome(at: {
  dataDirectory: string;
  url: string;
  wsUrl: string;
  token: string;
  sandboxUrl: string | null;
}): Promise<void> {
  const { dataDirectory, url, wsUrl, token, sandboxUrl } = at;
  const hints = { url, wsUrl, token, consoleUrl: url, sandboxUrl };
  await mkdir(dataDirectory, { recursive: true });
  await writeFile(join(dataDirectory, "dev.json"), JSON.stringify(hints, null, 2), { mode: 0o600 });
  process.stdout.write(`
  ready         ${url}
  subscriptions ${wsUrl}
  in a browser  ${url} (GraphiQL, signed in with the token)
  vendors       ${sandboxUrl ?? "the real ones"}${sandboxUrl ? " (stand-ins, for this machine alone)" : ""}
  token         ${token}

`);
}

function developmentToken(config: Config, secret: string): Promise<string> {
  return signDevelopmentToken(secret, {
    tenantId: "development",
    userId: "developer",
    scopes: [...scopes],
    expiresInSeconds: aMonthInSeconds,
    issuer: config.AUTH_ISSUER,
    audience: config.AUTH_AUDIENCE,
    tenantClaim: config.AUTH_TENANT_CLAIM,
  });
}

/** A second signal does not begin a second stop; a stop that fails ends the process all the same. */
function stopOnce(stop: () => Promise<void>, log: Logger): (signal: NodeJS.Signals) => void {
  let isStopping = false;
  return (signal) => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, "stopping");
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { version?: unknown }).version);
}
