import { json, type TwinReply } from "../twin.ts";
import { type DataCenter, dataCenters, placeOf } from "../zoho-calendar/data-centers.ts";
import type { Grant, Grants } from "./grants.ts";
import { type Issued, type Personality, plainServer, type TokenRefusal } from "./personality.ts";

const says: Readonly<Record<string, string>> = {
  "ZohoCalendar.calendar.ALL": "Full access to your calendars",
  "ZohoCalendar.calendar.READ": "See your calendars",
  "ZohoCalendar.calendar.CREATE": "Add calendars",
  "ZohoCalendar.calendar.UPDATE": "Change your calendars",
  "ZohoCalendar.calendar.DELETE": "Delete your calendars",
  "ZohoCalendar.event.ALL": "Full access to your events",
  "ZohoCalendar.event.READ": "See your events",
  "ZohoCalendar.event.CREATE": "Add events",
  "ZohoCalendar.event.UPDATE": "Change your events",
  "ZohoCalendar.event.DELETE": "Delete your events",
  "ZohoCalendar.freebusy.READ": "See when somebody is free or busy",
  "ZohoCalendar.search.READ": "Search your events",
  "ZohoMeeting.meeting.ALL": "Full access to your meetings",
  "AaaServer.profile.READ": "See who you are",
};
const windowMs = 10 * 60 * 1000;

export interface ZohoOAuthSwitches {
  /** "Multi-DC" of the API console: while it is off, the client is known in the United States only. */
  multiDataCenter: boolean;
  /** The console gives one secret for all data centres, or one for each. */
  secretPerDataCenter: boolean;
  /** Whether scopes may be apart by spaces too: unverified, Zoho's pages show commas only. */
  takesSpacedScopes: boolean;
  /** How the scopes of a token are told, if they are: unverified, older pages show none. */
  tellsScopes: "spaces" | "commas" | "not";
  /** Of errors at the token endpoint. */
  errorStatus: 200 | 400;
  /** Too many tokens: Zoho's pages have both words, and none of them names the status. */
  limitError: { status: 200 | 400 | 429; error: "Access Denied" | "access_denied" };
  /** What the way back names as `accounts-server`: the twin, or Zoho's own host, which nobody here can reach. */
  accountsServer: "twin" | "zoho";
  /** What else a revoked token takes with it: unverified. */
  revocationEnds: "grant" | "account";
  /** Of one client. */
  codesPerTenMinutes: number;
  /** Of one refresh token. */
  accessTokensPerTenMinutes: number;
  /** Of one account and client. */
  refreshTokensPerTenMinutes: number;
  /** Of one refresh token at a time; the oldest ends when there are more. */
  accessTokensAlive: number;
  /** Of one account and client; the oldest ends when there are more, and nobody is told. */
  refreshTokensAlive: number;
}

export function defaultZohoOAuthSwitches(): ZohoOAuthSwitches {
  return {
    multiDataCenter: true,
    secretPerDataCenter: false,
    takesSpacedScopes: true,
    tellsScopes: "spaces",
    errorStatus: 200,
    limitError: { status: 200, error: "Access Denied" },
    accountsServer: "twin",
    revocationEnds: "grant",
    codesPerTenMinutes: 10,
    accessTokensPerTenMinutes: 10,
    refreshTokensPerTenMinutes: 10,
    accessTokensAlive: 15,
    refreshTokensAlive: 20,
  };
}

export interface ZohoPersonalityOptions {
  readonly now: () => Date;
  readonly switches: ZohoOAuthSwitches;
  readonly dataCenterOf: (email: string) => DataCenter;
  /** Where the twin is reached, without a slash at the end. */
  readonly origin: () => string;
}

/** Zoho's accounts server. https://www.zoho.com/accounts/protocol/oauth/web-apps.html */
export function zohoPersonality({ now, switches, dataCenterOf, origin }: ZohoPersonalityOptions): Personality {
  const issued = new Map<string, number[]>();

  /** Of the last ten minutes. */
  function isFull(key: string, most: number): boolean {
    const at = now().getTime();
    const recent = (issued.get(key) ?? []).filter((before) => at - before < windowMs);
    if (recent.length >= most) return true;
    issued.set(key, [...recent, at]);
    return false;
  }

  return {
    ...plainServer,
    vendor: "Zoho",
    clientId: "sandbox-client",
    clientShownIn: ["body", "query"],
    codeSeconds: 180,
    accessTokenSeconds: 3600,
    paths: {
      authorize: /^\/accounts\.[^/]+\/oauth\/v2\/auth$/,
      token: /^\/accounts\.[^/]+\/oauth\/v2\/token$/,
      revoke: /^\/accounts\.[^/]+\/oauth\/v2\/token\/revoke$/,
    },

    knowsClientAt(path) {
      const dataCenter = placeOf(path)?.dataCenter;
      return dataCenter !== undefined && (dataCenter === "us" || switches.multiDataCenter);
    },
    clientSecretAt: (path) => secretIn(placeOf(path)?.dataCenter ?? "us", switches),

    readScopes: (text) => text.split(switches.takesSpacedScopes ? /[ ,]+/ : ",").filter((scope) => scope !== ""),
    saysOf: (scope) => says[scope] ?? null,
    canBeUnticked: () => false,
    isHome: (grant, path) => dataCenterOf(grant.email) === placeOf(path)?.dataCenter,

    isOverLimit(what: Issued, { id, email, clientId }) {
      switch (what) {
        case "code":
          return isFull(`code ${clientId}`, switches.codesPerTenMinutes);
        case "refreshToken":
          return isFull(`refresh ${clientId} ${email}`, switches.refreshTokensPerTenMinutes);
        case "accessToken":
          return isFull(`access ${id}`, switches.accessTokensPerTenMinutes);
      }
    },

    tokensGiven(grants, grant) {
      for (const text of older(grants.accessTokensOf(grant.id), switches.accessTokensAlive)) {
        grants.forgetAccessToken(text);
      }
      const all = grants.refreshTokensOf(grant.email, grant.clientId).map(([text]) => text);
      for (const text of older(all, switches.refreshTokensAlive)) grants.forgetRefreshToken(text);
    },

    // As at Google, the second time only when consent is asked for again.
    givesRefreshToken: ({ parameters }, isFirst) =>
      parameters.get("access_type") === "offline" && (isFirst || parameters.get("prompt") === "consent"),
    rotate: () => null,
    takesRotated: () => true,

    async furtherFields(grant, scopes) {
      const apart = { spaces: scopes.join(" "), commas: scopes.join(","), not: undefined };
      const { domain } = dataCenters[dataCenterOf(grant.email)];
      return { scope: apart[switches.tellsScopes], api_domain: `https://www.${domain.replace("zoho.", "zohoapis.")}` };
    },

    refuseToken: (refusal) => refuseZohoToken(refusal, switches),

    returnFields(_scopes, email) {
      const location = dataCenterOf(email);
      const { accounts } = dataCenters[location];
      const server = switches.accountsServer === "twin" ? `${origin()}/${accounts}` : `https://${accounts}`;
      return { location, "accounts-server": server };
    },

    get revocationEnds() {
      return switches.revocationEnds;
    },
    answerRevocation: (isKnown) =>
      isKnown ? json(200, { status: "success" }) : json(switches.errorStatus, { error: "invalid_code" }),
  };
}

export function secretIn(dataCenter: DataCenter, { secretPerDataCenter }: ZohoOAuthSwitches): string {
  const secret = "sandbox-client-password";
  return secretPerDataCenter && dataCenter !== "us" ? `${secret}-${dataCenter}` : secret;
}

/** Zoho answers 200 with an error in the body. */
export function refuseZohoToken(refusal: TokenRefusal, switches: ZohoOAuthSwitches): TwinReply {
  const { status, error } = switches.limitError;
  switch (refusal) {
    case "too_many_requests":
      return json(status, {
        error,
        error_description: "You have made too many requests continuously. Please try again after some time.",
        status: "failure",
      });
    case "invalid_client":
      return json(switches.errorStatus, { error: "invalid_client" });
    case "invalid_secret":
      return json(switches.errorStatus, { error: "invalid_client_secret" });
    case "redirect_mismatch":
      return json(switches.errorStatus, { error: "invalid_redirect_uri" });
    case "unsupported_grant_type":
    case "invalid_request":
      return json(switches.errorStatus, { error: refusal });
    default:
      return json(switches.errorStatus, { error: "invalid_code" });
  }
}

/** Whose access the `Authorization` header of a request is; a token is good in the data centre that gave it. */
export function zohoCaller(
  grants: Grants,
  header: string | undefined,
  { isHome, takesBearer }: { readonly isHome: (email: string) => boolean; readonly takesBearer: boolean },
): { readonly email: string; readonly scopes: readonly string[]; readonly grant: Grant } | null {
  const [, scheme = "", token = ""] = /^(Zoho-oauthtoken|Bearer) (.+)$/i.exec(header ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer" && !takesBearer) return null;
  const holder = grants.holder(token);
  return holder && isHome(holder.email) ? holder : null;
}

const older = (texts: readonly string[], most: number) => texts.slice(0, Math.max(0, texts.length - most));
