import { describe, expect, it } from "vitest";
import { occurrencesOf } from "../../src/recurrence/occurrences.ts";
import { aSeries, date, floating, zoned } from "./series.ts";

const march = { from: new Date("2026-03-01T00:00:00Z"), to: new Date("2026-04-01T00:00:00Z") };
const decade = { from: new Date("2020-01-01T00:00:00Z"), to: new Date("2030-01-01T00:00:00Z") };

/** `Tue 3 March, 10:00` is `03T10`, so that a row stays a line. */
function starts(given: Parameters<typeof aSeries>[0], window = march): string[] {
  return occurrencesOf(aSeries(given), window, 100).occurrences.map(({ start }) =>
    start.kind === "date" ? start.date : start.local.slice(0, 16),
  );
}

describe("the lines of a recurrence", () => {
  it.each([
    { name: "none: the start alone", recurrence: [], days: [3] },
    { name: "a rule", recurrence: ["RRULE:FREQ=WEEKLY"], days: [3, 10, 17, 24, 31] },
    { name: "a rule in lower case", recurrence: ["rrule:freq=weekly;"], days: [3, 10, 17, 24, 31] },
    { name: "an INTERVAL of 0 as 1", recurrence: ["RRULE:FREQ=WEEKLY;INTERVAL=0"], days: [3, 10, 17, 24, 31] },
    { name: "COUNT, of which the start is the first", recurrence: ["RRULE:FREQ=DAILY;COUNT=3"], days: [3, 4, 5] },
    {
      name: "two rules",
      recurrence: ["RRULE:FREQ=WEEKLY;COUNT=2", "RRULE:FREQ=WEEKLY;BYDAY=TU,FR;COUNT=4"],
      days: [3, 6, 10, 13],
    },
    {
      name: "a start that the rule does not match",
      recurrence: ["RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=3"],
      days: [3, 6, 13],
    },
    { name: "UNTIL in UTC, inclusive", recurrence: ["RRULE:FREQ=DAILY;UNTIL=20260305T090000Z"], days: [3, 4, 5] },
    { name: "UNTIL in UTC, a second too early", recurrence: ["RRULE:FREQ=DAILY;UNTIL=20260305T085959Z"], days: [3, 4] },
    { name: "UNTIL as a date, with its whole day", recurrence: ["RRULE:FREQ=DAILY;UNTIL=20260305"], days: [3, 4, 5] },
    { name: "UNTIL as a local time", recurrence: ["RRULE:FREQ=DAILY;UNTIL=20260305T100000"], days: [3, 4, 5] },
    { name: "UNTIL before the start", recurrence: ["RRULE:FREQ=DAILY;UNTIL=20250305"], days: [3] },
    { name: "EXDATE", recurrence: ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260304T100000"], days: [3, 5, 6] },
    {
      name: "EXDATE with a zone",
      recurrence: ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=America/New_York:20260304T040000"],
      days: [3, 5],
    },
    {
      name: "EXDATE in UTC",
      recurrence: ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260304T090000Z,20260306T090000Z"],
      days: [3, 5],
    },
    { name: "EXDATE of a day", recurrence: ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260304"], days: [3, 5] },
    { name: "EXDATE of the start", recurrence: ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260303T100000"], days: [4, 5] },
    {
      name: "EXDATE of another time: nothing",
      recurrence: ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260304T110000"],
      days: [3, 4, 5],
    },
    { name: "EXRULE", recurrence: ["RRULE:FREQ=DAILY;COUNT=5", "EXRULE:FREQ=WEEKLY;BYDAY=WE,FR"], days: [3, 5, 7] },
    { name: "RDATE", recurrence: ["RDATE:20260320T100000,20260305T100000"], days: [3, 5, 20] },
    {
      name: "RDATE that is an occurrence already",
      recurrence: ["RRULE:FREQ=DAILY;COUNT=2", "RDATE:20260304T090000Z"],
      days: [3, 4],
    },
    { name: "RDATE as a date: at the time of the start", recurrence: ["RDATE;VALUE=DATE:20260305"], days: [3, 5] },
    { name: "30 February: never", recurrence: ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], days: [3] },
    { name: "31 April: never", recurrence: ["RRULE:FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31"], days: [3] },
  ])("$name", ({ recurrence, days }) => {
    expect(starts({ recurrence })).toEqual(days.map((day) => `2026-03-${String(day).padStart(2, "0")}T10:00`));
  });

  it.each([
    { line: "RRULE:FREQ=SECONDLY", reason: "FREQ=SECONDLY is not supported" },
    { line: "RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", reason: "FREQ=MINUTELY is not supported" },
    { line: "RRULE:INTERVAL=2", reason: "FREQ= is not supported" },
    { line: "RRULE:FREQ=DAILY;BYMONTH=13", reason: "BYMONTH cannot be 13" },
    { line: "RRULE:FREQ=DAILY;BYMONTHDAY=0", reason: "BYMONTHDAY cannot be 0" },
    { line: "RRULE:FREQ=DAILY;COUNT=1.5", reason: "COUNT cannot be 1.5" },
    { line: "RRULE:FREQ=DAILY;COUNT=2;COUNT=3", reason: "COUNT is given twice" },
    { line: "RRULE:FREQ=DAILY;BYDAY=XX", reason: '"XX" is not a weekday' },
    { line: "RRULE:FREQ=DAILY;UNTIL=never", reason: '"NEVER" is not a date or time' },
    { line: "RRULE:FREQ=DAILY;UNTIL=20261399", reason: '"2026-13-99" is not a date' },
    { line: "RRULE:RSCALE=CHINESE;FREQ=YEARLY", reason: "RSCALE=CHINESE is not supported" },
    { line: "RRULE:FREQ=MONTHLY;SKIP=FORWARD", reason: "SKIP=FORWARD is not supported" },
    { line: "RDATE;VALUE=PERIOD:20260320T100000Z/P1Y", reason: '"P1Y" is not a duration' },
    { line: "SUMMARY:Hello", reason: '"SUMMARY:Hello" is not an RRULE' },
    { line: "nonsense", reason: '"nonsense" is not an RRULE' },
  ])("cannot be $line", ({ line, reason }) => {
    expect(() => starts({ recurrence: [line] })).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(reason) }),
    );
  });

  it("give a period of RDATE its own end", () => {
    const recurrence = ["RDATE;VALUE=PERIOD:20260320T100000Z/20260320T140000Z,20260321T100000Z/PT30M"];
    expect(
      occurrencesOf(aSeries({ recurrence }), march, 9).occurrences.map(({ endAt }) => endAt.toISOString()),
    ).toEqual(["2026-03-03T10:00:00.000Z", "2026-03-20T14:00:00.000Z", "2026-03-21T10:30:00.000Z"]);
  });

  it.each([
    { name: "week 53", recurrence: ["RRULE:FREQ=YEARLY;BYWEEKNO=53"], found: ["2020-12-31", "2026-12-31"] },
    {
      name: "29 February",
      recurrence: ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"],
      found: ["2024-02-29", "2028-02-29"],
    },
    {
      name: "Friday the 13th",
      recurrence: ["RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=13;BYDAY=FR"],
      found: ["2020-03-13", "2026-03-13"],
    },
  ])("find $name", ({ recurrence, found }) => {
    const [first = ""] = found;
    expect(starts({ start: date(first), end: date(first), recurrence }, decade)).toEqual(found);
  });
});

describe("when the clocks change", () => {
  const at = (start: string, end: string, recurrence = ["RRULE:FREQ=DAILY;COUNT=3"], timeZone = "Europe/Berlin") =>
    occurrencesOf(
      aSeries({ start: zoned(start, timeZone), end: zoned(end, timeZone), recurrence }),
      decade,
      9,
    ).occurrences.map(
      ({ startAt, endAt }) => `${startAt.toISOString().slice(5, 16)}/${endAt.toISOString().slice(5, 16)}`,
    );

  it("a meeting stays at its hour", () => {
    expect(at("2026-03-28T10:00", "2026-03-28T11:00")).toEqual([
      "03-28T09:00/03-28T10:00",
      "03-29T08:00/03-29T09:00",
      "03-30T08:00/03-30T09:00",
    ]);
  });

  it("a meeting across the change keeps its length", () => {
    expect(at("2026-03-27T23:00", "2026-03-28T05:00")).toEqual([
      "03-27T22:00/03-28T04:00",
      "03-28T22:00/03-29T04:00",
      "03-29T21:00/03-30T03:00",
    ]);
  });

  it("one that the clocks skip moves forward by the gap, on that day only", () => {
    expect(at("2026-03-28T02:30", "2026-03-28T03:00")).toEqual([
      "03-28T01:30/03-28T02:00",
      "03-29T01:30/03-29T02:00",
      "03-30T00:30/03-30T01:00",
    ]);
  });

  it("one that the clocks repeat is the first of the two, and is not repeated", () => {
    expect(at("2026-10-24T02:30", "2026-10-24T03:00")).toEqual([
      "10-24T00:30/10-24T01:00",
      "10-25T00:30/10-25T01:00",
      "10-26T01:30/10-26T02:00",
    ]);
  });

  it("the hours of a day are those that the clock shows, each once", () => {
    expect(at("2026-03-29T00:30", "2026-03-29T00:40", ["RRULE:FREQ=HOURLY;COUNT=5"])).toEqual([
      "03-28T23:30/03-28T23:40",
      "03-29T00:30/03-29T00:40",
      "03-29T01:30/03-29T01:40",
      "03-29T02:30/03-29T02:40",
    ]);
  });

  it("a start that is skipped does not move the series", () => {
    expect(at("2026-03-29T02:30", "2026-03-29T03:30", ["RRULE:FREQ=DAILY;COUNT=2"])).toEqual([
      "03-29T01:30/03-29T01:30",
      "03-30T00:30/03-30T00:30",
    ]);
  });
});

describe("days", () => {
  const threeDays = { start: date("2026-03-30"), end: date("2026-04-02"), fallbackZone: "America/New_York" };

  it("stay days, whatever the zone, and last as many", () => {
    const { occurrences } = occurrencesOf(
      aSeries({ ...threeDays, recurrence: ["RRULE:FREQ=WEEKLY;COUNT=2"] }),
      decade,
      9,
    );
    expect(occurrences).toEqual([
      {
        key: "20260330",
        start: date("2026-03-30"),
        end: date("2026-04-02"),
        startAt: new Date("2026-03-30T04:00:00Z"),
        endAt: new Date("2026-04-02T04:00:00Z"),
      },
      {
        key: "20260406",
        start: date("2026-04-06"),
        end: date("2026-04-09"),
        startAt: new Date("2026-04-06T04:00:00Z"),
        endAt: new Date("2026-04-09T04:00:00Z"),
      },
    ]);
  });

  it.each([
    {
      name: "UNTIL as a date, inclusive",
      recurrence: ["RRULE:FREQ=DAILY;UNTIL=20260401"],
      days: ["2026-03-30", "2026-03-31", "2026-04-01"],
    },
    {
      name: "UNTIL in UTC: its day",
      recurrence: ["RRULE:FREQ=DAILY;UNTIL=20260401T000000Z"],
      days: ["2026-03-30", "2026-03-31", "2026-04-01"],
    },
    {
      name: "EXDATE as a time: its day",
      recurrence: ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260331T000000"],
      days: ["2026-03-30", "2026-04-01"],
    },
    { name: "RDATE without VALUE=DATE", recurrence: ["RDATE:20260401"], days: ["2026-03-30", "2026-04-01"] },
  ])("$name", ({ recurrence, days }) => {
    expect(starts({ ...threeDays, recurrence }, decade)).toEqual(days);
  });
});

describe("floating times", () => {
  const series = aSeries({
    start: floating("2026-03-28T10:00"),
    end: floating("2026-03-28T11:00"),
    recurrence: ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260329T080000Z"],
  });

  it("keep their wall clock as their key and take place in the fallback zone", () => {
    expect(occurrencesOf(series, decade, 9).occurrences).toEqual([
      {
        key: "20260328T100000Z",
        start: floating("2026-03-28T10:00"),
        end: floating("2026-03-28T11:00"),
        startAt: new Date("2026-03-28T09:00:00Z"),
        endAt: new Date("2026-03-28T10:00:00Z"),
      },
      {
        key: "20260330T100000Z",
        start: floating("2026-03-30T10:00"),
        end: floating("2026-03-30T11:00"),
        startAt: new Date("2026-03-30T08:00:00Z"),
        endAt: new Date("2026-03-30T09:00:00Z"),
      },
    ]);
  });
});

describe("the window", () => {
  const between = (from: string, to: string) => ({ from: new Date(from), to: new Date(to) });

  it.each([
    { name: "has what begins within", window: between("2026-03-10T09:00:00Z", "2026-03-10T09:01:00Z"), found: 1 },
    { name: "has what ends within", window: between("2026-03-10T09:59:00Z", "2026-03-10T12:00:00Z"), found: 1 },
    {
      name: "has what lasts all through it",
      window: between("2026-03-10T09:10:00Z", "2026-03-10T09:20:00Z"),
      found: 1,
    },
    {
      name: "has not what ends as it begins",
      window: between("2026-03-10T10:00:00Z", "2026-03-10T12:00:00Z"),
      found: 0,
    },
    {
      name: "has not what begins as it ends",
      window: between("2026-03-10T08:00:00Z", "2026-03-10T09:00:00Z"),
      found: 0,
    },
  ])("$name", ({ window, found }) => {
    expect(starts({}, window)).toHaveLength(found);
  });

  it("has what lasts no time when it begins within", () => {
    expect(
      starts({ end: zoned("2026-03-03T10:00") }, between("2026-03-10T09:00:00Z", "2026-03-10T09:01:00Z")),
    ).toHaveLength(1);
  });

  it("has what began long before it", () => {
    const series = {
      start: zoned("2025-11-01T10:00"),
      end: zoned("2026-03-15T10:00"),
      recurrence: ["RRULE:FREQ=YEARLY"],
    };
    expect(starts(series)).toEqual(["2025-11-01T10:00"]);
  });

  it("gives the first ones when there are more than asked for, and says so", () => {
    const series = aSeries({ recurrence: ["RRULE:FREQ=WEEKLY", "RDATE:20260305T100000"] });
    const { occurrences, truncated } = occurrencesOf(series, decade, 3);
    expect(occurrences.map(({ key }) => key)).toEqual(["20260303T090000Z", "20260305T090000Z", "20260310T090000Z"]);
    expect(truncated).toBe(true);
    expect(occurrencesOf(aSeries({ recurrence: ["RRULE:FREQ=DAILY;COUNT=3"] }), decade, 3).truncated).toBe(false);
  });

  it.each([
    "RRULE:FREQ=DAILY",
    "RRULE:FREQ=DAILY;COUNT=100000",
    "RRULE:FREQ=HOURLY",
    "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
  ])("is reached quickly by a series of 1990: %s", (rule) => {
    const begin = performance.now();
    starts({ start: zoned("1990-01-01T10:00"), end: zoned("1990-01-01T11:00"), recurrence: [rule] });
    expect(performance.now() - begin).toBeLessThan(500);
  });
});
