import { randomUUID } from "node:crypto";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { createAccountFetch } from "../../src/providers/account-fetch.ts";
import { urlOf } from "../../src/providers/calendar/caldav/path.ts";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import { fastmail } from "../../src/providers/calendar/fastmail.ts";
import { icloud } from "../../src/providers/calendar/icloud.ts";
import { nextcloud } from "../../src/providers/calendar/nextcloud.ts";
import type { CalendarProvider } from "../../src/providers/calendar/provider.ts";
import { asSignedIn, signInSetting } from "../../src/providers/sign-in.ts";
import { createEgress } from "../../src/security/egress.ts";
import { dayOf } from "./days.ts";
import type { Listed, Vendor } from "./vendor.ts";

interface Server {
  readonly name: string;
  readonly provider: CalendarProvider;
  readonly url: string;
  /** Where this service calls it, when that is not where the others do. */
  readonly proxyUrl?: string;
  readonly shownAfterMs?: number;
  /** Everybody's calendars are in one home: each account has its calendar alone. */
  readonly homeIsShared?: boolean;
  /** An account of its own, with an empty calendar in it. */
  open(name: string): Promise<OpenedCalendar>;
}

interface OpenedCalendar {
  readonly username: string;
  readonly password: string;
  /** The calendar's, with a slash at the end. */
  readonly path: string;
  readonly forgetCursors?: () => void;
}

/** A real server, whose calendars are made as RFC 4791 §5.3.1 says. */
export function realServer(
  name: string,
  url: string,
  {
    home,
    homeIsShared = false,
    password,
    prepare,
    proxyUrl,
  }: {
    readonly home: (username: string) => string;
    readonly homeIsShared?: boolean;
    readonly password: string;
    /** Where accounts have to be made first. */
    readonly prepare?: (username: string) => Promise<void>;
    readonly proxyUrl?: string;
  },
): Vendor {
  return caldavVendor({
    name,
    provider: caldav,
    url,
    homeIsShared,
    ...(proxyUrl !== undefined && { proxyUrl }),
    async open(username) {
      await prepare?.(username);
      const path = `${home(username)}${randomUUID()}/`;
      await client(url, username, password)("MKCALENDAR", path);
      return { username, password, path };
    },
  });
}

export function icloudVendor({ icloud: twin, settings }: Sandbox): Vendor {
  const url = settings["ICLOUD_BASE_URL"] ?? "";
  // Enough for a reading or two to come before.
  const shownAfterMs = 100;
  twin.switches.shownAfterMs = shownAfterMs;
  return caldavVendor({
    name: "icloud",
    shownAfterMs,
    provider: icloud,
    url,
    async open(name) {
      const username = `${name}@example.test`;
      twin.createAccount({ email: username });
      return {
        username,
        password: twin.createAppPassword(username),
        path: new URL(twin.createCalendar(username, { name: randomUUID() })).pathname,
        forgetCursors: () => twin.expireSyncTokens(username),
      };
    },
  });
}

/** With app passwords; changes come in pages of a few. */
export function fastmailVendor({ fastmail: twin, settings }: Sandbox): Vendor {
  twin.switches.syncPageSize = 3;
  return caldavVendor({
    name: "fastmail",
    provider: asSignedIn(fastmail, { [signInSetting]: "credentials" }),
    url: settings["FASTMAIL_BASE_URL"] ?? "",
    async open(name) {
      const username = `${name}@example.test`;
      twin.createAccount({ email: username });
      return {
        username,
        password: twin.createAppPassword(username, "dav"),
        path: new URL(twin.createCalendar(username, { name: randomUUID() })).pathname,
        forgetCursors: () => twin.expireSyncTokens(username),
      };
    },
  });
}

/** With app passwords, and a trash bin that keeps what was deleted. */
export function nextcloudVendor({ nextcloud: twin, settings }: Sandbox): Vendor {
  const url = settings["NEXTCLOUD_BASE_URL"] ?? "";
  return caldavVendor({
    name: "nextcloud",
    provider: nextcloud,
    url,
    async open(name) {
      const email = `${name}@example.test`;
      twin.createAccount({ email });
      return {
        username: twin.loginName(email),
        password: twin.createAppPassword(email),
        path: new URL(twin.createCalendar(email, { name: randomUUID() })).pathname,
        forgetCursors: () => twin.expireSyncTokens(email),
      };
    },
  });
}

/** A CalDAV server. Its other client is plain HTTP, and none of our code. */
function caldavVendor({
  name: server,
  provider,
  url,
  proxyUrl = url,
  homeIsShared = false,
  open,
  ...more
}: Server): Vendor {
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [] });
  return {
    ...more,
    name: server,
    provider,
    async open(account) {
      const { auth, id: providerId } = provider;
      if (auth.kind !== "credentials") throw new Error(`${provider.name} has no form`);
      const { username, password, path, forgetCursors } = await open(account);
      const http = client(url, username, password);
      const values = { serverUrl: proxyUrl, username, password };
      const options = { provider: providerId, fetch: egress.fetch, userAgent: "converge" };
      const connected = await auth.connect(values, (grant) => createAccountFetch(options, grant));
      const { secret } = connected;
      const externalId = urlOf(path, proxyUrl);
      const settings = { ...connected.settings, ...(homeIsShared && { homeUrls: "", calendarUrl: externalId }) };

      const edit = async (id: string, change: (text: string) => string) => {
        const before = await http("GET", id);
        if (before !== null) await http("PUT", id, change(before));
      };
      const objects = async (): Promise<readonly [string, string][]> => {
        const hrefs = await http("PROPFIND", path, '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>');
        const paths = [...(hrefs ?? "").matchAll(/<(?:\w+:)?href(?: [^>]*)?>([^<]*)<\/(?:\w+:)?href>/g)]
          .map(([, href = ""]) => decodeURIComponent(new URL(href, url).pathname))
          .filter((found) => found.startsWith(path) && found !== path);
        const found = await Promise.all(
          [...new Set(paths)].map(async (object) => [object, (await http("GET", object)) ?? ""] as [string, string]),
        );
        return found.filter(([, text]) => text !== "");
      };
      return {
        externalId,
        ...(forgetCursors && { forgetCursors }),
        account: {
          provider: providerId,
          accountId: username,
          settings: { ...settings, [signInSetting]: auth.kind },
          secret,
          expiresAt: null,
        },
        others: {
          async create({ title, location, day }) {
            const uid = randomUUID();
            const date = dayOf(day).replaceAll("-", "");
            const lines = [
              ...["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Another client//EN", "BEGIN:VEVENT", `UID:${uid}`],
              ...["DTSTAMP:20260101T000000Z", `SUMMARY:${title}`, `LOCATION:${location}`],
              ...[`DTSTART:${date}T080000Z`, `DTEND:${date}T083000Z`, "END:VEVENT", "END:VCALENDAR", ""],
            ];
            await http("PUT", `${path}${uid}.ics`, lines.join("\r\n"));
          },
          retitle: (id, title) => edit(id, (text) => text.replace(/^SUMMARY:.*$/m, `SUMMARY:${title}\r`)),
          remove: async (id) => void (await http("DELETE", id)),
          decorate: (id) => edit(id, (text) => text.replace(/^SUMMARY:/m, "X-SOMEBODY-ELSES:kept\r\nSUMMARY:")),
          isDecorated: async (id) => (await http("GET", id))?.includes("X-SOMEBODY-ELSES:kept") === true,
          list: async () => (await objects()).map(([, text]) => listed(text)),
        },
      };
    },
  };
}

/** The first component is the master or the single, as this service and the other client both write it. */
function listed(text: string): Listed {
  const events = text.split("BEGIN:VEVENT").slice(1);
  const master = events.find((event) => !/^RECURRENCE-ID/m.test(event)) ?? events[0] ?? "";
  const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(master)?.[1] ?? "";
  return { title: value("SUMMARY"), location: value("LOCATION") };
}

function client(url: string, username: string, password: string) {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
  return async (method: string, path: string, body?: string): Promise<string | null> => {
    const type = body?.startsWith("<") ? "application/xml" : "text/calendar; charset=utf-8";
    const content = body === undefined ? {} : { "content-type": type };
    const headers = { authorization, ...content, ...(method === "PROPFIND" && { depth: "1" }) };
    const reply = await fetch(new URL(path, url), { method, headers, ...(body !== undefined && { body }) });
    const text = await reply.text();
    if (reply.status === 404) return null;
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return text;
  };
}
