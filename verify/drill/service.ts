import type { DataSource } from "typeorm";
import { createDataSource } from "../../src/database/data-source.ts";
import { Database } from "../../src/database/database.ts";
import { EventLog } from "../../src/events/event-log.ts";
import { createAccountFetch } from "../../src/providers/account-fetch.ts";
import type { CalendarProvider } from "../../src/providers/calendar/provider.ts";
import { createTokenEndpoint, type OAuthClient } from "../../src/providers/token-endpoint.ts";
import { refreshGrant, type TokenRenewal } from "../../src/providers/token-renewal.ts";
import { createEgress } from "../../src/security/egress.ts";
import { parseKeyRing } from "../../src/security/key-ring.ts";
import { createVault, type Vault } from "../../src/security/vault.ts";
import { AccessTokens } from "../../src/services/access-tokens.ts";
import { Accounts } from "../../src/services/accounts.ts";
import { Idempotency } from "../../src/services/idempotency.ts";
import { IntegrationHealth } from "../../src/services/integration-health.ts";
import { KeyRotation } from "../../src/services/key-rotation.ts";
import { OAuthApps, type OAuthProvider } from "../../src/services/oauth-apps.ts";

export type Reuse = Extract<TokenRenewal, { kind: "refreshToken" }>["reuse"];

/** A vendor of the drill's, where people signed in at its consent page. */
export interface DrillVendor {
  /** As a provider's. */
  readonly id: string;
  readonly name: string;
  readonly origin: string;
  readonly client: OAuthClient;
  readonly reuse: Reuse;
}

export interface ServiceSetup {
  /** What vendors see as the user agent. */
  readonly name: string;
  readonly databaseUrl: string;
  /** As in ENCRYPTION_KEYS. */
  readonly encryptionKeys: string;
  readonly vendors: readonly DrillVendor[];
}

/** Where a drill steps in. */
export interface ServiceSeams {
  readonly createDatabase?: (dataSource: DataSource) => Database;
  readonly refresh?: typeof refreshGrant;
}

/** The parts of the service that keep and use credentials, put together as in `app.ts`. */
export interface Service {
  readonly database: Database;
  readonly vault: Vault;
  readonly tokens: AccessTokens;
  readonly accounts: Accounts;
  readonly idempotency: Idempotency;
  readonly keys: KeyRotation;
  provider(id: string): DrillProvider;
  close(): Promise<void>;
}

type DrillProvider = OAuthProvider & Pick<CalendarProvider, "auth" | "renewal">;

export async function openService(
  { name, databaseUrl, encryptionKeys, vendors }: ServiceSetup,
  { createDatabase = (dataSource) => new Database(dataSource), refresh = refreshGrant }: ServiceSeams = {},
): Promise<Service> {
  const now = () => new Date();
  const dataSource = await createDataSource(databaseUrl).initialize();
  const database = createDatabase(dataSource);
  const vault = createVault(parseKeyRing(encryptionKeys));
  const egress = createEgress({ allowCidrs: [], allowedOrigins: vendors.map(({ origin }) => origin) });
  const providers = new Map(vendors.map((vendor) => [vendor.id, providerOf(vendor, refresh)]));
  const provider = (id: string) => {
    const known = providers.get(id);
    if (!known) throw new Error(`${id} is none of the drill's vendors`);
    return known;
  };

  const settings = vendors.map(
    ({ id, client }) =>
      [
        id,
        {
          clientId: client.id,
          clientSecret: client.secret,
          apiKey: null,
          applyToken: null,
          signingKey: null,
          apiUrl: null,
          authorizationUrl: null,
          tokenUrl: null,
          revocationUrl: null,
          scopes: null,
        },
      ] as const,
  );
  const apps = new OAuthApps(new Map(settings), ({ provider: _, ...options }) =>
    createTokenEndpoint({ ...options, agents: egress.agents, userAgent: name, now }),
  );
  const health = new IntegrationHealth(new EventLog(now, () => {}), now);
  const tokens = new AccessTokens(database, vault, apps, health, now, (row) => provider(row.provider));
  const accounts = new Accounts(
    database,
    vault,
    tokens,
    apps,
    ({ id }, signal) =>
      (grant) =>
        createAccountFetch({ provider: id, fetch: egress.fetch, userAgent: name, signal }, grant),
  );
  return {
    database,
    vault,
    tokens,
    accounts,
    idempotency: new Idempotency(database, vault.fingerprints, now),
    keys: new KeyRotation(database, vault),
    provider,
    async close() {
      await egress.close();
      await dataSource.destroy();
    },
  };
}

function providerOf({ id, name, origin, reuse }: DrillVendor, refresh: typeof refreshGrant): DrillProvider {
  return {
    id,
    name,
    auth: {
      kind: "oauth2",
      fields: [],
      endpoints: () => ({
        authorizationUrl: `${origin}/authorize`,
        tokenUrl: `${origin}/token`,
        revocationUrl: null,
        apiUrl: `${origin}/api/`,
      }),
      scopes: [],
      missingScopes: () => [],
      pkce: "S256",
      clientAuthentication: "body",
      authorizationParams: () => ({}),
      identify: () => Promise.reject(new Error("Nobody signs in during a drill")),
      revocation: { kind: "none", reason: "Nothing is revoked during a drill." },
      accountUrl: origin,
    },
    renewal: { kind: "refreshToken", reuse, refresh },
  };
}
