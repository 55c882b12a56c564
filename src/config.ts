import * as z from "zod";

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
const days = (preset: number) => z.coerce.number().int().min(1).max(3650).default(preset);

const Environment = z
  .object({
    NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
    PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
    /** Loopback unless told otherwise; production listens on every address. */
    HOST: z.string().optional(),
    /** Where the outside world reaches this service; links and callback addresses are built on it. */
    PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
    /** Unset: an embedded Postgres under DATA_DIR. */
    DATABASE_URL: postgresUrl.optional(),
    DATABASE_ADMIN_URL: postgresUrl.optional(),
    /** Where development keeps its database and its keys. */
    DATA_DIR: z.string().default(".data"),
    ROLES: commaList
      .transform((roles) => (roles.length === 0 ? ["api", "worker"] : roles))
      .pipe(z.array(z.enum(["api", "worker"])).transform((roles) => new Set(roles))),
    AUTH_JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
    AUTH_SECRET: z.string().min(32, "must have at least 32 bytes").optional(),
    AUTH_ISSUER: z.string().optional(),
    AUTH_AUDIENCE: z.string().optional(),
    AUTH_TENANT_CLAIM: z.string().default("tenant_id"),
    /** `id:base64(32 bytes)`, comma list, newest first. Without the key that sealed them, credentials are unreadable. */
    ENCRYPTION_KEYS: z.string().optional(),
    EGRESS_ALLOW_CIDRS: commaList.pipe(z.array(z.union([z.cidrv4(), z.cidrv6()]))),
    ALLOWED_RETURN_ORIGINS: commaList.pipe(z.array(z.url())),
    CORS_ORIGINS: commaList.pipe(z.array(z.url())),
    WAKE_BUS: postgresUrl.optional(),
    EVENT_RETENTION_DAYS: days(90),
    FEDERATION_SECURITY_DIRECTIVES: flag,
    LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  })
  .superRefine((env, context) => {
    const require = (name: keyof typeof env, why: string) => {
      if (env[name] === undefined) context.addIssue({ code: "custom", path: [name], message: why });
    };
    if (env.AUTH_SECRET !== undefined && env.AUTH_JWKS_URL !== undefined) {
      context.addIssue({
        code: "custom",
        path: ["AUTH_SECRET"],
        message: "set either AUTH_JWKS_URL or AUTH_SECRET, not both",
      });
    }
    if (env.NODE_ENV !== "production") return;
    require("DATABASE_URL", "is required in production");
    require("PUBLIC_URL", "is required in production");
    require("ENCRYPTION_KEYS", "is required in production");
    require("AUTH_AUDIENCE", "is required in production");
    if (env.AUTH_JWKS_URL === undefined)
      require("AUTH_SECRET", "is required in production unless AUTH_JWKS_URL is set");
    if (env.AUTH_SECRET?.startsWith(developmentPrefix)) {
      context.addIssue({ code: "custom", path: ["AUTH_SECRET"], message: "is a development secret" });
    }
    if (env.ENCRYPTION_KEYS?.startsWith(developmentPrefix)) {
      context.addIssue({ code: "custom", path: ["ENCRYPTION_KEYS"], message: "holds a development key" });
    }
  });

/** Marks keys that development makes for itself; production refuses them. */
export const developmentPrefix = "development-";

export type Config = Readonly<z.output<typeof Environment>>;

/**
 * Reads the whole environment once, at start. Nothing else in `src/` touches `process.env`.
 *
 * @throws Error naming everything that is wrong at once
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) throw new Error(`The environment is not right:\n${z.prettifyError(parsed.error)}`);
  return Object.freeze(parsed.data);
}

/** Times are handled in UTC whatever the machine's zone: some libraries read the process's. */
export function useUtc(env: NodeJS.ProcessEnv): void {
  env["TZ"] = "UTC";
}
