import { IntegrationError } from "../../../errors.ts";
import { missingFrom, type OAuth } from "../../oauth.ts";
import { clientRefused, grantGone, type TokenErrorReply } from "../../token-endpoint.ts";
import { refreshGrant, type TokenRenewal } from "../../token-renewal.ts";
import type { ProvenAccount } from "../provider.ts";
import { listCalendars } from "./calendars.ts";
import { clientFor } from "./client.ts";
import { dataCenters, firstDataCenter, relocate, settingsIn } from "./data-centers.ts";
import { UserInfo } from "./shapes.ts";

const vendor = "Zoho";
const accounts = "https://accounts.zoho.com/oauth/v2/";
const scopes = ["ZohoCalendar.calendar.READ", "ZohoCalendar.event.ALL", "AaaServer.profile.READ"];

/** Zoho's refresh tokens do not expire, and come once. */
export const renewal: TokenRenewal = { kind: "refreshToken", reuse: "accepted", refresh: refreshGrant };

// https://www.zoho.com/accounts/protocol/oauth/web-apps.html
export const auth: OAuth<ProvenAccount> = {
  kind: "oauth2",
  fields: [
    {
      name: "dataCenter",
      label: "Data centre",
      kind: "CHOICE",
      required: false,
      options: dataCenters,
      help: "Where the account is kept. Zoho says it by itself after consent: leave it out.",
    },
  ],
  endpoints: (settings) => ({
    // Consent begins there for everybody; Zoho leads on to where the account is.
    authorizationUrl: `${accounts}auth`,
    tokenUrl: relocate(`${accounts}token`, settings),
    revocationUrl: relocate(`${accounts}token/revoke`, settings),
    apiUrl: relocate("https://calendar.zoho.com/api/v1/", settings),
  }),
  relocate,
  scopes,
  scopeSeparator: ",",
  missingScopes: missingFrom(scopes),
  pkce: { off: "Zoho's pages describe none for programs that run on a server and have a secret." },
  clientAuthentication: "body",
  authorizationScheme: "Zoho-oauthtoken",
  // A refresh token comes only then, and again only when consent is asked for again.
  authorizationParams: () => ({ access_type: "offline", prompt: "consent" }),
  settingsIn,

  async identify(_granted, { fetch, settings, endpoints }) {
    const { ZUID, Email, Display_Name } = await userInfo(fetch, endpoints.tokenUrl);
    const { dataCenter = firstDataCenter } = settings;
    const address = Email?.toLowerCase() ?? "";
    return {
      // The number is the data centre's own.
      externalId: `${dataCenter}.${ZUID}`,
      displayName: address || Display_Name || String(ZUID),
      settings: { dataCenter, address },
      calendars: await listCalendars(clientFor({ fetch, apiUrl: endpoints.apiUrl })),
    };
  },

  explainTokenError,
  // What else ends with a token, Zoho's pages do not say: nobody loses a connection over it.
  revocation: { kind: "token", ends: "account", tokenIn: "query" },
  accountUrl: "https://accounts.zoho.com/home#sessions/userconnectedapps",
};

/** Whose the access is, said by the server that gave it: `oauth/user/info` beside `oauth/v2/`. */
async function userInfo(fetch: Parameters<OAuth<ProvenAccount>["identify"]>[1]["fetch"], tokenUrl: string) {
  const reply = await fetch(new URL("../user/info", tokenUrl), { headers: { accept: "application/json" } });
  const user = UserInfo.safeParse(await reply.json().catch(() => null));
  if (reply.ok && user.success) return user.data;
  throw new IntegrationError("PROVIDER_REPLY_INVALID", "Zoho does not say whose account it is");
}

/** Too many tokens: at most ten in ten minutes. */
const tooManyWords = ["access denied", "access_denied"];
const windowMs = 10 * 60 * 1000;

const wantsOperator: Readonly<Record<string, string>> = {
  invalid_client:
    "The operator has to check the client id, and switch on the account's data centre under Multi-DC in Zoho's API console.",
  invalid_client_secret:
    "The operator has to check the client secret; Zoho's API console may have another one for each data centre.",
  invalid_redirect_uri: "The operator has to add this service's callback address in Zoho's API console.",
};

/** They come with HTTP 200. https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token.html */
function explainTokenError({ error }: TokenErrorReply): IntegrationError | undefined {
  if (error === "invalid_code") return grantGone(vendor, error);
  const remedy = wantsOperator[error];
  if (remedy !== undefined) return clientRefused(vendor, error, remedy);
  if (!tooManyWords.includes(error.toLowerCase())) return undefined;
  return new IntegrationError("RATE_LIMITED", `${vendor} asks for fewer renewals`, {
    providerCode: error,
    retryAfterMs: windowMs,
  });
}
