import { randomUUID } from "node:crypto";
import { operatorOrigins, readConfig } from "../../src/config.ts";
import { ownClientIn } from "../../src/providers/client-credentials.ts";
import type { JobBoardProvider } from "../../src/providers/job-board/provider.ts";
import type { ProvenIdentity, VendorAccount } from "../../src/providers/provider.ts";
import { createTokenEndpoint, type OAuthClient } from "../../src/providers/token-endpoint.ts";
import { createEgress } from "../../src/security/egress.ts";
import { ClientAccess } from "../../src/services/client-access.ts";
import { OAuthApps } from "../../src/services/oauth-apps.ts";
import { loopbackFetchFor } from "./account.ts";

export interface ConnectedByClient {
  readonly connected: ProvenIdentity;
  readonly account: VendorAccount;
  /** What is sealed. */
  readonly secret: Readonly<Record<string, string>>;
}

export interface ClientConnection {
  /** What the operator has set, as in the environment. */
  readonly settings: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
  readonly connectionId?: string;
  readonly tenantId?: string;
  readonly known?: OAuthClient | null;
  readonly now?: () => Date;
}

/** Connects with a form after which clients ask for tokens, and opens the account as the service does, without a database. */
export async function connectByClient(
  provider: JobBoardProvider,
  {
    settings,
    values,
    connectionId: id = randomUUID(),
    tenantId = "tenant-1",
    known = null,
    now = () => new Date(),
  }: ClientConnection,
): Promise<ConnectedByClient> {
  const { auth } = provider;
  if (auth.kind !== "clientCredentials") throw new Error(`${provider.id} is not connected by a client`);
  const config = readConfig({ ...settings }, [provider.id]);
  const { agents } = createEgress({ allowCidrs: [], allowedOrigins: operatorOrigins(config) });
  const apps = new OAuthApps(config.providers, ({ provider: _, ...options }) =>
    createTokenEndpoint({ ...options, agents, userAgent: "integrations-subgraph/test", timeoutMs: 5000, now }),
  );
  const access = new ClientAccess(apps, { trial: () => loopbackFetchFor(provider) }, now);
  const registered = { ...provider, auth };
  const { secret, ...connected } = await auth.connect(values, access.clients(registered, { id, tenantId }, known));
  const { apiUrl } = apps.addresses(registered, connected.settings);
  const client = ownClientIn(secret) ?? apps.client(registered);
  const fetch = loopbackFetchFor(provider)({
    authorization: access.authorizationOf(registered, client),
    origins: [apiUrl],
  });
  return { connected, account: { fetch, settings: connected.settings, apiUrl }, secret };
}
