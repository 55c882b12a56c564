import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { toLocal, zonedAt } from "../../../recurrence/instant.ts";
import { timeZoneOf } from "../../../recurrence/time-zone.ts";
import { excludingLine, onDay } from "../excluded-times.ts";
import type { Attendee, EventFields, RemoteEvent } from "../provider.ts";
import { ownText } from "./body.ts";
import { ruleLine } from "./patterned-recurrence.ts";
import type { GraphEvent, GraphTime } from "./shapes.ts";

/**
 * A single, or the master of a series.
 *
 * @param cancelled the days, on the clocks of the series, of what was taken out
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID
 */
export function readEvent(event: GraphEvent, cancelled: readonly string[] = []): RemoteEvent {
  const fields = readFields(event);
  const lines = event.recurrence ? [ruleLine(event.recurrence, fields.start)] : [];
  const excluded = cancelled
    .toSorted()
    .map((date) => excludingLine(onDay(fields.start, dayOf(event, fields.start, date))));
  return { ...fields, recurrence: [...lines, ...excluded], uid: uidOf(event), recurrenceId: null, sequence: 0 };
}

/** A changed occurrence. @param series when its series starts, which gives the zone that occurrences are named in */
export function readException(event: GraphEvent, series: EventTime | null): RemoteEvent {
  const recurrenceId = originalStart(event, series);
  if (recurrenceId === null) throw unreadable("It has no original start");
  return { ...readFields(event), recurrence: [], uid: uidOf(event), recurrenceId, sequence: 0 };
}

export function originalStart(event: GraphEvent, series: EventTime | null): EventTime | null {
  const { originalStart: original, isAllDay } = event;
  if (!original) return null;
  const at = instantOf({ dateTime: original });
  if (series ? series.kind === "date" : isAllDay) return { kind: "date", date: originalDay(event, at) };
  return zonedAt(at, series?.kind === "zoned" ? series.timeZone : zoneOf(event.originalStartTimeZone));
}

/** Whole days begin at midnight where they were made, which in UTC may be another day. */
function originalDay({ occurrenceId, originalStartTimeZone }: GraphEvent, at: Date): string {
  const named = /\.(\d{4}-\d{2}-\d{2})$/.exec(occurrenceId ?? "")?.[1];
  if (named !== undefined) return named;
  const inUtc = at.toISOString();
  return (inUtc.includes("T00:00:00") ? inUtc : toLocal(at, zoneOf(originalStartTimeZone))).slice(0, 10);
}

function readFields(event: GraphEvent): EventFields {
  const isDay = event.isAllDay === true;
  const startZone = event.recurrence?.range.recurrenceTimeZone || event.originalStartTimeZone;
  const showAs = event.showAs?.toLowerCase() ?? "";
  return {
    title: event.subject ?? "",
    description: ownText(event) || null,
    location: event.location?.displayName || null,
    conferenceUrl: event.onlineMeeting?.joinUrl ?? null,
    reminders: event.isReminderOn ? [event.reminderMinutesBeforeStart ?? 0] : [],
    status: event.isCancelled ? "CANCELLED" : showAs === "tentative" ? "TENTATIVE" : "CONFIRMED",
    transparency: freeWords.has(showAs) ? "TRANSPARENT" : "OPAQUE",
    classification: classifications[event.sensitivity?.toLowerCase() ?? ""] ?? "PUBLIC",
    organizer: personOf(event.organizer?.emailAddress),
    attendees: (event.attendees ?? []).flatMap((attendee) => readAttendee(attendee)),
    start: readTime(event.start, isDay, startZone),
    end: readTime(event.end, isDay, event.originalEndTimeZone ?? startZone),
    recurrence: [],
  };
}

/** Who works elsewhere can be met (as `getSchedule` has it too). */
export const freeWords: ReadonlySet<string> = new Set(["free", "workingelsewhere"]);

const classifications: Readonly<Record<string, EventFields["classification"]>> = {
  private: "PRIVATE",
  personal: "PRIVATE",
  confidential: "CONFIDENTIAL",
};
const responses: Readonly<Record<string, Attendee["response"]>> = {
  accepted: "ACCEPTED",
  organizer: "ACCEPTED",
  declined: "DECLINED",
  tentativelyaccepted: "TENTATIVE",
};

/** Whole days float: the text of the day is the day, whatever zone stands beside it. */
function readTime(time: GraphTime, isDay: boolean, zone: string | null | undefined): EventTime {
  if (isDay) return { kind: "date", date: time.dateTime.slice(0, 10) };
  return zonedAt(instantOf(time), zoneOf(zone));
}

/** Graph answers in UTC where no other zone is asked for, without saying so in the time itself. */
function instantOf({ dateTime, timeZone }: GraphTime): Date {
  if (timeZone && timeZone.toUpperCase() !== "UTC") throw unreadable("Its times are not in UTC");
  // Seven digits of a second, or a Z of its own.
  const at = new Date(`${dateTime.slice(0, 19)}Z`);
  if (Number.isNaN(at.getTime())) throw unreadable("It has no start or no end");
  return at;
}

/** Zones that people made up themselves have no name elsewhere; their times are told in UTC. */
function zoneOf(name: string | null | undefined): string {
  return timeZoneOf(name ?? "UTC").timeZone;
}

/** Null where the account's owner has not answered. */
export function ownResponse({ responseStatus }: GraphEvent): Attendee["response"] | null {
  return responses[responseStatus?.response?.toLowerCase() ?? ""] ?? null;
}

function readAttendee({ type, status, emailAddress }: NonNullable<GraphEvent["attendees"]>[number]): Attendee[] {
  const person = personOf(emailAddress);
  // Rooms are among Outlook's attendees, and are nobody.
  if (!person || type?.toLowerCase() === "resource") return [];
  const response = responses[status?.response?.toLowerCase() ?? ""] ?? "NEEDS_ACTION";
  return [{ ...person, response, optional: type?.toLowerCase() === "optional" }];
}

type EmailAddress = NonNullable<GraphEvent["organizer"]>["emailAddress"];

function personOf(emailAddress: EmailAddress): { email: string; name: string | null } | null {
  if (!emailAddress?.address) return null;
  const email = emailAddress.address.toLowerCase();
  const { name } = emailAddress;
  return { email, name: name && name.toLowerCase() !== email ? name : null };
}

/** `uid` is the same for all of a series; the older `iCalUId` is not. */
function uidOf({ uid, iCalUId, id }: GraphEvent): string {
  return uid || iCalUId || id;
}

/** A day of the series on the clocks that we show it on: in a zone that nobody else knows they are not its own. */
function dayOf({ recurrence, originalStartTimeZone }: GraphEvent, start: EventTime, date: string): string {
  const { recurrenceTimeZone, startDate } = recurrence?.range ?? {};
  const isKnown = timeZoneOf(recurrenceTimeZone || (originalStartTimeZone ?? "UTC")).exact;
  if (isKnown || !startDate || start.kind !== "zoned") return date;
  const sinceStart = Date.parse(date) - Date.parse(startDate);
  return new Date(Date.parse(start.local.slice(0, 10)) + sinceStart).toISOString().slice(0, 10);
}

function unreadable(message: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", message);
}
