import { decodeJwt } from "jose";
import * as z from "zod";
import { IntegrationError } from "../errors.ts";
import { toleratedSkewMs, wrongClock } from "./token-endpoint.ts";

// https://openid.net/specs/openid-connect-core-1_0.html#IDToken
const Claims = z.object({ aud: z.string(), iat: z.number(), exp: z.number() });

/**
 * The claims of an id token. It came straight from the token endpoint over TLS, so its signature need not be checked
 * (OpenID Connect Core §3.1.3.7); whom it is for and when it was made is.
 *
 * @param shape the vendor's further claims
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID when it is none, or somebody else's; what a wrong clock leads to
 */
export function readIdToken<S extends z.ZodType>(
  idToken: string | null,
  shape: S,
  { vendor, clientId, now }: { readonly vendor: string; readonly clientId: string; readonly now: Date },
): z.output<S> {
  const claims = decoded(idToken);
  const [common, own] = [Claims.safeParse(claims), shape.safeParse(claims)];
  if (!common.success || !own.success || common.data.aud !== clientId) {
    throw new IntegrationError("PROVIDER_REPLY_INVALID", `${vendor} did not say whose account this is`, {
      remedy: "Connect again.",
    });
  }
  const { iat, exp } = common.data;
  const skewMs = iat * 1000 - now.getTime();
  const isOver = now.getTime() - exp * 1000 > toleratedSkewMs;
  if (skewMs > toleratedSkewMs || isOver) throw wrongClock(vendor, skewMs);
  return own.data;
}

function decoded(idToken: string | null): unknown {
  try {
    return idToken === null ? null : decodeJwt(idToken);
  } catch {
    return null;
  }
}
