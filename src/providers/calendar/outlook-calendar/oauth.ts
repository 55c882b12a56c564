import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import { readIdToken } from "../../id-token.ts";
import { missingFrom, type OAuth } from "../../oauth.ts";
import { clientRefused, grantGone, type TokenErrorReply } from "../../token-endpoint.ts";
import { refreshGrant, type TokenRenewal } from "../../token-renewal.ts";
import type { ProvenAccount } from "../provider.ts";
import { listCalendars } from "./calendars.ts";
import { clientFor } from "./client.ts";
import { User } from "./shapes.ts";

const vendor = "Microsoft";
const graph = "https://graph.microsoft.com/";
const authority = "https://login.microsoftonline.com/common/oauth2/v2.0";
// https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference
const IdToken = z.object({
  iss: z.string(),
  tid: z.string().min(1),
  oid: z.string().min(1),
  preferred_username: z.string().optional(),
});
const calendarScopes = missingFrom(["Calendars.ReadWrite"]);

/** Microsoft gives a new refresh token each time, and goes on taking the old one for a while. */
export const renewal: TokenRenewal = { kind: "refreshToken", reuse: "accepted", refresh: refreshGrant };

// https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow
export const auth: OAuth<ProvenAccount> = {
  kind: "oauth2",
  fields: [],
  endpoints: () => ({
    authorizationUrl: `${authority}/authorize`,
    tokenUrl: `${authority}/token`,
    revocationUrl: null,
    apiUrl: `${graph}v1.0/`,
  }),
  // A refresh token comes only with offline_access.
  scopes: ["openid", "profile", "email", "offline_access", "User.Read", "Calendars.ReadWrite"],
  // Microsoft answers some names as they were asked for, and some as addresses.
  missingScopes: (granted) => calendarScopes(granted.map((scope) => scope.replace(graph, ""))),
  pkce: "S256",
  clientAuthentication: "body",
  authorizationParams: ({ loginHint }) => ({
    response_mode: "query",
    prompt: "select_account",
    ...(loginHint !== null && { login_hint: loginHint }),
  }),

  async identify({ idToken }, { clientId, fetch, endpoints, now }) {
    const { iss, tid, oid, ...names } = readIdToken(idToken, IdToken, { vendor, clientId, now });
    if (!iss.includes(tid)) throw new IntegrationError("PROVIDER_REPLY_INVALID", "Microsoft named two directories");
    const client = clientFor({ fetch, apiUrl: endpoints.apiUrl });
    const [user, calendars] = [await client.get("me", User), await listCalendars(client)];
    const address = user.mail || user.userPrincipalName || names.preferred_username || "";
    const own = [user.mail, user.userPrincipalName, names.preferred_username].flatMap(
      (name) => name?.toLowerCase() ?? [],
    );
    const settings = { addresses: [...new Set(own)].join(" ") };
    // `sub` is another one for each app; these two are the account's own.
    return { externalId: `${tid}.${oid}`, displayName: address || oid, settings, calendars };
  },

  explainTokenError,

  // https://learn.microsoft.com/en-us/entra/identity-platform/v2-admin-consent
  explainRefusal({ description }, { clientId, redirectUri, authorizationUrl }) {
    const number = /AADSTS(90094|90095|65001)\b/.exec(description)?.[1];
    if (number === undefined) return undefined;
    const address = new URL(
      authorizationUrl.replace(/([^/]+)\/oauth2\/v2\.0\/authorize$/, (_, tenant: string) => {
        return `${tenant === "common" ? "organizations" : tenant}/v2.0/adminconsent`;
      }),
    );
    const scope = `${graph}Calendars.ReadWrite ${graph}User.Read offline_access`;
    address.search = new URLSearchParams({ client_id: clientId, scope, redirect_uri: redirectUri }).toString();
    const remedy = `Only an administrator of the organization can allow this app: have one open ${address}, then connect again.`;
    return { providerCode: `AADSTS${number}`, remedy };
  },
  revocation: { kind: "none", reason: "Microsoft has no way to end one app's access but the account's own page." },
  accountUrl: "https://account.live.com/consent/Manage",
};

/** Someone has to sign in again, though their consent stands. */
const wantsPerson = ["invalid_grant", "interaction_required", "login_required", "consent_required"];
/** Our registration's doing, whoever the person is. */
const wantsOperator = ["invalid_client", "unauthorized_client", "invalid_scope", "invalid_resource"];

/** What to do about AADSTS codes that deserve better words. https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes */
const remedies: Readonly<Record<string, string>> = {
  "50057": "The account is disabled: ask the organization's administrator.",
  "50076": "Connect the account again; the organization asks for a second factor.",
  "53003": "Connect the account again; when that fails too, a rule of the organization blocks this app.",
  "65001": "Connect the account again, and consent to everything.",
  "90094": "Ask the organization's administrator to allow this app.",
  "700016": "The operator has to check the client id, or the organization's administrator has to allow this app.",
  "7000222": "The client secret has expired: the operator has to make a new one.",
};

/** The word decides, the number only explains: Microsoft changes its numbers. */
function explainTokenError({ error, body }: TokenErrorReply): IntegrationError | undefined {
  const numbers: unknown[] = Array.isArray(body["error_codes"]) ? body["error_codes"] : [];
  const number = numbers[0] === undefined ? null : String(numbers[0]);
  const providerCode = number === null ? error : `AADSTS${number}`;
  const remedy = remedies[number ?? ""];
  if (wantsPerson.includes(error)) return grantGone(vendor, providerCode, remedy);
  if (wantsOperator.includes(error)) return clientRefused(vendor, providerCode, remedy);
  if (error === "temporarily_unavailable" || error === "server_error") {
    return new IntegrationError("PROVIDER_UNAVAILABLE", `${vendor} cannot renew at the moment`, { providerCode });
  }
  return undefined;
}
