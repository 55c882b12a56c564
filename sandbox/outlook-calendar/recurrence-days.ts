import { RRuleTemporal } from "rrule-temporal";
import type { Recurrence } from "./state.ts";

/** Where a day of the month is missing: unverified, so both can be had. */
export type ShortMonths = "last-day" | "skip";

/** The days on which a series takes place, in the zone of the series, up to and with `until`. */
export function daysOf(recurrence: Recurrence, until: string, shortMonths: ShortMonths): readonly string[] {
  const { range } = recurrence;
  const last = range.type === "endDate" && range.endDate < until ? range.endDate : until;
  if (last < range.startDate) return [];
  const parts = [...ruleOf(recurrence.pattern, shortMonths)];
  if (range.type === "numbered") parts.push(`COUNT=${range.numberOfOccurrences}`);
  // Days have no zone: as UTC, no change of the clocks is in the way.
  const text = `DTSTART:${range.startDate.replaceAll("-", "")}T000000Z\nRRULE:${parts.join(";")}`;
  const found = new RRuleTemporal({ rruleString: text }).between(dateOf(range.startDate), dateOf(last), true);
  return found.map(({ epochMilliseconds }) => new Date(epochMilliseconds).toISOString().slice(0, 10));
}

function ruleOf(pattern: Recurrence["pattern"], shortMonths: ShortMonths): readonly string[] {
  const { type, interval, month, index } = pattern;
  const days = `BYDAY=${pattern.daysOfWeek.map(short).join(",")}`;
  const position = `BYSETPOS=${index === "last" ? -1 : ["first", "second", "third", "fourth"].indexOf(index) + 1}`;
  const every = `INTERVAL=${interval}`;
  switch (type) {
    case "daily":
      return ["FREQ=DAILY", every];
    case "weekly":
      return ["FREQ=WEEKLY", every, days, `WKST=${short(pattern.firstDayOfWeek)}`];
    case "absoluteMonthly":
      return ["FREQ=MONTHLY", every, ...dayOfMonth(pattern.dayOfMonth, shortMonths)];
    case "relativeMonthly":
      return ["FREQ=MONTHLY", every, days, position];
    case "absoluteYearly":
      return ["FREQ=YEARLY", every, `BYMONTH=${month}`, ...dayOfMonth(pattern.dayOfMonth, shortMonths)];
    case "relativeYearly":
      return ["FREQ=YEARLY", every, `BYMONTH=${month}`, days, position];
  }
}

function dayOfMonth(day: number, shortMonths: ShortMonths): readonly string[] {
  if (day <= 28 || shortMonths === "skip") return [`BYMONTHDAY=${day}`];
  const days = Array.from({ length: day - 27 }, (_, past) => 28 + past);
  return [`BYMONTHDAY=${days.join(",")}`, "BYSETPOS=-1"];
}

const short = (day: string) => day.slice(0, 2).toUpperCase();
const dateOf = (day: string) => new Date(`${day}T00:00:00Z`);
