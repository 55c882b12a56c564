import * as z from "zod";
import { originOfSmtp, readSmtpUrl } from "./mail/smtp-url.ts";
import type { Freshness } from "./providers/provider.ts";
import { parseKeyRing } from "./security/key-ring.ts";
import type { Night } from "./services/night.ts";
import type { OperatorSettings } from "./services/oauth-apps.ts";
import type { PollingSettings } from "./services/polling.ts";

const commaList = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

const flag = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, "must be a postgres:// URL");
const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http(s) URL" });
const origins = commaList.pipe(z.array(httpUrl.transform((url) => new URL(url).origin)));
const days = (preset: number) => z.coerce.number().int().min(1).max(3650).default(preset);

/** `0-6`, or `off`. */
const night = z
  .string()
  .default("0-6")
  .transform((text, context): Night | null => {
    if (text === "off") return null;
    const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(text) ?? [];
    if (Number(from) <= 23 && Number(to) <= 24) return { fromHour: Number(from), toHour: Number(to) };
    context.addIssue({ code: "custom", message: "must be hours such as 0-6 or 22-4, or off" });
    return z.NEVER;
  });

const daySeconds = 24 * 60 * 60;

/** `30-300`: floor and default. */
const syncSeconds = z.string().transform((text, context): Freshness => {
  const [, floor, byDefault] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const freshness = { floorSeconds: Number(floor), defaultSeconds: Number(byDefault) };
  const { floorSeconds, defaultSeconds } = freshness;
  if (floorSeconds >= 5 && defaultSeconds >= floorSeconds && defaultSeconds <= daySeconds) return freshness;
  context.addIssue({ code: "custom", message: "must be seconds such as 30-300, at least 5 and at most 86400" });
  return z.NEVER;
});

/** `id:base64(32 bytes)`, comma list, newest first. Says which entry is wrong, never what is in it. */
const keyRing = z.string().superRefine((text, context) => {
  try {
    parseKeyRing(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
  }
});

/** Says what is wrong with it, and repeats nothing of it: there may be a password in it. */
const smtpUrl = z.string().transform((text, context) => {
  try {
    return readSmtpUrl(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

const Environment = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  /** Loopback unless told otherwise; production listens on every address. */
  HOST: z.string().optional(),
  /** Where the outside world reaches this service; links and callback addresses are built on it. */
  PUBLIC_URL: httpUrl.transform((url) => url.replace(/\/+$/, "")).optional(),
  /** Unset: an embedded Postgres under DATA_DIR. */
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_ADMIN_URL: postgresUrl.optional(),
  /** Where development keeps its database and its keys. */
  DATA_DIR: z.string().default(".data"),
  /** Where job feeds are kept as files. Unset: under DATA_DIR, in production under the system's folder for temporary files. */
  FEED_CACHE_DIR: z.string().optional(),
  ROLES: commaList
    .transform((roles) => (roles.length === 0 ? ["api", "worker"] : roles))
    .pipe(z.array(z.enum(["api", "worker"])).transform((roles) => new Set(roles))),
  AUTH_JWKS_URL: httpUrl.optional(),
  AUTH_SECRET: z
    .string()
    .refine((text) => Buffer.byteLength(text) >= 32, "must have at least 32 bytes")
    .optional(),
  AUTH_ISSUER: z.string().optional(),
  AUTH_AUDIENCE: z.string().optional(),
  AUTH_TENANT_CLAIM: z.string().default("tenant_id"),
  /** Without the key that sealed them, credentials are unreadable. */
  ENCRYPTION_KEYS: keyRing.optional(),
  EGRESS_ALLOW_CIDRS: commaList.pipe(
    z.array(z.union([z.cidrv4(), z.cidrv6()], "must be a network such as 10.0.0.0/8")),
  ),
  ALLOWED_RETURN_ORIGINS: origins,
  CORS_ORIGINS: origins,
  /** Routers that results of subscriptions may be brought to, by Apollo's HTTP callback protocol. */
  SUBSCRIPTION_CALLBACK_ORIGINS: origins,
  WAKE_BUS: postgresUrl.optional(),
  /** The operator's mail server; without it nothing is sent to boards that take jobs by mail. */
  SMTP_URL: smtpUrl.optional(),
  /** Who mail comes from. */
  SMTP_FROM: z.email("must be an e-mail address").optional(),
  EVENT_RETENTION_DAYS: days(90),
  RAW_RETENTION_DAYS: days(7),
  APPLICATION_RETENTION_DAYS: days(730),
  /** When each integration is compared with its provider, in hours of the day in UTC. */
  RECONCILE: night,
  FEDERATION_SECURITY_DIRECTIVES: flag,
  /** Where development opens its stand-ins of vendors. */
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(4100),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

/** What one provider can be given; in the environment each has the provider's id in front. */
const providerShape = {
  CLIENT_ID: z.string().optional(),
  CLIENT_SECRET: z.string().optional(),
  API_KEY: z.string().optional(),
  /** Names us where candidates apply at the board itself. */
  APPLY_API_TOKEN: z.string().optional(),
  /** With either, a board signs its messages: they are called as the boards call them. */
  APPLY_API_SECRET: z.string().optional(),
  WEBHOOK_SIGNING_KEY: z.string().optional(),
  BASE_URL: httpUrl.transform((url) => url.replace(/\/*$/, "/")).optional(),
  AUTH_URL: httpUrl.optional(),
  TOKEN_URL: httpUrl.optional(),
  REVOKE_URL: httpUrl.optional(),
  /** Separated by spaces, as on the wire (RFC 6749 §3.3). */
  SCOPES: z
    .string()
    .transform((text) => text.split(" ").filter((scope) => scope !== ""))
    .pipe(z.array(z.string()).min(1, "must name at least one scope"))
    .optional(),
  /** How often accounts are read while they are in use, and when nothing happens in them. */
  SYNC_SECONDS: syncSeconds.optional(),
};
const ProviderEnvironment = z.object(providerShape).transform((given): OperatorSettings & PollingSettings => ({
  clientId: given.CLIENT_ID ?? null,
  clientSecret: given.CLIENT_SECRET ?? null,
  apiKey: given.API_KEY ?? null,
  applyToken: given.APPLY_API_TOKEN ?? null,
  signingKey: given.WEBHOOK_SIGNING_KEY ?? given.APPLY_API_SECRET ?? null,
  apiUrl: given.BASE_URL ?? null,
  authorizationUrl: given.AUTH_URL ?? null,
  tokenUrl: given.TOKEN_URL ?? null,
  revocationUrl: given.REVOKE_URL ?? null,
  scopes: given.SCOPES ?? null,
  freshness: given.SYNC_SECONDS ?? null,
}));

/** The name of every setting. */
export const settingNames = [
  ...Object.keys(Environment.shape),
  ...Object.keys(providerShape).map((name) => `<PROVIDER>_${name}`),
];

/** Marks keys that development makes for itself; production refuses them. */
export const developmentPrefix = "development-";

export type Config = Readonly<z.output<typeof Environment>> & {
  /** By id; those that nothing is set for are missing. */
  readonly providers: ReadonlyMap<string, OperatorSettings & PollingSettings>;
};

/**
 * Reads the whole environment once, at start. Nothing else in `src/` touches `process.env`.
 *
 * @param providerIds whose settings are looked for
 * @throws Error naming everything that is wrong at once
 */
export function readConfig(env: NodeJS.ProcessEnv, providerIds: readonly string[] = []): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = Environment.safeParse(given);
  const { providers, mistakes: ofProviders } = readProviders(given, providerIds);
  const mistakes = [...(parsed.error?.issues ?? []), ...ofProviders, ...mistakesTogether(given)];
  if (parsed.success && mistakes.length === 0) return Object.freeze({ ...parsed.data, providers });
  throw new Error(`The environment is not right:\n${z.prettifyError(new z.ZodError(mistakes))}`);
}

function readProviders(
  env: Readonly<Record<string, string | undefined>>,
  ids: readonly string[],
): { providers: Config["providers"]; mistakes: z.core.$ZodIssue[] } {
  const providers = new Map<string, OperatorSettings & PollingSettings>();
  const mistakes: z.core.$ZodIssue[] = [];
  for (const id of ids) {
    const given = Object.keys(providerShape).flatMap((name) => {
      const value = env[`${id}_${name}`];
      return value === undefined ? [] : [[name, value] as const];
    });
    if (given.length === 0) continue;
    const parsed = ProviderEnvironment.safeParse(Object.fromEntries(given));
    if (parsed.success) providers.set(id, parsed.data);
    for (const issue of parsed.error?.issues ?? [])
      mistakes.push({ ...issue, path: [`${id}_${String(issue.path[0])}`] });
  }
  return { providers, mistakes };
}

/** What is wrong about settings that are each right by themselves. */
function mistakesTogether(env: Readonly<Record<string, string | undefined>>): z.core.$ZodIssue[] {
  const mistakes: z.core.$ZodIssue[] = [];
  const refuse = (name: string, message: string) => {
    mistakes.push({ code: "custom", path: [name], message, input: undefined });
  };
  const { AUTH_SECRET, AUTH_JWKS_URL, ENCRYPTION_KEYS = "" } = env;
  if (AUTH_SECRET && AUTH_JWKS_URL) refuse("AUTH_SECRET", "set either AUTH_JWKS_URL or AUTH_SECRET, not both");
  if (env["NODE_ENV"] !== "production") return mistakes;

  for (const name of ["DATABASE_URL", "PUBLIC_URL", "ENCRYPTION_KEYS", "AUTH_AUDIENCE"]) {
    if (!env[name]) refuse(name, "is required in production");
  }
  if (!AUTH_SECRET && !AUTH_JWKS_URL) refuse("AUTH_SECRET", "is required in production unless AUTH_JWKS_URL is set");
  if (AUTH_SECRET?.startsWith(developmentPrefix)) refuse("AUTH_SECRET", "is a development secret");
  if (ENCRYPTION_KEYS.split(",").some((key) => key.trim().startsWith(developmentPrefix))) {
    refuse("ENCRYPTION_KEYS", "holds a development key");
  }
  return mistakes;
}

/** Where the operator says that vendors, routers and its mail server are; they are called wherever that is. */
export function operatorOrigins({
  providers,
  SMTP_URL,
  SUBSCRIPTION_CALLBACK_ORIGINS,
}: Pick<Config, "providers" | "SMTP_URL" | "SUBSCRIPTION_CALLBACK_ORIGINS">): string[] {
  const urls = [...providers.values()].flatMap(({ apiUrl, tokenUrl, revocationUrl }) => [
    apiUrl,
    tokenUrl,
    revocationUrl,
  ]);
  const origins = urls.flatMap((url) => (url === null ? [] : [new URL(url).origin]));
  const mail = SMTP_URL ? [originOfSmtp(SMTP_URL)] : [];
  return [...new Set([...origins, ...mail, ...SUBSCRIPTION_CALLBACK_ORIGINS])];
}

/** Who mail comes from: as the operator says, else the mail server's login when that is an address, else a name at `host`. */
export function mailSender({ SMTP_FROM, SMTP_URL }: Pick<Config, "SMTP_FROM" | "SMTP_URL">, host: string): string {
  const user = SMTP_URL?.login?.user ?? "";
  return SMTP_FROM ?? (z.email().safeParse(user).success ? user : `integrations@${host}`);
}

/** Times are handled in UTC whatever the machine's zone: some libraries read the process's. */
export function useUtc(env: NodeJS.ProcessEnv): void {
  env["TZ"] = "UTC";
}
