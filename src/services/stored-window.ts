import type { Interval } from "../providers/calendar/provider.ts";

const monthsBack = 12;
const monthsAhead = 24;
/** Series are expanded again every day; what was stored then is still complete this far ahead. */
const guaranteedMonthsAhead = 23;

/** Occurrences of series are stored from here to here when they are expanded now. */
export function storedWindow(now: Date): Interval {
  return { from: addMonths(now, -monthsBack), to: addMonths(now, monthsAhead) };
}

/** Occurrences of series are surely stored from here to here; outside they are computed on request. */
export function guaranteedWindow(now: Date): Interval {
  return { from: addMonths(now, -monthsBack), to: addMonths(now, guaranteedMonthsAhead) };
}

function addMonths(date: Date, months: number): Date {
  const moved = new Date(date);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  return moved;
}
