import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from "jose";
import * as z from "zod";
import { IntegrationError } from "../errors.ts";

/** Who calls, as their token says it. */
export interface CallerToken {
  readonly tenantId: string;
  readonly userId: string;
  readonly scopes: ReadonlySet<string>;
  /** Null for a token that does not expire. */
  readonly expiresAt: Date | null;
}

export interface CallerTokenVerifier {
  /**
   * @param authorization the header as it came, or a WebSocket's `connectionParams.authorization`
   * @throws {IntegrationError} UNAUTHENTICATED; PROVIDER_UNAVAILABLE when the key set cannot be read
   */
  verify(authorization: string | undefined): Promise<CallerToken>;
}

/** The identity provider's published keys, or a secret shared with whoever signs. */
export type TokenKeys =
  | {
      readonly jwksUrl: string;
      /** How long after reading the keys a key id that is not among them does not make us read them again. */
      readonly rereadAfterMs?: number;
      readonly fetch?: FetchImplementation;
    }
  | { readonly secret: string };

export interface CallerTokenOptions {
  readonly keys: TokenKeys;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly tenantClaim?: string | undefined;
}

/** Verifies the JWT of a caller (RFC 7519, RFC 8725). */
export function createCallerTokenVerifier({
  keys,
  issuer,
  audience,
  tenantClaim = "tenant_id",
}: CallerTokenOptions): CallerTokenVerifier {
  const { key, algorithms } = "secret" in keys ? sharedSecret(keys.secret) : publishedKeys(keys);
  const checks = { algorithms, clockTolerance: 5, ...(issuer && { issuer }), ...(audience && { audience }) };

  return {
    async verify(authorization) {
      const token = readBearer(authorization);
      const { payload } = await jwtVerify(token, key, checks).catch((error: unknown) => {
        throw explain(error);
      });
      return readClaims(payload, tenantClaim);
    },
  };
}

interface Verification {
  readonly key: JWTVerifyGetKey;
  /** Pinned, so that a token cannot choose how it is checked (RFC 8725 §3.1). */
  readonly algorithms: string[];
}

function sharedSecret(secret: string): Verification {
  const bytes = new TextEncoder().encode(secret);
  if (bytes.length < 32) throw new Error("The secret for caller tokens is shorter than 32 bytes (RFC 7518 §3.2)");
  return { key: async () => bytes, algorithms: ["HS256"] };
}

function publishedKeys({
  jwksUrl,
  rereadAfterMs = 30_000,
  fetch,
}: Exclude<TokenKeys, { secret: string }>): Verification {
  const keySet = createRemoteJWKSet(new URL(jwksUrl), {
    cooldownDuration: rereadAfterMs,
    ...(fetch && { [customFetch]: fetch }),
  });
  const key: JWTVerifyGetKey = (header, token) =>
    keySet(header, token).catch((error: unknown) => {
      throw error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys
        ? error
        : keysUnavailable(error);
    });
  return { key, algorithms: ["RS256", "PS256", "ES256", "EdDSA"] };
}

function keysUnavailable(cause: unknown): IntegrationError {
  return new IntegrationError("PROVIDER_UNAVAILABLE", "The keys of the identity provider cannot be read", {
    cause,
    remedy: "Try again shortly; if it lasts, ask the operator to check AUTH_JWKS_URL.",
  });
}

const getAnotherToken = "Sign in again and use the new token.";

function readBearer(authorization: string | undefined): string {
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization?.trim() ?? "") ?? [];
  if (token) return token;
  throw unauthenticated("There is no access token", "Send the header `Authorization: Bearer <token>`.");
}

/** Says what is wrong with a token. jose's own error is not kept, because it carries the claims. */
function explain(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return unauthenticated("The access token has expired", getAnotherToken);
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthenticated(`The access token is not for this service: its ${error.claim} is not accepted`);
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return unauthenticated("The access token is not a signed JWT");
  }
  if (error instanceof errors.JOSEError) {
    return unauthenticated("The access token is not signed with a key that this service trusts");
  }
  return error;
}

// Neither control characters, which Postgres does not store, nor halves of characters, which would all be stored alike.
const Id = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,255}$/u);
const Scope = z.union([z.string().transform((text) => text.split(" ")), z.array(z.string())]).default([]);

function readClaims(claims: JWTPayload, tenantClaim: string): CallerToken {
  const tenantId = Id.safeParse(claims[tenantClaim]);
  if (!tenantId.success) throw unauthenticated(`The access token names no tenant in ${tenantClaim}`);
  const userId = Id.safeParse(claims.sub);
  if (!userId.success) throw unauthenticated("The access token names no user in sub");
  const scopes = Scope.safeParse(claims["scope"]);
  if (!scopes.success) throw unauthenticated("The access token has a scope that is neither text nor a list");

  return {
    tenantId: tenantId.data,
    userId: userId.data,
    scopes: new Set(scopes.data.filter((scope) => scope !== "")),
    expiresAt: claims.exp === undefined ? null : new Date(claims.exp * 1000),
  };
}

function unauthenticated(
  message: string,
  remedy = "Use a token that the platform's sign-in issued for this service.",
): IntegrationError {
  return new IntegrationError("UNAUTHENTICATED", message, { remedy });
}
