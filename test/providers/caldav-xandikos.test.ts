import { describe, it } from "vitest";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { createCalDavVendor } from "../support/caldav-vendor.ts";
import { startXandikos, xandikosIsInstalled } from "../support/xandikos.ts";

const createXandikos = () =>
  createCalDavVendor({
    start: startXandikos,
    username: "user",
    password: "s3cret-of-user",
    home: "/user/calendars/",
    isOpen: true,
  });

if (xandikosIsInstalled) describeCalendarProvider(caldav, createXandikos);
else describe.skip("CalDAV oddities need a server: apt-get install xandikos", () => it("is skipped"));
