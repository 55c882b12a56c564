import { randomUUID } from "node:crypto";
import { type Fault, type FaultProxy, faults, startFaultProxy } from "../../sandbox/real-servers/fault-proxy.ts";
import type { ServerProcess } from "../../sandbox/real-servers/server-process.ts";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import { formatDraft } from "../../src/providers/calendar/icalendar/write.ts";
import type { EventDraft } from "../../src/providers/calendar/provider.ts";
import type { CalendarVendor, Trouble } from "../contract/calendar-provider.ts";
import { connectAccount } from "./account.ts";
import { aDraft } from "./event-draft.ts";

/** A CalDAV server behind a proxy that fails on request, with another client beside ours. */
export interface CalDavVendor extends CalendarVendor {
  /** What a person enters to connect. */
  readonly credentials: Readonly<Record<"serverUrl" | "username" | "password", string>>;
  readonly proxy: FaultProxy;
  /** Stores a raw object; the path may have characters that need encoding. */
  put(calendar: string, name: string, raw: string): Promise<void>;
}

export interface CalDavVendorOptions {
  readonly start: () => Promise<ServerProcess>;
  readonly username: string;
  readonly password: string;
  /** Where calendars are made. */
  readonly home: string;
  /** The server asks nobody for a password, so the proxy does. */
  readonly isOpen?: boolean;
}

export async function createCalDavVendor({
  start,
  username,
  password,
  home,
  isOpen = false,
}: CalDavVendorOptions): Promise<CalDavVendor> {
  const server = await start();
  const proxy = await startFaultProxy(server.url);
  const credentials = { serverUrl: proxy.url, username, password };
  const authorization = `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;

  if (isOpen) {
    const refuse = faults.status(401);
    proxy.failAlways((request, forward) =>
      request.authorization === authorization ? undefined : refuse(request, forward),
    );
  }

  /** Behind the proxy's back. */
  const send = async (method: string, path: string, body?: string): Promise<string> => {
    const content = body === undefined ? {} : { body };
    const headers = {
      authorization,
      ...(body === undefined ? {} : { "content-type": "text/calendar; charset=utf-8" }),
    };
    const reply = await fetch(new URL(path, server.url), { method, headers, ...content });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
    return reply.text();
  };
  const change = async (externalId: string, edit: (raw: string) => string): Promise<void> => {
    await send("PUT", encodeURI(externalId), edit(await send("GET", encodeURI(externalId))));
  };
  const put = async (calendar: string, name: string, raw: string): Promise<void> => {
    await send("PUT", `${new URL(calendar).pathname}${encodeURIComponent(name)}`, raw);
  };

  return {
    proxy,
    put,
    credentials,
    connect: () => connectAccount(caldav, credentials),
    connectWrongly: () => connectAccount(caldav, { ...credentials, password: "not-the-password" }),
    secrets: () => [password],
    async createCalendar() {
      const path = `${home}${randomUUID()}/`;
      await send("MKCALENDAR", path);
      return new URL(path, proxy.url).href;
    },
    asAnotherClient: {
      create: (calendar, draft) => put(calendar, `${draft.creationId}.ics`, rawOf(draft)),
      retitle: (_, externalId, title) => change(externalId, (raw) => raw.replace(/SUMMARY:.*/, `SUMMARY:${title}`)),
      remove: async (_, externalId) => void (await send("DELETE", encodeURI(externalId))),
      decorate: (_, externalId) =>
        change(externalId, (raw) => raw.replace("END:VEVENT", `${decoration.join("\r\n")}\r\nEND:VEVENT`)),
      async isDecorated(_, externalId) {
        const raw = (await send("GET", encodeURI(externalId))).replaceAll(/\r?\n[ \t]/g, "");
        return decoration.every((line) => raw.includes(line));
      },
      // Servers check what they store, so it is spoilt on its way to us.
      async spoil(calendar) {
        await put(calendar, `${randomUUID()}.ics`, rawOf(aDraft({ title: "Spoilt" })));
        proxy.failAlways(faults.rewriting((body) => body.replace("SUMMARY:Spoilt", "this is not a property")));
      },
    },
    failNext: (trouble) => proxy.failNext(troubles[trouble]),
    failFrom(position) {
      let passed = 0;
      const down = faults.status(503);
      return proxy.failAlways((request, forward) => (passed++ < position ? undefined : down(request, forward)));
    },
    forgetCursors() {
      const invalid = '<d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>';
      const refuse = faults.status(403, { "content-type": "application/xml" }, invalid);
      const restore = proxy.failAlways((request, forward) => {
        if (!request.body.includes("sync-collection>")) return undefined;
        restore();
        return refuse(request, forward);
      });
    },
    async stop() {
      await proxy.close();
      await server.stop();
    },
  };
}

const troubles: Readonly<Record<Trouble, Fault>> = {
  "credentials-rejected": faults.status(401, { "www-authenticate": 'Basic realm="calendars"' }),
  "rate-limited": faults.status(429),
  "rate-limited-for-7-seconds": faults.status(429, { "retry-after": "7" }),
  down: faults.status(503),
  "web-page": faults.html,
  truncated: faults.truncated,
  "hung-up": faults.reset,
};

const decoration = [
  "X-SOMEBODY-ELSES;X-PARAM=kept:value",
  "BEGIN:VALARM",
  "ACTION:DISPLAY",
  "TRIGGER:-PT15M",
  "END:VALARM",
];

function rawOf(draft: EventDraft): string {
  return formatDraft(draft, { now: new Date("2026-11-22T09:00:00Z"), organizer: null });
}
