import type { RenewableAuthorization } from "../providers/account-fetch.ts";
import type { ClientCredentials, Clients } from "../providers/client-credentials.ts";
import { accessTokenHeader } from "../providers/oauth.ts";
import type { OAuthClient } from "../providers/token-endpoint.ts";
import type { Accounts } from "./accounts.ts";
import type { OAuthApps, TokenProvider } from "./oauth-apps.ts";
import { hashOf } from "./routes.ts";

/** How much of a token's life it is used for. */
const usedPart = 0.8;

export type ClientProvider = TokenProvider & { readonly auth: ClientCredentials<unknown> };

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
    private readonly apps: OAuthApps,
    private readonly accounts: Pick<Accounts, "trial">,
    private readonly now: () => Date,
  ) {}

  /**
   * What a login is proved with.
   *
   * @param connection the integration that is being made, and whose
   * @param known the client that the account has already
   * @throws {IntegrationError} NOT_CONFIGURED
   */
  clients(
    provider: ClientProvider,
    { id: connectionId, tenantId }: { readonly id: string; readonly tenantId: string },
    known: OAuthClient | null,
  ): Clients {
    const addresses = this.apps.addresses(provider, {});
    const operator = this.apps.client(provider);
    const fetchAs = (client: OAuthClient) =>
      this.accounts.trial(provider)({
        authorization: this.authorizationOf(provider, client),
        origins: [addresses.apiUrl],
      });
    const tenantMark = hashOf(tenantId).slice(0, 12);
    return { ...addresses, connectionId, tenantMark, known, fetchAsOperator: fetchAs(operator), fetchAs };
  }

  authorizationOf(provider: ClientProvider, client: OAuthClient): RenewableAuthorization {
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
