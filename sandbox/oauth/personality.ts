import type { TwinReply } from "../twin.ts";
import type { Grant, Grants } from "./grants.ts";

/** What an authorization request asks for. */
export interface ConsentRequest {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly parameters: URLSearchParams;
}

/** Why a token endpoint gives none, in the words of RFC 6749 §5.2 and of nobody yet. */
export type TokenRefusal =
  | "invalid_client"
  | "code_unknown"
  | "code_used"
  | "code_expired"
  | "redirect_mismatch"
  | "proof_mismatch"
  | "refresh_token_gone"
  | "invalid_request"
  | "unsupported_grant_type";

/** What one vendor's authorization server has of its own. */
export interface Personality {
  readonly vendor: string;
  readonly clientId: string;
  /** Null for a public client, which has none (RFC 6749 §2.1). */
  readonly clientSecret: string | null;
  /** Nothing is given without PKCE by S256 (RFC 7636). */
  readonly requiresProof?: boolean;
  readonly accessTokenSeconds: number;
  /** Below the twin. */
  readonly paths: { readonly authorize: RegExp; readonly token: RegExp; readonly revoke: RegExp | null };
  /** What a scope says to people; null for one that the vendor does not know. */
  saysOf(scope: string): string | null;
  canBeUnticked(scope: string): boolean;
  /** Whether a refresh token comes with the code's tokens. */
  givesRefreshToken(request: ConsentRequest, isFirst: boolean): boolean;
  /** The refresh token to send when one was used; null for none. */
  rotate(grants: Grants, grant: Grant, used: string): string | null;
  /** Whether a refresh token that was replaced already is taken once more. */
  takesRotated(grants: Grants, grant: Grant): boolean;
  /** Fields beside those of RFC 6749 §5.1. */
  furtherFields(grant: Grant, scopes: readonly string[], issuer: string): Promise<Readonly<Record<string, unknown>>>;
  refuseToken(refusal: TokenRefusal): TwinReply;
  /** Parameters added to the way back. */
  returnFields(scopes: readonly string[]): Readonly<Record<string, string>>;
}
