import type { Window } from "./occurrences.ts";
import type { Weekday } from "./rrule.ts";
import { dayMs, instantOf, wallClockOf } from "./wall-clock.ts";

/** The same hours on some days of the week, on the clocks of a zone. */
export interface WorkingHours {
  readonly weekdays: readonly Weekday[];
  /** Since midnight. */
  readonly startMinute: number;
  /** Since the same midnight, later than `startMinute`; more than 1440 goes on past the next one. */
  readonly endMinute: number;
}

const minuteMs = 60_000;

/**
 * When somebody works, as far as it overlaps the window: from when the clocks show the start until they show the end. A
 * time that the clocks skip moves forward by the gap, of one that they repeat it is the first, so that a night's work can
 * be an hour longer or shorter. In no order; what overlaps is not joined.
 *
 * @param timeZone IANA
 */
export function workingTimes(hours: readonly WorkingHours[], timeZone: string, { from, to }: Window): Window[] {
  const times: Window[] = [];
  // A night may have begun on the day before, and clocks may have been moved in it.
  const firstDay = dayOf(wallClockOf(from.getTime(), timeZone)) - 2 * dayMs;
  for (let midnight = firstDay; midnight <= wallClockOf(to.getTime(), timeZone) + dayMs; midnight += dayMs) {
    for (const { weekdays, startMinute, endMinute } of hours) {
      if (!weekdays.includes(new Date(midnight).getUTCDay())) continue;
      const start = new Date(instantOf(midnight + startMinute * minuteMs, timeZone));
      const end = new Date(instantOf(midnight + endMinute * minuteMs, timeZone));
      if (start < end && start < to && end > from) times.push({ from: start, to: end });
    }
  }
  return times;
}

/** Whole minutes since midnight that clocks in the zone show. */
export function minuteOfDay(instantMs: number, timeZone: string): number {
  const wallClock = wallClockOf(instantMs, timeZone);
  return Math.floor((wallClock - dayOf(wallClock)) / minuteMs);
}

function dayOf(wallClock: number): number {
  return Math.floor(wallClock / dayMs) * dayMs;
}
