import type ICAL from "ical.js";
import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import type { Attendee, EventFields, Participant, RemoteEvent } from "../provider.ts";
import { eventsIn, isOverride, parameterOf, parseCalendar, textIn, valuesOf } from "./component.ts";
import { readReminders } from "./reminders.ts";
import { asKindOf, readEnd, readTime, timeFrom, timesOf } from "./time.ts";

/**
 * The events of a calendar object, masters first; none when it holds only tasks or the like. RANGE is ignored: an
 * occurrence that also moves the later ones moves alone.
 *
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID when one of them cannot be read
 */
export function readEvents(raw: string): readonly RemoteEvent[] {
  return eventsIn(parseCalendar(raw)).map(readEvent);
}

export function readEvent(event: ICAL.Component): RemoteEvent {
  const uid = textIn(event, "uid");
  if (uid === null) throw new IntegrationError("PROVIDER_REPLY_INVALID", "It has no UID");
  return {
    ...readFields(event),
    uid,
    recurrenceId: isOverride(event) ? readTime(event, "recurrence-id") : null,
    sequence: sequenceOf(event),
  };
}

export function readFields(event: ICAL.Component): EventFields {
  const start = readTime(event, "dtstart");
  if (start === null) throw new IntegrationError("PROVIDER_REPLY_INVALID", "It has no DTSTART");
  const organizer = event.getFirstProperty("organizer");
  return {
    title: textIn(event, "summary") ?? "",
    description: textIn(event, "description"),
    location: textIn(event, "location"),
    conferenceUrl: conferenceUrlOf(event),
    reminders: readReminders(event),
    status: choose(["CONFIRMED", "TENTATIVE", "CANCELLED"], textIn(event, "status"), "CONFIRMED"),
    transparency: choose(["OPAQUE", "TRANSPARENT"], textIn(event, "transp"), "OPAQUE"),
    classification: classificationOf(event),
    organizer: organizer && participantOf(organizer),
    attendees: event.getAllProperties("attendee").flatMap((property) => attendeeOf(property) ?? []),
    start,
    end: readEnd(event, start),
    recurrence: recurrenceOf(event, start),
  };
}

export function sequenceOf(event: ICAL.Component): number {
  const sequence = Number(valuesOf(event.getFirstProperty("sequence"))[0] ?? 0);
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : 0;
}

/** Who a calendar address is; null when it has no mail address, as a room on some servers. */
export function participantOf(property: ICAL.Property): Participant | null {
  const value = String(valuesOf(property)[0] ?? "");
  // Apple's addresses are urn:uuid: with the mail address in a parameter.
  const address = /^mailto:/i.test(value) ? value.slice("mailto:".length) : parameterOf(property, "email");
  const email = address?.trim().toLowerCase();
  return email ? { email, name: parameterOf(property, "cn") } : null;
}

/** RRULE, RDATE, EXRULE and EXDATE as lines, their times in the kind and zone of the start. */
function recurrenceOf(event: ICAL.Component, start: EventTime): readonly string[] {
  const rules = ["rrule", "exrule"].flatMap((name) => event.getAllProperties(name));
  const dates = ["rdate", "exdate"].flatMap((name) => event.getAllProperties(name));
  return [
    ...rules.map((rule) => `${rule.name.toUpperCase()}:${rule.toICALString().replace(/^[^:]*:/, "")}`),
    ...dates.flatMap((property) => datesLine(property, start)),
  ];
}

function datesLine(property: ICAL.Property, start: EventTime): readonly string[] {
  const name = property.name.toUpperCase();
  if (property.type === "period")
    return valuesOf(property).flatMap((value) => periodLine(name, value, property, start));
  const times = timesOf(property).map((time) =>
    // A whole day on a timed series leaves out whatever starts on it, and is not a time.
    time.kind === "date" && property.name === "exdate" ? time : asKindOf(time, start),
  );
  const [first] = times;
  return first === undefined ? [] : [`${name}${parametersFor(first)}:${times.map(basicOf).join(",")}`];
}

/** A start with an end or a duration (RFC 5545 §3.3.9). */
function periodLine(name: string, value: unknown, property: ICAL.Property, start: EventTime): readonly string[] {
  const [from, to] = Array.isArray(value) ? value.map(String) : [];
  if (from === undefined || to === undefined) return [];
  const first = asKindOf(timeFrom(from, property), start);
  const end = /^[+-]?P/.test(to) ? to : basicOf(asKindOf(timeFrom(to, property), start));
  return [`${name};VALUE=PERIOD${parametersFor(first)}:${basicOf(first)}/${end}`];
}

function parametersFor(time: EventTime): string {
  if (time.kind === "date") return ";VALUE=DATE";
  return time.kind === "zoned" && time.timeZone !== "UTC" ? `;TZID=${time.timeZone}` : "";
}

function basicOf(time: EventTime): string {
  if (time.kind === "date") return time.date.replaceAll("-", "");
  return `${time.local.replaceAll(/[-:]/g, "")}${time.kind === "zoned" && time.timeZone === "UTC" ? "Z" : ""}`;
}

/** Somebody invited; null when there is no mail address. A response of another kind counts as none. */
export function attendeeOf(property: ICAL.Property): Attendee | null {
  const participant = participantOf(property);
  if (participant === null) return null;
  const role = parameterOf(property, "role")?.toUpperCase() ?? "REQ-PARTICIPANT";
  return {
    ...participant,
    response: choose(
      ["NEEDS_ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"],
      parameterOf(property, "partstat")?.replace("-", "_") ?? null,
      "NEEDS_ACTION",
    ),
    optional: role === "OPT-PARTICIPANT" || role === "NON-PARTICIPANT",
  };
}

/** A class nobody knows is private (RFC 5545 §3.8.1.3). */
function classificationOf(event: ICAL.Component): EventFields["classification"] {
  const text = textIn(event, "class");
  return choose(["PUBLIC", "PRIVATE", "CONFIDENTIAL"], text, text === null ? "PUBLIC" : "PRIVATE");
}

function conferenceUrlOf(event: ICAL.Component): string | null {
  const properties = ["conference", "x-google-conference", "x-microsoft-skypeteamsmeetingurl"];
  const stated = properties.map((name) => textIn(event, name)).find((text) => text !== null && URL.canParse(text));
  if (stated) return stated;
  const written = ["location", "url", "description"].map((name) => textIn(event, name)).join("\n");
  return meetingLink.exec(written)?.[0] ?? null;
}

/** Many calendars have the link in the place or the text only. */
const meetingLink =
  /https:\/\/(?:[\w-]+\.)*(?:meet\.google\.com|zoom\.us|teams\.microsoft\.com|teams\.live\.com|webex\.com|whereby\.com|meet\.jit\.si)\/[^\s<>"')\]]+/i;

function choose<Choice extends string>(choices: readonly Choice[], text: string | null, otherwise: Choice): Choice {
  return choices.find((choice) => choice === text?.toUpperCase()) ?? otherwise;
}
