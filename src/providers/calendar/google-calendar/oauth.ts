import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import { readIdToken } from "../../id-token.ts";
import { missingFrom, type OAuth } from "../../oauth.ts";
import { clientRefused, grantGone } from "../../token-endpoint.ts";
import { refreshGrant, type TokenRenewal } from "../../token-renewal.ts";
import type { ProvenAccount } from "../provider.ts";
import { listCalendars } from "./calendars.ts";
import { clientFor, googleApis } from "./client.ts";

const scope = (name: string) => `https://www.googleapis.com/auth/${name}`;
const calendarScopes = ["calendar.events", "calendar.calendarlist.readonly", "calendar.freebusy"].map(scope);

// https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
const IdToken = z.object({
  iss: z.enum(["https://accounts.google.com", "accounts.google.com"]),
  sub: z.string().min(1),
  email: z.string().optional(),
});

/** Google keeps the refresh token that it gave, and takes it again and again. */
export const renewal: TokenRenewal = { kind: "refreshToken", reuse: "accepted", refresh: refreshGrant };

// https://developers.google.com/identity/protocols/oauth2/web-server
export const auth: OAuth<ProvenAccount> = {
  kind: "oauth2",
  fields: [],
  endpoints: () => ({
    authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenUrl: "https://oauth2.googleapis.com/token",
    revocationUrl: "https://oauth2.googleapis.com/revoke",
    apiUrl: googleApis,
  }),
  scopes: ["openid", "email", ...calendarScopes],
  missingScopes: missingFrom(calendarScopes),
  pkce: "S256",
  clientAuthentication: "body",
  // A refresh token comes only with offline access, and a second time only when consent is asked for again.
  authorizationParams: ({ loginHint }) => ({
    access_type: "offline",
    prompt: "consent",
    ...(loginHint !== null && { login_hint: loginHint }),
  }),

  async identify({ idToken }, { clientId, fetch, endpoints, now }) {
    const { sub, email } = readIdToken(idToken, IdToken, { vendor: "Google", clientId, now });
    const calendars = await listCalendars(clientFor({ fetch, apiUrl: endpoints.apiUrl }));
    return { externalId: sub, displayName: email ?? sub, settings: {}, calendars };
  },

  explainTokenError({ error, body }) {
    if (error === "invalid_grant" && body["error_subtype"] === "invalid_rapt") {
      const remedy =
        "The organization limits how long a session lasts: connect again, or ask its administrator to exempt this app.";
      return grantGone("Google", "invalid_rapt", remedy);
    }
    if (error === "deleted_client") return clientRefused("Google", error);
    if (error === "admin_policy_enforced" || error === "org_internal") {
      return new IntegrationError("PROVIDER_REFUSED", "The organization of this account does not allow this app", {
        providerCode: error,
        remedy: "Ask the organization's administrator to allow it.",
      });
    }
    return undefined;
  },

  revocation: { kind: "token", ends: "account" },
  accountUrl: "https://myaccount.google.com/connections",
};
