import { RRuleTemporal } from "rrule-temporal";
import { describe, expect, it } from "vitest";
import { occurrencesOf } from "../../src/recurrence/occurrences.ts";

interface Row {
  readonly rule: string;
  readonly start?: string;
  /** Where rrule-temporal goes its own way when the clocks change: see "when the clocks change" in occurrences.test.ts. */
  readonly steady?: true;
}

// Every rule matches its start: RFC 5545 leaves the rest undefined.
const rules: readonly Row[] = [
  { rule: "FREQ=DAILY" },
  { rule: "FREQ=DAILY;COUNT=10" },
  { rule: "FREQ=DAILY;INTERVAL=3;UNTIL=20260401T000000Z" },
  { rule: "FREQ=DAILY;BYMONTH=3,4" },
  { rule: "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR" },
  // It leaves out times that the clocks skip; RFC 5545 §3.3.10 moves them.
  { rule: "FREQ=DAILY;BYHOUR=2,14;BYMINUTE=0,30", start: "2026-03-02T02:30:00", steady: true },
  { rule: "FREQ=DAILY;BYHOUR=9,12,18;BYSETPOS=-1,1", start: "2026-03-02T09:30:00" },
  { rule: "FREQ=DAILY;BYMONTHDAY=1,15,-1", start: "2026-03-15T09:30:00" },
  // It counts hours that pass, we count those on the wall clock, as with every other frequency.
  { rule: "FREQ=HOURLY;INTERVAL=6", steady: true },
  { rule: "FREQ=HOURLY;INTERVAL=5;BYDAY=MO,SU;COUNT=60", steady: true },
  { rule: "FREQ=WEEKLY" },
  { rule: "FREQ=WEEKLY;BYDAY=MO,WE,FR" },
  { rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO" },
  { rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU" },
  { rule: "FREQ=WEEKLY;BYMONTH=3,11" },
  { rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1" },
  { rule: "FREQ=MONTHLY" },
  { rule: "FREQ=MONTHLY", start: "2026-01-31T09:30:00" },
  { rule: "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=2" },
  { rule: "FREQ=MONTHLY;BYMONTHDAY=-1", start: "2026-03-31T09:30:00" },
  { rule: "FREQ=MONTHLY;BYMONTHDAY=2,15,31,-3" },
  { rule: "FREQ=MONTHLY;BYDAY=1MO" },
  { rule: "FREQ=MONTHLY;BYDAY=-1FR", start: "2026-03-27T02:30:00" },
  { rule: "FREQ=MONTHLY;BYDAY=5MO", start: "2026-03-30T09:30:00" },
  { rule: "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", start: "2026-03-13T09:30:00" },
  { rule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", start: "2026-03-31T09:30:00" },
  { rule: "FREQ=MONTHLY;BYDAY=MO,TU;BYMONTH=3,6;BYSETPOS=2,-2", start: "2026-03-03T09:30:00" },
  { rule: "FREQ=YEARLY" },
  { rule: "FREQ=YEARLY", start: "2024-02-29T09:30:00" },
  { rule: "FREQ=YEARLY;INTERVAL=2;BYMONTH=3,9" },
  { rule: "FREQ=YEARLY;BYMONTHDAY=2;BYMONTH=3,8" },
  { rule: "FREQ=YEARLY;BYMONTHDAY=2,-2" },
  { rule: "FREQ=YEARLY;BYDAY=MO;BYMONTH=3,10" },
  // It moves the whole series when the clocks skip the first start.
  { rule: "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3,10", start: "2026-03-29T02:30:00", steady: true },
  { rule: "FREQ=YEARLY;BYDAY=20MO", start: "2026-05-18T09:30:00" },
  { rule: "FREQ=YEARLY;BYDAY=-1MO", start: "2026-12-28T09:30:00" },
  { rule: "FREQ=YEARLY;BYYEARDAY=1,100,200,-1", start: "2026-04-10T09:30:00" },
  { rule: "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", start: "2026-05-11T09:30:00" },
  { rule: "FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH", start: "2026-12-31T09:30:00" },
  { rule: "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO", start: "2026-12-28T09:30:00" },
  { rule: "FREQ=YEARLY;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;INTERVAL=4", start: "2028-11-07T09:30:00" },
  { rule: "FREQ=YEARLY;BYMONTH=1,3,12;BYDAY=MO,FR;BYSETPOS=2,-1", start: "2026-12-28T09:30:00" },
  { rule: "FREQ=YEARLY;BYMONTHDAY=29;BYMONTH=2", start: "2024-02-29T09:30:00" },
];
const window = { from: new Date("2026-03-20T00:00:00Z"), to: new Date("2029-04-20T00:00:00Z") };

describe.each([
  { timeZone: "Europe/Berlin", rows: rules.filter(({ steady }) => !steady) },
  { timeZone: "America/New_York", rows: rules.filter(({ steady }) => !steady) },
  { timeZone: "Australia/Lord_Howe", rows: rules.filter(({ steady }) => !steady) },
  { timeZone: "Asia/Kathmandu", rows: rules },
  { timeZone: "America/Sao_Paulo", rows: rules },
])("rules in $timeZone mean what they mean to rrule-temporal", ({ timeZone, rows }) => {
  it.each(rows)("$rule", ({ rule, start = "2026-03-02T09:30:00" }) => {
    const time = { kind: "zoned", local: start, timeZone } as const;
    const series = { id: "series", start: time, end: time, recurrence: [`RRULE:${rule}`], fallbackZone: "UTC" };
    const { occurrences } = occurrencesOf(series, window, 100_000);

    expect(occurrences.map(({ startAt }) => startAt.getTime())).toEqual(peerStarts(rule, start, timeZone));
  });
});

function peerStarts(rule: string, start: string, timeZone: string): number[] {
  const dtstart = `DTSTART;TZID=${timeZone}:${start.replace(/[-:]/g, "")}`;
  const peer = new RRuleTemporal({ rruleString: `${dtstart}\nRRULE:${rule}`, maxIterations: 100_000 });
  return peer.between(window.from, window.to, true).map(({ epochMilliseconds }) => epochMilliseconds);
}
