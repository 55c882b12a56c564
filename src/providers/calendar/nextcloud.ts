import { takenInStore } from "./caldav/objects.ts";
import { caldavProvider } from "./caldav.ts";
import { loginFlow } from "./nextcloud/login-flow.ts";
import { baseOf, revokeAppPassword, securitySettings } from "./nextcloud/server.ts";

/** Calendars of a Nextcloud, with an app password: one that its Login Flow makes, or one that a person enters. */
export const nextcloud = caldavProvider({
  id: "NEXTCLOUD",
  name: "Nextcloud",
  // The well-known address is at the host, or missing, where the server is in a folder.
  startingPoints: (serverUrl) => [`${baseOf(serverUrl)}/remote.php/dav/`, `${baseOf(serverUrl)}/.well-known/caldav`],
  help: {
    serverUrl:
      "What stands in the browser's address bar when your Nextcloud is open, for example https://cloud.example.com.",
    username: "The name you sign in with. Leave it out, and the password too, to sign in at your Nextcloud instead.",
    password:
      "An app password, made in Nextcloud under Settings, Security, Devices & sessions. It opens files and contacts too.",
  },
  loginRemedy:
    "Make an app password in Nextcloud, under Settings, Security, Devices & sessions. It may have been revoked there.",
  loginFlow,
  revocation: {
    kind: "delete",
    revoke: ({ fetch, settings }) => revokeAppPassword(fetch, baseOf(settings["principalUrl"] ?? "")),
    accountUrl: (settings) => securitySettings(baseOf(settings["principalUrl"] ?? "")),
  },
  errorCodeIn: exceptionIn,
  limits: {
    description:
      "Calendars have no rate of their own. More than 10 bad logins in 30 minutes shut out everybody who comes from one address. " +
      "10 MB an event, 30 calendars, 10 new ones an hour.",
    concurrentCalls: 2,
    pauses: "server",
    cost: "None.",
  },
  freshness: { floorSeconds: 300, defaultSeconds: 300 },
});

/** The class of the exception in an error of sabre/dav, without its namespace. */
function exceptionIn(body: unknown): string | undefined {
  if (typeof body !== "string") return undefined;
  // In the words of SQLite, MySQL and Postgres. Servers up to 32.0.1 meet it where the UID lies in the trash bin.
  if (/<s:message>[^<]*(unique constraint|unique violation|duplicate (entry|key))/i.test(body)) return takenInStore;
  return /<s:exception>(?:[^<]*\\)?(\w+)</.exec(body)?.[1];
}
