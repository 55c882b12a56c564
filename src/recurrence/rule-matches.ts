import { type CalendarDay, calendarDay, isNthWeekday, isNumbered, weekOf } from "./calendar-day.ts";
import type { Frequency, RecurrenceRule } from "./rrule.ts";
import { dayMs, type WallClock } from "./wall-clock.ts";

/**
 * The wall clocks in `[from, to]` that match a rule, in order, from the series' start on (RFC 5545 §3.3.10).
 * The rule's UNTIL is the caller's to heed, for it needs a zone; its COUNT is heeded, and the start always counts as
 * the first, whether or not it matches.
 *
 * Goes through the rule's periods (its years, months …) one after the other, so that it always comes to an end; without
 * a COUNT it begins with those near `from`.
 */
export function* ruleMatches(
  rule: RecurrenceRule,
  start: WallClock,
  { from, to }: { readonly from: WallClock; readonly to: WallClock },
): Generator<WallClock> {
  const filledIn = fillIn(rule, start);
  const periodAt = periodsOf(filledIn, start);
  let remaining = rule.count ?? Number.POSITIVE_INFINITY;
  let first = true;
  for (let index = rule.count === undefined ? periodsBefore(from, filledIn, start) : 0; ; index++) {
    const period = periodAt(index);
    if (period.begin > to) return;
    for (const match of matchesOf(period, filledIn)) {
      if (match < start) continue;
      if (first && match !== start) remaining--;
      first = false;
      if (match > to || remaining <= 0) return;
      remaining--;
      if (match >= from) yield match;
    }
  }
}

/** `[begin, end)` */
interface Period {
  readonly begin: WallClock;
  readonly end: WallClock;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** A period of each frequency is at most this long. */
const longestMs: Readonly<Record<Frequency, number>> = {
  HOURLY: hourMs,
  DAILY: dayMs,
  WEEKLY: 7 * dayMs,
  MONTHLY: 31 * dayMs,
  YEARLY: 366 * dayMs,
};

/** How many periods can be left out because they end before `from`. */
function periodsBefore(from: WallClock, { frequency, interval }: RecurrenceRule, start: WallClock): number {
  return Math.max(0, Math.floor((from - start) / (longestMs[frequency] * interval)) - 1);
}

function periodsOf({ frequency, interval, weekStart }: RecurrenceRule, start: WallClock): (index: number) => Period {
  const date = new Date(start);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (frequency === "YEARLY") {
    return (index) => {
      const periodYear = year + index * interval;
      return { begin: Date.UTC(periodYear, 0, 1), end: Date.UTC(periodYear + 1, 0, 1) };
    };
  }
  if (frequency === "MONTHLY") {
    return (index) => {
      const periodMonth = month + index * interval;
      return { begin: Date.UTC(year, periodMonth, 1), end: Date.UTC(year, periodMonth + 1, 1) };
    };
  }
  const lengthMs = longestMs[frequency];
  const midnight = floorTo(dayMs, start);
  const base = {
    HOURLY: floorTo(hourMs, start),
    DAILY: midnight,
    WEEKLY: midnight - ((date.getUTCDay() - weekStart + 7) % 7) * dayMs,
  }[frequency];
  return (index) => {
    const begin = base + index * interval * lengthMs;
    return { begin, end: begin + lengthMs };
  };
}

/** "Information […] necessary to determine the various recurrence instance start time and dates are derived from DTSTART." */
function fillIn(rule: RecurrenceRule, start: WallClock): RecurrenceRule {
  const date = new Date(start);
  const namesDays = [rule.monthDays, rule.yearDays, rule.weekdays].some((part) => part.length > 0);
  const byWeek = rule.frequency === "WEEKLY" || rule.weekNumbers.length > 0;
  const byMonth = rule.frequency === "MONTHLY" || rule.frequency === "YEARLY";
  const sameMonth = rule.frequency === "YEARLY" && rule.months.length === 0;
  return {
    ...rule,
    ...(!namesDays && byWeek && { weekdays: [{ weekday: date.getUTCDay(), nth: 0 }] }),
    ...(!namesDays && !byWeek && byMonth && { monthDays: [date.getUTCDate()] }),
    ...(!namesDays && !byWeek && sameMonth && { months: [date.getUTCMonth() + 1] }),
    ...(rule.hours.length === 0 && rule.frequency !== "HOURLY" && { hours: [date.getUTCHours()] }),
    ...(rule.minutes.length === 0 && { minutes: [date.getUTCMinutes()] }),
    ...(rule.seconds.length === 0 && { seconds: [date.getUTCSeconds()] }),
  };
}

function matchesOf(period: Period, rule: RecurrenceRule): Iterable<WallClock> {
  if (rule.setPositions.length === 0) return timesOf(period, rule);
  const set = [...timesOf(period, rule)];
  return set.filter((_, index) => isNumbered(rule.setPositions, index + 1, set.length));
}

/** In order, though the lists of a rule need not be. */
function* timesOf(period: Period, rule: RecurrenceRule): Generator<WallClock> {
  const times = timesOfDay(period, rule);
  for (let midnight = floorTo(dayMs, period.begin); midnight < period.end; midnight += dayMs) {
    if (times.length === 0 || !matchesDay(calendarDay(midnight), rule)) continue;
    for (const time of times) yield midnight + time;
  }
}

/** In milliseconds since midnight. */
function timesOfDay({ begin }: Period, { frequency, hours, minutes, seconds }: RecurrenceRule): number[] {
  const hour = (begin - floorTo(dayMs, begin)) / hourMs;
  const periodHours = frequency !== "HOURLY" ? hours : hours.length === 0 || hours.includes(hour) ? [hour] : [];
  const times = periodHours.flatMap((h) =>
    minutes.flatMap((m) => seconds.map((s) => h * hourMs + m * minuteMs + s * 1000)),
  );
  return [...new Set(times)].sort((a, b) => a - b);
}

function matchesDay(day: CalendarDay, rule: RecurrenceRule): boolean {
  const { months, monthDays, yearDays, weekNumbers, weekdays } = rule;
  if (months.length > 0 && !months.includes(day.month)) return false;
  if (monthDays.length > 0 && !isNumbered(monthDays, day.monthDay, day.daysInMonth)) return false;
  if (yearDays.length > 0 && !isNumbered(yearDays, day.yearDay, day.daysInYear)) return false;
  if (weekdays.length > 0 && !weekdays.some((weekday) => isNthWeekday(day, weekday, nthOf(rule)))) return false;
  if (weekNumbers.length === 0) return true;
  const week = weekOf(day, rule.weekStart);
  return isNumbered(weekNumbers, week.number, week.last);
}

function nthOf({ frequency, months, weekNumbers }: RecurrenceRule): "month" | "year" | "each" {
  if (frequency === "MONTHLY") return "month";
  if (frequency !== "YEARLY" || weekNumbers.length > 0) return "each";
  return months.length > 0 ? "month" : "year";
}

function floorTo(unitMs: number, wallClock: WallClock): WallClock {
  return Math.floor(wallClock / unitMs) * unitMs;
}
