import { json, type TwinReply, type TwinRequest } from "../twin.ts";
import type { Grants } from "./grants.ts";

/** Who somebody is: discovery, keys, userinfo and tokeninfo. https://developers.google.com/identity/openid-connect/openid-connect */
export function answerIdentity(
  { path, query, headers, body }: TwinRequest,
  { grants, origin, jwks }: { readonly grants: Grants; readonly origin: string; readonly jwks: unknown },
): TwinReply | null {
  switch (path) {
    case "/.well-known/openid-configuration":
      return json(200, discovery(origin));
    case "/oauth2/v3/certs":
      return json(200, jwks);
    case "/v1/userinfo": {
      const [, token = ""] = /^Bearer (.+)$/i.exec(headers["authorization"] ?? "") ?? [];
      return userinfo(grants, token);
    }
    case "/tokeninfo":
      return tokeninfo(grants, query.get("access_token") ?? new URLSearchParams(body).get("access_token") ?? "");
    default:
      return null;
  }
}

function discovery(origin: string) {
  return {
    issuer: "https://accounts.google.com",
    authorization_endpoint: `${origin}/o/oauth2/v2/auth`,
    token_endpoint: `${origin}/token`,
    revocation_endpoint: `${origin}/revoke`,
    userinfo_endpoint: `${origin}/v1/userinfo`,
    jwks_uri: `${origin}/oauth2/v3/certs`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "email", "profile"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    code_challenge_methods_supported: ["plain", "S256"],
    grant_types_supported: ["authorization_code", "refresh_token"],
  };
}

function userinfo(grants: Grants, token: string): TwinReply {
  const holder = grants.holder(token);
  if (!holder?.scopes.includes("openid")) {
    return json(401, { error: "invalid_request", error_description: "Invalid Credentials" });
  }
  const { email, scopes } = holder;
  const account = grants.account(email);
  return json(200, {
    sub: account?.sub,
    ...(scopes.includes("email") && { email, email_verified: true }),
    ...(scopes.includes("profile") && { name: account?.name }),
  });
}

function tokeninfo(grants: Grants, token: string): TwinReply {
  const holder = grants.holder(token);
  if (!holder) return json(400, { error: "invalid_token", error_description: "Invalid Value" });
  const { email, scopes, grant } = holder;
  return json(200, {
    azp: grant.clientId,
    aud: grant.clientId,
    sub: grants.account(email)?.sub,
    scope: scopes.join(" "),
    ...(scopes.includes("email") && { email, email_verified: "true" }),
  });
}
