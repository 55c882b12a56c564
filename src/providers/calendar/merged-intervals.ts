import type { Interval } from "./provider.ts";

/** Sorted by start; those that overlap or touch are one. */
export function mergedIntervals(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = [...intervals].sort((one, other) => one.from.getTime() - other.from.getTime());
  const result: Interval[] = [];
  for (const interval of sorted) {
    const last = result.at(-1);
    if (last && interval.from <= last.to)
      result[result.length - 1] = { from: last.from, to: interval.to > last.to ? interval.to : last.to };
    else result.push(interval);
  }
  return result;
}
