import type { IncomingMessage, ServerResponse } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import { type KoaContextWithOIDC, Provider } from "oidc-provider";
import type { GrantState, Issuer } from "../drill/issuer.ts";

interface Grant {
  readonly id: string;
  isRevoked: boolean;
  refreshToken: string;
  accessToken: string | null;
  given: number;
  refused: number;
}

const scope = "openid offline_access";
const dayInSeconds = 24 * 60 * 60;

/** The package `oidc-provider`: it rotates refresh tokens, and a used one that comes again ends its grant. */
export class OidcIssuer implements Issuer {
  private readonly grants = new Map<string, Grant>();

  private constructor(
    private readonly provider: Provider,
    private readonly clientId: string,
    private readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ) {
    provider.on("grant.success", (context) => this.succeeded(context));
    provider.on("grant.error", (context) => {
      const grant = this.grantOf(context);
      if (grant) grant.refused += 1;
    });
    provider.on("grant.revoked", (_context, grantId) => {
      for (const grant of this.grants.values()) if (grant.id === grantId) grant.isRevoked = true;
    });
  }

  static async create(origin: string, client: { readonly id: string; readonly secret: string }): Promise<OidcIssuer> {
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    const provider = new Provider(origin, {
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          redirect_uris: [`${origin}/callback`],
          grant_types: ["authorization_code", "refresh_token"],
          token_endpoint_auth_method: "client_secret_post",
        },
      ],
      scopes: scope.split(" "),
      rotateRefreshToken: true,
      features: { devInteractions: { enabled: false } },
      jwks: { keys: [await exportJWK(privateKey)] },
      ttl: { AccessToken: 3600, RefreshToken: dayInSeconds, Grant: dayInSeconds, IdToken: 3600 },
      findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    });
    return new OidcIssuer(provider, client.id, provider.callback());
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    this.handle(request, response).catch(() => response.destroy());
  }

  async consent(account: string): Promise<string> {
    const { provider, clientId } = this;
    const grant = new provider.Grant({ accountId: account, clientId });
    grant.addOIDCScope(scope);
    const grantId = await grant.save();
    const client = await provider.Client.find(clientId);
    if (!client) throw new Error("The client is not registered");
    const first = new provider.RefreshToken({ client, accountId: account, grantId, scope, gty: "authorization_code" });
    const refreshToken = await first.save();
    this.grants.set(account, { id: grantId, isRevoked: false, refreshToken, accessToken: null, given: 0, refused: 0 });
    return refreshToken;
  }

  async grant(account: string): Promise<GrantState> {
    const grant = this.grants.get(account);
    if (!grant) throw new Error(`Nobody consented for ${account}`);
    const { isRevoked, accessToken, refreshToken, given, refused } = grant;
    const stored = await this.provider.RefreshToken.find(refreshToken);
    return { isAlive: !isRevoked && stored !== undefined, accessToken, refreshToken, given, refused };
  }

  private succeeded(context: KoaContextWithOIDC): void {
    const grant = this.grantOf(context);
    if (!grant) return;
    const { access_token, refresh_token } = context.body as { access_token: string; refresh_token: string };
    Object.assign(grant, { accessToken: access_token, refreshToken: refresh_token });
    grant.given += 1;
  }

  /** Undefined for a token that it knows nothing of. */
  private grantOf({ oidc }: KoaContextWithOIDC): Grant | undefined {
    return this.grants.get(oidc.entities.RefreshToken?.accountId ?? "");
  }
}
