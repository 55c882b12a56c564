import type { Problem } from "../entities/problem.ts";
import { IntegrationError } from "../errors.ts";
import type { Interval } from "../providers/calendar/provider.ts";
import { type WorkingHours, workingTimes } from "../recurrence/working-hours.ts";
import { type CalendarBusy, checkRange, type FreeBusy } from "./free-busy.ts";
import { type Buffers, freeSlots, type Openness, openTimes, type Slot } from "./free-slots.ts";
import { requireScope, type Viewer } from "./viewer.ts";

/** Hours of work as callers give them. */
export interface WorkingHoursInput {
  readonly days: readonly Weekday[];
  /** `HH:MM` */
  readonly start: string;
  /** `HH:MM`; before `start` it is on the following day. `24:00` is the end of the day. */
  readonly end: string;
}

export interface MeetingParticipant {
  readonly userId: string;
  readonly optional: boolean;
  /** Null takes those of the meeting. */
  readonly timeZone: string | null;
  readonly workingHours: readonly WorkingHoursInput[] | null;
}

export interface MeetingRequest {
  readonly participants: readonly MeetingParticipant[];
  readonly within: Interval;
  /** IANA */
  readonly timeZone: string;
  readonly workingHours: readonly WorkingHoursInput[];
  readonly durationMinutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  readonly granularityMinutes: number;
  readonly maxSlots: number;
  readonly fresh: boolean;
}

export const weekdays = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"] as const;
export type Weekday = (typeof weekdays)[number];

/** Unless somebody says otherwise. */
export const officeHours: readonly WorkingHoursInput[] = [
  { days: ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"], start: "09:00", end: "17:00" },
];

const minuteMs = 60_000;
const minutesOfDay = 24 * 60;
const maxParticipants = 50;
const maxSlots = 200;
const maxHours = 50;

/** When people can meet: while they work, and with nothing else in their calendars. */
export class MeetingSlots {
  constructor(private readonly freeBusy: Pick<FreeBusy, "read">) {}

  /**
   * The first slots in which everybody who is required can meet, by start.
   *
   * @throws {IntegrationError} INVALID_INPUT with the field; PREREQUISITE_MISSING when it cannot be told when somebody
   *   who is required is busy
   */
  async find(viewer: Viewer, request: MeetingRequest): Promise<Slot[]> {
    requireScope(viewer, "calendar:read");
    check(request);
    const { participants, within, timeZone, durationMinutes, granularityMinutes } = request;
    const people = participants.map((participant, index) => ({
      ...participant,
      timeZone: participant.timeZone ?? timeZone,
      hours: participant.workingHours
        ? workingHoursIn(participant.workingHours, ["participants", String(index), "workingHours"])
        : workingHoursIn(request.workingHours, ["workingHours"]),
    }));
    const buffers = {
      beforeMs: request.bufferBeforeMinutes * minuteMs,
      afterMs: request.bufferAfterMinutes * minuteMs,
    };
    const busy = await this.busyOf(viewer, people, around(within, buffers), request);

    const openness = people.map(({ userId, optional, hours, timeZone: zone }, index) => {
      const taken = busy.filter((calendar) => calendar.userId === userId);
      const unread = taken.find((calendar) => calendar.busy === null);
      if (unread && !optional) throw cannotTell(index, unread.problem);
      const times = taken.flatMap((calendar) => calendar.busy ?? []);
      return { userId, optional, open: unread ? [] : openTimes(workingTimes(hours, zone, within), times, buffers) };
    });
    const those = (optional: boolean): Openness[] => openness.filter((one) => one.optional === optional);
    return freeSlots({
      within,
      required: those(false),
      optional: those(true),
      durationMs: durationMinutes * minuteMs,
      granularityMinutes,
      timeZone,
      maxSlots: request.maxSlots,
    });
  }

  private busyOf(
    viewer: Viewer,
    people: readonly { readonly userId: string; readonly timeZone: string }[],
    within: Interval,
    { timeZone, fresh }: MeetingRequest,
  ): Promise<CalendarBusy[]> {
    const zones = new Map<string | null, string>(people.map((one) => [one.userId, one.timeZone]));
    const whose = { userIds: people.map(({ userId }) => userId), integrationIds: [], calendarIds: [] };
    return this.freeBusy.read(viewer, whose, within, { timeZoneOf: (userId) => zones.get(userId) ?? timeZone, fresh });
  }
}

/** As far as a calendar matters for a meeting with buffers. */
function around({ from, to }: Interval, { beforeMs, afterMs }: Buffers): Interval {
  return { from: new Date(from.getTime() - beforeMs), to: new Date(to.getTime() + afterMs) };
}

function check(request: MeetingRequest): void {
  checkRange(request.within);
  const bounds = {
    durationMinutes: [1, minutesOfDay],
    bufferBeforeMinutes: [0, minutesOfDay],
    bufferAfterMinutes: [0, minutesOfDay],
    granularityMinutes: [1, minutesOfDay],
    maxSlots: [1, maxSlots],
  } as const;
  for (const [name, [least, most]] of Object.entries(bounds)) {
    const value = request[name as keyof typeof bounds];
    if (value < least || value > most) throw invalid([name], `must be ${least} to ${most}, not ${value}`);
  }
  const { participants } = request;
  const names = participants.map(({ userId }) => userId);
  if (names.length > maxParticipants) throw invalid(["participants"], `must be at most ${maxParticipants}`);
  if (new Set(names).size < names.length) throw invalid(["participants"], "must name everybody once");
  if (participants.every(({ optional }) => optional)) {
    throw invalid(["participants"], "must have somebody who is not optional");
  }
}

/** @throws {IntegrationError} INVALID_INPUT with the field */
function workingHoursIn(hours: readonly WorkingHoursInput[], field: readonly string[]): WorkingHours[] {
  if (hours.length > maxHours) throw invalid(field, `must be at most ${maxHours}`);
  return hours.map(({ days, start, end }, index) => {
    const path = [...field, String(index)];
    const startMinute = minuteIn(start, [...path, "start"]);
    const endMinute = minuteIn(end, [...path, "end"]);
    if (startMinute === minutesOfDay) throw invalid([...path, "start"], "must be before 24:00");
    if (startMinute === endMinute) throw invalid([...path, "end"], "must not be start; a whole day is 00:00 to 24:00");
    return {
      weekdays: days.map((day) => weekdays.indexOf(day)),
      startMinute,
      endMinute: endMinute < startMinute ? endMinute + minutesOfDay : endMinute,
    };
  });
}

function minuteIn(text: string, field: readonly string[]): number {
  const [, hour, minute] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  const minutes = Number(hour) * 60 + Number(minute);
  if (!(minutes <= minutesOfDay)) throw invalid(field, "must be a time of day such as 09:00");
  return minutes;
}

/** Nobody whose calendar cannot be read is taken to be free. */
function cannotTell(index: number, problem: Problem | null): IntegrationError {
  return new IntegrationError(
    "PREREQUISITE_MISSING",
    `When a participant is free cannot be told: ${problem?.message}`,
    {
      field: ["input", "participants", String(index), "userId"],
      remedy: problem?.remedy ?? undefined,
      retryable: problem?.retryable,
    },
  );
}

function invalid(field: readonly string[], message: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", `${field.at(-1)} ${message}`, { field: ["input", ...field] });
}
