import { randomUUID } from "node:crypto";

/** Another CalDAV client on the same account: plain HTTP, and none of our code. */
export interface CalDavClient {
  /** @returns the new calendar's path */
  createCalendar(): Promise<string>;
  put(path: string, ics: string): Promise<void>;
  /** Null when there is nothing. */
  get(path: string): Promise<string | null>;
  /** The names of the objects in a calendar, in alphabetical order. */
  list(calendar: string): Promise<string[]>;
  /** Exchanges a piece of an object, as the server has it now. */
  edit(path: string, from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export function caldavClient(
  serverUrl: string,
  username: string,
  password: string,
  home = `/${username}/`,
): CalDavClient {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;

  async function send(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const content = body === undefined ? {} : { body };
    const type = { "content-type": body?.startsWith("<") ? "application/xml" : "text/calendar; charset=utf-8" };
    const reply = await fetch(new URL(path, serverUrl), {
      method,
      headers: { authorization, ...type, ...headers },
      ...content,
    });
    if (!reply.ok && reply.status !== 404) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return reply;
  }

  const client: CalDavClient = {
    async createCalendar() {
      const path = `${home}${randomUUID()}/`;
      await send("MKCALENDAR", path);
      return path;
    },
    async put(path, ics) {
      await (await send("PUT", path, ics)).text();
    },
    async get(path) {
      const reply = await send("GET", path);
      const text = await reply.text();
      return reply.status === 404 ? null : text;
    },
    async list(calendar) {
      const query = '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>';
      const xml = await (await send("PROPFIND", calendar, query, { depth: "1" })).text();
      const paths = [...xml.matchAll(/<(?:\w+:)?href>([^<]*)<\/(?:\w+:)?href>/g)].map(
        ([, href = ""]) => new URL(href, serverUrl).pathname,
      );
      return [...new Set(paths)]
        .filter((path) => path.startsWith(calendar) && path !== calendar)
        .map((path) => path.slice(calendar.length))
        .sort();
    },
    async edit(path, from, to) {
      const before = await client.get(path);
      if (!before?.includes(from)) throw new Error(`${path} has no ${from}: ${before}`);
      await client.put(path, before.replace(from, to));
    },
    async remove(path) {
      await (await send("DELETE", path)).text();
    },
  };
  return client;
}

/** A calendar object of these components. */
export function ics(...components: readonly string[]): string {
  return ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Another client//EN", ...components, "END:VCALENDAR", ""].join(
    "\r\n",
  );
}

/** One VEVENT; lines are as RFC 5545 writes them. */
export function vevent(uid: string, ...lines: readonly string[]): string {
  return ["BEGIN:VEVENT", `UID:${uid}`, "DTSTAMP:20260101T000000Z", ...lines, "END:VEVENT"].join("\r\n");
}
