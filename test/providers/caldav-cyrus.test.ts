import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { basic, davClient } from "../../sandbox/caldav/dav-client.ts";
import { type Cyrus, cyrusIsInstalled, cyrusPasswords, startCyrus } from "../../sandbox/real-servers/cyrus.ts";
import { faults } from "../../sandbox/real-servers/fault-proxy.ts";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import type { Attendee, CalendarAccount, RemoteObject } from "../../src/providers/calendar/provider.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { connectAccount } from "../support/account.ts";
import { type CalDavVendor, createCalDavVendor } from "../support/caldav-vendor.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";

const home = "/dav/calendars/user/alice/";
const createCyrus = (start: () => Promise<Cyrus> = startCyrus) =>
  createCalDavVendor({ start, username: "alice", password: cyrusPasswords.alice, home });

describe.skipIf(!cyrusIsInstalled)("CalDAV at Cyrus (apt-get install cyrus-caldav)", () => {
  describeCalendarProvider(caldav, () => createCyrus());

  describe("its oddities", () => {
    let vendor: CalDavVendor;
    let cyrus: Cyrus;
    let account: CalendarAccount;
    beforeAll(async () => {
      vendor = await createCyrus(async () => {
        cyrus = await startCyrus();
        return cyrus;
      });
      account = (await connectAccount(caldav, vendor.credentials)).account;
    });
    afterAll(() => vendor.stop());

    const asAlice = () => davClient(cyrus.url, basic("alice", cyrusPasswords.alice));
    const organized = { organizer: { email: "alice@internal", name: null } };
    const guest: Attendee = { email: "ana@example.net", name: "Ana", response: "NEEDS_ACTION", optional: false };

    it("finds the account behind the redirect of its host, and the address that it invites from", async () => {
      const { connected } = await connectAccount(caldav, vendor.credentials);
      expect(connected).toMatchObject({
        externalId: new URL("/dav/principals/user/alice/", vendor.proxy.url).href,
        settings: { addresses: "alice@internal" },
      });
    });

    it("pages, and every page is read", async () => {
      const calendar = await vendor.createCalendar();
      const mirror = new CalendarMirror(caldav, account, calendar);
      const first = await caldav.createEvent(account, calendar, aDraft({ title: "Gone" }));
      await mirror.read();
      for (const title of ["A", "B", "C", "D"]) await caldav.createEvent(account, calendar, aDraft({ title }));
      await vendor.asAnotherClient.remove(calendar, first.externalId);
      vendor.proxy.forget();
      const limited = faults.asking((body) =>
        body.replace(/<(\w+:)prop>/, "<$1limit><$1nresults>2</$1nresults></$1limit>$&"),
      );
      onTestFinished(vendor.proxy.failAlways(faults.on("sync-collection ", limited)));
      expect((await mirror.read()).mode).toBe("INCREMENTAL");
      expect(mirror.titles()).toEqual(["A", "B", "C", "D"]);
      expect(vendor.proxy.requests.filter(({ body }) => body.includes("sync-collection ")).length).toBeGreaterThan(2);
    });

    it("gives no ETag for what it schedules, and the version is known all the same", async () => {
      const calendar = await vendor.createCalendar();
      const created = await caldav.createEvent(account, calendar, aDraft({ attendees: [guest] }));
      expect(created).toMatchObject({ etag: expect.stringMatching(/^"/), events: [organized] });
      const { object } = await caldav.updateEvent(account, calendar, targetOf(created), { title: "Moved" });
      expect(object?.events[0]).toMatchObject({ title: "Moved", attendees: [guest] });
      await expect(caldav.updateEvent(account, calendar, targetOf(created), { title: "Late" })).rejects.toMatchObject({
        code: "CONFLICT",
      });
    });

    it.each([
      { what: "an event", attendees: [] },
      { what: "a meeting, whose uid is taken in every calendar of the account", attendees: [guest] },
    ])("calls a taken uid a duplicate, of $what", async ({ attendees }) => {
      const calendar = await vendor.createCalendar();
      const draft = aDraft({ attendees });
      await caldav.createEvent(account, calendar, draft);
      const again = { ...draft, creationId: aDraft().creationId };
      await expect(caldav.createEvent(account, calendar, again)).rejects.toMatchObject({ code: "DUPLICATE" });
      if (attendees.length === 0) return;
      const elsewhere = await vendor.createCalendar();
      await expect(caldav.createEvent(account, elsewhere, again)).rejects.toMatchObject({ code: "DUPLICATE" });
    });

    it("has the same version for compressed answers", async () => {
      const calendar = await vendor.createCalendar();
      const { externalId, etag } = await caldav.createEvent(account, calendar, aDraft());
      const path = `${cyrus.url}${externalId.slice(1)}`;
      const headers = { authorization: basic("alice", cyrusPasswords.alice), "accept-encoding": "gzip" };
      const compressed = await fetch(path, { headers });
      expect(compressed.headers.get("etag")).toBe(`W/${etag}`);
      const silent = faults.rewriting((body) => body.replaceAll(/<D:response>.*?<\/D:response>/gs, ""));
      onTestFinished(vendor.proxy.failAlways(faults.on("calendar-multiget", silent)));
      expect((await caldav.readObject(account, calendar, externalId))?.etag).toBe(etag);
    });

    it("shows a calendar that may only be read as one, and says why nothing can be written there", async () => {
      const calendar = await vendor.createCalendar();
      const readOnly =
        '<acl xmlns="DAV:"><ace><principal><self/></principal><grant><privilege><read/></privilege></grant></ace></acl>';
      const changed = await asAlice().send("ACL", new URL(calendar).pathname, readOnly, {
        "content-type": "application/xml",
      });
      expect(changed.status).toBe(200);
      const listed = await caldav.listCalendars(account);
      expect(listed.find(({ externalId }) => externalId === calendar)).toMatchObject({ writable: false });
      await expect(caldav.createEvent(account, calendar, aDraft())).rejects.toMatchObject({
        code: "PROVIDER_REFUSED",
        providerCode: "need-privileges",
        remedy: expect.stringContaining("write access"),
      });
    });

    it("says that a calendar is gone", async () => {
      const calendar = await vendor.createCalendar();
      const mirror = new CalendarMirror(caldav, account, calendar);
      await caldav.createEvent(account, calendar, aDraft());
      await mirror.read();
      await asAlice().send("DELETE", new URL(calendar).pathname);
      await expect(mirror.read()).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect(mirror.objects.size).toBe(1);
    });

    describe("scheduling", () => {
      const password = "s3cret-of-a-guest";
      const bobsHome = "/dav/calendars/user/bob/";
      const bob = { email: "bob@internal", name: "Bob", response: "NEEDS_ACTION", optional: false } as const;
      let bobsAccount: CalendarAccount;
      beforeAll(async () => {
        await cyrus.createAccount("bob", password);
        bobsAccount = (await connectAccount(caldav, { ...vendor.credentials, username: "bob", password })).account;
      });

      /** The methods of the messages that Bob has had since he was asked last. */
      const heard = async () => {
        const asBob = davClient(cyrus.url, basic("bob", password));
        const { rows } = await asBob.query(`${bobsHome}Inbox/`, '<c:comp-filter name="VEVENT"/>');
        for (const { href } of rows) await asBob.send("DELETE", href);
        return rows.map(({ found }) => /^METHOD:(\w+)/m.exec(found["calendar-data"]?.text ?? "")?.[1]);
      };
      /** What Bob's own calendar has of a meeting. */
      const copiesOf = async ({ events: [meeting] }: RemoteObject) => {
        const mirror = new CalendarMirror(caldav, bobsAccount, new URL(`${bobsHome}Default/`, vendor.proxy.url).href);
        await mirror.read();
        return [...mirror.objects.values()].filter(({ events }) => events[0]?.uid === meeting?.uid);
      };
      const invite = async () => {
        await heard();
        const calendar = await vendor.createCalendar();
        return { calendar, meeting: await caldav.createEvent(account, calendar, aDraft({ attendees: [bob] })) };
      };

      it("lets guests hear once of each thing, and of nothing when nothing was changed", async () => {
        const { calendar, meeting } = await invite();
        expect(meeting.raw).not.toContain("SCHEDULE-AGENT");
        expect(await heard()).toEqual(["REQUEST"]);
        expect(await copiesOf(meeting)).toMatchObject([{ events: [{ start: berlin("2026-12-01T10:00:00") }] }]);
        const mirror = new CalendarMirror(caldav, account, calendar);
        await mirror.read();
        await mirror.read();
        expect(await heard()).toEqual([]);

        const start = berlin("2026-12-01T14:00:00");
        const { object } = await caldav.updateEvent(account, calendar, targetOf(meeting), { start });
        if (!object) throw new Error("It is gone");
        // Cyrus moves the guest's copy, and says so in no further message.
        expect(await copiesOf(meeting)).toMatchObject([{ events: [{ start }] }]);
        await heard();
        await caldav.deleteEvent(account, calendar, targetOf(object));
        expect(await heard()).toEqual(["CANCEL"]);
        expect(await copiesOf(meeting)).toMatchObject([{ events: [{ status: "CANCELLED" }] }]);
      });

      it("brings a guest's answer to the organizer", async () => {
        const { calendar, meeting } = await invite();
        const [invitation] = await copiesOf(meeting);
        if (!invitation) throw new Error("It did not arrive");
        const bobsCalendar = new URL(`${bobsHome}Default/`, vendor.proxy.url).href;
        await caldav.respond?.(bobsAccount, bobsCalendar, targetOf(invitation), "ACCEPTED");
        const answered = await caldav.readObject(account, calendar, meeting.externalId);
        expect(answered?.events[0]?.attendees).toMatchObject([{ email: bob.email, response: "ACCEPTED" }]);
      });
    });
  });
});
