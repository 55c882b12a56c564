import { mergedIntervals } from "../providers/calendar/merged-intervals.ts";
import type { Interval } from "../providers/calendar/provider.ts";
import { minuteOfDay } from "../recurrence/working-hours.ts";
import { intersection, without } from "./intervals.ts";

export interface Buffers {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** Where a meeting with these buffers around it can be, from its start to its end. Buffers may be outside of the working hours. */
export function openTimes(
  working: readonly Interval[],
  busy: readonly Interval[],
  { beforeMs, afterMs }: Buffers,
): Interval[] {
  const kept = busy.map(({ from, to }) => ({
    from: new Date(from.getTime() - afterMs),
    to: new Date(to.getTime() + beforeMs),
  }));
  return without(mergedIntervals(working), mergedIntervals(kept));
}

/** Somebody, and where a meeting with them can be. */
export interface Openness {
  readonly userId: string;
  readonly open: readonly Interval[];
}

export interface SlotSearch {
  readonly within: Interval;
  readonly required: readonly Openness[];
  readonly optional: readonly Openness[];
  readonly durationMs: number;
  /** Starts are where clocks in `timeZone` show a multiple of it since midnight. */
  readonly granularityMinutes: number;
  readonly timeZone: string;
  readonly maxSlots: number;
}

export interface Slot {
  readonly start: Date;
  readonly end: Date;
  /** Of the optional ones. */
  readonly freeUserIds: readonly string[];
}

/** The first slots in which everybody who is required can meet. */
export function freeSlots(search: SlotSearch): Slot[] {
  const { within, required, optional, durationMs, maxSlots } = search;
  const common = required.reduce<readonly Interval[]>((open, one) => intersection(open, one.open), [within]);
  const slots: Slot[] = [];
  for (const open of common) {
    for (const startMs of startsIn(open, search)) {
      const slot = { from: new Date(startMs), to: new Date(startMs + durationMs) };
      const freeUserIds = optional.filter((one) => fits(slot, one.open)).map(({ userId }) => userId);
      slots.push({ start: slot.from, end: slot.to, freeUserIds });
      if (slots.length === maxSlots) return slots;
    }
  }
  return slots;
}

const minuteMs = 60_000;

/** Looks at every minute: whatever clocks do in between, none is missed. */
function* startsIn(
  { from, to }: Interval,
  { granularityMinutes, timeZone, durationMs }: Pick<SlotSearch, "granularityMinutes" | "timeZone" | "durationMs">,
): Generator<number> {
  const firstMs = Math.ceil(from.getTime() / minuteMs) * minuteMs;
  for (let startMs = firstMs; startMs + durationMs <= to.getTime(); startMs += minuteMs) {
    if (minuteOfDay(startMs, timeZone) % granularityMinutes === 0) yield startMs;
  }
}

function fits(slot: Interval, open: readonly Interval[]): boolean {
  return open.some(({ from, to }) => from <= slot.from && slot.to <= to);
}
