import { IntegrationError, isIntegrationError } from "../../errors.ts";
import type { OAuth } from "../oauth.ts";
import { refreshGrant, type TokenRenewal } from "../token-renewal.ts";
import { findAccount } from "./caldav/account.ts";
import { calendarOperations } from "./caldav/calendar-operations.ts";
import { pathOf } from "./caldav/path.ts";
import { passwordSignIn } from "./caldav.ts";
import type { CalendarProvider, ProvenAccount } from "./provider.ts";

const serverUrl = "https://caldav.fastmail.com/";
const accountUrl = "https://app.fastmail.com/settings/security/integrations";

// Scopes for manually registered clients, and those of the server's metadata (RFC 8414): either opens calendars.
const calendarScope = "https://www.fastmail.com/dev/protocol-caldav";
const calendarScopes = [calendarScope, "urn:ietf:params:oauth:scope:calendars"];

/** Fastmail gives a new refresh token each time. What it does about an old one nobody could see: the grant may end. */
const renewal: TokenRenewal = { kind: "refreshToken", reuse: "ends-the-grant", refresh: refreshGrant };

/** https://www.fastmail.com/for-developers/oauth/ */
const oauth: OAuth<ProvenAccount> = {
  kind: "oauth2",
  fields: [],
  endpoints: () => ({
    authorizationUrl: "https://api.fastmail.com/oauth/authorize",
    // The token endpoint is called refresh for codes as well.
    tokenUrl: "https://api.fastmail.com/oauth/refresh",
    revocationUrl: "https://api.fastmail.com/oauth/revoke",
    apiUrl: serverUrl,
  }),
  scopes: [calendarScope, "offline_access"],
  missingScopes: (granted) => (calendarScopes.some((scope) => granted.includes(scope)) ? [] : [calendarScope]),
  pkce: "S256",
  clientAuthentication: "none",
  authorizationParams: () => ({}),

  async identify(_granted, { fetch, endpoints }) {
    const account = await findAccount(fetch, startingPoints(endpoints.apiUrl)).catch((error: unknown) => {
      throw isIntegrationError(error, "PROVIDER_REPLY_INVALID") && error.field ? withoutCalendars(error) : error;
    });
    return { ...account, displayName: userName(account.externalId) };
  },

  revocation: { kind: "token", ends: "grant" },
  accountUrl,
};

/** Calendars of Fastmail over CalDAV, by consent or with an app password. */
export const fastmail: CalendarProvider = {
  kind: "CALENDAR",
  id: "FASTMAIL",
  name: "Fastmail",
  auth: oauth,
  renewal,
  withPassword: passwordSignIn({
    serverUrl,
    startingPoints,
    passwordLabel: "App password",
    help: {
      username: "The whole address of the Fastmail account, the primary one.",
      password:
        "An app password for calendars (CalDAV), made at Fastmail under Settings, Privacy & Security, Integrations. The password of the account itself is refused.",
    },
    accountUrl,
    loginRemedy:
      "Make an app password at Fastmail, under Settings, Privacy & Security, Integrations, that has access to calendars, and give the whole address of the account as user name. Basic plans have no app passwords.",
  }),
  limits: {
    description: "Fastmail publishes no rate for CalDAV; throttling (429 and 503) is obeyed.",
    concurrentCalls: 2,
    cost: "None beyond the account's plan; Basic plans have no CalDAV.",
  },
  freshness: { floorSeconds: 120, defaultSeconds: 300 },
  ...calendarOperations,
};

/** Where the server points to the account: RFC 6764 §5, and Cyrus' own place. */
function startingPoints(server: string): readonly string[] {
  return [".well-known/caldav", "dav/", ""].map((path) => new URL(path, server).href);
}

/** The principal is called after the account's primary address. */
function userName(principalUrl: string): string {
  return (
    pathOf(principalUrl, principalUrl)
      .split("/")
      .findLast((segment) => segment !== "") ?? principalUrl
  );
}

/** The token was taken, and nothing was found with it. */
function withoutCalendars(cause: IntegrationError): IntegrationError {
  return new IntegrationError("PREREQUISITE_MISSING", "Fastmail shows this app no calendars of the account", {
    cause,
    remedy: `The app's registration must allow the scope for calendars, and the plan of the account must include CalDAV: see ${accountUrl}.`,
  });
}
