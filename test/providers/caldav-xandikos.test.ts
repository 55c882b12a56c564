import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { faults } from "../../sandbox/real-servers/fault-proxy.ts";
import { startXandikos, xandikosIsInstalled } from "../../sandbox/real-servers/xandikos.ts";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import type { CalendarAccount } from "../../src/providers/calendar/provider.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { connectAccount } from "../support/account.ts";
import { type CalDavVendor, createCalDavVendor } from "../support/caldav-vendor.ts";
import { CalendarMirror } from "../support/calendar-mirror.ts";
import { aDraft, berlin } from "../support/event-draft.ts";

const createXandikos = () =>
  createCalDavVendor({
    start: startXandikos,
    username: "user",
    password: "s3cret-of-user",
    home: "/user/calendars/",
    isOpen: true,
  });

describe.skipIf(!xandikosIsInstalled)("CalDAV at Xandikos (apt-get install xandikos)", () => {
  describeCalendarProvider(caldav, createXandikos);

  describe("behind a proxy that wants a bearer token", () => {
    const token = "s3cret.token-of~user+/==";
    let vendor: CalDavVendor;
    beforeAll(async () => {
      vendor = await createCalDavVendor({
        start: startXandikos,
        username: "user",
        password: "",
        home: "/user/calendars/",
      });
      const refuse = faults.status(401, { "www-authenticate": "Bearer" });
      vendor.proxy.failAlways((request, forward) =>
        request.authorization === `Bearer ${token}` ? undefined : refuse(request, forward),
      );
    });
    afterAll(() => vendor.stop());

    const connect = (values: Readonly<Record<string, string>>) =>
      connectAccount(caldav, { serverUrl: vendor.credentials.serverUrl, username: "user", ...values });

    it("connects, reads and writes with the token", async () => {
      const { account, connected } = await connect({ token });
      expect(connected.displayName).toBe("user");
      const calendar = await vendor.createCalendar();
      await caldav.createEvent(account, calendar, aDraft());
      const mirror = new CalendarMirror(caldav, account, calendar);
      await mirror.read();
      expect(mirror.titles()).toEqual(["Interview"]);
    });

    it("is refused with another one, which is not told", async () => {
      const refusal: unknown = await connect({ token: "not-the-token" }).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: "CREDENTIALS_REJECTED" });
      expect(inspect(refusal, { depth: 8, showHidden: true })).not.toContain("not-the-token");
    });

    it.each([
      { values: { token, password: "as well" }, field: "token" },
      { values: { token: "two words" }, field: "token" },
      { values: { token: "a\r\nheader: of-its-own" }, field: "token" },
      { values: { token: " " }, field: "password" },
      { values: {}, field: "password" },
    ])("names the field that is wrong in $values", async ({ values, field }) => {
      await expect(connect(values)).rejects.toMatchObject({ code: "INVALID_INPUT", field: [field] });
    });
  });

  describe("its oddities", () => {
    let vendor: CalDavVendor;
    let account: CalendarAccount;
    beforeAll(async () => {
      vendor = await createXandikos();
      account = (await connectAccount(caldav, vendor.credentials)).account;
    });
    afterAll(() => vendor.stop());

    it("finds the calendar that is there from the start", async () => {
      expect(await caldav.listCalendars(account)).toMatchObject([{ writable: true, primary: true }]);
    });

    it("says 207 when it refuses to store, and is not believed", async () => {
      const calendar = await vendor.createCalendar();
      const draft = aDraft();
      await caldav.createEvent(account, calendar, draft);
      vendor.proxy.forget();
      const again = caldav.createEvent(account, calendar, { ...draft, creationId: aDraft().creationId });
      await expect(again).rejects.toMatchObject({ code: "DUPLICATE", providerCode: expect.stringMatching(/412|uid/) });
    });

    it("fails on a token that it does not know, which is read as a stale one", async () => {
      const calendar = await vendor.createCalendar();
      await caldav.createEvent(account, calendar, aDraft());
      const mirror = new CalendarMirror(caldav, account, calendar);
      mirror.cursor = JSON.stringify({ syncToken: "no-such-token" });
      expect(await mirror.read()).toMatchObject({ mode: "FULL", changes: [{ kind: "upserted" }] });
    });

    it("has the token of before when something is gone again that came while everything was listed, and it is noticed", async () => {
      const calendar = await vendor.createCalendar();
      await caldav.createEvent(account, calendar, aDraft());
      const draft = aDraft({ title: "Soon gone" });
      const appearFirst = vendor.proxy.failAlways((request, forward) => {
        if (!request.body.includes("calendar-query")) return undefined;
        appearFirst();
        return vendor.asAnotherClient.create(calendar, draft).then(() => forward());
      });
      const mirror = new CalendarMirror(caldav, account, calendar);
      await mirror.read();
      expect(mirror.titles()).toEqual(["Interview", "Soon gone"]);
      await vendor.asAnotherClient.remove(calendar, `${new URL(calendar).pathname}${draft.creationId}.ics`);
      await mirror.read();
      expect(mirror.titles()).toEqual(["Interview"]);
    });

    it("does not find later occurrences in a window, and loses no series by that", async () => {
      const calendar = await vendor.createCalendar();
      const untracked = (body: string) => body.replaceAll(/<(\w+:)(sync-token|getctag)>.*?<\/\1\2>/g, "");
      onTestFinished(vendor.proxy.failAlways(faults.rewriting(untracked)));
      const recurrence = ["RRULE:FREQ=WEEKLY"];
      const series = await caldav.createEvent(
        account,
        calendar,
        aDraft({ recurrence, start: berlin("2026-03-03T10:00:00"), end: berlin("2026-03-03T11:00:00") }),
      );
      const window = { from: new Date("2026-12-01"), to: new Date("2026-12-31") };
      const mirror = new CalendarMirror(caldav, account, calendar, window);
      mirror.objects.set(series.externalId, series);
      expect(await mirror.read()).toMatchObject({ mode: "WINDOW", changes: [] });
      expect(mirror.objects.size).toBe(1);
    });
  });
});
