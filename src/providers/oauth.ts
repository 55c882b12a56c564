import type { IntegrationError } from "../errors.ts";
import type { AccountFetch } from "./account-fetch.ts";
import type { AccountSettings, CredentialField } from "./provider.ts";
import type { GrantedTokens, TokenErrorReply } from "./token-endpoint.ts";

/** Where access tokens come from, and where they go; both can be moved by the operator's settings. */
export interface TokenAddresses {
  readonly tokenUrl: string;
  /**
   * Where the vendor's API begins, with a slash at the end. Access tokens go to its origin, and to no other once it is known
   * whose they are.
   */
  readonly apiUrl: string;
}

/** Where a vendor is; all of it can be moved by the operator's settings. */
export interface OAuthEndpoints extends TokenAddresses {
  /** Where a person consents. */
  readonly authorizationUrl: string;
  /** RFC 7009; null where the vendor has none. When `tokenUrl` alone is moved, its last segment is kept, beside it. */
  readonly revocationUrl: string | null;
}

/** Whether and how a grant can be ended at the vendor. */
export type Revocation =
  /**
   * RFC 7009. `ends` tells whether other integrations of the same account lose their access with it; `tokenIn`, that the
   * vendor wants the token as a parameter of the address, and not in the form.
   */
  | { readonly kind: "token"; readonly ends: "grant" | "account"; readonly tokenIn?: "query" }
  /** The vendor has no way to end one grant. The reason is shown to people. */
  | { readonly kind: "none"; readonly reason: string };

/** How a person signs in at the vendor's own consent page (RFC 6749 §4.1, RFC 7636). */
export interface OAuth<Proven> {
  readonly kind: "oauth2";
  /** What has to be known before anybody can consent, for example a data centre. */
  readonly fields: readonly CredentialField[];
  endpoints(settings: AccountSettings): OAuthEndpoints;
  /** An address that the operator has set, for one account: where a vendor has data centres, that address is in one of them. */
  relocate?(address: string, settings: AccountSettings): string;
  /** What is asked for. */
  readonly scopes: readonly string[];
  /** Between the scopes that are asked for, where the vendor wants another one than a space (RFC 6749 §3.3). */
  readonly scopeSeparator?: string;
  /** Of a grant, what it lacks and nothing works without; people may have unticked it. */
  missingScopes(granted: readonly string[]): readonly string[];
  /** Proof Key for Code Exchange; turned off with a reason alone. */
  readonly pkce: "S256" | { readonly off: string };
  /** How our client shows who it is (RFC 6749 §2.3.1); "none" for a public client. */
  readonly clientAuthentication: "header" | "body" | "none";
  /** Of the `Authorization` header that access tokens go in, where the vendor wants another one than `Bearer` (RFC 6750 §2.1). */
  readonly authorizationScheme?: string;
  /** Parameters of the consent page beyond those of the RFC. `loginHint` is the account that is connected again. */
  authorizationParams(hint: { readonly loginHint: string | null }): Readonly<Record<string, string>>;
  /**
   * What the way back from the consent page says of the account, for example its data centre. Called before the code or our
   * secret goes anywhere, and `endpoints` follow what it returns.
   *
   * @param back the parameters of the way back, by name
   * @param endpoints where the vendor is as far as it is known before
   * @throws {IntegrationError} EGRESS_REFUSED when it leads to a server that is not the vendor's
   */
  settingsIn?(back: Readonly<Record<string, string>>, endpoints: OAuthEndpoints): AccountSettings;
  /**
   * Whose grant it is, and what it opens. Called once after consent, and never to renew.
   *
   * @throws {IntegrationError} PROVIDER_REPLY_INVALID, PREREQUISITE_MISSING, and whatever the vendor answered
   */
  identify(granted: GrantedTokens, context: IdentifyContext): Promise<Proven>;
  /** What the vendor's own error at the token endpoint means, where it differs from RFC 6749 §5.2. */
  explainTokenError?(reply: TokenErrorReply): IntegrationError | undefined;
  /** What the vendor's own words for a refusal at its consent page mean, where they say more than RFC 6749 §4.1.2.1. */
  explainRefusal?(
    refusal: { readonly error: string; readonly description: string },
    app: { readonly clientId: string; readonly redirectUri: string; readonly authorizationUrl: string },
  ): { readonly providerCode: string; readonly remedy: string } | undefined;
  readonly revocation: Revocation;
  /** Where people see which programs have access to their account, and end it. */
  readonly accountUrl: string;
}

export interface IdentifyContext {
  readonly clientId: string;
  readonly settings: AccountSettings;
  readonly endpoints: OAuthEndpoints;
  /** HTTP with the new access token, at the API and at the server that gave it. */
  readonly fetch: AccountFetch;
  readonly now: Date;
}

/** Where a new access token may go to find out whose it is. */
export function identifyOrigins({ apiUrl, tokenUrl }: OAuthEndpoints): readonly string[] {
  return [apiUrl, tokenUrl];
}

/** The `Authorization` header for an access token. */
export function accessTokenHeader(
  { authorizationScheme = "Bearer" }: Pick<OAuth<unknown>, "authorizationScheme">,
  accessToken: string,
): string {
  return `${authorizationScheme} ${accessToken}`;
}

/** For `missingScopes` of vendors that answer the names that were asked for. */
export function missingFrom(needed: readonly string[]): (granted: readonly string[]) => readonly string[] {
  return (granted) => needed.filter((scope) => !granted.includes(scope));
}
