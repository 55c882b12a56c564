import { DateTime } from "luxon";
import type { Interval } from "../../src/providers/calendar/provider.ts";
import { type WorkingHoursInput, weekdays } from "../../src/services/meeting-slots.ts";

export interface Person {
  readonly userId: string;
  readonly optional: boolean;
  readonly timeZone: string;
  readonly workingHours: readonly WorkingHoursInput[];
  /** On whole minutes. */
  readonly busy: readonly Interval[];
}

export interface Meeting {
  readonly within: Interval;
  readonly timeZone: string;
  readonly durationMinutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  readonly granularityMinutes: number;
}

const minuteMs = 60_000;

/** When these people can meet, found by looking at every single minute; none of the service's arithmetic is in it. */
export function slotsMinuteByMinute(people: readonly Person[], meeting: Meeting): string[] {
  const { within, durationMinutes: length, bufferBeforeMinutes: before, bufferAfterMinutes: after } = meeting;
  const first = within.from.getTime() / minuteMs;
  const last = within.to.getTime() / minuteMs;
  const known = people.map((person) => ({
    ...person,
    works: minutesIn(person.workingHours.flatMap((hours) => workOf(hours, person.timeZone, within))),
    isBusy: minutesIn(person.busy),
  }));
  const canMeet = ({ works, isBusy }: (typeof known)[number], start: number): boolean => {
    for (let minute = start; minute < start + length; minute++) if (!works.has(minute)) return false;
    for (let minute = start - before; minute < start + length + after; minute++) if (isBusy.has(minute)) return false;
    return true;
  };
  const slots: string[] = [];
  for (let start = first; start + length <= last; start++) {
    const shown = DateTime.fromMillis(start * minuteMs, { zone: meeting.timeZone });
    if ((shown.hour * 60 + shown.minute) % meeting.granularityMinutes !== 0) continue;
    if (!known.every((person) => person.optional || canMeet(person, start))) continue;
    const free = known.filter((person) => person.optional && canMeet(person, start)).map(({ userId }) => userId);
    slots.push([new Date(start * minuteMs).toISOString(), ...free].join(" "));
  }
  return slots;
}

function workOf({ days, start, end }: WorkingHoursInput, zone: string, { from, to }: Interval): Interval[] {
  const work: Interval[] = [];
  const lastDay = DateTime.fromJSDate(to, { zone }).plus({ days: 2 });
  for (let day = DateTime.fromJSDate(from, { zone }).minus({ days: 2 }); day < lastDay; day = day.plus({ days: 1 })) {
    if (!days.includes(weekdays[day.weekday % 7] ?? "MONDAY")) continue;
    work.push({
      from: firstTime(day, start, zone),
      to: firstTime(end <= start ? day.plus({ days: 1 }) : day, end, zone),
    });
  }
  return work;
}

/** When clocks first show it; luxon, too, moves a time that they skip forward by the gap. */
function firstTime(day: DateTime, time: string, zone: string): Date {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const { year, month, day: monthDay } = hour === 24 ? day.plus({ days: 1 }) : day;
  const shown = DateTime.fromObject({ year, month, day: monthDay, hour: hour % 24, minute }, { zone });
  return new Date(Math.min(...shown.getPossibleOffsets().map((one) => one.toMillis())));
}

function minutesIn(intervals: readonly Interval[]): ReadonlySet<number> {
  const minutes = new Set<number>();
  for (const { from, to } of intervals) {
    for (let at = from.getTime(); at < to.getTime(); at += minuteMs) minutes.add(at / minuteMs);
  }
  return minutes;
}
