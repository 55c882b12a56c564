import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { addDuration, recurrenceKey, toInstant } from "../../../recurrence/instant.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import { excludingLine } from "../excluded-times.ts";
import type { Attendee, EventFields, RemoteEvent } from "../provider.ts";
import type { ShownEvent, ShownOccurrence } from "./shapes.ts";
import { readRecurrenceId, readTime, utc } from "./times.ts";

/** Whether the `end` of a whole day is the last of its days, or the day after it. */
export type DaysEnd = "inclusive" | "exclusive";

/**
 * A single, or a series.
 *
 * @param deleted the `recurrenceid` of each occurrence that was taken out
 * @throws {UnreadableEvent}
 */
export function readEvent(shown: ShownEvent, daysEnd: DaysEnd, deleted: readonly string[] = []): RemoteEvent {
  const fields = readFields(shown, daysEnd);
  const rule = ruleIn(shown, fields.start);
  const times = new Map(
    deleted.map((id) => readRecurrenceId(id, fields.start)).map((time) => [recurrenceKey(time), time]),
  );
  const excluded = [...times].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, time]) => excludingLine(time));
  const recurrence = rule === null ? [] : [`RRULE:${rule}`, ...excluded];
  return { ...fields, recurrence, uid: shown.uid, recurrenceId: null, sequence: 0 };
}

/** A changed occurrence. @param series when its series starts; null where the account was invited to the occurrence alone */
export function readOccurrence(shown: ShownEvent, daysEnd: DaysEnd, series: EventTime | null): RemoteEvent {
  const fields = readFields(shown, daysEnd);
  const recurrenceId = readRecurrenceId(shown.recurrenceid ?? "", series ?? fields.start);
  return { ...fields, recurrence: [], uid: shown.uid, recurrenceId, sequence: 0 };
}

function readFields(shown: ShownEvent, daysEnd: DaysEnd): EventFields {
  return {
    title: shown.title ?? "",
    description: shown.description || null,
    location: shown.location || null,
    conferenceUrl: shown.conference_data?.meetingUrl ?? null,
    reminders: [...new Set((shown.reminders ?? []).map(minutesOf))],
    status: "CONFIRMED",
    transparency: Number(shown.transparency ?? 0) === free ? "TRANSPARENT" : "OPAQUE",
    classification: shown.isprivate ? "PRIVATE" : "PUBLIC",
    organizer: organizerOf(shown),
    attendees: (shown.attendees ?? []).flatMap(readAttendee),
    ...readSpan(shown, daysEnd),
    recurrence: [],
  };
}

/** Of `transparency`; 0 is busy. */
export const free = 1;
/** Of `attendance`; 1 is required. */
export const optionalAttendance = 2;

/** When an event, or an occurrence, starts and ends. */
export function readSpan(
  shown: ShownOccurrence,
  daysEnd: DaysEnd,
): { readonly start: EventTime; readonly end: EventTime } {
  const { start: starts, end: ends, timezone } = shown.dateandtime;
  const isDay = shown.isallday === true;
  const [start, end] = [readTime(starts, timezone, isDay), readTime(ends, timezone, isDay)];
  if (!isDay) return { start, end };
  // The same day at both ends is one day, however days end.
  const isLast = daysEnd === "inclusive" || recurrenceKey(start) === recurrenceKey(end);
  return { start, end: isLast ? addDuration(end, dayMs) : end };
}

/** Whether it says of itself when it ends: more than a day does not, where nobody knows how days end. */
export function isAmbiguous({ isallday, dateandtime: { start, end } }: ShownOccurrence): boolean {
  return isallday === true && start.slice(0, 8) !== end.slice(0, 8);
}

/** Zoho says minutes before the start as a negative number; other programs have written positive ones. */
export function minutesOf({ minutes }: { readonly minutes: string | number }): number {
  return Math.abs(Number(minutes));
}

/** The rule of a series as RFC 5545 writes it; null for what is none. */
export function ruleIn({ rrule, repeat }: ShownEvent, start: EventTime): string | null {
  const text = rrule?.replace(/^RRULE:/i, "") || partsOf([repeat ?? []].flat()[0]);
  if (!text) return null;
  // A wall clock, where RFC 5545 §3.3.10 wants UTC.
  return text.toUpperCase().replace(/UNTIL=(\d{8}T\d{6})(?!Z)/, (_, local: string) => {
    const zone = start.kind === "zoned" ? start.timeZone : "UTC";
    return `UNTIL=${utc(toInstant(readTime(local, zone, false), zone))}`;
  });
}

function partsOf(repeat: Readonly<Record<string, string | number>> | undefined): string {
  return Object.entries(repeat ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(";");
}

const responses: Readonly<Record<string, Attendee["response"]>> = {
  ACCEPTED: "ACCEPTED",
  DECLINED: "DECLINED",
  TENTATIVE: "TENTATIVE",
};
const answers: readonly Attendee["response"][] = ["NEEDS_ACTION", "ACCEPTED", "DECLINED", "TENTATIVE"];

/** What the account's owner answered as a guest; null where they are none. */
export function ownResponse({ role, rsvpStatus }: ShownEvent): Attendee["response"] | null {
  return role === "attendee" ? (answers[Number(rsvpStatus ?? 0)] ?? null) : null;
}

function readAttendee({ email, name, status, attendance }: NonNullable<ShownEvent["attendees"]>[number]): Attendee[] {
  if (!email) return [];
  const response = responses[status?.toUpperCase() ?? ""] ?? "NEEDS_ACTION";
  return [{ email: email.toLowerCase(), name: name || null, response, optional: attendance === optionalAttendance }];
}

function organizerOf({ organizer }: ShownEvent): EventFields["organizer"] {
  if (!organizer) return null;
  const { email, name } = typeof organizer === "string" ? { email: organizer, name: null } : organizer;
  return email.includes("@") ? { email: email.toLowerCase(), name: name || null } : null;
}

/** What only its organizer may change. @throws {IntegrationError} UNSUPPORTED_CAPABILITY */
export function requireOrganizer({ role, title }: ShownEvent): void {
  if (role === "attendee") {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", "At Zoho only its organizer can change an event", {
      remedy: "Ask the organizer.",
    });
  }
  // To write such an event would be to empty it.
  if (title === undefined || title === null) {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Zoho does not show the details of this event", {
      remedy: "Ask the owner of the calendar to change it.",
    });
  }
}
