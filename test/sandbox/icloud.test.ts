import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { basic, davClient, eventsBetween, files, names } from "../../sandbox/caldav/dav-client.ts";
import { defaultICloudSwitches, type ICloudSwitches } from "../../sandbox/icloud/switches.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { ics, vevent } from "../support/caldav-client.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
});
afterAll(() => sandbox.stop());

let accounts = 0;

/** An account of its own for each test, and switches that are as they were. */
function someone(switches: Partial<ICloudSwitches> = {}) {
  const twin = sandbox.icloud;
  Object.assign(twin.switches, defaultICloudSwitches(), switches);
  accounts += 1;
  const email = `ana${accounts}@example.test`;
  twin.createAccount({ email, name: "Ana Muster" });
  const password = twin.createAppPassword(email);
  const client = davClient(sandbox.settings["ICLOUD_BASE_URL"] ?? "", basic(email, password));
  const [home = "", work = "", tasks = ""] = twin.client.calendarUrls(email);
  return { twin, email, password, home, work, tasks, principal: twin.principalUrl(email), ...client };
}

const hour = ["DTSTART:20261201T100000Z", "DTEND:20261201T110000Z"];
const anEvent = (uid: string, ...lines: readonly string[]) => ics(vevent(uid, ...(lines.length > 0 ? lines : hour)));
const december = eventsBetween("20261201T000000Z", "20270101T000000Z");

describe("signing in to iCloud", () => {
  it("takes an app-specific password of four times four letters, and offers Apple's own token first", async () => {
    const { email, password, send, propfind } = someone();
    expect(password).toMatch(/^[a-z]{4}(-[a-z]{4}){3}$/);
    expect((await propfind("", ["current-user-principal"])).status).toBe(207);
    const wrong = basic(email, "aaaa-bbbb-cccc-dddd");
    const refused = await send("PROPFIND", "", undefined, { depth: "0", authorization: wrong });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toMatch(/^X-MobileMe-AuthToken .*, Basic /);
  });

  it("ends with every app-specific password when that of the Apple Account changes", async () => {
    const { twin, email, propfind } = someone();
    twin.changePassword(email);
    expect((await propfind("", ["current-user-principal"])).status).toBe(401);
  });

  it("has 25 passwords at most", () => {
    const { twin, email } = someone();
    for (let made = 1; made < 25; made += 1) twin.createAppPassword(email);
    expect(() => twin.createAppPassword(email)).toThrow("25");
  });

  it("begins at a page where a person makes a password", async () => {
    const { email, send } = someone();
    const [, page = ""] = /href="([^"]+icloud[^"]+)"/.exec(await (await fetch(sandbox.origin)).text()) ?? [];
    expect(await (await fetch(page)).text()).toContain(`value="${email}"`);
    const shown = await (await fetch(page, { method: "POST", body: new URLSearchParams({ account: email }) })).text();
    const password = /<code id="password">([^<]+)</.exec(shown)?.[1] ?? "";
    expect((await send("PROPFIND", "", "", { depth: "0", authorization: basic(email, password) })).status).toBe(207);
  });
});

describe("iCloud's hosts", () => {
  it("are one to begin at, and another for an account's home, as an address of its own", async () => {
    const { email, principal, home, propfind } = someone();
    const [root] = (await propfind("", ["current-user-principal"])).rows;
    const path = root?.found["current-user-principal"]?.children[0]?.text ?? "";
    expect(path).toMatch(/^\/icloud\/\d+\/principal\/$/);
    expect(new URL(path, sandbox.origin).href).toBe(principal);
    const [row] = (await propfind(principal, ["c:calendar-home-set", "c:calendar-user-address-set"])).rows;
    const homeUrl = row?.found["calendar-home-set"]?.children[0]?.text ?? "";
    expect(home.startsWith(homeUrl)).toBe(true);
    expect(new URL(homeUrl).hostname).toBe(new URL(sandbox.origin).hostname);
    expect(new URL(homeUrl).origin).not.toBe(sandbox.origin);
    expect(row?.found["calendar-user-address-set"]?.children[0]?.text).toBe(`mailto:${email}`);
    expect((await propfind(homeUrl, ["displayname"], "1")).status).toBe(207);
  });

  it("lead to an account's partition when it moves", async () => {
    const { twin, email, home, propfind } = someone();
    const before = new URL(home);
    twin.movePartition(email);
    const after = new URL(twin.client.calendarUrls(email)[0] ?? "");
    expect([after.pathname, after.origin === before.origin]).toEqual([before.pathname, false]);
    const moved = await propfind(before.href, ["displayname"]);
    expect([moved.status, moved.headers.get("location")]).toEqual([301, after.href]);
    expect((await propfind(after.href, ["displayname"])).status).toBe(207);
    twin.switches.otherHosts = "serve";
    expect((await propfind(before.href, ["displayname"])).status).toBe(207);
    twin.switches.otherHosts = "refuse";
    expect((await propfind(before.href, ["displayname"])).status).toBe(403);
  });

  it("have homes at the first host too, or not", async () => {
    const { home, propfind, twin } = someone();
    const atMain = new URL(new URL(home).pathname, sandbox.origin).href;
    expect((await propfind(atMain, ["displayname"])).status).toBe(207);
    twin.switches.mainHostServes = false;
    expect((await propfind(atMain, ["displayname"])).headers.get("location")).toBe(home);
  });

  it("send those who look for a principal to its partition, where they do", async () => {
    const { principal, home, propfind } = someone({ redirectsPrincipal: true, redirectStatus: 308 });
    const { status, headers } = await propfind(principal, ["c:calendar-home-set"]);
    const partition = new URL(headers.get("location") ?? "");
    expect([status, partition.origin]).toEqual([308, new URL(home).origin]);
    expect((await propfind(partition.href, ["c:calendar-home-set"])).status).toBe(207);
  });

  it("can lead to somebody else's host at each step of discovery", async () => {
    const to = "http://127.0.0.1:9/stranger/";
    const { twin, principal, propfind } = someone();
    twin.switches.leadsAway = { at: "root", to };
    expect((await propfind("", ["current-user-principal"])).headers.get("location")).toBe(to);
    twin.switches.leadsAway = { at: "principal", to };
    expect((await propfind(principal, ["c:calendar-home-set"])).headers.get("location")).toBe(to);
    twin.switches.leadsAway = { at: "home", to };
    const [row] = (await propfind(principal, ["c:calendar-home-set"])).rows;
    expect(row?.found["calendar-home-set"]?.children[0]?.text).toBe(to);
  });

  it("keep accounts apart", async () => {
    const other = someone();
    const { propfind } = someone();
    expect((await propfind(other.principal, ["displayname"])).status).toBe(403);
    expect((await propfind(new URL(new URL(other.home).pathname, sandbox.origin).href, ["displayname"])).status).toBe(
      403,
    );
  });
});

describe("iCloud's answers", () => {
  it("declare a namespace at each element, give data as CDATA, and list what is missing in a second group", async () => {
    const { twin, email, work, propfind, query } = someone();
    twin.client.put(email, work, "a.ics", anEvent("a", ...hour, "SUMMARY:A & B"));
    expect((await query(work, december)).text).toContain("<![CDATA[BEGIN:VCALENDAR\r\n");
    const { text, rows } = await propfind(work, ["displayname", "c:calendar-timezone"]);
    expect(text).toContain('<displayname xmlns="DAV:">Work</displayname>');
    expect(rows[0]?.missing).toEqual(["calendar-timezone"]);
  });

  it("list reminders as a calendar of tasks, and inbox, outbox and notifications beside", async () => {
    const { home, propfind } = someone();
    const wanted = ["resourcetype", "c:supported-calendar-component-set"];
    const { rows } = await propfind(new URL("../", home).href, wanted, "1");
    const kinds = rows.map(({ found }) => names(found["resourcetype"]).at(-1));
    expect(kinds).toEqual([
      ...["collection", "calendar", "calendar", "calendar"],
      ...["schedule-inbox", "schedule-outbox", "notification"],
    ]);
    const components = rows[3]?.found["supported-calendar-component-set"]?.children;
    expect(components?.map(({ attributes }) => attributes["name"])).toEqual(["VTODO"]);
  });

  it("need a component in a query, and mark overrides where it names a range", async () => {
    const { twin, email, work, query } = someone();
    const master = vevent("a", ...hour, "RRULE:FREQ=DAILY;COUNT=3");
    twin.client.put(email, work, "a.ics", ics(master, vevent("a", "RECURRENCE-ID:20261202T100000Z", ...hour)));
    expect(await query(work, "")).toMatchObject({ status: 403, condition: "valid-filter" });
    expect((await query(work, december)).text).toContain("X-RECURRENCE-EXCEPTION");
    expect((await query(work, '<c:comp-filter name="VEVENT"/>')).text).not.toContain("X-RECURRENCE-EXCEPTION");
  });
});

describe("a write to iCloud", () => {
  it("is not answered with an ETag, and stores the text folded anew", async () => {
    const { work, put, multiget } = someone();
    const summary = `SUMMARY:${"lang ü ".repeat(20)}end`;
    const made = await put(`${work}a.ics`, anEvent("a", ...hour, summary), { "if-none-match": "*" });
    expect([made.status, made.headers.get("etag")]).toEqual([201, null]);
    const [row] = (await multiget(work, [`${new URL(work).pathname}a.ics`])).rows;
    expect(row?.found["getetag"]?.text).toMatch(/^".+"$/);
    const data = row?.found["calendar-data"]?.text ?? "";
    expect(data).not.toContain(summary);
    expect(data.replaceAll(/\r?\n /g, "")).toContain(summary);
  });

  it("refuses a UID that another calendar has, and an event without an end", async () => {
    const { home, work, put } = someone();
    await put(`${home}a.ics`, anEvent("a"));
    expect(await put(`${work}a.ics`, anEvent("a"))).toMatchObject({ status: 403, condition: "no-uid-conflict" });
    const endless = await put(`${work}b.ics`, anEvent("b", "DTSTART:20261201T100000Z"));
    expect(endless).toMatchObject({ status: 403, condition: "valid-calendar-data" });
  });

  it("can take a while to be seen in listings; the token waits for it", async () => {
    const { home: calendar, put, sync, query, send } = someone({ shownAfterMs: 5000 });
    const first = await sync(calendar, null);
    await put(`${calendar}a.ics`, anEvent("a"));
    const early = await sync(calendar, first.syncToken);
    expect([early.rows, early.syncToken]).toEqual([[], first.syncToken]);
    expect((await query(calendar, december)).rows).toEqual([]);
    expect((await send("GET", `${calendar}a.ics`)).status).toBe(200);
    sandbox.clock.advance(5001);
    expect(files(await sync(calendar, early.syncToken))).toEqual(["a.ics"]);
    expect(files(await query(calendar, december))).toEqual(["a.ics"]);
  });

  it("makes calendars in Apple's form alone", async () => {
    const { home, send } = someone();
    const path = new URL("../new/", home).href;
    expect((await send("MKCALENDAR", path)).status).toBe(403);
    const body = `<c:mkcalendar xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:ic="http://apple.com/ns/ical/"><set><prop>
      <displayname>New</displayname><ic:calendar-color>#FF0000FF</ic:calendar-color>
      <c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set></prop></set></c:mkcalendar>`;
    expect((await send("MKCALENDAR", path, body)).status).toBe(201);
  });
});

describe("an old token of iCloud", () => {
  it.each([
    { expiredToken: "gone", status: 410, condition: null },
    { expiredToken: "condition", status: 403, condition: "valid-sync-token" },
  ] as const)("is $status where it is met as $expiredToken", async ({ expiredToken, status, condition }) => {
    const { twin, email, work, sync } = someone({ expiredToken });
    const { syncToken } = await sync(work, null);
    twin.expireSyncTokens(email);
    expect(await sync(work, syncToken)).toMatchObject({ status, condition });
  });

  it("can be answered with everything, and nothing of what is gone", async () => {
    const { twin, email, work, sync } = someone({ expiredToken: "everything" });
    for (const uid of ["a", "b"]) twin.client.put(email, work, `${uid}.ics`, anEvent(uid));
    const { syncToken } = await sync(work, null);
    twin.client.remove(email, work, "a.ics");
    twin.expireSyncTokens(email);
    expect((await sync(work, syncToken)).rows).toMatchObject([
      { href: `${new URL(work).pathname}b.ics`, status: null },
    ]);
  });

  it("is met by the fault that tests arm, and by no first reading", async () => {
    const { twin, work, sync } = someone();
    const { syncToken } = await sync(work, null);
    twin.fail("cursor-gone", { times: 1 });
    expect((await sync(work, null)).status).toBe(207);
    expect((await sync(work, syncToken)).status).toBe(410);
    expect((await sync(work, syncToken)).status).toBe(207);
  });
});

describe("too many requests", () => {
  it("are refused in each of iCloud's ways, for longer when they go on", async () => {
    const { work, propfind } = someone({ requestsPerMinute: 2 });
    const statuses: number[] = [];
    for (let asked = 0; asked < 5; asked += 1) statuses.push((await propfind(work, ["getctag"])).status);
    expect(statuses.slice(0, 2)).toEqual([207, 207]);
    expect(new Set(statuses.slice(2))).toEqual(new Set([503, 429, 403]));
    sandbox.clock.advance(61_000);
    expect((await propfind(work, ["getctag"])).status).toBe(207);
  });
});

describe("iCloud's stand-in", () => {
  it("goes on where it was", () => {
    const { twin, email, work, password } = someone();
    twin.client.put(email, work, "a.ics", anEvent("a"));
    const kept = structuredClone(twin.state.save());
    twin.client.remove(email, work, "a.ics");
    twin.state.load(kept);
    expect(twin.client.read(email, work, "a.ics")?.uid).toBe("a");
    expect(twin.passwords.find(password)?.email).toBe(email);
  });
});
