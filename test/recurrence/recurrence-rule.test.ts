import { expect, it } from "vitest";
import { checkRecurrence } from "../../src/recurrence/recurrence-rule.ts";
import { date, floating, zoned } from "./series.ts";

const timed = zoned("2026-03-03T10:00");
const day = date("2026-03-03");
const local = floating("2026-03-03T10:00");

it.each([
  { lines: [], start: timed },
  { lines: ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261231T090000Z"], start: timed },
  { lines: ["RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=12", "EXDATE:20260424T100000"], start: timed },
  { lines: ["RRULE:FREQ=YEARLY;UNTIL=20301231", "EXDATE;VALUE=DATE:20270303"], start: day },
  { lines: ["RRULE:FREQ=DAILY;UNTIL=20301231T100000"], start: local },
  { lines: ["RDATE;TZID=Europe/Berlin:20260305T100000,20260309T100000"], start: timed },
])("a caller may write $lines on a $start.kind start", ({ lines, start }) => {
  expect(() => checkRecurrence(lines, start)).not.toThrow();
});

it.each([
  { lines: ["DTSTART:20260303T100000Z"], start: timed, message: "is not an RRULE" },
  { lines: ["RRULE:FREQ=DAILY\r\nATTENDEE:mailto:a@example.org"], start: timed, message: "one line" },
  { lines: [`EXDATE:${"20260303T100000,".repeat(200)}`], start: timed, message: "at most 2000 characters" },
  { lines: Array.from({ length: 501 }, () => "EXDATE:20260303T100000"), start: timed, message: "at most 500 lines" },
  { lines: ["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], start: timed, message: "at most one RRULE" },
  { lines: ["EXRULE:FREQ=DAILY"], start: timed, message: "EXRULE is deprecated" },
  { lines: ["RRULE:FREQ=SECONDLY"], start: timed, message: "FREQ=SECONDLY is not supported" },
  { lines: ["RRULE:FREQ=MINUTELY"], start: timed, message: "FREQ=MINUTELY is not supported" },
  { lines: ["RRULE:FREQ=HOURLY"], start: day, message: "needs a start with a time" },
  { lines: ["RRULE:FREQ=DAILY;BYHOUR=9"], start: day, message: "need a start with a time" },
  { lines: ["RRULE:FREQ=DAILY;COUNT=3;UNTIL=20261231T090000Z"], start: timed, message: "COUNT and UNTIL" },
  { lines: ["RRULE:FREQ=DAILY;UNTIL=20261231"], start: timed, message: "UNTIL must be in UTC" },
  { lines: ["RRULE:FREQ=DAILY;UNTIL=20261231T100000"], start: timed, message: "UNTIL must be in UTC" },
  { lines: ["RRULE:FREQ=DAILY;UNTIL=20261231T100000Z"], start: day, message: "UNTIL must be a date" },
  { lines: ["RRULE:FREQ=DAILY;UNTIL=20261231T100000Z"], start: local, message: "UNTIL must be a local time" },
  { lines: ["RRULE:FREQ=DAILY;UNTIL=20260230T100000Z"], start: timed, message: "is not a date" },
  { lines: ["RRULE:FREQ=MONTHLY;BYWEEKNO=3"], start: timed, message: "BYWEEKNO needs" },
  { lines: ["RRULE:FREQ=DAILY;BYYEARDAY=3"], start: timed, message: "BYYEARDAY needs" },
  { lines: ["RRULE:FREQ=WEEKLY;BYMONTHDAY=3"], start: timed, message: "BYMONTHDAY does not go" },
  { lines: ["RRULE:FREQ=WEEKLY;BYDAY=1MO"], start: timed, message: "A numbered weekday needs" },
  { lines: ["RRULE:FREQ=MONTHLY;BYSETPOS=1"], start: timed, message: "BYSETPOS needs" },
  { lines: ["RDATE;VALUE=PERIOD:20260320T100000Z/PT1H"], start: timed, message: "RDATE with a period" },
  { lines: ["EXDATE;VALUE=DATE:20260303"], start: timed, message: "EXDATE must be of the kind" },
  { lines: ["RDATE:20260303T100000"], start: day, message: "RDATE must be of the kind" },
  { lines: ["RDATE:20260303T100000Z"], start: local, message: "RDATE must be local" },
  { lines: ["EXDATE;TZID=Nowhere:20260310T100000"], start: timed, message: '"Nowhere" is not an IANA' },
  { lines: ["EXDATE:20260230T100000"], start: timed, message: "is not a date" },
])("a caller may not write $lines on a $start.kind start", ({ lines, start, message }) => {
  expect(() => checkRecurrence(lines, start)).toThrow(
    expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(message) }),
  );
});
