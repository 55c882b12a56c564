import { IntegrationError, isIntegrationError } from "../../errors.ts";
import type { CredentialField } from "../provider.ts";
import { findAccount, listedIn, urlSettings } from "./caldav/account.ts";
import { calendarOperations } from "./caldav/calendar-operations.ts";
import { wellKnownPlaces } from "./caldav/discovery.ts";
import type { CalendarProvider, PasswordSignIn } from "./provider.ts";

/** How people sign in to one vendor's CalDAV with a user name and a password. */
export interface CalDavLogin {
  /** Where discovery begins. Without it people enter the address of their server. */
  readonly serverUrl?: string;
  /** Where else the account may be found, in order; at `serverUrl` alone when it is left out. */
  readonly startingPoints?: (serverUrl: string) => readonly string[];
  /** Whether the vendor's server at `main` shares its accounts with this other host, which may then see the password. */
  readonly isOwnHost?: (host: string, main: string) => boolean;
  /** What the vendor calls a password for programs; "Password" when it is left out. */
  readonly passwordLabel?: string;
  /** Where people find their user name and password. */
  readonly help: { readonly username: string; readonly password: string };
  /** Where people make and end passwords for programs. */
  readonly accountUrl?: string;
  /** What to do about a login that is refused, where there is something to know. */
  readonly loginRemedy?: string;
}

/** What one vendor's CalDAV has of its own. */
export interface CalDavPreset extends CalDavLogin {
  readonly id: string;
  readonly name: string;
  readonly limits: CalendarProvider["limits"];
  readonly freshness: CalendarProvider["freshness"];
}

/** Calendars over CalDAV (RFC 4791) at any server that speaks it, signed in with a user name and a password. */
export function caldavProvider(preset: CalDavPreset): CalendarProvider {
  const { id, name, limits, freshness } = preset;
  return { kind: "CALENDAR", id, name, ...passwordSignIn(preset), limits, freshness, ...calendarOperations };
}

/** HTTP Basic (RFC 7617). The settings of an account are those of {@link findAccount}. */
export function passwordSignIn(login: CalDavLogin): PasswordSignIn {
  const isOwnOrigin = ({ protocol, hostname }: URL, main: string) =>
    protocol === new URL(main).protocol && (login.isOwnHost?.(hostname, new URL(main).hostname) ?? false);

  return {
    auth: {
      kind: "credentials",
      fields: credentialFields(login),
      ...(login.serverUrl !== undefined && { serverUrl: login.serverUrl }),

      async connect(values, open) {
        const secret = { username: required(values, "username").trim(), password: required(values, "password") };
        const serverUrl = readServerUrl(required(values, "serverUrl"));
        const fetch = open({
          authorization: basic(secret),
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
          return { ...account, displayName: secret.username, secret };
        } catch (error) {
          if (!isIntegrationError(error, "CREDENTIALS_REJECTED") || login.loginRemedy === undefined) throw error;
          throw new IntegrationError(error.code, error.message, { remedy: login.loginRemedy, cause: error });
        }
      },

      authorization: basic,
      origins: (settings) => originsOf(listedIn(settings, ...urlSettings)),
      isOwnOrigin: (origin, { principalUrl = "" }) => isOwnOrigin(origin, principalUrl),
      revocation: {
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
  limits: {
    description: "None that servers would agree on; throttling (429 and 503) is obeyed.",
    concurrentCalls: 2,
    cost: "None.",
  },
  freshness: { floorSeconds: 30, defaultSeconds: 300 },
});

/** A vendor's own address needs no search: others at its host are there for other things. */
function startingPoints(login: CalDavLogin, serverUrl: string): readonly string[] {
  if (login.serverUrl === undefined) return wellKnownPlaces(serverUrl);
  return login.startingPoints?.(serverUrl) ?? [serverUrl];
}

function credentialFields({ serverUrl, passwordLabel = "Password", help }: CalDavLogin): readonly CredentialField[] {
  const address: CredentialField = {
    name: "serverUrl",
    label: "Server address",
    kind: "URL",
    required: true,
    options: [],
    help: "The CalDAV address from your calendar's settings, for example https://calendar.example.com.",
  };
  return [
    ...(serverUrl === undefined ? [address] : []),
    { name: "username", label: "User name", kind: "TEXT", required: true, options: [], help: help.username },
    { name: "password", label: passwordLabel, kind: "SECRET", required: true, options: [], help: help.password },
  ];
}

function required(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined || value.trim() === "") {
    throw new IntegrationError("INVALID_INPUT", "This field is needed", { field: [name] });
  }
  return value;
}

/** What people type: often without a scheme, sometimes with blanks around it. */
function readServerUrl(entered: string): string {
  const text = entered.trim();
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new IntegrationError("INVALID_INPUT", "This is not the address of a server", {
      field: ["serverUrl"],
      remedy: "Enter an address such as https://calendar.example.com, without a user name or password in it.",
    });
  }
  url.hash = "";
  return url.href;
}

/** RFC 7617 with UTF-8, which is what servers expect. */
function basic({ username = "", password = "" }: Readonly<Record<string, string>>): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function originsOf(urls: readonly string[]): readonly string[] {
  return [...new Set(urls.map((url) => new URL(url).origin))];
}
