import { randomBytes } from "node:crypto";
import { operatorOrigins, readConfig } from "../../src/config.ts";
import type { AccountFetch } from "../../src/providers/account-fetch.ts";
import {
  type AuthorizationRequest,
  authorizationUrl,
  exchangeProof,
} from "../../src/providers/authorization-request.ts";
import type { CalendarProvider, ProvenAccount } from "../../src/providers/calendar/provider.ts";
import { accessTokenHeader, identifyOrigins, type OAuth, type OAuthEndpoints } from "../../src/providers/oauth.ts";
import type { AccountSettings } from "../../src/providers/provider.ts";
import { createTokenEndpoint, type GrantedTokens, type TokenEndpoint } from "../../src/providers/token-endpoint.ts";
import { createEgress } from "../../src/security/egress.ts";
import { OAuthApps } from "../../src/services/oauth-apps.ts";
import { loopbackFetchFor } from "./account.ts";

/** A provider that people sign in to at its own consent page. */
export type ConsentProvider = Pick<CalendarProvider, "id" | "name" | "renewal" | "errorCodeIn"> & {
  readonly auth: OAuth<ProvenAccount>;
};

/** @throws Error when people sign in to it another way */
export function asConsentProvider(provider: CalendarProvider): ConsentProvider {
  const { auth } = provider;
  if (auth.kind !== "oauth2") throw new Error(`${provider.id} has no consent page`);
  return { ...provider, auth };
}

export interface OAuthClientOptions {
  /** What the operator has set, as in the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** What the account has said before, for example its data centre. */
  readonly accountSettings?: AccountSettings;
  /** For one call of the token endpoint. */
  readonly timeoutMs?: number;
}

/** This service as the client of one vendor: what its parts do for an account, without a database that keeps it. */
export interface OAuthClient {
  readonly endpoint: TokenEndpoint;
  readonly endpoints: OAuthEndpoints;
  begin(loginHint?: string | null): AuthorizationRequest;
  /** Where the browser is sent. */
  consentUrl(request: AuthorizationRequest): string;
  exchange(code: string, request: AuthorizationRequest): Promise<GrantedTokens>;
  fetchWith(granted: Pick<GrantedTokens, "accessToken">): AccountFetch;
  identify(granted: GrantedTokens): Promise<ProvenAccount>;
}

export function openOAuthClient(
  provider: ConsentProvider,
  { settings, accountSettings = {}, timeoutMs = 5000 }: OAuthClientOptions,
): OAuthClient {
  const { id, auth } = provider;
  const config = readConfig({ ...settings }, [id]);
  const { agents } = createEgress({ allowCidrs: [], allowedOrigins: operatorOrigins(config) });
  const now = () => new Date();
  const apps = new OAuthApps(config.providers, ({ provider: _, ...options }) =>
    createTokenEndpoint({ ...options, agents, userAgent: "integrations-subgraph/test", timeoutMs, now }),
  );
  const endpoint = apps.tokenEndpoint(provider, accountSettings);
  const endpoints = apps.endpoints(provider, accountSettings);
  const openWith = ({ accessToken }: Pick<GrantedTokens, "accessToken">, origins: readonly string[]) =>
    loopbackFetchFor(provider)({ authorization: accessTokenHeader(auth, accessToken), origins });
  const fetchWith = (granted: Pick<GrantedTokens, "accessToken">) => openWith(granted, [endpoints.apiUrl]);
  return {
    endpoint,
    endpoints,
    begin: (loginHint = null) => ({
      redirectUri: "http://localhost:4000/oauth/callback",
      state: randomBytes(16).toString("base64url"),
      codeVerifier: randomBytes(48).toString("base64url"),
      loginHint,
    }),
    consentUrl: (request) => authorizationUrl(auth, endpoint, request),
    exchange: (code, request) => endpoint.exchange(code, exchangeProof(auth, request)),
    fetchWith,
    async identify(granted) {
      const clientId = apps.client(provider).id;
      const fetch = openWith(granted, identifyOrigins(endpoints));
      const context = { clientId, settings: accountSettings, endpoints, fetch, now: now() };
      const proven = await auth.identify(granted, context);
      return { ...proven, settings: { ...accountSettings, ...proven.settings } };
    },
  };
}
