import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

/** A real OpenID provider on the loopback that gives a new refresh token each time and ends a grant whose old one comes back. */
export interface OidcServer {
  readonly tokenUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Somebody's consent. @returns the refresh token */
  consent(account: string): Promise<string>;
  /** How often tokens were given since `forget()`. */
  readonly renewals: () => number;
  forget(): void;
  /** What the next request meets instead of an answer, or before it. */
  meet(
    trouble: (answer: () => Promise<void>) => Promise<"answered" | { status: number; body: string; type?: string }>,
  ): void;
  stop(): Promise<void>;
}

const scope = "openid offline_access";

export async function startOidcServer({ accessTokenSeconds = 3600 } = {}): Promise<OidcServer> {
  const client = { id: "integrations", secret: "not-a-secret-of-anybody" };
  let renewals = 0;
  let met: Parameters<OidcServer["meet"]>[0] | undefined;
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: ["http://127.0.0.1/oauth/callback"],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    scopes: ["openid", "offline_access"],
    rotateRefreshToken: true,
    features: { devInteractions: { enabled: false } },
    jwks: { keys: [await exportJWK((await generateKeyPair("RS256", { extractable: true })).privateKey)] },
    ttl: { AccessToken: accessTokenSeconds, RefreshToken: 86_400, Grant: 86_400 },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  });
  provider.on("grant.success", () => {
    renewals += 1;
  });
  const answer = provider.callback();
  server.on("request", async (request, response) => {
    const trouble = met;
    met = undefined;
    const given = await trouble?.(() => new Promise((done) => void answer(request, response).then(() => done())));
    if (given === "answered") return;
    if (given === undefined) return void answer(request, response);
    response.writeHead(given.status, { "content-type": given.type ?? "application/json" }).end(given.body);
  });

  return {
    tokenUrl: `${issuer}/token`,
    client,
    renewals: () => renewals,
    forget() {
      renewals = 0;
      met = undefined;
    },
    async consent(account) {
      const grant = new provider.Grant({ accountId: account, clientId: client.id });
      grant.addOIDCScope(scope);
      const grantId = await grant.save();
      const found = await provider.Client.find(client.id);
      if (!found) throw new Error("The client is not registered");
      const token = new provider.RefreshToken({
        client: found,
        accountId: account,
        grantId,
        scope,
        gty: "authorization_code",
        rotations: 0,
      } as ConstructorParameters<typeof provider.RefreshToken>[0]);
      return token.save();
    },
    meet(trouble) {
      met = trouble;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
