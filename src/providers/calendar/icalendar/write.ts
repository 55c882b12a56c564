import ICAL from "ical.js";
import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey } from "../../../recurrence/instant.ts";
import type { Attendee, EventDraft, EventFields, EventPatch } from "../provider.ts";
import { withEnd } from "../with-end.ts";
import { formatCalendar, parameterOf, textIn } from "./component.ts";
import { attendeeOf, readFields, sequenceOf } from "./read.ts";
import { writeReminders } from "./reminders.ts";
import { addTimeZone, endFrom, writeTime } from "./time.ts";

/** What an object is written with, besides what is in it. */
export interface Writing {
  readonly now: Date;
  /** The mail address that invites; null when the account has none, and then the server invites nobody. */
  readonly organizer: string | null;
}

/** A new calendar object of one event. */
export function formatDraft(draft: EventDraft, writing: Writing): string {
  const calendar = new ICAL.Component(["vcalendar", [], []]);
  calendar.addPropertyWithValue("version", "2.0");
  calendar.addPropertyWithValue("prodid", "-//Integrations Subgraph//Calendars//EN");
  const event = new ICAL.Component(["vevent", [], []]);
  calendar.addSubcomponent(event);
  event.addPropertyWithValue("uid", draft.uid);
  event.addPropertyWithValue("created", ICAL.Time.fromJSDate(writing.now, true));
  writeFields(event, draft, writing.organizer);
  stamp(event, writing.now);
  event.updatePropertyWithValue("sequence", 0);
  return formatCalendar(calendar);
}

/**
 * Changes what the patch names and nothing else. The sequence goes up when time, place, recurrence or a cancellation
 * changed (RFC 5546 §2.1.4).
 */
export function patchEvent(event: ICAL.Component, patch: EventPatch, writing: Writing): void {
  const before = readFields(event);
  writeFields(
    event,
    withEnd(before, patch, (start) => endFrom(event, start)),
    writing.organizer,
  );
  const after = readFields(event);
  if (isRevision(before, after)) raiseSequence(event);
  stamp(event, writing.now);
}

export function raiseSequence(event: ICAL.Component): void {
  event.updatePropertyWithValue("sequence", sequenceOf(event) + 1);
}

/** Says when this revision was made. */
export function stamp(event: ICAL.Component, now: Date): void {
  event.updatePropertyWithValue("dtstamp", ICAL.Time.fromJSDate(now, true));
  event.updatePropertyWithValue("last-modified", ICAL.Time.fromJSDate(now, true));
}

/** Replaces RRULE, RDATE, EXRULE and EXDATE by these lines. */
export function writeRecurrence(event: ICAL.Component, lines: readonly string[]): void {
  for (const name of ["rrule", "rdate", "exrule", "exdate"]) event.removeAllProperties(name);
  for (const line of lines) {
    const property = event.addProperty(parseLine(line));
    addTimeZone(event, parameterOf(property, "tzid"));
  }
}

function writeFields(event: ICAL.Component, patch: EventPatch, organizer: string | null): void {
  if (patch.title !== undefined) writeText(event, "summary", patch.title);
  if (patch.description !== undefined) writeText(event, "description", patch.description, ["x-alt-desc"]);
  if (patch.location !== undefined) writeText(event, "location", patch.location, ["x-apple-structured-location"]);
  if (patch.status !== undefined) event.updatePropertyWithValue("status", patch.status);
  if (patch.transparency !== undefined) event.updatePropertyWithValue("transp", patch.transparency);
  if (patch.classification !== undefined) event.updatePropertyWithValue("class", patch.classification);
  if (patch.start !== undefined) writeTime(event, "dtstart", patch.start);
  if (patch.end !== undefined) {
    writeTime(event, "dtend", patch.end);
    event.removeAllProperties("duration");
  }
  if (patch.recurrence !== undefined) writeRecurrence(event, patch.recurrence);
  if (patch.attendees !== undefined) writeAttendees(event, patch.attendees, organizer);
  if (patch.reminders !== undefined) writeReminders(event, patch.reminders);
}

/**
 * @param renditions properties that say the same in another way, and would go on saying the old
 */
function writeText(event: ICAL.Component, name: string, text: string | null, renditions: readonly string[] = []): void {
  if (textIn(event, name) === (text === "" ? null : text)) return;
  for (const rendition of renditions) event.removeAllProperties(rendition);
  if (text === null || text === "") {
    event.removeAllProperties(name);
    return;
  }
  event.updatePropertyWithValue(name, text).removeParameter("altrep");
}

/** Keeps the line of everyone who stays, and whoever has no mail address, such as a room. */
function writeAttendees(event: ICAL.Component, attendees: readonly Attendee[], organizer: string | null): void {
  const invited = new Map(attendees.map((attendee) => [attendee.email, attendee]));
  const present = new Set<string>();
  for (const property of event.getAllProperties("attendee")) {
    const before = attendeeOf(property);
    if (before === null) continue;
    const attendee = invited.get(before.email);
    if (attendee === undefined) event.removeProperty(property);
    else writeAttendee(property, before, attendee);
    present.add(before.email);
  }
  for (const attendee of attendees.filter(({ email }) => !present.has(email))) {
    const property = event.addPropertyWithValue("attendee", `mailto:${attendee.email}`);
    property.setParameter("role", "REQ-PARTICIPANT");
    property.setParameter("partstat", "NEEDS-ACTION");
    property.setParameter("rsvp", "TRUE");
    writeAttendee(property, { ...attendee, name: null, response: "NEEDS_ACTION", optional: false }, attendee);
  }
  // Without an organizer of its own no server invites anybody (RFC 6638 §3.2.1).
  if (attendees.length > 0 && organizer !== null && !event.hasProperty("organizer")) {
    event.addPropertyWithValue("organizer", `mailto:${organizer}`);
  }
}

/** NEEDS_ACTION is an invitation, not an answer: whoever has answered has answered. */
function writeAttendee(property: ICAL.Property, before: Attendee, { name, response, optional }: Attendee): void {
  if (name !== null && name !== before.name) property.setParameter("cn", name);
  if (optional !== before.optional) property.setParameter("role", optional ? "OPT-PARTICIPANT" : "REQ-PARTICIPANT");
  if (response !== "NEEDS_ACTION" && response !== before.response) property.setParameter("partstat", response);
}

function isRevision(before: EventFields, after: EventFields): boolean {
  return (
    !isSameTime(before.start, after.start) ||
    !isSameTime(before.end, after.end) ||
    before.location !== after.location ||
    before.recurrence.join("\n") !== after.recurrence.join("\n") ||
    (before.status !== after.status && after.status === "CANCELLED")
  );
}

function isSameTime(one: EventTime, other: EventTime): boolean {
  return one.kind === other.kind && recurrenceKey(one) === recurrenceKey(other);
}

function parseLine(line: string): ICAL.Property {
  try {
    return ICAL.Property.fromString(line);
  } catch (cause) {
    throw new IntegrationError("INVALID_INPUT", "A line of the recurrence is not RFC 5545", {
      cause,
      field: ["recurrence"],
    });
  }
}
