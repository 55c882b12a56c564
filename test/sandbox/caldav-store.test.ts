import { describe, expect, it } from "vitest";
import { byTheBook } from "../../sandbox/caldav/by-the-book.ts";
import { CalDavServer } from "../../sandbox/caldav/caldav-server.ts";
import { davClient, eventsBetween, files, names, withUid } from "../../sandbox/caldav/dav-client.ts";
import type { Dialect } from "../../sandbox/caldav/dialect.ts";
import { OtherClient } from "../../sandbox/caldav/other-client.ts";
import { emptyCalDavState } from "../../sandbox/caldav/state.ts";
import { CalDavStore, type NewCalendar } from "../../sandbox/caldav/store.ts";
import { ics, vevent } from "../support/caldav-client.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

const office = "/calendars/ana/office/";
const hour = ["DTSTART:20261201T100000Z", "DTEND:20261201T110000Z"];
const anEvent = (uid: string, ...lines: readonly string[]) => ics(vevent(uid, ...(lines.length > 0 ? lines : hour)));

async function anOffice(changes: Partial<Dialect> = {}, calendar: NewCalendar = {}) {
  const store = new CalDavStore(emptyCalDavState(), () => new Date());
  const server = new CalDavServer(store, { ...byTheBook, ...changes }, () => "");
  const home = store.createHome({ id: "ana", email: "ana@example.test", name: "Ana Muster" });
  store.createCalendar(home, { name: "office", displayName: "Office <1>", ...calendar });
  const { origin } = await serveOnLoopback(({ method, url, headers, body }, response) => {
    const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
    const request = { method, path: url, query: new URLSearchParams(), headers: Object.fromEntries(texts), body };
    const reply = server.handle(request, home);
    response.writeHead(reply.status, { ...reply.headers }).end(reply.body);
  });
  return { store, home, ...davClient(origin, null) };
}

describe("discovery", () => {
  it("leads from the root to the principal, from there to the home, and to the calendars in it", async () => {
    const { propfind } = await anOffice();
    const [root] = (await propfind("/", ["current-user-principal"])).rows;
    expect(root?.found["current-user-principal"]?.children[0]?.text).toBe("/principals/ana/");
    const [principal] = (await propfind("/principals/ana/", ["c:calendar-home-set", "c:calendar-user-address-set"]))
      .rows;
    expect(principal?.found["calendar-home-set"]?.children[0]?.text).toBe("/calendars/ana/");
    expect(principal?.found["calendar-user-address-set"]?.children[0]?.text).toBe("mailto:ana@example.test");
    const { status, rows } = await propfind("/calendars/ana/", ["resourcetype", "displayname"], "1");
    expect(status).toBe(207);
    expect(rows.map(({ href, found }) => [href, ...names(found["resourcetype"])])).toEqual([
      ["/calendars/ana/", "collection"],
      [office, "collection", "calendar"],
      ["/calendars/ana/inbox/", "collection", "schedule-inbox"],
      ["/calendars/ana/outbox/", "collection", "schedule-outbox"],
    ]);
    expect(rows[1]?.found["displayname"]?.text).toBe("Office <1>");
  });

  it("tells what a calendar has beside what it lacks", async () => {
    const { propfind } = await anOffice();
    const wanted = [
      ...["sync-token", "cs:getctag", "c:supported-calendar-component-set", "current-user-privilege-set"],
      ...["supported-report-set", "c:calendar-timezone"],
    ];
    const [row] = (await propfind(office, wanted)).rows;
    expect(row?.missing).toEqual(["calendar-timezone"]);
    expect(row?.found["supported-calendar-component-set"]?.children[0]?.attributes).toEqual({ name: "VEVENT" });
    expect(row?.found["current-user-privilege-set"]?.children.flatMap(names)).toContain("write-content");
    expect(row?.found["supported-report-set"]?.children.flatMap(({ children }) => children.flatMap(names))).toEqual([
      ...["calendar-multiget", "calendar-query", "sync-collection"],
    ]);
  });

  it.each([
    { access: "read", has: ["read", "read-free-busy"] },
    { access: "write-properties", has: ["read", "write-properties", "read-free-busy"] },
    { access: "free-busy", has: ["read-free-busy"] },
  ] as const)("shows the privileges of a calendar one may $access, and refuses a write", async ({ access, has }) => {
    const { propfind, put } = await anOffice({}, { access });
    const [row] = (await propfind(office, ["current-user-privilege-set"])).rows;
    expect(row?.found["current-user-privilege-set"]?.children.flatMap(names)).toEqual(has);
    expect(await put(`${office}a.ics`, anEvent("a"))).toMatchObject({ status: 403, condition: "need-privileges" });
  });

  it("refuses an infinite depth, and what is not XML", async () => {
    const { send } = await anOffice();
    expect((await send("PROPFIND", office)).status).toBe(403);
    expect((await send("PROPFIND", office, "<prop", { depth: "0" })).status).toBe(400);
    expect((await send("PROPFIND", office, "<x:propfind/>", { depth: "0" })).status).toBe(400);
  });

  it("reads namespaces, not prefixes", async () => {
    const { send } = await anOffice();
    const odd = `<?xml version="1.0"?><!-- odd --><ns0:propfind xmlns:ns0='DAV:'><ns0:prop><displayname xmlns="DAV:"></displayname></ns0:prop></ns0:propfind>`;
    const [row] = (await send("PROPFIND", office, odd, { depth: "0" })).rows;
    expect(row?.found["displayname"]?.text).toBe("Office <1>");
  });

  it("says in OPTIONS what the server is", async () => {
    const { headers } = await (await anOffice()).send("OPTIONS", office);
    expect(headers.get("dav")).toContain("calendar-access");
    expect(headers.get("allow")).toContain("REPORT");
  });
});

describe("a write", () => {
  it("makes an object once with If-None-Match, and changes it with its own tag alone", async () => {
    const { put } = await anOffice();
    const path = `${office}a.ics`;
    const made = await put(path, anEvent("a"), { "if-none-match": "*" });
    const etag = made.headers.get("etag") ?? "";
    expect([made.status, etag]).toEqual([201, expect.stringMatching(/^"\w+"$/)]);
    expect((await put(path, anEvent("a"), { "if-none-match": "*" })).status).toBe(412);
    expect((await put(path, anEvent("a"), { "if-match": '"other"' })).status).toBe(412);
    const changed = await put(path, anEvent("a"), { "if-match": `W/${etag}` });
    expect(changed.status).toBe(204);
    expect(changed.headers.get("etag")).not.toBe(etag);
    expect((await put(`${office}none.ics`, anEvent("b"), { "if-match": "*" })).status).toBe(412);
  });

  it("gives back what was stored, whatever its name", async () => {
    const { put, send, propfind } = await anOffice();
    const data = anEvent("a", ...hour, "SUMMARY:Über <uns> & 日本");
    for (const name of ["a%20b@c", "%2Fslash.ics", "é.ics"]) {
      const path = `${office}${encodeURI(name).replaceAll("%25", "%")}`;
      expect((await put(path, data.replace("UID:a", `UID:${name}`))).status).toBe(201);
      expect((await send("GET", path)).text).toContain("SUMMARY:Über <uns> & 日本");
    }
    const { rows } = await propfind(office, ["getetag"], "1");
    expect(rows.map(({ href }) => href).slice(1)).toEqual(
      ["a%20b%40c", "%2Fslash.ics", "%C3%A9.ics"].map((name) => `${office}${name}`),
    );
  });

  it.each([
    { name: "no calendar", data: "BEGIN:VEVENT", condition: "valid-calendar-data" },
    { name: "half a calendar", data: anEvent("a").slice(0, -20), condition: "valid-calendar-data" },
    { name: "no UID", data: anEvent("a").replace("UID:a\r\n", ""), condition: "valid-calendar-data" },
    { name: "two UIDs", data: ics(vevent("a", ...hour), vevent("b", ...hour)), condition: "valid-calendar-data" },
    { name: "no start", data: anEvent("a", "SUMMARY:No start"), condition: "valid-calendar-data" },
    {
      name: "a METHOD",
      data: anEvent("a").replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST"),
      condition: "valid-calendar-object-resource",
    },
    { name: "a task", data: anEvent("a").replaceAll("VEVENT", "VTODO"), condition: "supported-calendar-component" },
  ])("of $name is refused", async ({ data, condition }) => {
    expect(await (await anOffice()).put(`${office}a.ics`, data)).toMatchObject({ status: 403, condition });
  });

  it("of a UID that another object has is refused with that one's address", async () => {
    const { put } = await anOffice();
    await put(`${office}a.ics`, anEvent("a"));
    const refused = await put(`${office}b.ics`, anEvent("a"));
    expect(refused).toMatchObject({ status: 403, condition: "no-uid-conflict" });
    expect(refused.text).toContain(`${office}a.ics</d:href>`);
    expect((await put(`${office}a.ics`, anEvent("other"))).condition).toBe("no-uid-conflict");
  });

  it("needs its calendar, and may not be too large", async () => {
    const { put } = await anOffice({ writes: { ...byTheBook.writes, maxBytes: 500 } });
    expect((await put("/calendars/ana/nowhere/a.ics", anEvent("a"))).status).toBe(409);
    const large = anEvent("a", ...hour, `DESCRIPTION:${"x".repeat(500)}`);
    expect(await put(`${office}a.ics`, large)).toMatchObject({ status: 403, condition: "max-resource-size" });
  });

  it("is deleted with its own tag, and once", async () => {
    const { put, send } = await anOffice();
    const path = `${office}a.ics`;
    const etag = (await put(path, anEvent("a"))).headers.get("etag") ?? "";
    expect((await send("DELETE", path, undefined, { "if-match": '"other"' })).status).toBe(412);
    expect((await send("DELETE", path, undefined, { "if-match": etag })).status).toBe(204);
    expect((await send("DELETE", path, undefined, { "if-match": etag })).status).toBe(404);
    expect((await send("GET", path)).status).toBe(404);
  });
});

describe("a calendar", () => {
  it("is made with its properties, once, and can be renamed", async () => {
    const { send, propfind } = await anOffice();
    const path = "/calendars/ana/new/";
    const body = `<c:mkcalendar xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><set><prop><displayname>New</displayname>
      <c:supported-calendar-component-set><c:comp name="VTODO"/></c:supported-calendar-component-set></prop></set></c:mkcalendar>`;
    expect((await send("MKCALENDAR", path, body)).status).toBe(201);
    expect((await send("MKCALENDAR", path, body)).status).toBe(405);
    const rename = `<propertyupdate xmlns="DAV:"><set><prop><displayname>Newer</displayname><x xmlns="urn:x">1</x></prop></set></propertyupdate>`;
    expect((await send("PROPPATCH", path, rename)).rows[0]?.missing).toEqual([]);
    const [row] = (await propfind(path, ["displayname", "c:supported-calendar-component-set"])).rows;
    expect(row?.found["displayname"]?.text).toBe("Newer");
    expect(row?.found["supported-calendar-component-set"]?.children[0]?.attributes["name"]).toBe("VTODO");
    const protectedOne = `<propertyupdate xmlns="DAV:"><set><prop><getetag>x</getetag><displayname>Z</displayname></prop></set></propertyupdate>`;
    expect((await send("PROPPATCH", path, protectedOne)).rows[0]?.missing).toEqual(["getetag", "displayname"]);
    expect((await propfind(path, ["displayname"])).rows[0]?.found["displayname"]?.text).toBe("Newer");
  });

  it("is gone when it was deleted", async () => {
    const { send, sync } = await anOffice();
    expect((await send("DELETE", office)).status).toBe(204);
    expect((await sync(office, null)).status).toBe(404);
  });
});

describe("a query", () => {
  const december = eventsBetween("20261201T000000Z", "20261202T000000Z");

  it.each([
    { name: "an hour in it", lines: hour, isFound: true },
    {
      name: "one that ends where it begins",
      lines: ["DTSTART:20261130T230000Z", "DTEND:20261201T000000Z"],
      isFound: false,
    },
    { name: "one that begins where it ends", lines: ["DTSTART:20261202T000000Z", "DURATION:PT1H"], isFound: false },
    { name: "a moment at its start", lines: ["DTSTART:20261201T000000Z"], isFound: true },
    { name: "a whole day", lines: ["DTSTART;VALUE=DATE:20261201"], isFound: true },
    { name: "the day before", lines: ["DTSTART;VALUE=DATE:20261130"], isFound: false },
    {
      name: "a series from long ago",
      lines: ["DTSTART;TZID=Europe/Berlin:20200101T100000", "RRULE:FREQ=DAILY"],
      isFound: true,
    },
    { name: "a series that is over", lines: ["DTSTART:20200101T100000Z", "RRULE:FREQ=DAILY;COUNT=3"], isFound: false },
    {
      name: "a series without this day",
      lines: ["DTSTART:20261130T100000Z", "RRULE:FREQ=DAILY", "EXDATE:20261201T100000Z"],
      isFound: false,
    },
    { name: "a further date", lines: ["DTSTART:20261120T100000Z", "RDATE:20261201T100000Z"], isFound: true },
    {
      name: "an evening further west",
      lines: ["DTSTART;TZID=America/New_York:20261130T200000", "DURATION:PT1H"],
      isFound: true,
    },
  ])("for a day and $name: $isFound", async ({ lines, isFound }) => {
    const { put, query } = await anOffice();
    expect((await put(`${office}a.ics`, anEvent("a", ...lines))).status).toBe(201);
    expect(files(await query(office, december))).toEqual(isFound ? ["a.ics"] : []);
  });

  it("finds a series by an override that was moved, and at the place it was moved from", async () => {
    const { put, query } = await anOffice();
    const master = vevent("a", "DTSTART:20261201T100000Z", "DTEND:20261201T110000Z", "RRULE:FREQ=YEARLY;COUNT=2");
    const moved = vevent("a", "RECURRENCE-ID:20261201T100000Z", "DTSTART:20270301T100000Z", "DTEND:20270301T110000Z");
    await put(`${office}a.ics`, ics(master, moved));
    expect(files(await query(office, december))).toEqual(["a.ics"]);
    expect(files(await query(office, eventsBetween("20270301T000000Z", "20270302T000000Z")))).toEqual(["a.ics"]);
    expect(files(await query(office, eventsBetween("20270401T000000Z", "20270402T000000Z")))).toEqual([]);
  });

  it("finds an object by its UID, and combines that with a range", async () => {
    const { put, query } = await anOffice();
    for (const uid of ["one", "two"]) await put(`${office}${uid}.ics`, anEvent(uid));
    const [row] = (await query(office, `<c:comp-filter name="VEVENT">${withUid("two")}</c:comp-filter>`)).rows;
    expect(row?.href).toBe(`${office}two.ics`);
    expect(row?.found["calendar-data"]?.text).toContain("UID:two");
    const elsewhere = eventsBetween("20270101T000000Z", "20270102T000000Z", withUid("two"));
    expect((await query(office, elsewhere)).rows).toEqual([]);
  });

  it("sees no members with depth 0, and refuses a range that is empty or not in UTC", async () => {
    const { put, query } = await anOffice();
    await put(`${office}a.ics`, anEvent("a"));
    expect((await query(office, december, { depth: "0" })).rows).toEqual([]);
    for (const end of ["20261201T000000Z", "20261202T000000"]) {
      const refused = await query(office, eventsBetween("20261201T000000Z", end));
      expect(refused).toMatchObject({ status: 403, condition: "valid-filter" });
    }
  });

  it("shows what nobody can read rather than hiding it, and lets it be replaced or deleted", async () => {
    const { store, home, query, put, send } = await anOffice();
    const object = { name: "odd.ics", uid: "odd", component: "VEVENT", data: "no calendar", scheduleTag: null };
    store.put(store.calendar(home, "office"), object);
    expect(files(await query(office, december))).toEqual(["odd.ics"]);
    expect((await put(`${office}odd.ics`, anEvent("odd"))).status).toBe(204);
    store.put(store.calendar(home, "office"), object);
    expect((await send("DELETE", `${office}odd.ics`)).status).toBe(204);
  });
});

describe("a multiget", () => {
  it("tells of each address that was asked for, absolute or not, there or not", async () => {
    const { put, multiget } = await anOffice();
    await put(`${office}a@b.ics`, anEvent("a"));
    const { rows } = await multiget(office, [
      `${office}a%40b.ics`,
      `http://elsewhere${office}a@b.ics`,
      `${office}none.ics`,
    ]);
    expect(rows.map(({ href, status }) => [href.split("/").at(-1), status])).toEqual([
      ["a%40b.ics", null],
      ["a%40b.ics", null],
      ["none.ics", 404],
    ]);
    expect(rows[0]?.found["calendar-data"]?.text).toBe(anEvent("a").trim());
  });
});

describe("a sync token", () => {
  it("leads to what came, changed and went since", async () => {
    const { put, send, sync, propfind } = await anOffice();
    for (const name of ["a", "b"]) await put(`${office}${name}.ics`, anEvent(name));
    const first = await sync(office, null);
    expect(files(first)).toEqual(["a.ics", "b.ics"]);
    await put(`${office}c.ics`, anEvent("c"));
    await send("DELETE", `${office}a.ics`);
    await put(`${office}d.ics`, anEvent("d"));
    await send("DELETE", `${office}d.ics`);
    const { rows, syncToken } = await sync(office, first.syncToken);
    expect(rows.map(({ href, status }) => [href, status])).toEqual([
      [`${office}c.ics`, null],
      [`${office}a.ics`, 404],
      [`${office}d.ics`, 404],
    ]);
    expect((await sync(office, syncToken)).rows).toEqual([]);
    expect((await propfind(office, ["sync-token"])).rows[0]?.found["sync-token"]?.text).toBe(syncToken);
  });

  it("pages where there is a limit: 507 for the calendar, and a token for what was told", async () => {
    const { put, sync } = await anOffice();
    for (const name of ["a", "b", "c", "d", "e"]) await put(`${office}${name}.ics`, anEvent(name));
    const told: string[] = [];
    let token: string | null = null;
    for (let pages = 1; ; pages += 1) {
      const { rows, syncToken } = await sync(office, token, { limit: 2 });
      const cut = rows.filter(({ status }) => status === 507);
      told.push(...rows.filter(({ status }) => status !== 507).map(({ href }) => href.split("/").at(-1) ?? ""));
      token = syncToken;
      if (cut.length === 0) {
        expect(pages).toBe(3);
        break;
      }
      expect(cut.map(({ href }) => href)).toEqual([office]);
      // What changes between two pages comes once more, later.
      if (pages === 1) await put(`${office}a.ics`, anEvent("a"));
    }
    expect(told).toEqual(["a.ics", "b.ics", "c.ics", "d.ics", "e.ics", "a.ics"]);
  });

  it("of another calendar, of nobody, or from before it was forgotten is refused", async () => {
    const { store, home, sync, propfind } = await anOffice();
    store.createCalendar(home, { name: "other" });
    const { syncToken } = await sync(office, null);
    expect(await sync("/calendars/ana/other/", syncToken)).toMatchObject({
      status: 403,
      condition: "valid-sync-token",
    });
    expect((await sync(office, "made-up")).condition).toBe("valid-sync-token");
    store.expireSyncTokens("ana@example.test");
    expect((await sync(office, syncToken)).condition).toBe("valid-sync-token");
    const fresh = (await propfind(office, ["sync-token"])).rows[0]?.found["sync-token"]?.text ?? "";
    expect((await sync(office, fresh)).status).toBe(207);
  });
});

describe("an organizer's event", () => {
  const guests = [
    "ORGANIZER:mailto:ana@example.test",
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@example.test",
    'ATTENDEE;CN="Cy; the guest: one";PARTSTAT=NEEDS-ACTION:mailto:cy@example.test',
  ];

  it("is sent to its guests by the server, which writes so and gives no ETag", async () => {
    const { store, put, send } = await anOffice();
    const made = await put(`${office}a.ics`, anEvent("a", ...hour, ...guests));
    expect([made.headers.get("etag"), made.headers.get("schedule-tag")]).toEqual([null, expect.any(String)]);
    const from = "ana@example.test";
    expect(store.state.sent).toEqual([{ from, to: "cy@example.test", method: "REQUEST", uid: "a" }]);
    const { text } = await send("GET", `${office}a.ics`);
    expect(text).toContain('ATTENDEE;SCHEDULE-STATUS=1.1;CN="Cy; the guest: one";PARTSTAT=NEEDS-ACTION');
    expect(text.match(/SCHEDULE-STATUS/g)).toHaveLength(1);
    await send("DELETE", `${office}a.ics`);
    expect(store.state.sent.at(-1)).toMatchObject({ to: "cy@example.test", method: "CANCEL" });
  });

  it("is nobody's business where SCHEDULE-AGENT is CLIENT", async () => {
    const { store, put } = await anOffice();
    const silent = guests.map((line) => line.replace("ATTENDEE;", "ATTENDEE;SCHEDULE-AGENT=CLIENT;"));
    const made = await put(`${office}a.ics`, anEvent("a", ...hour, ...silent));
    expect(made.headers.get("etag")).toEqual(expect.any(String));
    expect(store.state.sent).toEqual([]);
  });

  it("of somebody else is answered when the own answer changes, and declined when it is deleted", async () => {
    const { store, put, send } = await anOffice();
    const invited = (answer: string) =>
      anEvent("a", ...hour, "ORGANIZER:mailto:bo@example.test", `ATTENDEE;PARTSTAT=${answer}:mailto:ana@example.test`);
    await put(`${office}a.ics`, invited("NEEDS-ACTION"));
    expect(store.state.sent).toEqual([]);
    await put(`${office}a.ics`, invited("ACCEPTED"));
    expect(store.state.sent).toMatchObject([{ to: "bo@example.test", method: "REPLY" }]);
    await send("DELETE", `${office}a.ics`, undefined, { "schedule-reply": "F" });
    expect(store.state.sent).toHaveLength(1);
  });

  it("of somebody else can be answered, hidden and reminded of, and not changed", async () => {
    const { put } = await anOffice();
    const invited = (...lines: readonly string[]) => anEvent("a", ...lines, "ORGANIZER:mailto:bo@example.test");
    const mine = (answer: string) => `ATTENDEE;PARTSTAT=${answer}:mailto:ana@example.test`;
    const path = `${office}a.ics`;
    await put(path, invited(...hour, "SUMMARY:Talk", mine("NEEDS-ACTION")));
    const allowed = ["SUMMARY:Talk", mine("DECLINED"), "TRANSP:TRANSPARENT", "X-MINE:1"];
    expect((await put(path, invited(...hour, ...allowed))).status).toBe(204);
    const condition = "allowed-attendee-scheduling-object-change";
    expect(await put(path, invited(...hour, "SUMMARY:Mine", mine("ACCEPTED")))).toMatchObject({
      status: 403,
      condition,
    });
    const moved = ["DTSTART:20261202T100000Z", "DTEND:20261202T110000Z", "SUMMARY:Talk", mine("ACCEPTED")];
    expect(await put(path, invited(...moved))).toMatchObject({ status: 403, condition });
  });

  it("stays its organizer's", async () => {
    const { put } = await anOffice();
    const by = (who: string) => anEvent("a", ...hour, `ORGANIZER:mailto:${who}@example.test`);
    await put(`${office}a.ics`, by("ana"));
    const condition = "allowed-organizer-scheduling-object-change";
    expect(await put(`${office}a.ics`, by("bo"))).toMatchObject({ status: 403, condition });
  });

  it("keeps its Schedule-Tag, and not its ETag, when a guest answers", async () => {
    const { store, put, send } = await anOffice();
    const path = `${office}a.ics`;
    await put(path, anEvent("a", ...hour, ...guests));
    const before = await send("GET", path);
    const others = new OtherClient(store, () => "");
    others.answer("ana@example.test", "office", "a.ics", "cy@example.test", "ACCEPTED");
    const after = await send("GET", path);
    expect(after.text).toMatch(/ATTENDEE;SCHEDULE-STATUS=2.0;PARTSTAT=ACCEPTED;CN="Cy; the guest: one":/);
    expect(after.headers.get("schedule-tag")).toBe(before.headers.get("schedule-tag"));
    const stale = { "if-match": before.headers.get("etag") ?? "" };
    expect((await put(path, before.text, stale)).status).toBe(412);
    const tag = { "if-schedule-tag-match": before.headers.get("schedule-tag") ?? "" };
    expect((await put(path, before.text, tag)).status).toBe(204);
  });
});
