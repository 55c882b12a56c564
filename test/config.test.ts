import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mailSender, operatorOrigins, readConfig, settingNames, useUtc } from "../src/config.ts";

const key = (byte: number) => Buffer.alloc(32, byte).toString("base64");
const production = {
  NODE_ENV: "production",
  DATABASE_URL: "postgres://user:pass@db.example.com/integrations",
  PUBLIC_URL: "https://integrations.example.com",
  ENCRYPTION_KEYS: `k1:${key(1)}`,
  AUTH_AUDIENCE: "integrations",
  AUTH_JWKS_URL: "https://id.example.com/keys",
};

/** The lines in which a refusal names settings. */
function refusalOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(env);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "";
}

describe("an empty environment", () => {
  it("is development on port 4000, with everything in one process", () => {
    expect(readConfig({})).toEqual({
      NODE_ENV: "development",
      PORT: 4000,
      DATA_DIR: ".data",
      ROLES: new Set(["api", "worker"]),
      AUTH_TENANT_CLAIM: "tenant_id",
      EGRESS_ALLOW_CIDRS: [],
      ALLOWED_RETURN_ORIGINS: [],
      CORS_ORIGINS: [],
      SUBSCRIPTION_CALLBACK_ORIGINS: [],
      EVENT_RETENTION_DAYS: 90,
      FEDERATION_SECURITY_DIRECTIVES: false,
      LOG_LEVEL: "info",
      RAW_RETENTION_DAYS: 7,
      APPLICATION_RETENTION_DAYS: 730,
      RECONCILE: { fromHour: 0, toHour: 6 },
      SANDBOX_PORT: 4100,
      providers: new Map(),
    });
  });

  it("is what empty variables and variables of others are too", () => {
    expect(readConfig({ PORT: "", DATABASE_URL: "", AUTH_SECRET: "", HOME: "/root", ROLES: " , " })).toEqual(
      readConfig({}),
    );
  });
});

describe("a setting", () => {
  it.each([
    { given: { PORT: "8080" }, read: { PORT: 8080 } },
    { given: { ROLES: "worker" }, read: { ROLES: new Set(["worker"]) } },
    { given: { ROLES: " api , worker " }, read: { ROLES: new Set(["api", "worker"]) } },
    { given: { RECONCILE: "22-4" }, read: { RECONCILE: { fromHour: 22, toHour: 4 } } },
    { given: { RECONCILE: "off" }, read: { RECONCILE: null } },
    { given: { EGRESS_ALLOW_CIDRS: "10.0.0.0/8, fd00::/8" }, read: { EGRESS_ALLOW_CIDRS: ["10.0.0.0/8", "fd00::/8"] } },
    {
      given: { CORS_ORIGINS: "https://app.example.com/, http://localhost:3000" },
      read: { CORS_ORIGINS: ["https://app.example.com", "http://localhost:3000"] },
    },
    {
      given: { ALLOWED_RETURN_ORIGINS: "https://APP.example.com/settings" },
      read: { ALLOWED_RETURN_ORIGINS: ["https://app.example.com"] },
    },
    { given: { PUBLIC_URL: "https://example.com/graph/" }, read: { PUBLIC_URL: "https://example.com/graph" } },
    { given: { FEDERATION_SECURITY_DIRECTIVES: "true" }, read: { FEDERATION_SECURITY_DIRECTIVES: true } },
    {
      given: { SMTP_URL: "smtp://ana:s3cret@mail.example.com", SMTP_FROM: "jobs@example.com" },
      read: {
        SMTP_URL: { host: "mail.example.com", port: 587, login: { user: "ana", password: "s3cret" } },
        SMTP_FROM: "jobs@example.com",
      },
    },
    { given: { AUTH_SECRET: "é".repeat(16) }, read: { AUTH_SECRET: "é".repeat(16) } },
  ])("$given is read as $read", ({ given, read }) => {
    expect(readConfig(given as unknown as NodeJS.ProcessEnv)).toMatchObject(read);
  });

  it.each([
    { name: "PORT", value: "eighty" },
    { name: "PORT", value: "65536" },
    { name: "SMTP_URL", value: "https://mail.example.com" },
    { name: "SMTP_FROM", value: "Jobs" },
    { name: "NODE_ENV", value: "staging" },
    { name: "PUBLIC_URL", value: "integrations.example.com" },
    { name: "DATABASE_URL", value: "mysql://db/integrations" },
    { name: "DATABASE_ADMIN_URL", value: "db" },
    { name: "WAKE_BUS", value: "kafka://broker" },
    { name: "ROLES", value: "api,scheduler" },
    { name: "AUTH_JWKS_URL", value: "file:///etc/keys" },
    { name: "AUTH_SECRET", value: "short" },
    { name: "ENCRYPTION_KEYS", value: "k1:c2hvcnQ=" },
    { name: "ENCRYPTION_KEYS", value: key(1) },
    { name: "EGRESS_ALLOW_CIDRS", value: "10.0.0.0" },
    { name: "ALLOWED_RETURN_ORIGINS", value: "app.example.com" },
    { name: "CORS_ORIGINS", value: "*" },
    { name: "EVENT_RETENTION_DAYS", value: "0" },
    { name: "RECONCILE", value: "24-30" },
    { name: "RECONCILE", value: "at night" },
    { name: "FEDERATION_SECURITY_DIRECTIVES", value: "yes" },
    { name: "LOG_LEVEL", value: "loud" },
  ])("$name is not $value", ({ name, value }) => {
    expect(refusalOf({ [name]: value })).toContain(`at ${name}`);
  });

  it("cannot be changed once it is read", () => {
    const config = readConfig({});
    expect(() => Object.assign(config, { PORT: 1 })).toThrow(TypeError);
  });
});

describe("what an operator sets for a provider", () => {
  const zoho = (settings: Readonly<Record<string, string>>) =>
    readConfig(Object.fromEntries(Object.entries(settings).map(([name, value]) => [`ZOHO_CALENDAR_${name}`, value])), [
      "ZOHO_CALENDAR",
    ]);

  it("is read by its id, and null where nothing is set", () => {
    const { providers } = zoho({ CLIENT_ID: "us", REVOKE_URL: "https://id.example.com/token/revoke" });
    expect(Object.fromEntries(providers)).toEqual({
      ZOHO_CALENDAR: {
        clientId: "us",
        clientSecret: null,
        apiKey: null,
        applyToken: null,
        apiUrl: null,
        authorizationUrl: null,
        tokenUrl: null,
        revocationUrl: "https://id.example.com/token/revoke",
        signingKey: null,
        scopes: null,
        freshness: null,
      },
    });
  });

  it("has scopes as they are on the wire, and at least one", () => {
    expect(zoho({ SCOPES: "calendars  offline_access" }).providers.get("ZOHO_CALENDAR")?.scopes).toEqual([
      "calendars",
      "offline_access",
    ]);
    expect(() => zoho({ SCOPES: " " })).toThrow("at ZOHO_CALENDAR_SCOPES");
  });

  it.each(["BASE_URL", "AUTH_URL", "TOKEN_URL", "REVOKE_URL"])("is an address in %s, and nothing else", (name) => {
    expect(() => zoho({ [name]: "id.example.com" })).toThrow(`at ZOHO_CALENDAR_${name}`);
  });

  it("is how often accounts are read in SYNC_SECONDS: in use, and when nothing happens", () => {
    const freshness = { floorSeconds: 15, defaultSeconds: 600 };
    expect(zoho({ SYNC_SECONDS: "15-600" }).providers.get("ZOHO_CALENDAR")).toMatchObject({ freshness });
  });

  it.each(["30", "600-15", "4-300", "30-86401", "-30", "30s-5m"])("is not %s in SYNC_SECONDS", (value) => {
    expect(() => zoho({ SYNC_SECONDS: value })).toThrow("at ZOHO_CALENDAR_SYNC_SECONDS");
  });

  it.each(["BASE_URL", "TOKEN_URL", "REVOKE_URL"])("may be called wherever it is: %s", (name) => {
    expect(operatorOrigins(zoho({ [name]: "http://10.0.0.7:8080/path" }))).toEqual(["http://10.0.0.7:8080"]);
  });

  it("is for the browser alone in AUTH_URL", () => {
    expect(operatorOrigins(zoho({ AUTH_URL: "http://10.0.0.7:8080/path" }))).toEqual([]);
  });
});

describe("a router that is called back", () => {
  it("may be called wherever it is, by origin", () => {
    const config = readConfig({
      SUBSCRIPTION_CALLBACK_ORIGINS: "http://10.0.0.7:4000/callback, https://router.internal",
    });
    expect(operatorOrigins(config)).toEqual(["http://10.0.0.7:4000", "https://router.internal"]);
  });

  it.each(["*", "router.internal", "ws://router.internal"])("is not named as %s", (value) => {
    expect(() => readConfig({ SUBSCRIPTION_CALLBACK_ORIGINS: value })).toThrow("at SUBSCRIPTION_CALLBACK_ORIGINS");
  });
});

describe("the mail server", () => {
  const sender = (env: NodeJS.ProcessEnv) => mailSender(readConfig(env), "integrations.example.com");

  it("may be called wherever it is", () => {
    expect(operatorOrigins(readConfig({ SMTP_URL: "smtps://ana:s3cret@mail.internal" }))).toEqual([
      "smtp://mail.internal:465",
    ]);
  });

  it("has mail come from whom the operator says, from its login, or from a name at the service's own host", () => {
    expect(sender({ SMTP_URL: "smtp://ana%40b.example:x@m.test", SMTP_FROM: "jobs@b.example" })).toBe("jobs@b.example");
    expect(sender({ SMTP_URL: "smtp://ana%40b.example:x@m.test" })).toBe("ana@b.example");
    expect(sender({ SMTP_URL: "smtp://ana:x@m.test" })).toBe("integrations@integrations.example.com");
  });
});

describe("mistakes", () => {
  it("are told all together, by name", () => {
    const refusal = refusalOf({ NODE_ENV: "production", PORT: "x", LOG_LEVEL: "loud", DATABASE_URL: "db" });
    for (const name of [
      "PORT",
      "LOG_LEVEL",
      "DATABASE_URL",
      "PUBLIC_URL",
      "ENCRYPTION_KEYS",
      "AUTH_AUDIENCE",
      "AUTH_SECRET",
    ]) {
      expect(refusal).toContain(`at ${name}`);
    }
    expect(refusal).toMatch(/^The environment is not right:\n/);
  });

  it("never repeat a secret", () => {
    const canary = "canary-of-a-key";
    const refusal = refusalOf({
      NODE_ENV: "production",
      AUTH_SECRET: canary,
      ENCRYPTION_KEYS: `k1:${canary}`,
      DATABASE_URL: `mysql://user:${canary}@db`,
      SMTP_URL: `smtp://user:${canary}@mail.example.com/inbox`,
    });
    expect(refusal).toContain("at SMTP_URL");
    expect(refusal).toContain("AUTH_SECRET");
    expect(refusal).not.toContain(canary);
  });

  it("are two ways of checking tokens at once", () => {
    expect(refusalOf({ AUTH_SECRET: "s".repeat(32), AUTH_JWKS_URL: "https://id.example.com/keys" })).toContain(
      "set either AUTH_JWKS_URL or AUTH_SECRET, not both",
    );
  });
});

describe("production", () => {
  it("starts with what it needs", () => {
    expect(readConfig(production)).toMatchObject({
      NODE_ENV: "production",
      PUBLIC_URL: "https://integrations.example.com",
    });
    const { AUTH_JWKS_URL: _, ...shared } = production;
    expect(readConfig({ ...shared, AUTH_SECRET: "s".repeat(32) })).toMatchObject({ AUTH_SECRET: "s".repeat(32) });
  });

  it.each(["DATABASE_URL", "PUBLIC_URL", "ENCRYPTION_KEYS", "AUTH_AUDIENCE"])("needs %s", (name) => {
    expect(refusalOf({ ...production, [name]: undefined })).toContain(`is required in production\n  → at ${name}`);
  });

  it("needs a way of checking tokens", () => {
    expect(refusalOf({ ...production, AUTH_JWKS_URL: undefined })).toContain(
      "is required in production unless AUTH_JWKS_URL is set\n  → at AUTH_SECRET",
    );
  });

  it("refuses the keys that development makes for itself, wherever they stand in the list", () => {
    const secret = `development-${"s".repeat(32)}`;
    expect(refusalOf({ ...production, AUTH_JWKS_URL: undefined, AUTH_SECRET: secret })).toContain(
      "is a development secret",
    );
    for (const keys of [`development-1:${key(2)}`, `k1:${key(1)}, development-1:${key(2)}`]) {
      expect(refusalOf({ ...production, ENCRYPTION_KEYS: keys })).toContain("holds a development key");
      expect(readConfig({ ENCRYPTION_KEYS: keys })).toMatchObject({ ENCRYPTION_KEYS: keys });
    }
  });
});

describe("docs/configuration.md", () => {
  it("has a row for every setting, and for no other", () => {
    const page = readFileSync(join(import.meta.dirname, "../docs/configuration.md"), "utf8");
    const documented = [...page.matchAll(/^\| `((?:<PROVIDER>_)?[A-Z_]+)` \|/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual([...settingNames].sort());
  });
});

describe("the process", () => {
  it("handles times in UTC, whatever the machine's zone", () => {
    const env = { TZ: "Europe/Berlin" };
    useUtc(env);
    expect(env.TZ).toBe("UTC");
  });
});
