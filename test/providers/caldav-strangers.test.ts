import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Fault, faults } from "../../sandbox/real-servers/fault-proxy.ts";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import type { CalendarAccount, RemoteObject } from "../../src/providers/calendar/provider.ts";
import { connectAccount } from "../support/account.ts";
import { type CalDavVendor, createCalDavVendor } from "../support/caldav-vendor.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, targetOf } from "../support/event-draft.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

interface Setting {
  readonly calendar: string;
  readonly object: RemoteObject;
  readonly mirror: CalendarMirror;
}

interface Step {
  readonly step: string;
  /** The method of the request that leads away, or a part of its body. */
  readonly at: string;
  readonly take: (setting: Setting) => Promise<unknown>;
}

describe.skipIf(!radicaleIsInstalled)("a password over CalDAV", () => {
  let vendor: CalDavVendor;
  let account: CalendarAccount;
  beforeAll(async () => {
    vendor = await createCalDavVendor({
      start: startRadicale,
      username: "alice",
      password: radicalePasswords.alice,
      home: "/alice/",
    });
    await vendor.createCalendar();
    account = (await connectAccount(caldav, vendor.credentials)).account;
  });
  afterAll(() => vendor.stop());

  const connect = () => connectAccount(caldav, vendor.credentials);
  const steps: readonly Step[] = [
    { step: "discovering", at: "current-user-principal", take: connect },
    { step: "listing while connecting", at: "displayname", take: connect },
    { step: "listing", at: "displayname", take: () => caldav.listCalendars(account) },
    { step: "reading a calendar's state", at: "getctag", take: ({ mirror }) => mirror.read() },
    { step: "reading changes", at: "sync-collection>", take: ({ mirror }) => mirror.read() },
    {
      step: "reading everything",
      at: "calendar-query>",
      take: ({ calendar }) => new CalendarMirror(caldav, account, calendar).read(),
    },
    { step: "downloading", at: "calendar-multiget>", take: ({ mirror }) => mirror.read() },
    {
      step: "reading one event",
      at: "calendar-multiget>",
      take: ({ calendar, object }) => caldav.readObject(account, calendar, object.externalId),
    },
    {
      step: "looking for a creation",
      at: "calendar-query>",
      take: ({ calendar }) => caldav.findCreated(account, calendar, aDraft()),
    },
    { step: "creating", at: "PUT", take: ({ calendar }) => caldav.createEvent(account, calendar, aDraft()) },
    {
      step: "updating",
      at: "PUT",
      take: ({ calendar, object }) => caldav.updateEvent(account, calendar, targetOf(object), { title: "Ours" }),
    },
    {
      step: "deleting",
      at: "DELETE",
      take: ({ calendar, object }) => caldav.deleteEvent(account, calendar, targetOf(object)),
    },
  ];

  /** A calendar that has been read, and in which something is new; from then on the server leads away. */
  const led = async (away: (to: string) => Fault) => {
    const calendar = await vendor.createCalendar();
    const object = await caldav.createEvent(account, calendar, aDraft());
    const mirror = new CalendarMirror(caldav, account, calendar);
    await mirror.read();
    await vendor.asAnotherClient.create(calendar, aDraft({ title: "New" }));
    const stranger = await serveOnLoopback((_, response) => response.writeHead(207).end());
    onTestFinished(vendor.proxy.failAlways(away(stranger.origin)));
    return { calendar, object, mirror, stranger };
  };

  describe.each([302, 308])("is not taken along by a redirect with %i to another origin", (status) => {
    it.each(steps)("while $step", async ({ at, take }) => {
      const { stranger, ...setting } = await led((origin) =>
        faults.on(at, (request) =>
          Promise.resolve({ status, headers: { location: `${origin}${request.path}` }, body: "" }),
        ),
      );
      const { host } = new URL(stranger.origin);
      await expect(take(setting)).rejects.toMatchObject({
        code: "EGRESS_REFUSED",
        message: expect.stringContaining(host),
      });
      expect(stranger.requests).toEqual([]);
    });
  });

  it.each(["current-user-principal", "calendar-home-set"])(
    "is not sent to where the %s is said to be",
    async (property) => {
      const pointing = (origin: string) =>
        faults.rewriting((body) =>
          body.replaceAll(new RegExp(`(<(?:\\w+:)?${property}><href>)/`, "g"), `$1${origin}/`),
        );
      const { stranger } = await led(pointing);
      await expect(connect()).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
      expect(stranger.requests).toEqual([]);
    },
  );

  it("is not sent to where calendars and events are said to be: they are asked for at their own server", async () => {
    const pointing = (origin: string) =>
      faults.rewriting((body) => body.replaceAll("<response><href>/", `<response><href>${origin}/`));
    const { stranger, calendar, mirror } = await led(pointing);
    const calendars = await caldav.listCalendars(account);
    expect(calendars.map(({ externalId }) => externalId)).toContain(calendar);
    await mirror.read();
    expect(mirror.titles()).toEqual(["Interview", "New"]);
    expect(stranger.requests).toEqual([]);
  });

  it("is not sent to where a new event is said to have been stored", async () => {
    const moving = (origin: string): Fault =>
      faults.on("PUT", async (_, forward) => {
        const reply = await forward();
        return { ...reply, headers: { ...reply.headers, location: `${origin}/elsewhere.ics` } };
      });
    const { stranger, calendar } = await led(moving);
    await caldav.createEvent(account, calendar, aDraft({ title: "Stored" }));
    expect(stranger.requests).toEqual([]);
  });
});
