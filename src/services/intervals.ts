import { mergedIntervals } from "../providers/calendar/merged-intervals.ts";
import type { Interval } from "../providers/calendar/provider.ts";

/** Time that is taken; `tentative` when nothing firm takes it. */
export interface BusyTime extends Interval {
  readonly tentative: boolean;
}

/** What is in both. Both are sorted and do not overlap, and neither does what is returned. */
export function intersection(ones: readonly Interval[], others: readonly Interval[]): Interval[] {
  const found: Interval[] = [];
  let next = 0;
  for (const one of ones) {
    let other = others[next];
    while (other && other.to <= one.from) other = others[++next];
    for (let index = next; other && other.from < one.to; other = others[++index]) {
      found.push({
        from: other.from > one.from ? other.from : one.from,
        to: other.to < one.to ? other.to : one.to,
      });
    }
  }
  return found;
}

/** What is left of the first ones. As in {@link intersection}, all are sorted and apart. */
export function without(intervals: readonly Interval[], taken: readonly Interval[]): Interval[] {
  const ends = [beginningOfTime, ...taken.map(({ to }) => to)];
  const gaps = ends.map((from, index) => ({ from, to: taken[index]?.from ?? endOfTime }));
  return intersection(intervals, gaps);
}

/** As far as a Date can tell. */
const beginningOfTime = new Date(-8.64e15);
const endOfTime = new Date(8.64e15);

/** What is taken within an interval: sorted, apart, and cut off at its edges. What has no length takes nothing. */
export function busyTimes(taken: readonly BusyTime[], within: Interval): BusyTime[] {
  const merged = (tentative: boolean) =>
    mergedIntervals(taken.filter((one) => one.tentative === tentative && one.from < one.to));
  const firm = intersection(merged(false), [within]);
  const tentative = without(intersection(merged(true), [within]), firm);
  return [
    ...firm.map((one) => ({ ...one, tentative: false })),
    ...tentative.map((one) => ({ ...one, tentative: true })),
  ].sort((one, other) => one.from.getTime() - other.from.getTime());
}
