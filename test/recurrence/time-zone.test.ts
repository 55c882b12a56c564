import { describe, expect, it } from "vitest";
import { isTimeZone, timeZoneOf, vtimezoneOf } from "../../src/recurrence/time-zone.ts";

const now = new Date("2026-11-22T00:00:00Z");
const anonymous = (zone: string): string => vtimezoneOf(zone).replace(/^X-LIC-LOCATION:.*\r\n/m, "");
const standard = (...lines: readonly string[]): string =>
  ["BEGIN:VTIMEZONE", "TZID:x", "BEGIN:STANDARD", ...lines, "END:STANDARD", "END:VTIMEZONE"].join("\r\n");
const fixed = (offset: string): string =>
  standard("DTSTART:16010101T000000", `TZOFFSETFROM:${offset}`, `TZOFFSETTO:${offset}`);

describe("the zone of a TZID", () => {
  it.each([
    { tzid: "Europe/Berlin", timeZone: "Europe/Berlin" },
    { tzid: "europe/BERLIN", timeZone: "Europe/Berlin" },
    { tzid: '"Europe/Berlin" ', timeZone: "Europe/Berlin" },
    { tzid: "Europe/Stockholm", timeZone: "Europe/Stockholm" },
    { tzid: "Asia/Calcutta", timeZone: "Asia/Kolkata" },
    { tzid: "Europe/Kiev", timeZone: "Europe/Kyiv" },
    { tzid: "US/Pacific", timeZone: "America/Los_Angeles" },
    { tzid: "Etc/UTC", timeZone: "UTC" },
    { tzid: "GMT", timeZone: "UTC" },
    { tzid: "/mozilla.org/20050126_1/Europe/Berlin", timeZone: "Europe/Berlin" },
    {
      tzid: "/freeassociation.sourceforge.net/Tzfile/America/Argentina/Cordoba",
      timeZone: "America/Argentina/Cordoba",
    },
    { tzid: "/citadel.org/20210210_1/Asia/Tokyo", timeZone: "Asia/Tokyo" },
    { tzid: "W. Europe Standard Time", timeZone: "Europe/Berlin" },
    { tzid: "India Standard Time", timeZone: "Asia/Kolkata" },
    { tzid: "tzone://Microsoft/Utc", timeZone: "UTC" },
  ])("$tzid is $timeZone", ({ tzid, timeZone }) => {
    expect(timeZoneOf(tzid)).toEqual({ timeZone, exact: true });
  });

  it.each(["", "ET", "Customized Time Zone", "+01:00", "/", "Nowhere/Else"])("'%s' is a guess", (tzid) => {
    expect(timeZoneOf(tzid)).toEqual({ timeZone: "UTC", exact: false });
  });

  it("is the one named even where its VTIMEZONE says otherwise", () => {
    expect(timeZoneOf("Europe/Berlin", fixed("+0900")).timeZone).toBe("Europe/Berlin");
  });

  it("is the one that the VTIMEZONE was made from", () => {
    expect(timeZoneOf("Custom", vtimezoneOf("Europe/Stockholm"))).toEqual({
      timeZone: "Europe/Stockholm",
      exact: true,
    });
  });

  it.each([
    { name: "Berlin", block: anonymous("Europe/Berlin"), timeZone: "Europe/Berlin" },
    { name: "New York", block: anonymous("America/New_York"), timeZone: "America/New_York" },
    { name: "Lord Howe", block: anonymous("Australia/Lord_Howe"), timeZone: "Australia/Lord_Howe" },
    { name: "Kathmandu", block: anonymous("Asia/Kathmandu"), timeZone: "Asia/Kathmandu" },
    { name: "no change at all", block: fixed("+0530"), timeZone: "Asia/Kolkata" },
    {
      name: "folded lines and bare LF",
      block: fixed("-0500").replaceAll("\r\n", "\n").replace("OFFSETTO", "OFF\n SETTO"),
      timeZone: "America/Bogota",
    },
    {
      name: "rules that ended, and the last of them for good",
      block: standard(
        "DTSTART:20101031T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20131026T230000Z",
        "TZOFFSETFROM:+0400",
        "TZOFFSETTO:+0300",
        "END:STANDARD",
        "BEGIN:STANDARD",
        "DTSTART:20141026T020000",
        "TZOFFSETFROM:+0400",
        "TZOFFSETTO:+0300",
      ),
      timeZone: "Asia/Amman",
    },
  ])("is found by the rules: $name", ({ block, timeZone }) => {
    expect(timeZoneOf("Customized Time Zone", block, now)).toEqual({ timeZone, exact: true });
  });

  const rules = (count: number): string[] => Array(count).fill("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30");
  const observance = ["DTSTART:16010101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0100"];
  it.each([
    { name: "an impossible day", block: standard(...observance, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30") },
    { name: "a change every minute", block: standard(...observance, "RRULE:FREQ=MINUTELY") },
    {
      name: "a change each second of the year",
      block: standard(...observance, "RRULE:FREQ=YEARLY;BYHOUR=1,2,3;BYSECOND=1,2,3"),
    },
    { name: "a count from 1601 on", block: standard(...observance, "RRULE:FREQ=YEARLY;COUNT=1000000") },
    { name: "a change every day", block: standard(...observance, "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU") },
    { name: "as many rules as fit", block: standard(...observance, ...rules(1400)) },
    { name: "as many rules as are read", block: standard(...observance, ...rules(60)) },
    { name: "endless text", block: standard(...observance, "X:".padEnd(10_000_000, "=;x")) },
    { name: "no observance", block: "BEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE" },
    { name: "no offset", block: standard("DTSTART:16010101T000000", "TZOFFSETTO:+0100") },
    { name: "something else", block: "hello" },
  ])("takes little time over a hostile VTIMEZONE: $name", ({ block }) => {
    const begin = performance.now();
    timeZoneOf("Customized Time Zone", block, now);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});

describe("the VTIMEZONE of a zone", () => {
  it("has the name asked for, also where another zone keeps the same time", () => {
    expect(vtimezoneOf("Europe/Stockholm")).toMatch(
      /^BEGIN:VTIMEZONE\r\nTZID:Europe\/Stockholm\r\nX-LIC-LOCATION:Europe\/Stockholm\r\n[\s\S]+END:VTIMEZONE$/,
    );
  });

  it("does not exist for what is no IANA zone", () => {
    expect(() => vtimezoneOf("W. Europe Standard Time")).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  });
});

it.each([
  { text: "Europe/Berlin", is: true },
  { text: "UTC", is: true },
  { text: "W. Europe Standard Time", is: false },
  { text: "+01:00", is: false },
  { text: "ET", is: false },
  { text: "", is: false },
])("'$text' is an IANA zone: $is", ({ text, is }) => {
  expect(isTimeZone(text)).toBe(is);
});
