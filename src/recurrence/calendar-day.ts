import type { NthWeekday, Weekday } from "./rrule.ts";
import { dayMs, type WallClock } from "./wall-clock.ts";

/** A day of the Gregorian calendar, with the numbers that recurrence rules name days by. All but `weekday` from 1. */
export interface CalendarDay {
  /** Its midnight. */
  readonly wallClock: WallClock;
  readonly month: number;
  readonly monthDay: number;
  readonly daysInMonth: number;
  readonly yearDay: number;
  readonly daysInYear: number;
  readonly weekday: Weekday;
}

export function calendarDay(midnight: WallClock): CalendarDay {
  const date = new Date(midnight);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const yearStart = Date.UTC(year, 0, 1);
  return {
    wallClock: midnight,
    month: month + 1,
    monthDay: date.getUTCDate(),
    daysInMonth: new Date(Date.UTC(year, month + 1, 0)).getUTCDate(),
    yearDay: (midnight - yearStart) / dayMs + 1,
    daysInYear: (Date.UTC(year + 1, 0, 1) - yearStart) / dayMs,
    weekday: date.getUTCDay(),
  };
}

/** Whether a day is one of the numbers, of which negative ones count back from `last`. */
export function isNumbered(numbers: readonly number[], position: number, last: number): boolean {
  return numbers.includes(position) || numbers.includes(position - last - 1);
}

/** Whether it is the nth of its weekday in the month or the year, or in case of "each" merely that weekday. */
export function isNthWeekday(day: CalendarDay, { weekday, nth }: NthWeekday, of: "month" | "year" | "each"): boolean {
  if (day.weekday !== weekday) return false;
  if (nth === 0 || of === "each") return true;
  const [position, last] = of === "month" ? [day.monthDay, day.daysInMonth] : [day.yearDay, day.daysInYear];
  return nth > 0 ? Math.ceil(position / 7) === nth : Math.ceil((last - position + 1) / 7) === -nth;
}

/**
 * The week a day is in, and how many the week's year has. Week 1 is the first with four days in the year
 * (RFC 5545 §3.3.10, BYWEEKNO), so that the first days of January may be in week 53.
 */
export function weekOf(day: CalendarDay, weekStart: Weekday): { readonly number: number; readonly last: number } {
  const weekBegin = day.wallClock - ((day.weekday - weekStart + 7) % 7) * dayMs;
  const year = new Date(weekBegin + 3 * dayMs).getUTCFullYear();
  const first = firstWeek(year, weekStart);
  return {
    number: (weekBegin - first) / (7 * dayMs) + 1,
    last: (firstWeek(year + 1, weekStart) - first) / (7 * dayMs),
  };
}

/** The midnight with which week 1 of a year begins. */
function firstWeek(year: number, weekStart: Weekday): WallClock {
  // 4 January is in week 1, whatever day weeks start on.
  const fourth = Date.UTC(year, 0, 4);
  return fourth - ((new Date(fourth).getUTCDay() - weekStart + 7) % 7) * dayMs;
}
