import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { json } from "../twin.ts";
import type { Grants } from "./grants.ts";
import { type Personality, plainServer, type TokenRefusal } from "./personality.ts";

const says: Readonly<Record<string, string>> = {
  openid: "Sign you in",
  profile: "View your basic profile",
  email: "View your email address",
  offline_access: "Maintain access to data you have given it access to",
  "User.Read": "View your profile",
  "Calendars.ReadWrite": "Have full access to your calendars",
  "Calendars.Read": "Read your calendars",
  "Calendars.ReadBasic": "Read basic details of your calendars",
  "Calendars.Read.Shared": "Read calendars you can access",
  "Calendars.ReadWrite.Shared": "Read and write to your and shared calendars",
  "MailboxSettings.Read": "Read your mailbox settings",
};
/** Every account of outlook.com is in one tenant; all others here are in another. */
export const tenants = {
  work: "8c3dad1d-b6bc-4f8b-939b-8263372eced6",
  personal: "9188040d-6c67-4c5b-b112-36a304b66dad",
} as const;

/** https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes */
const codes: Readonly<Record<TokenRefusal, { readonly error: string; readonly code: number; readonly says: string }>> =
  {
    invalid_client: { error: "invalid_client", code: 7000215, says: "Invalid client secret provided." },
    invalid_secret: { error: "invalid_client", code: 7000215, says: "Invalid client secret provided." },
    code_unknown: { error: "invalid_grant", code: 9002313, says: "Invalid request. Request is malformed or invalid." },
    code_used: { error: "invalid_grant", code: 54005, says: "OAuth2 Authorization code was already redeemed." },
    code_expired: { error: "invalid_grant", code: 70008, says: "The provided authorization code has expired." },
    redirect_mismatch: { error: "invalid_grant", code: 50011, says: "The redirect URI does not match." },
    proof_mismatch: {
      error: "invalid_grant",
      code: 501481,
      says: "The Code_Verifier does not match the code_challenge.",
    },
    refresh_token_gone: {
      error: "invalid_grant",
      code: 700082,
      says: "The refresh token has expired due to inactivity.",
    },
    invalid_request: { error: "invalid_request", code: 900144, says: "The request body must contain more." },
    invalid_scope: { error: "invalid_scope", code: 70011, says: "The provided value for scope is not valid." },
    too_many_requests: { error: "temporarily_unavailable", code: 90033, says: "A transient error has occurred." },
    unsupported_grant_type: { error: "unsupported_grant_type", code: 70003, says: "The grant type is not supported." },
  };

export interface MicrosoftOAuthSwitches {
  /** What becomes of a refresh token that comes a second time. */
  reuse: "accept" | "revoke";
  /** The AADSTS code and error of the next refusals of a refresh token. */
  refuseWith: { readonly error: string; readonly code: number } | null;
}

/** Microsoft's identity platform. https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow */
export function microsoftPersonality(
  grants: Grants,
  now: () => Date,
  switches: MicrosoftOAuthSwitches,
  tenantOf: (email: string) => string,
): Personality {
  const key = new TextEncoder().encode(randomUUID());
  return {
    ...plainServer,
    vendor: "Microsoft",
    clientId: "sandbox-client",
    clientSecretAt: () => "sandbox-client-password",
    accessTokenSeconds: 3600,
    paths: {
      authorize: /^\/[^/]+\/oauth2\/v2\.0\/authorize$/,
      token: /^\/[^/]+\/oauth2\/v2\.0\/token$/,
      revoke: null,
    },
    saysOf: (scope) => says[scope.replace("https://graph.microsoft.com/", "")] ?? null,
    canBeUnticked: () => false,
    givesRefreshToken: ({ scopes }) => scopes.includes("offline_access"),

    rotate(all, grant, used) {
      const token = all.refreshToken(used);
      if (token) token.isRotated = true;
      return all.issueRefreshToken(grant.id);
    },

    takesRotated(all, grant) {
      if (switches.reuse === "accept") return true;
      all.end(grant, "reused");
      return false;
    },

    async furtherFields(grant, scopes) {
      const account = grants.account(grant.email);
      const issuedAt = Math.floor(now().getTime() / 1000);
      const tenant = tenantOf(grant.email);
      const claims = { tid: tenant, oid: account?.sub ?? "", preferred_username: grant.email, email: grant.email };
      const token = new SignJWT({ ...claims, name: account?.name })
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer(`https://login.microsoftonline.com/${tenant}/v2.0`)
        .setAudience(grant.clientId)
        .setSubject(`pairwise-${account?.sub}`)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + 3600);
      return { ext_expires_in: 3600, ...(scopes.includes("openid") && { id_token: await token.sign(key) }) };
    },

    refuseToken(refusal) {
      const own = refusal === "refresh_token_gone" ? switches.refuseWith : null;
      const { error, code } = own ?? codes[refusal];
      const ids = { trace_id: randomUUID(), correlation_id: randomUUID() };
      const timestamp = now().toISOString().replace("T", " ").replace(/\.\d+/, "");
      return json(error === "invalid_client" ? 401 : 400, {
        error,
        error_description: `AADSTS${code}: ${codes[refusal].says}\r\nTrace ID: ${ids.trace_id}\r\nTimestamp: ${timestamp}`,
        error_codes: [code],
        timestamp,
        ...ids,
        error_uri: `https://login.microsoftonline.com/error?code=${code}`,
      });
    },

    returnFields: () => ({}),
  };
}
