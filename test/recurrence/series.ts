import type { EventTime } from "../../src/recurrence/event-time.ts";
import type { Series } from "../../src/recurrence/occurrences.ts";

export function date(day: string): EventTime {
  return { kind: "date", date: day };
}

/** @param local seconds may be left out */
export function zoned(local: string, timeZone = "Europe/Berlin"): EventTime {
  return { kind: "zoned", local: local.padEnd(19, ":00"), timeZone };
}

export function floating(local: string): EventTime {
  return { kind: "floating", local: local.padEnd(19, ":00") };
}

/** An hour on Tuesday, 3 March 2026, in Berlin. */
export function aSeries(given: Partial<Series> = {}): Series {
  return {
    id: "series",
    start: zoned("2026-03-03T10:00"),
    end: zoned("2026-03-03T11:00"),
    recurrence: ["RRULE:FREQ=WEEKLY"],
    fallbackZone: "Europe/Berlin",
    ...given,
  };
}
