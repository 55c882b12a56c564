import { json, type TwinReply } from "../twin.ts";
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
  | "invalid_secret"
  | "code_unknown"
  | "code_used"
  | "code_expired"
  | "redirect_mismatch"
  | "proof_mismatch"
  | "refresh_token_gone"
  | "invalid_request"
  | "invalid_scope"
  | "unsupported_grant_type"
  | "too_many_requests";

/** What is given out, where a vendor counts it. */
export type Issued = "code" | "accessToken" | "refreshToken";

/** What one vendor's authorization server has of its own. */
export interface Personality {
  readonly vendor: string;
  readonly clientId: string;
  /** Whether the token endpoint at this path knows the client, for vendors that have several. */
  knowsClientAt(path: string): boolean;
  /** The client's secret there. Null for a public client, which has none (RFC 6749 §2.1). */
  clientSecretAt(path: string): string | null;
  /** Nothing is given without PKCE by S256 (RFC 7636). */
  readonly requiresProof: boolean;
  /** Where a client may show who it is (RFC 6749 §2.3.1); what is asked for may be in the query then too. */
  readonly clientShownIn: readonly ("header" | "body" | "query")[];
  readonly accessTokenSeconds: number;
  /** Below the twin. */
  readonly paths: { readonly authorize: RegExp; readonly token: RegExp; readonly revoke: RegExp | null };
  readonly codeSeconds: number;
  readScopes(text: string): readonly string[];
  /** What a scope says to people; null for one that the vendor does not know. */
  saysOf(scope: string): string | null;
  canBeUnticked(scope: string): boolean;
  /** Whether the server at this path is the one that gave the consent's codes and tokens. */
  isHome(grant: Grant, path: string): boolean;
  /** Whether there were too many already. What is not, counts from then on. */
  isOverLimit(what: Issued, of: Pick<Grant, "id" | "email" | "clientId">): boolean;
  /** Told after tokens were given, for vendors that end older ones then. */
  tokensGiven(grants: Grants, grant: Grant): void;
  /** What a client gets for itself, without a person (RFC 6749 §4.4): in whose name, and for what. Left out where it gets nothing. */
  ownAccess?(form: URLSearchParams): { readonly account: string; readonly scopes: readonly string[] } | TokenRefusal;
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
  returnFields(scopes: readonly string[], email: string): Readonly<Record<string, string>>;
  /** What a revoked token takes with it. */
  readonly revocationEnds: "grant" | "account";
  answerRevocation(isKnown: boolean): TwinReply;
}

/** What vendors do who have nothing of their own there (RFC 6749, RFC 7009). */
export const plainServer = {
  knowsClientAt: () => true,
  requiresProof: false,
  clientShownIn: ["header", "body"],
  codeSeconds: 600,
  readScopes: (text) => text.split(" ").filter((scope) => scope !== ""),
  isHome: () => true,
  isOverLimit: () => false,
  tokensGiven: () => {},
  revocationEnds: "account",
  answerRevocation: (isKnown) =>
    isKnown ? json(200, {}) : json(400, { error: "invalid_token", error_description: "Token expired or revoked" }),
} as const satisfies Partial<Personality>;
