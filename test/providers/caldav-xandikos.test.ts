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
