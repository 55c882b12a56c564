import { json, type TwinReply } from "../twin.ts";
import type { Grants } from "./grants.ts";
import { type Personality, plainServer, type TokenRefusal } from "./personality.ts";

const says: Readonly<Record<string, string>> = {
  email: "See your e-mail address",
  offline_access: "Keep access when you are away",
  employer_access: "Act for your employer",
  "employer.hosted_job": "Manage jobs that are hosted at Indeed",
};
export const indeedClient = { id: "sandbox-client", secret: "sandbox-client-password" } as const;
const refreshTokenMs = 60 * 24 * 60 * 60_000;

export interface IndeedOAuthSwitches {
  accessTokenSeconds: number;
  /** A refresh token is good once, and comes back as another one: the documentation does not say. */
  rotatesRefreshTokens: boolean;
}

/**
 * Indeed's authorization server: a token stands for one employer, or for the whole organization of the partner.
 *
 * @param knowsEmployer whether a token may be asked for in the name of the employer with this id
 */
export function indeedPersonality(
  switches: IndeedOAuthSwitches,
  knowsEmployer: (employerId: string) => boolean,
): Personality {
  return {
    ...plainServer,
    vendor: "Indeed",
    clientId: indeedClient.id,
    clientSecretAt: () => indeedClient.secret,
    get accessTokenSeconds() {
      return switches.accessTokenSeconds;
    },
    paths: { authorize: /^\/oauth\/v2\/authorize$/, token: /^\/oauth\/v2\/tokens$/, revoke: null },
    saysOf: (scope) => says[scope] ?? null,
    canBeUnticked: () => false,

    ownAccess(form) {
      const scopes = (form.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
      if (scopes.length === 0 || scopes.some((scope) => says[scope] === undefined)) return "invalid_scope";
      const employer = form.get("employer") ?? "";
      if (employer !== "" && !knowsEmployer(employer)) return "invalid_request";
      return { account: employer === "" ? indeedClient.id : employer, scopes };
    },

    givesRefreshToken: ({ scopes }) => scopes.includes("offline_access"),

    rotate(all, grant, used) {
      if (!switches.rotatesRefreshTokens) return null;
      const token = all.refreshToken(used);
      if (token) token.isRotated = true;
      return all.issueRefreshToken(grant.id);
    },

    takesRotated: () => false,
    furtherFields: async () => ({}),
    refuseToken,
    returnFields: () => ({}),
  };
}

/** Forgets refresh tokens that are older than sixty days. */
export function ageIndeedGrants(grants: Grants, now: Date): void {
  for (const email of grants.accounts) {
    for (const [text, { givenAt }] of grants.refreshTokensOf(email, indeedClient.id)) {
      if (now.getTime() - givenAt.getTime() > refreshTokenMs) grants.forgetRefreshToken(text);
    }
  }
}

function refuseToken(refusal: TokenRefusal): TwinReply {
  switch (refusal) {
    case "invalid_client":
    case "invalid_secret":
      return json(401, { error: "invalid_client", error_description: "Client authentication failed" });
    case "too_many_requests":
      return json(429, { error: "temporarily_unavailable", error_description: "Too many requests" });
    case "invalid_scope":
    case "invalid_request":
    case "unsupported_grant_type":
      return json(400, { error: refusal, error_description: refusal.replaceAll("_", " ") });
    default:
      return json(400, { error: "invalid_grant", error_description: refusal.replaceAll("_", " ") });
  }
}
