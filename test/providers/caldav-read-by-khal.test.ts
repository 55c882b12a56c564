import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { radicaleIsInstalled, radicalePasswords, startRadicale } from "../../sandbox/real-servers/radicale.ts";
import { isInstalled } from "../../sandbox/real-servers/server-process.ts";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import type { Attendee, CalendarAccount, EventDraft } from "../../src/providers/calendar/provider.ts";
import type { EventTime } from "../../src/recurrence/event-time.ts";
import { connectAccount } from "../support/account.ts";
import { type CalDavVendor, createCalDavVendor } from "../support/caldav-vendor.ts";
import { aDraft, berlin, targetOf } from "../support/event-draft.ts";

const run = promisify(execFile);
const allAreThere = radicaleIsInstalled && isInstalled("vdirsyncer") && isInstalled("khal");

/** What khal shows of one happening; times are wall clocks in Berlin. */
interface Shown {
  readonly title: string;
  readonly start: string;
  readonly end: string;
  readonly location: string;
  readonly status: string;
  readonly attendees: string;
  readonly rule: string;
  readonly description: string;
}

describe.skipIf(!allAreThere)("what is written over CalDAV (apt-get install radicale vdirsyncer khal)", () => {
  let vendor: CalDavVendor;
  let account: CalendarAccount;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "khal-"));
    vendor = await createCalDavVendor({
      start: startRadicale,
      username: "alice",
      password: radicalePasswords.alice,
      home: "/alice/",
    });
    await vendor.createCalendar();
    account = (await connectAccount(caldav, vendor.credentials)).account;
  });
  afterAll(async () => {
    await vendor.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Fetches a calendar with vdirsyncer, and lists what khal finds in it from October 2026 to January 2027. */
  const shownOf = async (calendar: string): Promise<readonly Shown[]> => {
    const own = await mkdtemp(join(folder, "calendar-"));
    await mkdir(join(own, "local"));
    await writeFile(join(own, "vdirsyncer"), vdirsyncerConfig(own, calendar));
    await writeFile(join(own, "khal"), khalConfig(own));
    const options = { env: { ...process.env, HOME: own, LC_ALL: "C.UTF-8", TZ: "UTC" } };
    await run("vdirsyncer", ["-c", join(own, "vdirsyncer"), "discover"], options);
    await run("vdirsyncer", ["-c", join(own, "vdirsyncer"), "sync"], options);
    const names = [
      "title",
      "start-long",
      "end-long",
      "location",
      "status",
      "attendees",
      "repeat-pattern",
      "description",
    ];
    const format = `${names.map((name) => `{${name}}`).join("\u001f")}\u001e`;
    const list = ["list", "--day-format", "", "--format", format, "2026-10-01", "120d"];
    const { stdout } = await run("khal", ["-c", join(own, "khal"), ...list], options);
    // What lasts for days is shown on each of them.
    return [
      ...new Set(
        stdout
          .split("\u001e")
          .slice(0, -1)
          .map((record) => record.replace(/^\n/, "")),
      ),
    ].map((record) => {
      const [
        title = "",
        start = "",
        end = "",
        location = "",
        status = "",
        attendees = "",
        rule = "",
        description = "",
      ] = record.split("\u001f");
      return { title, start, end, location, status: status.trim(), attendees, rule, description };
    });
  };

  /** Creates events, and shows what khal finds of them, as it sorts them. */
  const written = async (...drafts: readonly Partial<EventDraft>[]) => {
    const calendar = await vendor.createCalendar();
    for (const draft of drafts) await caldav.createEvent(account, calendar, aDraft(draft));
    return shownOf(calendar);
  };

  it("has another client's title, times, place, guests and words as they were meant", async () => {
    const guest = (email: string, name: string): Attendee => ({
      email,
      name,
      response: "NEEDS_ACTION",
      optional: false,
    });
    const description = `First line\nSecond; "line", \\ ${"日本語の説明".repeat(30)}`;
    const shown = await written({
      title: "Gespräch: Ana, Bo; \\ 面接",
      location: "Room 7, 2nd floor",
      status: "TENTATIVE",
      attendees: [guest("ana@example.net", "Süß, Ana"), guest("bo@example.org", "Bo")],
      description,
    });
    expect(shown).toEqual([
      {
        title: "Gespräch: Ana, Bo; \\ 面接",
        start: "2026-12-01 10:00",
        end: "2026-12-01 10:45",
        location: "Room 7, 2nd floor",
        status: "TENTATIVE",
        attendees: "ana@example.net, bo@example.org",
        rule: "",
        description,
      },
    ]);
  });

  it("happens at the same moment, whatever zone it is written in", async () => {
    const inNewYork = (local: string): EventTime => ({ kind: "zoned", local, timeZone: "America/New_York" });
    const inUtc = (local: string): EventTime => ({ kind: "zoned", local, timeZone: "UTC" });
    const shown = await written(
      // New York has left summer time a week after Berlin.
      { title: "New York", start: inNewYork("2026-10-28T09:00:00"), end: inNewYork("2026-10-28T10:00:00") },
      { title: "UTC", start: inUtc("2026-12-02T09:00:00"), end: inUtc("2026-12-02T10:00:00") },
      {
        title: "Floating",
        start: { kind: "floating", local: "2026-12-03T09:00:00" },
        end: { kind: "floating", local: "2026-12-03T10:00:00" },
      },
      {
        title: "Whole days",
        start: { kind: "date", date: "2026-12-24" },
        end: { kind: "date", date: "2026-12-27" },
      },
    );
    expect(shown.map(({ title, start, end }) => [title, start, end])).toEqual([
      ["New York", "2026-10-28 14:00", "2026-10-28 15:00"],
      ["UTC", "2026-12-02 10:00", "2026-12-02 11:00"],
      ["Floating", "2026-12-03 09:00", "2026-12-03 10:00"],
      // Both programs know the end to be exclusive; khal shows the last day.
      ["Whole days", "2026-12-24", "2026-12-26"],
    ]);
  });

  it("recurs on the same wall clock, with each exception where it belongs", async () => {
    const calendar = await vendor.createCalendar();
    const weekly = aDraft({
      title: "Weekly",
      start: berlin("2026-10-13T10:00:00"),
      end: berlin("2026-10-13T11:00:00"),
      recurrence: ["RRULE:FREQ=WEEKLY;COUNT=6", "EXDATE;TZID=Europe/Berlin:20261020T100000"],
    });
    let series = await caldav.createEvent(account, calendar, weekly);
    const moved = { title: "Moved", start: berlin("2026-10-27T15:00:00"), end: berlin("2026-10-27T16:00:00") };
    for (const [local, patch] of [
      ["2026-10-27T10:00:00", moved],
      ["2026-11-03T10:00:00", { location: "Room 8" }],
    ] as const) {
      const { object } = await caldav.updateEvent(account, calendar, targetOf(series, berlin(local), "THIS"), patch);
      if (object) series = object;
    }
    const last = targetOf(series, berlin("2026-11-17T10:00:00"), "THIS_AND_FOLLOWING");
    await caldav.updateEvent(account, calendar, last, { title: "The rest" });
    expect((await shownOf(calendar)).map(({ title, start, location }) => [title, start, location])).toEqual([
      ["Weekly", "2026-10-13 10:00", ""],
      ["Moved", "2026-10-27 15:00", ""],
      ["Weekly", "2026-11-03 10:00", "Room 8"],
      ["Weekly", "2026-11-10 10:00", ""],
      ["The rest", "2026-11-17 10:00", ""],
    ]);
  });

  it.each([
    { rule: "FREQ=DAILY;UNTIL=20261205T090000Z", days: ["12-01", "12-02", "12-03", "12-04", "12-05"] },
    { rule: "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", days: ["12-02", "12-07", "12-09"], first: "2026-12-02" },
    { rule: "FREQ=MONTHLY;BYDAY=1TU;COUNT=2", days: ["12-01", "01-05"] },
  ])("recurs on the same days: $rule", async ({ rule, days, first = "2026-12-01" }) => {
    const times = { start: berlin(`${first}T10:00:00`), end: berlin(`${first}T10:30:00`) };
    const shown = await written({ ...times, recurrence: [`RRULE:${rule}`] });
    expect(shown.map(({ start }) => start.slice(5, 10))).toEqual(days);
    expect(shown[0]?.rule.split(";").sort()).toEqual(rule.split(";").sort());
  });
});

function vdirsyncerConfig(folder: string, calendar: string): string {
  return `[general]
status_path = "${folder}/status"
[pair both]
a = "server"
b = "local"
collections = null
[storage server]
type = "caldav"
url = "${calendar}"
username = "alice"
password = "${radicalePasswords.alice}"
[storage local]
type = "filesystem"
path = "${folder}/local"
fileext = ".ics"
`;
}

function khalConfig(folder: string): string {
  return `[calendars]
[[office]]
path = ${folder}/local
type = calendar
[sqlite]
path = ${folder}/khal.db
[locale]
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
`;
}
