import { describe, it } from "vitest";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import { describeCalendarProvider } from "../contract/calendar-provider.ts";
import { createCalDavVendor } from "../support/caldav-vendor.ts";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../support/radicale.ts";

const createRadicale = () =>
  createCalDavVendor({ start: startRadicale, username: "alice", password: radicalePasswords.alice, home: "/alice/" });

if (radicaleIsInstalled) describeCalendarProvider(caldav, createRadicale);
else describe.skip("CalDAV needs a server: apt-get install radicale", () => it("is skipped"));
