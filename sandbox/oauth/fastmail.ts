import { json, type TwinReply, type TwinRequest } from "../twin.ts";
import type { Grants } from "./grants.ts";
import { type Personality, plainServer, type TokenRefusal } from "./personality.ts";

const protocol = "https://www.fastmail.com/dev/protocol-";
const says: Readonly<Record<string, string>> = {
  [`${protocol}caldav`]: "See and change your calendars",
  [`${protocol}carddav`]: "See and change your contacts",
  [`${protocol}imap`]: "See and change your mail",
  [`${protocol}smtp`]: "Send mail as you",
  "urn:ietf:params:oauth:scope:calendars": "See and change your calendars",
  "urn:ietf:params:oauth:scope:contacts": "See and change your contacts",
  "urn:ietf:params:oauth:scope:mail": "See and change your mail",
  offline_access: "Keep access when you are away",
};
/** Which of them a new client gets for CalDAV, nobody could see. */
const calendarScopes = [`${protocol}caldav`, "urn:ietf:params:oauth:scope:calendars"];
const clientId = "sandbox-client";

export interface FastmailOAuthSwitches {
  /** What becomes of a refresh token that comes a second time; `revoke` ends the whole consent (RFC 9700 §4.14.2). */
  reuse: "revoke" | "refuse" | "accept";
  /** A refresh token comes only for `offline_access`. */
  needsOfflineAccess: boolean;
  accessTokenSeconds: number;
}

/** Fastmail's authorization server: PKCE, a client without a secret, and refresh tokens that are good once. */
export function fastmailPersonality(switches: FastmailOAuthSwitches): Personality {
  return {
    ...plainServer,
    vendor: "Fastmail",
    clientId,
    clientSecretAt: () => null,
    requiresProof: true,
    get accessTokenSeconds() {
      return switches.accessTokenSeconds;
    },
    // The token endpoint is called refresh for codes as well. Revocation is below.
    paths: { authorize: /^\/oauth\/authorize$/, token: /^\/oauth\/refresh$/, revoke: null },
    saysOf: (scope) => says[scope] ?? null,
    canBeUnticked: () => false,

    givesRefreshToken: ({ scopes }) => !switches.needsOfflineAccess || scopes.includes("offline_access"),

    rotate(all, grant, used) {
      const token = all.refreshToken(used);
      if (token) token.isRotated = true;
      return all.issueRefreshToken(grant.id);
    },

    takesRotated(all, grant) {
      if (switches.reuse === "accept") return true;
      if (switches.reuse === "revoke") all.end(grant, "reused");
      return false;
    },

    furtherFields: async () => ({}),
    refuseToken,
    returnFields: (scopes) => ({ scope: scopes.join(" ") }),
  };
}

export function opensCalendars(scopes: readonly string[]): boolean {
  return scopes.some((scope) => calendarScopes.includes(scope));
}

/** Metadata (RFC 8414), revocation (RFC 7009) and registration (RFC 7591); null when the path is none of these. */
export function answerFastmailOAuth(request: TwinRequest, grants: Grants, origin: string): TwinReply | null {
  const { method, path, body } = request;
  switch (`${method} ${path}`) {
    case "GET /.well-known/oauth-authorization-server":
      return json(200, metadata(origin));
    case "POST /oauth/revoke": {
      // A token that is nobody's is as good as revoked (RFC 7009 §2.2).
      const grant = grants.behind(new URLSearchParams(body).get("token") ?? "");
      if (grant && grant.ended === null) grants.end(grant, "revoked");
      return json(200, {});
    }
    case "POST /oauth/register":
      return registered(body);
    default:
      return null;
  }
}

function metadata(origin: string) {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/oauth/authorize`,
    token_endpoint: `${origin}/oauth/refresh`,
    revocation_endpoint: `${origin}/oauth/revoke`,
    registration_endpoint: `${origin}/oauth/register`,
    scopes_supported: Object.keys(says),
    response_types_supported: ["code"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    token_endpoint_auth_methods_supported: ["none"],
    code_challenge_methods_supported: ["S256"],
  };
}

/** Everybody who registers is the same client here. The scope must be named. */
function registered(body: string): TwinReply {
  const { scope, redirect_uris: redirectUris } = asObject(body);
  const isNamed = typeof scope === "string" && scope.split(" ").every((one) => says[one] !== undefined);
  if (!isNamed || !Array.isArray(redirectUris) || redirectUris.length === 0) {
    return json(400, { error: "invalid_client_metadata" });
  }
  const granted = { scope, redirect_uris: redirectUris, grant_types: ["authorization_code", "refresh_token"] };
  return json(201, { client_id: clientId, token_endpoint_auth_method: "none", ...granted });
}

function asObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? { ...read } : {};
  } catch {
    return {};
  }
}

function refuseToken(refusal: TokenRefusal): TwinReply {
  switch (refusal) {
    case "invalid_client":
    case "invalid_secret":
      return json(401, { error: "invalid_client", error_description: "Unknown client" });
    case "unsupported_grant_type":
    case "invalid_request":
      return json(400, { error: refusal });
    default:
      return json(400, { error: "invalid_grant", error_description: refusal.replaceAll("_", " ") });
  }
}
