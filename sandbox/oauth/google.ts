import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { json, type TwinReply } from "../twin.ts";
import type { Grants } from "./grants.ts";
import { type Personality, plainServer, type TokenRefusal } from "./personality.ts";

const prefix = "https://www.googleapis.com/auth/";
const says: Readonly<Record<string, string>> = {
  openid: "Know who you are",
  email: "See your e-mail address",
  profile: "See your name and picture",
  [`${prefix}calendar`]: "See, edit, share and permanently delete all your calendars",
  [`${prefix}calendar.readonly`]: "See all your calendars",
  [`${prefix}calendar.events`]: "View and edit events on all your calendars",
  [`${prefix}calendar.events.readonly`]: "View events on all your calendars",
  [`${prefix}calendar.events.owned`]: "See, create, change and delete events on calendars you own",
  [`${prefix}calendar.events.owned.readonly`]: "See the events on calendars you own",
  [`${prefix}calendar.events.public.readonly`]: "See the events on public calendars",
  [`${prefix}calendar.events.freebusy`]: "See the availability on calendars you have access to",
  [`${prefix}calendar.calendarlist`]: "See, add and remove calendars you are subscribed to",
  [`${prefix}calendar.calendarlist.readonly`]: "See the list of calendars you are subscribed to",
  [`${prefix}calendar.calendars`]: "See and change the properties of your calendars, and create secondary ones",
  [`${prefix}calendar.calendars.readonly`]: "See the properties of calendars you have access to",
  [`${prefix}calendar.app.created`]: "Make secondary calendars, and see and edit events on them",
  [`${prefix}calendar.freebusy`]: "View your availability in your calendars",
  [`${prefix}calendar.settings.readonly`]: "View your calendar settings",
  [`${prefix}calendar.acls`]: "See and change who may see your calendars",
  [`${prefix}calendar.acls.readonly`]: "See who may see your calendars",
};
const signIn = ["openid", "email", "profile"];
/** The oldest of an account's refresh tokens ends when there are more. */
const maxRefreshTokens = 100;
const idleMs = 183 * 24 * 60 * 60 * 1000;
const testingMs = 7 * 24 * 60 * 60 * 1000;

export interface GoogleOAuthSwitches {
  /** The consent screen's publishing status is Testing: grants end after 7 days. */
  testing: boolean;
  /** Google's own reason for the next refusals of a grant. */
  errorSubtype: string | null;
  accessTokenSeconds: number;
}

/** One for all stand-ins of a process: making it takes most of the time that starting them does. */
let pair: ReturnType<typeof generateKeyPair> | undefined;

/** Google's authorization server. https://developers.google.com/identity/protocols/oauth2/web-server */
export async function googlePersonality(
  grants: Grants,
  now: () => Date,
  switches: GoogleOAuthSwitches,
): Promise<Personality & { readonly jwks: unknown }> {
  pair ??= generateKeyPair("RS256");
  const { privateKey, publicKey } = await pair;
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "sandbox", use: "sig", alg: "RS256" }] };

  return {
    ...plainServer,
    jwks,
    vendor: "Google",
    clientId: "sandbox-client",
    clientSecretAt: () => "sandbox-client-password",
    get accessTokenSeconds() {
      return switches.accessTokenSeconds;
    },
    paths: { authorize: /^\/o\/oauth2\/v2\/auth$/, token: /^\/token$/, revoke: /^\/revoke$/ },
    saysOf: (scope) => says[scope] ?? null,
    canBeUnticked: (scope) => !signIn.includes(scope),

    // Only for offline access, and a second time only when consent is asked for again.
    givesRefreshToken: ({ parameters }, isFirst) =>
      parameters.get("access_type") === "offline" &&
      (isFirst || (parameters.get("prompt") ?? "").split(" ").includes("consent")),

    rotate(all, grant) {
      const good = all.refreshTokensOf(grant.email, grant.clientId);
      for (const [text] of good.slice(0, Math.max(0, good.length - maxRefreshTokens))) all.forgetRefreshToken(text);
      return null;
    },

    takesRotated: () => true,

    async furtherFields(grant, scopes) {
      if (!scopes.includes("openid")) return {};
      const account = grants.account(grant.email);
      const issuedAt = Math.floor(now().getTime() / 1000);
      const token = new SignJWT({
        azp: grant.clientId,
        ...(scopes.includes("email") && { email: grant.email, email_verified: true }),
        ...(scopes.includes("profile") && { name: account?.name }),
      })
        .setProtectedHeader({ alg: "RS256", kid: "sandbox" })
        .setIssuer("https://accounts.google.com")
        .setAudience(grant.clientId)
        .setSubject(account?.sub ?? "")
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + 3600);
      return { id_token: await token.sign(privateKey) };
    },

    refuseToken: (refusal) => refuse(refusal, switches.errorSubtype),
    returnFields: (scopes) => ({ scope: scopes.join(" ") }),
  };
}

/** Ends what has not been used for six months, what is over in Testing, and more than a hundred. */
export function ageGoogleGrants(grants: Grants, now: Date, { testing }: GoogleOAuthSwitches): void {
  for (const email of grants.accounts) {
    for (const grant of grants.of(email)) {
      if (testing && now.getTime() - grant.givenAt.getTime() > testingMs) grants.end(grant, "testing");
      const tokens = grants.refreshTokensOf(email, grant.clientId).filter(([, { grantId }]) => grantId === grant.id);
      const isIdle = tokens.some(([, { lastUsedAt }]) => now.getTime() - lastUsedAt.getTime() > idleMs);
      if (isIdle) grants.end(grant, "idle");
    }
    const [first] = grants.of(email);
    const all = first ? grants.refreshTokensOf(email, first.clientId) : [];
    for (const [text] of all.slice(0, Math.max(0, all.length - maxRefreshTokens))) grants.forgetRefreshToken(text);
  }
}

function refuse(refusal: TokenRefusal, errorSubtype: string | null): TwinReply {
  switch (refusal) {
    case "invalid_client":
    case "invalid_secret":
      return json(401, { error: "invalid_client", error_description: "The OAuth client was not found." });
    case "unsupported_grant_type":
    case "invalid_request":
      return json(400, { error: refusal, error_description: "Bad Request" });
    case "redirect_mismatch":
      return json(400, { error: "redirect_uri_mismatch", error_description: "Bad Request" });
    case "refresh_token_gone":
      return json(400, {
        error: "invalid_grant",
        error_description: "Token has been expired or revoked.",
        ...(errorSubtype !== null && { error_subtype: errorSubtype }),
      });
    default:
      return json(400, { error: "invalid_grant", error_description: "Malformed auth code." });
  }
}
