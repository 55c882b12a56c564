import type { GrantedTokens, TokenEndpoint } from "./token-endpoint.ts";

/** What renewing is handed: our client at the account's own token endpoint. */
export interface RenewalRequest {
  readonly endpoint: TokenEndpoint;
}

export interface RefreshRequest extends RenewalRequest {
  /** The newest refresh token that is stored. */
  readonly refreshToken: string;
}

/** What renewing answers. Unlike {@link GrantedTokens} it always says which refresh token is good from now on. */
export interface RenewedTokens extends GrantedTokens {
  readonly refreshToken: string;
}

/**
 * How an account's access is kept alive. Every provider declares one of three forms; there is no default.
 *
 * All forms may throw {@link IntegrationError}: REAUTHORIZATION_REQUIRED when the grant is gone, NOT_CONFIGURED when the
 * vendor refuses our client, RATE_LIMITED, PROVIDER_UNAVAILABLE or PROVIDER_REPLY_INVALID when nobody is to blame.
 * Nothing else ends a grant.
 */
export type TokenRenewal =
  /** A person's consent, kept alive by a refresh token (RFC 6749 §6). */
  | {
      readonly kind: "refreshToken";
      /**
       * What the vendor does when a refresh token comes a second time, after it gave out a newer one: takes it, at least
       * for a while, or ends the grant (RFC 9700 §4.14.2). Told to people when a renewal was interrupted.
       */
      readonly reuse: "accepted" | "ends-the-grant";
      refresh(request: RefreshRequest): Promise<RenewedTokens>;
    }
  /** No person is involved: the access token is asked for again with our own credentials (RFC 6749 §4.4). */
  | { readonly kind: "clientCredentials"; request(request: RenewalRequest): Promise<GrantedTokens> }
  /** Passwords and keys: nothing expires by itself. The reason is shown to people. */
  | { readonly kind: "none"; readonly reason: string };

/** Renews as RFC 6749 §6 has it. A server that sends no new refresh token means: keep the old one. */
export async function refreshGrant({ endpoint, refreshToken }: RefreshRequest): Promise<RenewedTokens> {
  return keepRefreshToken(await endpoint.refresh(refreshToken), refreshToken);
}

/** The refresh token that is good from now on: the new one where the vendor rotates, else the old one (RFC 6749 §6). */
export function keepRefreshToken(granted: GrantedTokens, refreshToken: string): RenewedTokens {
  return { ...granted, refreshToken: granted.refreshToken ?? refreshToken };
}
