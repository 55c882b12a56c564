import type { IntegrationError } from "../errors.ts";
import type { AccountFetch } from "./account-fetch.ts";
import type { AccountSettings, CredentialField } from "./provider.ts";
import type { GrantedTokens, TokenErrorReply } from "./token-endpoint.ts";

/** Where a vendor is; all of it can be moved by the operator's settings. */
export interface OAuthEndpoints {
  /** Where a person consents. */
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** RFC 7009; null where the vendor has none. When `tokenUrl` alone is moved, its last segment is kept, beside it. */
  readonly revocationUrl: string | null;
  /** Where the vendor's API begins, with a slash at the end. Access tokens go to its origin and to no other. */
  readonly apiUrl: string;
}

/** Whether and how a grant can be ended at the vendor. */
export type Revocation =
  /** RFC 7009. `ends` tells whether other integrations of the same account lose their access with it. */
  | { readonly kind: "token"; readonly ends: "grant" | "account" }
  /** The vendor has no way to end one grant. The reason is shown to people. */
  | { readonly kind: "none"; readonly reason: string };

/** How a person signs in at the vendor's own consent page (RFC 6749 §4.1, RFC 7636). */
export interface OAuth<Proven> {
  readonly kind: "oauth2";
  /** What has to be known before anybody can consent, for example a data centre. */
  readonly fields: readonly CredentialField[];
  endpoints(settings: AccountSettings): OAuthEndpoints;
  /** What is asked for. */
  readonly scopes: readonly string[];
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
  /** HTTP with the new access token. */
  readonly fetch: AccountFetch;
  readonly now: Date;
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
