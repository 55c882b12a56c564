import { basic, type DavClient, type DavReply, davClient, eventsBetween } from "../../sandbox/caldav/dav-client.ts";
import { type CalDavServer, clientOf } from "./servers.ts";
import { hour, ics, utc, vevent } from "./texts.ts";

/** What a server does, by feature, in words for a table. */
export type Features = ReadonlyMap<string, string>;

/** One account at a server, called by plain HTTP with none of our code in between. */
interface Probe {
  readonly server: CalDavServer;
  readonly username: string;
  readonly client: DavClient;
  /** A calendar; its path ends with a slash. */
  readonly calendar: string;
  /** Another calendar of the same account. */
  readonly elsewhere: string;
  /** Stores a new object. */
  store(path: string, ...components: readonly string[]): Promise<DavReply>;
}

export async function measureFeatures(server: CalDavServer): Promise<Features> {
  const username = "features";
  await server.createAccount(username);
  const client = clientOf(server, username);
  const calendar = `${server.home(username)}measured/`;
  const elsewhere = `${server.home(username)}elsewhere/`;
  for (const path of [calendar, elsewhere]) await client.send("MKCALENDAR", path);
  const store = (path: string, ...components: readonly string[]) =>
    client.put(path, ics(...components), { "if-none-match": "*" });
  const probe = { server, username, client, calendar, elsewhere, store };
  await store(`${calendar}single.ics`, single("single"));
  const features = new Map<string, string>();
  for (const [feature, measure] of measures) features.set(feature, await measure(probe));
  return features;
}

/** In the order in which they are measured and shown. */
const measures: readonly (readonly [feature: string, (probe: Probe) => Promise<string>])[] = [
  [
    "`sync-collection`",
    async ({ client, calendar }) => yesOrNo((await client.sync(calendar, null)).syncToken !== null),
  ],
  [
    "… with a token that it does not know",
    async ({ client, calendar }) => answerIn(await client.sync(calendar, "http://example.com/ns/sync/no-such-token")),
  ],
  [
    "… in pages when asked to",
    async ({ client, calendar, store }) => {
      await store(`${calendar}page.ics`, single("page"));
      const { rows } = await client.sync(calendar, null, { limit: 1 });
      return rows.some(({ status }) => status === 507) ? "yes" : "the limit is ignored";
    },
  ],
  [
    "`getctag`",
    async ({ client, calendar }) => {
      const { rows } = await client.propfind(calendar, ["sync-token", "cs:getctag"]);
      const ctag = rows[0]?.found["getctag"]?.text;
      return ctag !== undefined && ctag === rows[0]?.found["sync-token"]?.text
        ? "yes, the sync token"
        : yesOrNo(!!ctag);
    },
  ],
  [
    "`calendar-multiget` of what is gone",
    async ({ client, calendar }) => {
      const { rows } = await client.multiget(calendar, [`${calendar}single.ics`, `${calendar}gone.ics`]);
      return rows.some(({ href, status }) => href.endsWith("gone.ics") && status === 404) ? "404" : "says nothing";
    },
  ],
  [
    "`calendar-query` finds later occurrences of a series",
    async ({ client, calendar, store }) => {
      await store(`${calendar}weekly.ics`, vevent("weekly", "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY", ...hour(1)));
      const range = eventsBetween(utc(29, "000000"), utc(30, "000000"));
      return yesOrNo((await client.query(calendar, range)).rows.some(({ href }) => href.endsWith("weekly.ics")));
    },
  ],
  [
    "ETag after storing an event",
    async ({ calendar, store }) => yesOrNo((await store(`${calendar}etag.ics`, single("etag"))).headers.has("etag")),
  ],
  [
    "ETag after storing a meeting",
    async (probe) => {
      const reply = await probe.store(`${probe.calendar}meeting.ics`, await meeting(probe, "meeting"));
      return yesOrNo(reply.headers.has("etag"));
    },
  ],
  [
    "ETag of a compressed answer",
    async ({ client, calendar, store }) => {
      await store(`${calendar}long.ics`, vevent("long", `DESCRIPTION:${"Words. ".repeat(1000)}`, ...hour(1)));
      const headers = { "accept-encoding": "gzip" };
      const reply = await client.send("GET", `${calendar}long.ics`, undefined, headers);
      return reply.headers.get("etag")?.startsWith("W/") ? "weak" : "strong";
    },
  ],
  [
    "`Schedule-Tag`",
    async ({ client, calendar }) =>
      yesOrNo((await client.send("GET", `${calendar}meeting.ics`)).headers.has("schedule-tag")),
  ],
  [
    "Invites guests",
    async ({ client, calendar }) => {
      const { headers } = await client.send("OPTIONS", calendar);
      return yesOrNo((headers.get("dav") ?? "").split(/,\s*/).includes("calendar-auto-schedule"));
    },
  ],
  ["Tells the account's mail address", async (probe) => yesOrNo((await addressOf(probe)) !== null)],
  [
    "A stale `If-Match`",
    async ({ client, calendar }) =>
      answerIn(await client.put(`${calendar}single.ics`, ics(single("single")), { "if-match": '"stale"' })),
  ],
  [
    "The same UID in another file",
    async ({ calendar, store }) => answerIn(await store(`${calendar}again.ics`, single("single"))),
  ],
  [
    "The same meeting in another calendar",
    async (probe) => answerIn(await probe.store(`${probe.elsewhere}meeting.ics`, await meeting(probe, "meeting"))),
  ],
  [
    "A file name without `.ics`",
    async ({ client, calendar, store }) => {
      await store(`${calendar}unnamed`, single("unnamed"));
      const { rows } = await client.query(calendar, '<c:comp-filter name="VEVENT"/>');
      return rows.some(({ href }) => href.endsWith("/unnamed")) ? "yes" : "is not shown as an event";
    },
  ],
  [
    "A changed occurrence without its series",
    async ({ calendar, store }) =>
      answerIn(await store(`${calendar}alone.ics`, vevent("alone", `RECURRENCE-ID:${utc(3, "080000")}`, ...hour(3)))),
  ],
  [
    "Text that is no iCalendar",
    async ({ client, calendar }) => answerIn(await client.put(`${calendar}broken.ics`, "BEGIN:VCALENDAR\r\nno\r\n")),
  ],
  [
    "A wrong password",
    async ({ server, username, calendar }) => {
      const stranger = davClient(server.url, basic(username, "not-the-password"));
      const reply = await stranger.propfind(calendar, ["resourcetype"]);
      return reply.status === 207 ? "lets everybody in" : answerIn(reply);
    },
  ],
  [
    "A calendar that may only be read",
    async ({ server, username, client, elsewhere, store }) => {
      if (!server.makeReadOnly) return "not measured";
      await server.makeReadOnly(username, elsewhere);
      const { rows } = await client.propfind(elsewhere, ["current-user-privilege-set"]);
      const privileges =
        rows[0]?.found["current-user-privilege-set"]?.children.flatMap(({ children }) => children) ?? [];
      const isShown = !privileges.some(({ name }) => name === "write-content");
      const answer = answerIn(await store(`${elsewhere}refused.ics`, single("refused")));
      return isShown ? `shown; ${answer}` : `not shown; ${answer}`;
    },
  ],
  [
    "A calendar that is gone",
    async ({ server, username, client }) => {
      const gone = `${server.home(username)}gone/`;
      await client.send("MKCALENDAR", gone);
      await client.send("DELETE", gone);
      return answerIn(await client.sync(gone, null));
    },
  ],
];

function single(uid: string): string {
  return vevent(uid, `SUMMARY:${uid}`, ...hour(1));
}

async function meeting(probe: Probe, uid: string): Promise<string> {
  const organizer = (await addressOf(probe)) ?? "mailto:somebody@example.com";
  const guest = "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ana@example.net";
  return vevent(uid, "SUMMARY:Meeting", `ORGANIZER:${organizer}`, guest, ...hour(1));
}

/** The address that the account invites from, as `mailto:`; null when its server does not tell. */
async function addressOf({ client, calendar }: Probe): Promise<string | null> {
  const { rows } = await client.propfind(calendar, ["current-user-principal"]);
  const principal = rows[0]?.found["current-user-principal"]?.children[0]?.text;
  if (principal === undefined) return null;
  const { rows: found } = await client.propfind(principal, ["c:calendar-user-address-set"]);
  const addresses = found[0]?.found["calendar-user-address-set"]?.children ?? [];
  return addresses.map(({ text }) => text).find((text) => /^mailto:/i.test(text)) ?? null;
}

/** The status, and what names it more closely: a precondition, or another status within. */
function answerIn({ status, condition, rows: [first] }: DavReply): string {
  if (status === 207) return first?.status ? `207, with ${first.status} inside` : "207, with everything";
  if (status < 300) return "taken";
  return condition === null ? String(status) : `${status} \`${condition}\``;
}

function yesOrNo(is: boolean): string {
  return is ? "yes" : "no";
}
