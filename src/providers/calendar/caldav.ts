import { IntegrationError, isIntegrationError } from "../../errors.ts";
import type { LoginFlow } from "../login-flow.ts";
import type { CredentialField, CredentialsRevocation, Freshness } from "../provider.ts";
import type { ErrorCodeIn } from "../vendor-code.ts";
import { findAccount, listedIn, urlSettings } from "./caldav/account.ts";
import { calendarOperations } from "./caldav/calendar-operations.ts";
import { wellKnownPlaces } from "./caldav/discovery.ts";
import { authorizationOf, readSecret, readServerUrl, required } from "./caldav/entered.ts";
import type { CalendarProvider, PasswordSignIn } from "./provider.ts";

/** How people sign in to one vendor's CalDAV with a user name and a password. */
export interface CalDavLogin {
  /** Where discovery begins. Without it people enter the address of their server. */
  readonly serverUrl?: string;
  /** Where the account may be found, in order. Left out: at the vendor's `serverUrl` alone, or where RFC 6764 says. */
  readonly startingPoints?: (serverUrl: string) => readonly string[];
  /** Whether the vendor's server at `main` shares its accounts with this other host, which may then see the password. */
  readonly isOwnHost?: (host: string, main: string) => boolean;
  /** What the vendor calls a password for programs; "Password" when it is left out. */
  readonly passwordLabel?: string;
  /** Where people find their user name, their password, and the address of their server. */
  readonly help: { readonly username: string; readonly password: string; readonly serverUrl?: string };
  /** Whether the server may want a bearer token in place of the password (RFC 6750). */
  readonly takesToken?: boolean;
  /** Where people make and end passwords for programs. */
  readonly accountUrl?: string;
  /** What to do about a login that is refused, where there is something to know. */
  readonly loginRemedy?: string;
  /** A page of the server's that makes the user name and the password, so that nobody has to enter them. */
  readonly loginFlow?: LoginFlow;
  /** What becomes of the password when the account is disconnected; it stays valid when this is left out. */
  readonly revocation?: CredentialsRevocation;
}

/** What one vendor's CalDAV has of its own. */
export interface CalDavPreset extends CalDavLogin {
  readonly id: string;
  readonly name: string;
  readonly errorCodeIn?: ErrorCodeIn;
  readonly limits: CalendarProvider["limits"];
  readonly freshness: Freshness;
}

/** Calendars over CalDAV (RFC 4791) at any server that speaks it, signed in with a user name and a password. */
export function caldavProvider(preset: CalDavPreset): CalendarProvider {
  const { id, name, errorCodeIn, limits, freshness } = preset;
  const words = { ...(errorCodeIn && { errorCodeIn }), limits, freshness };
  return { kind: "CALENDAR", id, name, ...passwordSignIn(preset), ...words, ...calendarOperations };
}

/** HTTP Basic (RFC 7617), or a bearer token where the login takes one. The settings of an account are those of {@link findAccount}. */
export function passwordSignIn(login: CalDavLogin): PasswordSignIn {
  const isOwnOrigin = ({ protocol, hostname }: URL, main: string) =>
    protocol === new URL(main).protocol && (login.isOwnHost?.(hostname, new URL(main).hostname) ?? false);

  return {
    auth: {
      kind: "credentials",
      fields: credentialFields(login),
      ...(login.serverUrl !== undefined && { serverUrl: login.serverUrl }),

      async connect(values, open) {
        const secret = readSecret(values);
        const serverUrl = readServerUrl(required(values, "serverUrl"));
        const fetch = open({
          authorization: authorizationOf(secret),
          origins: originsOf([serverUrl]),
          isOwnOrigin: (origin) => isOwnOrigin(origin, serverUrl),
        });
        // An account may be moved among its vendor's hosts: what is stored, calendars' ids too, names the one that stays.
        const atMainHost = (url: string) => {
          const { origin, pathname } = new URL(url);
          return isOwnOrigin(new URL(origin), serverUrl) ? new URL(pathname, serverUrl).href : url;
        };

        try {
          const account = await findAccount(fetch, startingPoints(login, serverUrl), atMainHost);
          return { ...account, displayName: secret["username"] ?? "", secret };
        } catch (error) {
          if (!isIntegrationError(error, "CREDENTIALS_REJECTED") || login.loginRemedy === undefined) throw error;
          throw new IntegrationError(error.code, error.message, { remedy: login.loginRemedy, cause: error });
        }
      },

      authorization: authorizationOf,
      origins: (settings) => originsOf(listedIn(settings, ...urlSettings)),
      isOwnOrigin: (origin, { principalUrl = "" }) => isOwnOrigin(origin, principalUrl),
      ...(login.loginFlow && { loginFlow: login.loginFlow }),
      revocation: login.revocation ?? {
        kind: "none",
        reason: "The password stays valid. Its owner can change or revoke it at the server.",
        ...(login.accountUrl !== undefined && { accountUrl: login.accountUrl }),
      },
    },
    renewal: { kind: "none", reason: "The password is valid until its owner changes or revokes it." },
  };
}

/** Any server: Radicale, Xandikos, Baïkal, SOGo, mailbox.org and so on. */
export const caldav = caldavProvider({
  id: "CALDAV",
  name: "CalDAV",
  help: {
    username: "The user name of the calendar account, often its e-mail address.",
    password: "An app password, where the server offers one; otherwise the account's password.",
  },
  takesToken: true,
  limits: {
    description: "None that servers would agree on; throttling (429 and 503) is obeyed.",
    concurrentCalls: 2,
    cost: "None.",
  },
  freshness: { floorSeconds: 30, defaultSeconds: 300 },
});

/** A vendor's own address needs no search: others at its host are there for other things. */
function startingPoints(login: CalDavLogin, serverUrl: string): readonly string[] {
  if (login.startingPoints) return login.startingPoints(serverUrl);
  return login.serverUrl === undefined ? wellKnownPlaces(serverUrl) : [serverUrl];
}

function credentialFields(login: CalDavLogin): readonly CredentialField[] {
  const { serverUrl, passwordLabel = "Password", help } = login;
  const address: CredentialField = {
    name: "serverUrl",
    label: "Server address",
    kind: "URL",
    required: true,
    options: [],
    help:
      help.serverUrl ?? "The CalDAV address from your calendar's settings, for example https://calendar.example.com.",
  };
  const token: CredentialField = {
    name: "token",
    label: "Access token",
    kind: "SECRET",
    required: false,
    options: [],
    help: "In place of the password, at a server that wants a bearer token.",
  };
  const needed = login.loginFlow === undefined;
  const needsPassword = needed && !login.takesToken;
  return [
    ...(serverUrl === undefined ? [address] : []),
    { name: "username", label: "User name", kind: "TEXT", required: needed, options: [], help: help.username },
    {
      name: "password",
      label: passwordLabel,
      kind: "SECRET",
      required: needsPassword,
      options: [],
      help: help.password,
    },
    ...(login.takesToken ? [token] : []),
  ];
}

function originsOf(urls: readonly string[]): readonly string[] {
  return [...new Set(urls.map((url) => new URL(url).origin))];
}
