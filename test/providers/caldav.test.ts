import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Fault, faults } from "../../sandbox/real-servers/fault-proxy.ts";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import { pathOf, urlOf } from "../../src/providers/calendar/caldav/path.ts";
import { isWellFormed } from "../../src/providers/calendar/caldav/well-formed.ts";
import { caldav, caldavProvider } from "../../src/providers/calendar/caldav.ts";
import type { CalendarAccount } from "../../src/providers/calendar/provider.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { connectAccount } from "../support/account.ts";
import { type CalDavVendor, createCalDavVendor } from "../support/caldav-vendor.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";

const createRadicale = () =>
  createCalDavVendor({ start: startRadicale, username: "alice", password: radicalePasswords.alice, home: "/alice/" });

describe("the path of an href", () => {
  const base = "https://dav.example.com/cal/ana/";
  it.each([
    { href: "/cal/ana/4f1c.ics", path: "/cal/ana/4f1c.ics" },
    { href: "https://p07.example.com/cal/ana/4f1c.ics", path: "/cal/ana/4f1c.ics" },
    { href: "4f1c.ics", path: "/cal/ana/4f1c.ics" },
    { href: "/cal/ana/a%20b%40c.ics", path: "/cal/ana/a b@c.ics" },
    { href: "/cal/ana/a b@c.ics", path: "/cal/ana/a b@c.ics" },
    { href: "/cal/ana/%E9%9D%A2.ics", path: "/cal/ana/面.ics" },
    { href: "/cal/ana/one%2Ftwo", path: "/cal/ana/one%2Ftwo" },
    { href: "/cal/ana/100%25.ics", path: "/cal/ana/100%25.ics" },
    { href: "/cal/ana/latin-%E4.ics", path: "/cal/ana/latin-%E4.ics" },
  ])("of $href is $path, and leads back", ({ href, path }) => {
    expect(pathOf(href, base)).toBe(path);
    expect(pathOf(urlOf(path, base), base)).toBe(path);
    expect(urlOf(path, base)).toMatch(/^https:\/\/dav\.example\.com\/cal\/ana\/[\w.%-]+$/);
  });
});

describe("XML that is whole", () => {
  it.each([
    { xml: '<?xml version="1.0"?>\n<a xmlns="DAV:"><b/><c d="x>y">t</c><!-- < --><![CDATA[<e>]]></a>\n', whole: true },
    { xml: "<d:a><d:b></d:b></d:a>", whole: true },
    { xml: "<a><b></b>", whole: false },
    { xml: "<a><b></a></b>", whole: false },
    { xml: "<a><b", whole: false },
    { xml: "<a><![CDATA[x</a>", whole: false },
    { xml: "", whole: false },
    { xml: "Please sign in", whole: false },
  ])("is $whole for $xml", ({ xml, whole }) => {
    expect(isWellFormed(xml)).toBe(whole);
  });
});

describe.skipIf(!radicaleIsInstalled)("CalDAV at Radicale (apt-get install radicale)", () => {
  describeCalendarProvider(caldav, createRadicale);

  let vendor: CalDavVendor;
  let account: CalendarAccount;
  beforeAll(async () => {
    vendor = await createRadicale();
    await vendor.createCalendar();
    account = (await connectAccount(caldav, vendor.credentials)).account;
  });
  afterAll(() => vendor.stop());

  const connect = (changes: Readonly<Record<string, string>>) =>
    connectAccount(caldav, { ...vendor.credentials, ...changes });

  /** Until the test ends, or what is returned is called. */
  const during = (fault: Fault) => {
    const recover = vendor.proxy.failAlways(fault);
    onTestFinished(recover);
    return recover;
  };

  /** A calendar with one event, and a mirror of it that has been read. */
  const inMirroredCalendar = async (...lasting: readonly Fault[]) => {
    const calendar = await vendor.createCalendar();
    for (const fault of lasting) during(fault);
    const object = await caldav.createEvent(account, calendar, aDraft({ title: "First" }));
    const mirror = new CalendarMirror(caldav, account, calendar);
    const first = await mirror.read();
    vendor.proxy.forget();
    return { calendar, object, mirror, first };
  };
  const requested = () => vendor.proxy.requests.map(({ method, body }) => /<\w:([\w-]+)/.exec(body)?.[1] ?? method);

  const withoutSync = faults.rewriting((body) =>
    body.replaceAll(/<sync-token>.*?<\/sync-token>/g, "").replaceAll("<sync-collection />", "<other />"),
  );
  const withoutCtag = faults.rewriting((body) => body.replaceAll(/<CS:getctag>.*?<\/CS:getctag>/g, ""));
  const withoutEtags = faults.rewriting((body) => body.replaceAll(/<getetag>.*?<\/getetag>/g, "<getetag />"));

  describe("connecting", () => {
    it.each([
      { from: "the host", path: "" },
      { from: "a folder that is not there", path: "no/such/folder/" },
      { from: "the principal", path: "alice/" },
    ])("finds the account from $from", async ({ path }) => {
      const { connected } = await connect({ serverUrl: vendor.proxy.url + path });
      expect(connected.externalId).toBe(`${vendor.proxy.url}alice/`);
      expect(connected.calendars.length).toBeGreaterThan(0);
    });

    it("finds the account from one of its calendars", async () => {
      const calendar = await vendor.createCalendar();
      const { connected } = await connect({ serverUrl: calendar });
      expect(connected.calendars.map(({ externalId }) => externalId)).toContain(calendar);
    });

    it("has the calendar entered alone when the server tells no principal", async () => {
      const calendar = await vendor.createCalendar();
      const hidden = (body: string) => body.replaceAll(/<current-user-principal>.*?<\/current-user-principal>/g, "");
      during(faults.rewriting(hidden));
      const { connected } = await connect({ serverUrl: calendar });
      expect(connected).toMatchObject({ externalId: calendar, calendars: [{ externalId: calendar, primary: true }] });
    });

    it("asks once when the password is wrong", async () => {
      vendor.proxy.forget();
      during(faults.status(401));
      await expect(connect({ password: "wrong" })).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
      expect(vendor.proxy.requests).toHaveLength(1);
    });

    it("sends user name and password as UTF-8", async () => {
      const { connected } = await connect({ username: "bob", password: radicalePasswords.bob });
      expect(connected.externalId).toBe(`${vendor.proxy.url}bob/`);
    });

    it("takes an anonymous answer for a refusal", async () => {
      const anonymous = faults.rewriting((body) => body.replace("<href>/alice/</href>", "<unauthenticated />"));
      during(anonymous);
      await expect(connect({})).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
    });

    it.each([
      { name: "web pages", fault: faults.html },
      { name: "404", fault: faults.status(404) },
      { name: "405", fault: faults.status(405) },
      { name: "a multistatus cut in two", fault: faults.truncated },
    ])("says that there is no CalDAV where there is only $name", async ({ fault }) => {
      during(fault);
      await expect(connect({})).rejects.toMatchObject({
        code: "PROVIDER_REPLY_INVALID",
        field: ["serverUrl"],
        remedy: expect.stringContaining("CalDAV address"),
      });
    });

    it("does not follow the server to another host, and names it", async () => {
      vendor.proxy.failNext(faults.status(301, { location: "http://127.0.0.2:1/" }));
      await expect(connect({})).rejects.toMatchObject({
        code: "EGRESS_REFUSED",
        message: expect.stringContaining("127.0.0.2"),
      });
    });

    it("lets a preset name the further hosts of its vendor, and keeps to the first", async () => {
      const elsewhere = vendor.proxy.url.replace("127.0.0.1", "127.0.0.2");
      const moved = faults.on(
        "calendar-home-set",
        faults.rewriting((body) =>
          body.replaceAll(
            "<href>/alice/</href></C:calendar-home-set>",
            `<href>${elsewhere}alice/</href></C:calendar-home-set>`,
          ),
        ),
      );
      during(moved);
      await expect(connect({})).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
      const help = { username: "", password: "" };
      const { freshness, limits } = caldav;
      const preset = caldavProvider({ id: "X", name: "X", help, limits, freshness, isOwnHost: () => true });
      const { connected } = await connectAccount(preset, vendor.credentials);
      expect(connected.settings["homeUrls"]).toBe(`${vendor.proxy.url}alice/`);
    });

    it.each([
      { values: { serverUrl: "ftp://example.com" }, field: "serverUrl" },
      { values: { serverUrl: "not a host" }, field: "serverUrl" },
      { values: { serverUrl: "https://ana:secret@example.com" }, field: "serverUrl" },
      { values: { password: "" }, field: "password" },
      { values: { username: " " }, field: "username" },
    ])("names the field that is wrong in $values", async ({ values, field }) => {
      await expect(connect(values)).rejects.toMatchObject({ code: "INVALID_INPUT", field: [field] });
    });

    it("calls an address without a scheme over https", async () => {
      const error: unknown = await connect({ serverUrl: new URL(vendor.proxy.url).host }).catch(
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: "PROVIDER_UNAVAILABLE", message: expect.stringContaining("https") });
    });
  });

  describe("listing calendars", () => {
    const home = `<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/" xmlns:i="http://apple.com/ns/ical/">
      ${response("/alice/", "<d:resourcetype><d:collection/></d:resourcetype>")}
      ${calendar("zoo", "<d:displayname>2026</d:displayname><i:calendar-color><![CDATA[#FF00AAFF]]></i:calendar-color>")}
      ${calendar("abc", "<d:displayname>Team</d:displayname><d:current-user-privilege-set><d:privilege><d:read/></d:privilege><d:privilege><d:write-properties/></d:privilege></d:current-user-privilege-set>")}
      ${calendar("todo", '<c:supported-calendar-component-set><c:comp name="VTODO"/></c:supported-calendar-component-set>')}
      ${calendar("any", "<d:displayname/><c:supported-calendar-component-set/>")}
      ${calendar("feed", "", "<cs:subscribed/>")}
      ${calendar("old", "", "<d:deleted-calendar/>")}
      ${response("/alice/inbox/", "<d:resourcetype><d:collection/><c:schedule-inbox/></d:resourcetype>PREFERRED")}
    </d:multistatus>`;
    const listed = (preferred: string) => {
      const body = home.replace("PREFERRED", preferred);
      vendor.proxy.failNext(faults.status(207, { "content-type": "application/xml" }, body));
      return caldav.listCalendars(account);
    };

    it("leaves out what holds no events, and tells the rights on the rest", async () => {
      expect(await listed("")).toEqual([
        expect.objectContaining({ externalId: `${vendor.proxy.url}alice/abc/`, name: "Team", writable: false }),
        expect.objectContaining({
          externalId: `${vendor.proxy.url}alice/any/`,
          name: "any",
          writable: true,
          primary: true,
        }),
        expect.objectContaining({ name: "2026", writable: true, primary: false, color: "#ff00aa" }),
      ]);
    });

    it.each([
      { has: "a sync token", hidden: [] },
      { has: "a ctag alone", hidden: [withoutSync] },
    ])("tells which calendars are where their reading ended, by $has", async ({ hidden }) => {
      const { calendar, mirror } = await inMirroredCalendar(...hidden);
      const currentCursor = async () =>
        (await caldav.listCalendars(account)).find(({ externalId }) => externalId === calendar)?.currentCursor;
      expect(await currentCursor()).toBe(mirror.cursor);
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      expect(await currentCursor()).not.toBe(mirror.cursor);
      expect(await mirror.read()).toMatchObject({ changes: [{ kind: "upserted" }] });
      expect(await currentCursor()).toBe(mirror.cursor);
    });

    it("does not tell that of a server with neither", async () => {
      const { mirror } = await inMirroredCalendar(withoutSync, withoutCtag);
      const calendars = await caldav.listCalendars(account);
      expect(calendars.map(({ currentCursor }) => currentCursor)).toEqual(calendars.map(() => null));
      expect(mirror.cursor).toBeNull();
    });

    it("has for primary the calendar that the server books in", async () => {
      const preferred =
        "<c:schedule-default-calendar-URL><d:href>/alice/zoo/</d:href></c:schedule-default-calendar-URL>";
      const calendars = await listed(preferred);
      expect(calendars.filter(({ primary }) => primary).map(({ name }) => name)).toEqual(["2026"]);
    });

    it("is not empty because an answer is", async () => {
      vendor.proxy.failNext(
        faults.status(207, { "content-type": "application/xml" }, '<d:multistatus xmlns:d="DAV:"/>'),
      );
      await expect(caldav.listCalendars(account)).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
    });
  });

  describe("reading changes", () => {
    it("costs one small request when nothing changed", async () => {
      const { mirror } = await inMirroredCalendar();
      expect(await mirror.read()).toMatchObject({ mode: "UNCHANGED", changes: [] });
      expect(requested()).toEqual(["propfind"]);
    });

    it("downloads only what is new", async () => {
      const { calendar, mirror, first } = await inMirroredCalendar();
      expect(first.mode).toBe("FULL");
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      expect(await mirror.read()).toMatchObject({ mode: "INCREMENTAL", changes: [{ kind: "upserted" }] });
      expect(requested()).toEqual(["propfind", "sync-collection", "calendar-multiget"]);
      expect(vendor.proxy.requests.at(-1)?.body.match(/href>/g)).toHaveLength(2);
    });

    it.each([403, 409, 410, 412, 400, 418, 500, 507])(
      "reads everything once when the token is refused with %i",
      async (status) => {
        const { calendar, object, mirror } = await inMirroredCalendar();
        await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
        await mirror.read();
        await vendor.asAnotherClient.remove(calendar, object.externalId);
        const recover = during(faults.on("sync-collection>", faults.status(status)));
        expect(await mirror.read()).toMatchObject({ mode: "FULL", changes: [{ kind: "removed" }] });
        recover();
        expect(await mirror.read()).toMatchObject({ mode: "UNCHANGED" });
      },
    );

    it("finds what is gone though the server takes a token that it no longer knows silently for none", async () => {
      const { calendar, object, mirror } = await inMirroredCalendar();
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      await mirror.read();
      await vendor.asAnotherClient.remove(calendar, object.externalId);
      const forgetful = during(faults.on("sync-collection>", asFromTheBeginning));
      expect(await mirror.read()).toMatchObject({ mode: "FULL", changes: [{ kind: "removed" }] });
      forgetful();
      expect(await mirror.read()).toMatchObject({ mode: "UNCHANGED" });
    });

    it("is not misled by what we wrote ourselves and are told once more", async () => {
      const { calendar, mirror } = await inMirroredCalendar();
      for (const title of ["Second", "Third"]) await vendor.asAnotherClient.create(calendar, aDraft({ title }));
      await mirror.read();
      const ours = await caldav.createEvent(account, calendar, aDraft({ title: "Ours" }));
      mirror.objects.set(ours.externalId, ours);
      expect(await mirror.read()).toMatchObject({ mode: "INCREMENTAL", changes: [] });
    });

    it("follows the pages of a server that sends changes in parts", async () => {
      const { calendar, object, mirror } = await inMirroredCalendar();
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      await vendor.asAnotherClient.remove(calendar, object.externalId);
      during(faults.on("sync-collection>", inPages()));
      const { changes, mode } = await mirror.read();
      expect(mode).toBe("INCREMENTAL");
      expect(changes.map(({ kind }) => kind)).toEqual(["upserted", "removed"]);
      expect(requested().filter((name) => name === "sync-collection")).toHaveLength(2);
    });

    it("compares the ctag where there is no sync-collection", async () => {
      const { calendar, object, mirror, first } = await inMirroredCalendar(withoutSync);
      expect(first.mode).toBe("FULL");
      expect(mirror.cursor).toContain("ctag");
      expect(await mirror.read()).toMatchObject({ mode: "UNCHANGED" });
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      await vendor.asAnotherClient.remove(calendar, object.externalId);
      const { changes } = await mirror.read();
      expect(changes.map(({ kind }) => kind)).toEqual(["upserted", "removed"]);
      expect(mirror.titles()).toEqual(["Second"]);
    });

    it("reads the window every time where there is no ctag either", async () => {
      const { calendar, object, mirror, first } = await inMirroredCalendar(withoutSync, withoutCtag);
      expect(first).toMatchObject({ mode: "WINDOW", cursor: null });
      await vendor.asAnotherClient.create(
        calendar,
        aDraft({ title: "Long ago", start: berlin("1999-01-01T10:00:00"), end: berlin("1999-01-01T11:00:00") }),
      );
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      await mirror.read();
      expect(mirror.titles()).toEqual(["First", "Second"]);
      await vendor.asAnotherClient.remove(calendar, object.externalId);
      expect((await mirror.read()).changes).toEqual([{ kind: "removed", externalId: object.externalId }]);
    });

    it("keeps an event that moved out of the window, where it is now", async () => {
      const { calendar, object, mirror } = await inMirroredCalendar(withoutSync, withoutCtag);
      await caldav.updateEvent(account, calendar, targetOf(object), { start: berlin("1999-01-01T10:00:00") });
      expect((await mirror.read()).changes).toMatchObject([{ kind: "upserted" }]);
      expect(mirror.titles()).toEqual(["First"]);
    });

    it("removes nothing that a listing merely forgot", async () => {
      const { calendar, object, mirror } = await inMirroredCalendar(withoutSync);
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      const row = new RegExp(`<response><href>${object.externalId}</href>.*?</response>`);
      const forgetful = faults.rewriting((body) => body.replace(row, ""));
      const remember = during(faults.on("calendar-query", forgetful));
      await mirror.read();
      remember();
      await mirror.read();
      expect(mirror.titles()).toEqual(["First", "Second"]);
    });

    it("asks alone for what a multiget left out", async () => {
      const { calendar, mirror } = await inMirroredCalendar();
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      const silent = faults.rewriting((body) => body.replaceAll(/<response>.*?<\/response>/gs, ""));
      during(faults.on("calendar-multiget", silent));
      expect((await mirror.read()).changes).toMatchObject([{ kind: "upserted" }]);
      expect(requested()).toContain("GET");
    });

    it("reports what it may list but not see", async () => {
      const { calendar, mirror } = await inMirroredCalendar();
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      const hidden = faults.rewriting((body) => body.replaceAll(/<C:calendar-data>.*?<\/C:calendar-data>/gs, ""));
      during(faults.on("calendar-multiget", hidden));
      expect((await mirror.read()).changes).toMatchObject([{ kind: "unreadable" }]);
    });

    const tooLarge = { kind: "unreadable", reason: expect.stringContaining("1000000") };

    it("does not read what is larger than a megabyte", async () => {
      const { calendar, mirror } = await inMirroredCalendar();
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Large", description: "x".repeat(1_100_000) }));
      expect((await mirror.read()).changes).toMatchObject([tooLarge]);
    });

    it("does not download it either when the server says how large it is", async () => {
      const { calendar, mirror } = await inMirroredCalendar();
      await vendor.asAnotherClient.create(calendar, aDraft());
      const size = "</getetag><getcontentlength>1100000</getcontentlength>";
      during(
        faults.on(
          "sync-collection>",
          faults.rewriting((body) => body.replaceAll("</getetag>", size)),
        ),
      );
      expect((await mirror.read()).changes).toMatchObject([tooLarge]);
      expect(requested()).not.toContain("calendar-multiget");
    });

    it("tells versions apart by their data where there are no ETags", async () => {
      const { calendar, object, mirror } = await inMirroredCalendar(withoutEtags, withoutSync);
      expect(object.etag).toMatch(/^sha256:/);
      await vendor.asAnotherClient.create(calendar, aDraft({ title: "Second" }));
      expect((await mirror.read()).changes).toHaveLength(1);
      await vendor.asAnotherClient.retitle(calendar, object.externalId, "Theirs");
      const update = caldav.updateEvent(account, calendar, targetOf(object), { title: "Ours" });
      await expect(update).rejects.toMatchObject({ code: "CONFLICT" });
      await mirror.read();
      const current = mirror.objects.get(object.externalId);
      if (current === undefined) throw new Error("The event is gone");
      await caldav.updateEvent(account, calendar, targetOf(current), { title: "Ours" });
      await mirror.read();
      expect(mirror.titles()).toEqual(["Ours", "Second"]);
    });

    it("asks for many objects in parts", async () => {
      const { calendar, mirror } = await inMirroredCalendar();
      for (let i = 0; i < 60; i++) await vendor.asAnotherClient.create(calendar, aDraft());
      expect((await mirror.read()).changes).toHaveLength(60);
      expect(requested().filter((name) => name === "calendar-multiget")).toHaveLength(2);
    });

    it("takes a cursor that it cannot read for none", async () => {
      const { mirror } = await inMirroredCalendar();
      mirror.cursor = "what is this";
      expect(await mirror.read()).toMatchObject({ mode: "FULL", changes: [] });
    });
  });

  describe("objects of other clients", () => {
    it.each(["a b@c.ics", "without-extension", "日本.ics", "100% (copy).ics"])(
      "reads, updates and deletes %s",
      async (name) => {
        const { calendar, object, mirror } = await inMirroredCalendar();
        await caldav.deleteEvent(account, calendar, targetOf(object));
        await vendor.put(calendar, name, object.raw);
        await mirror.read();
        const [found] = mirror.objects.values();
        if (found === undefined) throw new Error("It did not arrive");
        const { object: updated } = await caldav.updateEvent(account, calendar, targetOf(found), { title: "Changed" });
        expect(updated).toMatchObject({ externalId: found.externalId, events: [{ title: "Changed" }] });
        await caldav.deleteEvent(account, calendar, targetOf(updated ?? found));
        await mirror.read();
        expect(mirror.objects.size).toBe(0);
      },
    );
  });

  describe("a write that is refused", () => {
    const need = '<d:error xmlns:d="DAV:"><d:need-privileges/></d:error>';
    it.each([
      { status: 403, body: need, providerCode: "need-privileges", remedy: "write access" },
      { status: 403, body: "", providerCode: "HTTP 403", remedy: "write access" },
      { status: 413, body: "", providerCode: "HTTP 413", remedy: "Shorten" },
      { status: 507, body: "", providerCode: "HTTP 507", remedy: "full" },
    ])("says why, for $status $body", async ({ status, body, providerCode, remedy }) => {
      const { calendar } = await inMirroredCalendar();
      during(faults.on("PUT", faults.status(status, {}, body)));
      await expect(caldav.createEvent(account, calendar, aDraft())).rejects.toMatchObject({
        code: "PROVIDER_REFUSED",
        providerCode,
        remedy: expect.stringContaining(remedy),
      });
    });

    it("is a duplicate whatever the server calls it", async () => {
      const { calendar, object } = await inMirroredCalendar();
      const draft = aDraft({ uid: object.events[0]?.uid ?? "" });
      const words = "<s:message>Calendar object with uid already exists in this calendar collection.</s:message>";
      const refusals = [
        faults.status(400, {}, words),
        faults.status(403),
        faults.status(409),
        faults.status(207, {}, "<a><status>HTTP/1.1 412 Precondition Failed</status></a>"),
      ];
      for (const refusal of refusals) {
        const recover = during(faults.on("PUT", refusal));
        await expect(caldav.createEvent(account, calendar, draft)).rejects.toMatchObject({ code: "DUPLICATE" });
        recover();
      }
    });

    it("says that the calendar is gone when it is", async () => {
      const calendar = `${vendor.proxy.url}alice/never-was/`;
      await expect(caldav.createEvent(account, calendar, aDraft())).rejects.toMatchObject({ code: "NOT_FOUND" });
    });
  });

  describe("a write whose answer cannot be read back", () => {
    it("is done all the same, and the next one is still guarded", async () => {
      const { calendar, object } = await inMirroredCalendar();
      const recover = during(faults.on("calendar-multiget", faults.status(503)));
      const { object: written } = await caldav.updateEvent(account, calendar, targetOf(object), { title: "Ours" });
      recover();
      if (!written) throw new Error("Nothing is left");
      expect(written.events[0]?.title).toBe("Ours");
      const withoutEtag = { ...written, etag: null };
      const { object: again } = await caldav.updateEvent(account, calendar, targetOf(withoutEtag), { title: "Again" });
      expect(again?.events[0]?.title).toBe("Again");
      const stale = caldav.updateEvent(account, calendar, targetOf(withoutEtag), { title: "Stale" });
      await expect(stale).rejects.toMatchObject({ code: "CONFLICT" });
    });

    it("keeps what somebody else has put on it before the next one", async () => {
      const { calendar, object } = await inMirroredCalendar();
      const name = object.externalId.split("/").at(-1) ?? "";
      await vendor.put(calendar, name, object.raw.replace("END:VEVENT", "X-THEIRS:kept\r\nEND:VEVENT"));
      const unread = targetOf({ ...object, etag: null });
      const { object: updated } = await caldav.updateEvent(account, calendar, unread, { title: "Ours" });
      expect(updated).toMatchObject({ raw: expect.stringContaining("X-THEIRS:kept"), events: [{ title: "Ours" }] });
    });
  });

  describe("splitting a series", () => {
    const weekly = { recurrence: ["RRULE:FREQ=WEEKLY;COUNT=4"] };
    const third = berlin("2026-12-15T10:00:00");

    it("can be repeated when the answer got lost", async () => {
      const { calendar, mirror } = await inMirroredCalendar();
      const series = await caldav.createEvent(account, calendar, aDraft(weekly));
      const target = targetOf(series, third, "THIS_AND_FOLLOWING");
      const once = await caldav.updateEvent(account, calendar, target, { title: "Rest" });
      const twice = await caldav.updateEvent(account, calendar, target, { title: "Rest" });
      expect(twice.created).toEqual(once.created);
      expect(twice.object?.etag).toBe(once.object?.etag);
      await mirror.read();
      expect(mirror.titles()).toEqual(["First", "Interview", "Rest"]);
    });

    it("keeps what somebody has put on the rest before it is repeated", async () => {
      const { calendar } = await inMirroredCalendar();
      const series = await caldav.createEvent(account, calendar, aDraft(weekly));
      const target = targetOf(series, third, "THIS_AND_FOLLOWING");
      const { created } = await caldav.updateEvent(account, calendar, target, { title: "Rest" });
      const rest = created?.externalId ?? "";
      await vendor.asAnotherClient.decorate(calendar, rest);
      await caldav.updateEvent(account, calendar, target, { title: "Rest" });
      expect(await vendor.asAnotherClient.isDecorated(calendar, rest)).toBe(true);
    });

    it("leaves no rest behind when the series was changed meanwhile", async () => {
      const { calendar, mirror } = await inMirroredCalendar();
      const series = await caldav.createEvent(account, calendar, aDraft(weekly));
      await vendor.asAnotherClient.retitle(calendar, series.externalId, "Theirs");
      const split = caldav.updateEvent(account, calendar, targetOf(series, third, "THIS_AND_FOLLOWING"), {
        title: "Rest",
      });
      await expect(split).rejects.toMatchObject({ code: "CONFLICT" });
      await mirror.read();
      expect(mirror.titles()).toEqual(["First", "Theirs"]);
    });
  });

  describe("answering an invitation", () => {
    const guest = { email: "ana@example.net", name: "Ana", response: "NEEDS_ACTION", optional: false } as const;

    it("changes the own answer and no other", async () => {
      const { calendar } = await inMirroredCalendar();
      const bo = { ...guest, email: "bo@example.org", name: "Bo" };
      const object = await caldav.createEvent(account, calendar, aDraft({ attendees: [guest, bo] }));
      const ana = { ...account, settings: { ...account.settings, addresses: "ana@example.net" } };
      const answered = await caldav.respond?.(ana, calendar, targetOf(object), "ACCEPTED");
      expect(answered?.object?.events[0]).toMatchObject({
        attendees: [{ ...guest, response: "ACCEPTED" }, bo],
        sequence: 0,
      });
    });

    it("needs to know who the account is", async () => {
      const { calendar, object } = await inMirroredCalendar();
      await expect(caldav.respond?.(account, calendar, targetOf(object), "ACCEPTED")).rejects.toMatchObject({
        code: "PREREQUISITE_MISSING",
      });
    });
  });
});

function response(href: string, properties: string): string {
  return `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${properties}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>
    <d:propstat><d:prop><d:current-user-privilege-set/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>`;
}

function calendar(name: string, properties: string, type = ""): string {
  return response(
    `/alice/${name}/`,
    `<d:resourcetype><d:collection/><c:calendar/>${type}</d:resourcetype>${properties}`,
  );
}

/** Answers a sync-collection as if it had come without a token, as DAViCal does with one that it does not know. */
const asFromTheBeginning: Fault = async (request, forward) => {
  const reply = await forward(request.body.replace(/sync-token>[^<]*</, "sync-token><"));
  return { ...reply, body: reply.body.replaceAll(/<response><href>[^<]*<\/href><status>[^<]*404.*?<\/response>/g, "") };
};

/** Answers a sync-collection in two parts, as Cyrus does (RFC 6578 §3.6). */
function inPages(): Fault {
  let rest: string | undefined;
  return async (request, forward) => {
    if (request.body.includes("page-2") && rest !== undefined) {
      return { status: 207, headers: { "content-type": "text/xml" }, body: rest };
    }
    const reply = await forward();
    rest = reply.body;
    const truncated = "<response><href>/alice/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>";
    const page = reply.body
      .replace(/<response>.*?<\/response>/s, "")
      .replace(/<sync-token>.*?<\/sync-token>/, `${truncated}<sync-token>page-2</sync-token>`);
    return { ...reply, body: page };
  };
}
