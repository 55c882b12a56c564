import { RRuleTemporal } from "rrule-temporal";
import { describe, expect, it } from "vitest";
import { graphSeries, ruleLine } from "../../src/providers/calendar/outlook-calendar/patterned-recurrence.ts";
import type { EventTime } from "../../src/recurrence/event-time.ts";
import { occurrencesOf } from "../../src/recurrence/occurrences.ts";

const at = (local: string, timeZone = "Europe/Berlin"): EventTime => ({ kind: "zoned", local, timeZone });
/** A Tuesday, and the first of its month. */
const start = at("2026-12-01T10:00:00");
const rule = (text: string, from: EventTime = start) => graphSeries([`RRULE:${text}`], from).recurrence;

describe("a rule in Graph's words", () => {
  it.each([
    ["FREQ=DAILY;INTERVAL=3", { type: "daily", interval: 3 }],
    ["FREQ=WEEKLY", { type: "weekly", interval: 1, daysOfWeek: ["tuesday"], firstDayOfWeek: "monday" }],
    [
      "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR;WKST=SU",
      { type: "weekly", interval: 2, daysOfWeek: ["tuesday", "friday"], firstDayOfWeek: "sunday" },
    ],
    [
      "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
      { type: "weekly", daysOfWeek: ["monday", "tuesday", "wednesday", "thursday", "friday"] },
    ],
    ["FREQ=MONTHLY", { type: "absoluteMonthly", interval: 1, dayOfMonth: 1 }],
    ["FREQ=MONTHLY;BYDAY=1TU", { type: "relativeMonthly", daysOfWeek: ["tuesday"], index: "first" }],
    ["FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1", { type: "relativeMonthly", daysOfWeek: ["tuesday"], index: "first" }],
    [
      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
      { type: "relativeMonthly", daysOfWeek: ["monday", "tuesday", "wednesday", "thursday", "friday"], index: "first" },
    ],
    ["FREQ=YEARLY", { type: "absoluteYearly", month: 12, dayOfMonth: 1 }],
    [
      "FREQ=YEARLY;BYMONTH=12;BYDAY=1TU",
      { type: "relativeYearly", month: 12, daysOfWeek: ["tuesday"], index: "first" },
    ],
  ])("%s", (text, pattern) => {
    expect(rule(text).pattern).toMatchObject(pattern);
  });

  it.each([
    ["FREQ=DAILY", { type: "noEnd", startDate: "2026-12-01" }],
    ["FREQ=DAILY;COUNT=10", { type: "numbered", startDate: "2026-12-01", numberOfOccurrences: 10 }],
    ["FREQ=DAILY;UNTIL=20261224T090000Z", { type: "endDate", endDate: "2026-12-24" }],
    // A second before it would start, so that day has none.
    ["FREQ=DAILY;UNTIL=20261224T085959Z", { type: "endDate", endDate: "2026-12-23" }],
    ["FREQ=DAILY;UNTIL=20261224", { type: "endDate", endDate: "2026-12-24" }],
  ])("ends as %s does", (text, range) => {
    expect(rule(text).range).toMatchObject(range);
  });

  it("takes the day of UNTIL from the clocks of the series", () => {
    const evening = at("2026-12-01T20:00:00", "America/Los_Angeles");
    expect(rule("FREQ=DAILY;UNTIL=20261205T040000Z", evening).range).toMatchObject({ endDate: "2026-12-04" });
  });

  it("names what has to be taken out one by one", () => {
    const { excluded } = graphSeries(["RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Berlin:20261203T100000"], start);
    expect(excluded).toEqual([at("2026-12-03T10:00:00")]);
  });

  it.each([
    { name: "two rules", lines: ["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"] },
    { name: "a further date", lines: ["RRULE:FREQ=DAILY", "RDATE:20261224T090000Z"] },
    { name: "the fifth of a weekday", lines: ["RRULE:FREQ=MONTHLY;BYDAY=5TU"] },
    { name: "the last but one of a weekday", lines: ["RRULE:FREQ=MONTHLY;BYDAY=-2TU"] },
    { name: "several days of the month", lines: ["RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15"] },
    { name: "a day of the year", lines: ["RRULE:FREQ=YEARLY;BYYEARDAY=335"] },
    { name: "a numbered week", lines: ["RRULE:FREQ=YEARLY;BYWEEKNO=49"] },
    { name: "every hour", lines: ["RRULE:FREQ=HOURLY"] },
    { name: "a start that the rule does not name", lines: ["RRULE:FREQ=WEEKLY;BYDAY=WE"] },
    { name: "weekdays every two days", lines: ["RRULE:FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU"] },
    { name: "some months only", lines: ["RRULE:FREQ=WEEKLY;BYMONTH=12"] },
  ])("refuses $name rather than saying nearly the same", ({ lines }) => {
    const refused = () => graphSeries(lines, start);
    expect(refused).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_CAPABILITY", field: ["recurrence"], remedy: expect.any(String) }),
    );
  });

  it("refuses a day that some months do not have, and takes the last day of each month", () => {
    const last = at("2026-12-31T10:00:00");
    expect(() => rule("FREQ=MONTHLY", last)).toThrow(expect.objectContaining({ code: "UNSUPPORTED_CAPABILITY" }));
    expect(rule("FREQ=MONTHLY;BYMONTHDAY=-1", last).pattern).toMatchObject({ type: "relativeMonthly", index: "last" });
  });
});

describe("Graph's words as a rule", () => {
  it("leaves out the zeros and firsts that Graph fills up with", () => {
    const filled = {
      pattern: {
        ...{ type: "weekly", interval: 1, month: 0, dayOfMonth: 0 },
        ...{ daysOfWeek: ["tuesday"], firstDayOfWeek: "sunday", index: "first" },
      },
      range: {
        ...{ type: "noEnd", startDate: "2026-12-01", endDate: "0001-01-01" },
        ...{ recurrenceTimeZone: "W. Europe Standard Time", numberOfOccurrences: 0 },
      },
    };
    expect(ruleLine(filled, start)).toBe("RRULE:FREQ=WEEKLY");
  });

  it.each([29, 30, 31])("knows that Outlook means the last day where a month has no %sth", (dayOfMonth) => {
    const from = at(`2026-12-${dayOfMonth}T10:00:00`);
    const recurrence = { pattern: { type: "absoluteMonthly", interval: 1, dayOfMonth }, range: { type: "noEnd" } };
    const line = ruleLine(recurrence, from);
    expect(daysOf([line], from).slice(0, 4)).toEqual([
      `2026-12-${dayOfMonth}`,
      `2027-01-${dayOfMonth}`,
      "2027-02-28",
      `2027-03-${dayOfMonth}`,
    ]);
    expect(graphSeries([line], from).recurrence.pattern).toMatchObject({ type: "absoluteMonthly", dayOfMonth });
  });

  it.each(["hourly", ""])("cannot read a pattern that is not documented: '%s'", (type) => {
    const unknown = { pattern: { type, interval: 1 }, range: { type: "noEnd" } };
    expect(() => ruleLine(unknown, start)).toThrow(expect.objectContaining({ code: "PROVIDER_REPLY_INVALID" }));
  });
});

describe("a rule that goes to Graph and comes back", () => {
  const zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Australia/Lord_Howe", "UTC"];

  it.each(Array.from({ length: 60 }, (_, seed) => seed + 1))("happens on the same days (seed %s)", (seed) => {
    const random = randomFrom(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const month = 1 + Math.floor(random() * 12);
    const day = 1 + Math.floor(random() * 28);
    const hour = Math.floor(random() * 24);
    const two = (number: number) => String(number).padStart(2, "0");
    const from = at(`2026-${two(month)}-${two(day)}T${two(hour)}:30:00`, pick(zones));
    const weekday = new Date(`2026-${two(month)}-${two(day)}T00:00:00Z`).getUTCDay();
    const names = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
    const own = names[weekday] ?? "";
    const nth = Math.ceil(day / 7);
    const further = names.filter((name) => name !== own && random() < 0.3);
    const freq = pick([
      "FREQ=DAILY",
      "FREQ=WEEKLY",
      `FREQ=WEEKLY;BYDAY=${[own, ...further].join(",")};WKST=${pick(names)}`,
      "FREQ=MONTHLY",
      `FREQ=MONTHLY;BYDAY=${nth < 5 ? nth : -1}${own}`,
      "FREQ=YEARLY",
      `FREQ=YEARLY;BYMONTH=${month};BYDAY=${nth < 5 ? nth : -1}${own}`,
    ]);
    const end = pick(["", ";COUNT=7", `;UNTIL=20280315T${two(Math.floor(random() * 24))}0000Z`]);
    const line = `RRULE:${freq};INTERVAL=${1 + Math.floor(random() * 3)}${end}`;

    const { recurrence } = graphSeries([line], from);
    const back = ruleLine(recurrence, from);
    expect(daysOf([back], from)).toEqual(daysOf([line], from));
    expect(daysOf([back], from)).toEqual(independentDaysOf(line, from));
    // What was said back once is said back the same.
    expect(ruleLine(graphSeries([back], from).recurrence, from)).toBe(back);
  });
});

const window = { from: new Date("2026-01-01T00:00:00Z"), to: new Date("2028-06-01T00:00:00Z") };

function daysOf(recurrence: readonly string[], from: EventTime): readonly string[] {
  const { occurrences } = occurrencesOf(
    { id: "", start: from, end: from, recurrence, fallbackZone: "UTC" },
    window,
    5000,
  );
  return occurrences.map(({ start: time }) => (time.kind === "date" ? time.date : time.local.slice(0, 10)));
}

/** By somebody else's expander. */
function independentDaysOf(line: string, from: EventTime): readonly string[] {
  if (from.kind !== "zoned") throw new Error("Only for times with a zone");
  const dtstart = `DTSTART;TZID=${from.timeZone}:${from.local.replaceAll(/[-:]/g, "")}`;
  const series = new RRuleTemporal({ rruleString: `${dtstart}\n${line}` });
  return series.between(window.from, window.to, true).map((time) => time.toPlainDate().toString());
}

/** The same numbers in [0, 1) for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
