import { basic, type DavClient, davClient } from "../../sandbox/caldav/dav-client.ts";
import { cyrusIsInstalled, startCyrus } from "../../sandbox/real-servers/cyrus.ts";
import { davicalIsInstalled, startDavical } from "../../sandbox/real-servers/davical.ts";
import { radicaleIsInstalled, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import { versionIn, versionOf } from "../../sandbox/real-servers/server-process.ts";
import { startXandikos, xandikosIsInstalled } from "../../sandbox/real-servers/xandikos.ts";

/** A real CalDAV server, with room for many accounts. */
export interface CalDavServer {
  /** As people know it. */
  readonly name: string;
  readonly version: string;
  /** The address that people enter. */
  readonly url: string;
  /** Makes an account. Everybody has the same password. */
  createAccount(username: string): Promise<void>;
  /** Where an account's calendars are. */
  home(username: string): string;
  /** What other clients may store elsewhere, and not here. */
  readonly refuses: readonly ("an occurrence without its series" | "a name without .ics" | "punctuation in a name")[];
  /** Takes the right to change a calendar away from its owner; absent where nobody outside can. */
  makeReadOnly?(username: string, calendar: string): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly isInstalled: boolean;
  /** Only when it is asked for by name. */
  readonly onRequest?: boolean;
  start(): Promise<CalDavServer>;
}

export const password = "the-same-for-everybody";

/** By the word that `--servers` knows them by. */
export const serverKinds = new Map<string, ServerKind>([
  ["radicale", { isInstalled: radicaleIsInstalled, start: radicale }],
  ["xandikos", { isInstalled: xandikosIsInstalled, start: xandikos }],
  ["cyrus", { isInstalled: cyrusIsInstalled, start: cyrus }],
  ["davical", { isInstalled: davicalIsInstalled, start: davical, onRequest: true }],
]);

/** An account of this server, past this service. */
export function clientOf({ url }: CalDavServer, username: string): DavClient {
  return davClient(url, basic(username, password));
}

async function radicale(): Promise<CalDavServer> {
  const { url, changePasswords, makeReadOnly, stop } = await startRadicale();
  const passwords: Record<string, string> = {};
  return {
    name: "Radicale",
    version: versionOf("radicale"),
    url,
    async createAccount(username) {
      passwords[username] = password;
      await changePasswords(passwords);
    },
    home: (username) => `/${username}/`,
    refuses: ["an occurrence without its series"],
    makeReadOnly: (_, calendar) => makeReadOnly(calendar),
    stop,
  };
}

/** It asks nobody who they are: everybody shares what it has. */
async function xandikos(): Promise<CalDavServer> {
  const { url, stop } = await startXandikos();
  return {
    name: "Xandikos",
    version: versionOf("xandikos"),
    url,
    createAccount: async () => {},
    home: () => "/user/calendars/",
    refuses: ["a name without .ics"],
    stop,
  };
}

async function cyrus(): Promise<CalDavServer> {
  const { url, createAccount, stop } = await startCyrus();
  const { headers } = await fetch(new URL("/dav/", url), { method: "OPTIONS" });
  const server: CalDavServer = {
    name: "Cyrus",
    version: versionIn(headers.get("server") ?? ""),
    url,
    createAccount: (username) => createAccount(username, password),
    home: (username) => `/dav/calendars/user/${username}/`,
    refuses: [],
    async makeReadOnly(username, calendar) {
      const grant = "<grant><privilege><read/></privilege></grant>";
      const body = `<acl xmlns="DAV:"><ace><principal><self/></principal>${grant}</ace></acl>`;
      await clientOf(server, username).send("ACL", calendar, body, { "content-type": "application/xml" });
    },
    stop,
  };
  return server;
}

async function davical(): Promise<CalDavServer> {
  const { url, createAccount, stop } = await startDavical();
  await createAccount("somebody", password);
  const { headers } = await davClient(url, basic("somebody", password)).send("OPTIONS", "/caldav.php/");
  return {
    name: "DAViCal",
    version: versionIn(headers.get("x-davical-version") ?? ""),
    url: new URL("/caldav.php/", url).href,
    createAccount: (username) => createAccount(username, password),
    home: (username) => `/caldav.php/${username}/`,
    refuses: ["punctuation in a name"],
    stop,
  };
}
