import type { Database } from "../database/database.ts";
import type { RenewableAuthorization } from "../providers/account-fetch.ts";
import { type ClientCredentials, type Clients, ownClientIn } from "../providers/client-credentials.ts";
import { accessTokenHeader } from "../providers/oauth.ts";
import type { OAuthClient } from "../providers/token-endpoint.ts";
import type { Vault } from "../security/vault.ts";
import type { Accounts } from "./accounts.ts";
import type { OAuthApps, TokenProvider } from "./oauth-apps.ts";
import { hashOf } from "./routes.ts";
import { findSealed } from "./sealed-integration.ts";

/** How much of a token's life it is used for. */
const usedPart = 0.8;

type ClientProvider = TokenProvider & { readonly auth: ClientCredentials<unknown> };

interface KeptToken {
  readonly header: string;
  /** In milliseconds since 1970. */
  readonly until: number;
}

/**
 * HTTP in the name of clients while no integration keeps their tokens: of the operator's own registrations, and of a
 * customer's client that is being made. Each process asks for tokens of its own, and uses them until they end, as vendors wish.
 */
export class ClientAccess {
  private readonly kept = new Map<string, KeptToken>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly apps: OAuthApps,
    private readonly accounts: Accounts,
    private readonly now: () => Date,
  ) {}

  /** What a login is proved with. @throws {IntegrationError} NOT_CONFIGURED */
  async clients(tenantId: string, integrationId: string, provider: ClientProvider): Promise<Clients> {
    const addresses = this.apps.addresses(provider, {});
    const operator = this.apps.client(provider);
    const fetchAs = (client: OAuthClient) =>
      this.accounts.trial(provider)({
        authorization: this.authorizationOf(provider, client),
        origins: [addresses.apiUrl],
      });
    const found = await this.database.inTenant(tenantId, (tx) => findSealed(tx, integrationId));
    const known = found && ownClientIn(this.vault.open(found.sealed, { tenantId, integrationId }));
    return { ...addresses, connectionId: integrationId, known, fetchAsOperator: fetchAs(operator), fetchAs };
  }

  private authorizationOf(provider: ClientProvider, client: OAuthClient): RenewableAuthorization {
    const key = hashOf(JSON.stringify([provider.id, client.id, client.secret]));
    const ask = async (): Promise<string> => {
      const askedAt = this.now().getTime();
      const granted = await this.apps.tokenEndpoint(provider, {}, client).clientCredentials(provider.auth.scopes);
      const header = accessTokenHeader(provider.auth, granted.accessToken);
      this.kept.set(key, { header, until: askedAt + (granted.expiresInSeconds ?? 0) * 1000 * usedPart });
      return header;
    };
    return {
      current: async () => {
        const kept = this.kept.get(key);
        return kept && kept.until > this.now().getTime() ? kept.header : ask();
      },
      renewed: async (rejected) => {
        const kept = this.kept.get(key);
        return kept && kept.header !== rejected ? kept.header : ask();
      },
    };
  }
}
