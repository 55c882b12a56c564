import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { Attendee, CalendarProvider, EventFields } from "../providers/calendar/provider.ts";
import type { EventTime } from "../recurrence/event-time.ts";
import { toInstant, toLocal } from "../recurrence/instant.ts";
import { checkRecurrence } from "../recurrence/recurrence-rule.ts";

export { ianaName } from "../recurrence/iana-name.ts";

/** What a caller may say of an event. */
export type WritableFields = Omit<EventFields, "conferenceUrl" | "organizer">;

/** A time as callers give it; exactly one of its forms. */
export interface TimeInput {
  readonly dateTime?: Date | null | undefined;
  readonly localDateTime?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly date?: string | null | undefined;
}

const wallClock = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;
const maxTitleLength = 1000;
const maxTextLength = 100_000;
const maxAttendees = 500;
/** Four weeks, which every vendor takes. */
const maxReminderMinutes = 40_320;
const email = /^[^\s\p{Cc}@<>"]+@[^\s\p{Cc}@<>"]+$/u;

/**
 * What the graph's types cannot say of an event.
 *
 * @throws {IntegrationError} INVALID_INPUT with the field
 */
export function checkFields(fields: Partial<WritableFields>): void {
  const { title, description, location, start, end, recurrence, attendees } = fields;
  if (title !== undefined && title.length > maxTitleLength)
    throw invalid("title", `must have at most ${maxTitleLength} characters`);
  if (description && description.length > maxTextLength)
    throw invalid("description", `must have at most ${maxTextLength} characters`);
  if (location && location.length > maxTitleLength)
    throw invalid("location", `must have at most ${maxTitleLength} characters`);
  if (start && end) checkTimes(start, end);
  if (recurrence && recurrence.length > 0 && start) checkRule(recurrence, start);
  if (attendees) checkAttendees(attendees);
}

/**
 * What not every vendor's calendars can do.
 *
 * @throws {IntegrationError} UNSUPPORTED_CAPABILITY, INVALID_INPUT, with the field
 */
export function checkCapabilities(
  { name, conferences, reminders: possible }: Pick<CalendarProvider, "name" | "conferences" | "reminders">,
  { conference, reminders }: { readonly conference?: boolean; readonly reminders?: readonly number[] | null },
): void {
  if (conference && !conferences) {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${name} has no video meetings of its own`, {
      field: ["input", "conference"],
      remedy: "Leave it out, and put a link of your own into the location.",
    });
  }
  if (!reminders) return;
  if (!possible) {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", `${name} cannot set reminders`, {
      field: ["input", "reminders"],
    });
  }
  if (reminders.length > possible.max) throw invalid("reminders", `must be at most ${possible.max}`);
  const isPossible = (minutes: number) => minutes >= 0 && minutes <= maxReminderMinutes;
  if (!reminders.every(isPossible)) throw invalid("reminders", `must be 0 to ${maxReminderMinutes} minutes`);
}

/** @throws {IntegrationError} INVALID_INPUT with the field */
export function eventTimeIn({ dateTime, localDateTime, timeZone, date }: TimeInput, field: "start" | "end"): EventTime {
  const given = [dateTime, localDateTime, date].filter((form) => form != null).length;
  if (given !== 1) throw invalid(field, "must have exactly one of dateTime, localDateTime and date");
  if (date) return { kind: "date", date };
  if (dateTime) return { kind: "zoned", local: toLocal(dateTime, timeZone ?? "UTC"), timeZone: timeZone ?? "UTC" };
  if (!localDateTime || !timeZone) throw invalid(field, "needs a timeZone with its localDateTime");
  if (!wallClock.test(localDateTime) || !isRealTime(localDateTime)) {
    throw invalid(field, "must have a localDateTime such as 2026-03-02T10:00:00");
  }
  return { kind: "zoned", local: localDateTime, timeZone };
}

/** The instant of a timed event; of a floating one, its wall clock as if it were UTC. */
export function instantOfTime(time: EventTime): Date {
  return toInstant(time, "UTC");
}

/** The same error, with the field where callers gave it: adapters name the field of the event. */
export function inInput(error: unknown): unknown {
  if (!isIntegrationError(error) || error.field === undefined || error.field[0] === "input") return error;
  const { code, message, field } = error;
  return new IntegrationError(code, message, { ...error, cause: error, field: ["input", ...field] });
}

/** `Date` rolls 30 February over to March. */
function isRealTime(local: string): boolean {
  const date = new Date(`${local}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(local);
}

function checkRule(recurrence: readonly string[], start: EventTime): void {
  try {
    checkRecurrence(recurrence, start);
  } catch (error) {
    if (!isIntegrationError(error)) throw error;
    throw new IntegrationError(error.code, error.message, { ...error, cause: error, field: ["input", "recurrence"] });
  }
}

function checkTimes(start: EventTime, end: EventTime): void {
  if (start.kind !== end.kind)
    throw invalid("end", "must be of the same kind as start: both days, both floating, or both timed");
  const length = toInstant(end, "UTC").getTime() - toInstant(start, "UTC").getTime();
  if (length < 0) throw invalid("end", "must not be before start");
  if (length === 0 && start.kind === "date")
    throw invalid("end", "of an all-day event is exclusive, so it is at least a day after start");
}

function checkAttendees(attendees: readonly Attendee[]): void {
  if (attendees.length > maxAttendees) throw invalid("attendees", `must be at most ${maxAttendees}`);
  for (const [index, attendee] of attendees.entries()) {
    if (!email.test(attendee.email)) throw invalid(["attendees", String(index), "email"], "is not an e-mail address");
  }
}

function invalid(field: string | readonly string[], message: string): IntegrationError {
  const path = ["input", ...(typeof field === "string" ? [field] : field)];
  return new IntegrationError("INVALID_INPUT", `${path.at(-1)} ${message}`, { field: path });
}
