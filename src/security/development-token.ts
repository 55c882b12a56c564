import { SignJWT } from "jose";

export interface DevelopmentClaims {
  readonly tenantId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly expiresInSeconds: number;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly tenantClaim?: string | undefined;
}

/** A token as the platform would issue it, for trying the service out on one's own machine. */
export async function signDevelopmentToken(secret: string, claims: DevelopmentClaims): Promise<string> {
  const { tenantId, userId, scopes, expiresInSeconds, issuer, audience, tenantClaim = "tenant_id" } = claims;
  const now = Math.floor(Date.now() / 1000);

  const token = new SignJWT({ [tenantClaim]: tenantId, scope: scopes.join(" ") })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(userId)
    .setIssuedAt(now)
    .setExpirationTime(now + expiresInSeconds);
  if (issuer) token.setIssuer(issuer);
  if (audience) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
}
