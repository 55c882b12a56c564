import { createHash } from "node:crypto";
import type { OAuth } from "./oauth.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";

/** One way through a consent page. */
export interface AuthorizationRequest {
  /** Where the browser comes back to. */
  readonly redirectUri: string;
  readonly state: string;
  /** Goes to the token endpoint and nowhere else (RFC 7636 §4.1). */
  readonly codeVerifier: string;
  /** The account that is connected again; null for a new one. */
  readonly loginHint: string | null;
}

type Declared = Pick<OAuth<unknown>, "scopes" | "pkce" | "authorizationParams">;

/** Where a browser is sent for consent (RFC 6749 §4.1.1). What a provider declares cannot take the protocol's own place. */
export function authorizationUrl(
  { scopes, pkce, authorizationParams }: Declared,
  endpoint: Pick<TokenEndpoint, "consentUrl">,
  { redirectUri, state, codeVerifier, loginHint }: AuthorizationRequest,
): string {
  return endpoint.consentUrl(scopes, {
    ...authorizationParams({ loginHint }),
    ...(pkce === "S256" && { code_challenge: challengeOf(codeVerifier), code_challenge_method: "S256" }),
    redirect_uri: redirectUri,
    state,
  });
}

/** What the code of that consent is exchanged with (RFC 6749 §4.1.3, RFC 7636 §4.5). */
export function exchangeProof(
  { pkce }: Pick<Declared, "pkce">,
  { redirectUri, codeVerifier }: Pick<AuthorizationRequest, "redirectUri" | "codeVerifier">,
): Parameters<TokenEndpoint["exchange"]>[1] {
  return { redirectUri, codeVerifier: pkce === "S256" ? codeVerifier : null };
}

/** RFC 7636 §4.2. */
function challengeOf(codeVerifier: string): string {
  return createHash("sha256").update(codeVerifier).digest("base64url");
}
