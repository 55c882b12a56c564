import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey, zonedAt } from "../../../recurrence/instant.ts";
import { parseRecurrence } from "../../../recurrence/recurrence-lines.ts";
import { timeZoneOf } from "../../../recurrence/time-zone.ts";
import { excludingLine } from "../excluded-times.ts";
import type { Attendee, EventFields, RemoteEvent } from "../provider.ts";
import type { GoogleEvent, GoogleTime } from "./shapes.ts";

/** A single, or the master of a series. @throws {IntegrationError} PROVIDER_REPLY_INVALID */
export function readEvent(event: GoogleEvent, exceptions: readonly GoogleEvent[] = []): RemoteEvent {
  const fields = readFields(event);
  const recurrence = [...(event.recurrence ?? []), ...cancelledLines(event.recurrence ?? [], fields.start, exceptions)];
  return { ...fields, recurrence, uid: uidOf(event), recurrenceId: null, sequence: event.sequence ?? 0 };
}

/** A changed occurrence of a series. @param series when it starts, which gives the zone that occurrences are named in */
export function readException(event: GoogleEvent, series: EventTime | null): RemoteEvent {
  const recurrenceId = originalStart(event, series);
  if (recurrenceId === null) throw unreadable("It has no original start");
  return { ...readFields(event), recurrence: [], uid: uidOf(event), recurrenceId, sequence: event.sequence ?? 0 };
}

export function originalStart({ originalStartTime }: GoogleEvent, series: EventTime | null): EventTime | null {
  if (!originalStartTime) return null;
  const time = readTime(originalStartTime);
  if (time.kind !== "zoned" || series?.kind !== "zoned" || !originalStartTime.dateTime) return time;
  return zonedAt(new Date(originalStartTime.dateTime), series.timeZone);
}

export function readTime(time: GoogleTime | null | undefined): EventTime {
  if (time?.date) return { kind: "date", date: time.date };
  const at = new Date(time?.dateTime ?? "");
  if (Number.isNaN(at.getTime())) throw unreadable("It has no start or no end");
  // Google always sends an offset; without a zone beside it nobody knows more than the instant.
  return zonedAt(at, timeZoneOf(time?.timeZone ?? "UTC").timeZone);
}

function readFields(event: GoogleEvent): EventFields {
  const { organizer } = event;
  return {
    title: event.summary ?? "",
    description: event.description || null,
    location: event.location || null,
    conferenceUrl: conferenceUrlOf(event),
    reminders: remindersOf(event),
    status: statuses[event.status] ?? "CONFIRMED",
    transparency: event.transparency === "transparent" ? "TRANSPARENT" : "OPAQUE",
    classification: classifications[event.visibility ?? ""] ?? "PUBLIC",
    organizer: organizer?.email ? { email: organizer.email.toLowerCase(), name: organizer.displayName ?? null } : null,
    attendees: (event.attendees ?? []).flatMap(readAttendee),
    start: readTime(event.start),
    end: readTime(event.end),
    recurrence: [],
  };
}

const statuses: Readonly<Record<string, EventFields["status"]>> = {
  confirmed: "CONFIRMED",
  tentative: "TENTATIVE",
  cancelled: "CANCELLED",
};
const classifications: Readonly<Record<string, EventFields["classification"]>> = {
  private: "PRIVATE",
  confidential: "CONFIDENTIAL",
};
const responses: Readonly<Record<string, Attendee["response"]>> = {
  accepted: "ACCEPTED",
  declined: "DECLINED",
  tentative: "TENTATIVE",
};

/** Rooms are among Google's attendees, and are nobody. */
function readAttendee(attendee: NonNullable<GoogleEvent["attendees"]>[number]): Attendee[] {
  const { email, displayName, responseStatus, optional, resource } = attendee;
  if (!email || resource) return [];
  const response = responses[responseStatus ?? ""] ?? "NEEDS_ACTION";
  return [{ email: email.toLowerCase(), name: displayName ?? null, response, optional: optional === true }];
}

/** Pop-ups, the longest first; null follows the calendar's own. */
function remindersOf({ reminders }: GoogleEvent): readonly number[] | null {
  if (reminders?.useDefault !== false) return null;
  const popups = (reminders.overrides ?? []).filter(({ method }) => method === "popup");
  return popups.map(({ minutes }) => minutes).sort((one, other) => other - one);
}

function conferenceUrlOf({ conferenceData, hangoutLink }: GoogleEvent): string | null {
  const video = conferenceData?.entryPoints?.find(({ entryPointType }) => entryPointType === "video");
  return video?.uri ?? hangoutLink ?? null;
}

function uidOf({ iCalUID, id }: GoogleEvent): string {
  return iCalUID || `${id}@google.com`;
}

/** Google has a cancelled exception where iCalendar has an EXDATE. */
function cancelledLines(lines: readonly string[], start: EventTime, exceptions: readonly GoogleEvent[]): string[] {
  const excluded = new Set(excludedKeys(lines));
  return exceptions.flatMap((exception) => {
    const time = exception.status === "cancelled" ? originalStart(exception, start) : null;
    return time === null || excluded.has(recurrenceKey(time)) ? [] : [excludingLine(time)];
  });
}

function excludedKeys(lines: readonly string[]): string[] {
  try {
    return parseRecurrence(lines).exceptionDates.map(recurrenceKey);
  } catch {
    // Lines that nobody can read are told when the series is expanded.
    return [];
  }
}

function unreadable(message: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", message);
}
