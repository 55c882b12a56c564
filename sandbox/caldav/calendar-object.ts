import ICAL from "ical.js";
import { DavError } from "./dav-error.ts";

/** What a server has to know of an object that it stores. */
export interface CalendarObject {
  readonly uid: string;
  /** VEVENT or VTODO. */
  readonly component: string;
  readonly calendar: ICAL.Component;
}

/** Reads a calendar object resource. @throws {DavError} invalid-data, has-method (RFC 4791 §4.1) */
export function readCalendarObject(text: string): CalendarObject {
  const calendar = parsed(text);
  if (calendar.hasProperty("method")) throw new DavError("has-method");
  const parts = componentsOf(calendar);
  const [first] = parts;
  const uids = new Set(parts.map((part) => part.getFirstPropertyValue("uid")));
  const [uid] = uids;
  const isOne = uids.size === 1 && parts.every(({ name }) => name === first?.name);
  if (!first || !isOne || typeof uid !== "string" || uid === "") throw new DavError("invalid-data");
  const masters = parts.filter((part) => !part.hasProperty("recurrence-id"));
  if (masters.length > 1) throw new DavError("invalid-data");
  for (const event of parts.filter(({ name }) => name === "vevent")) {
    if (!event.hasProperty("dtstart") || !(event.getFirstPropertyValue("dtstart") instanceof ICAL.Time)) {
      throw new DavError("invalid-data");
    }
  }
  return { uid, component: first.name.toUpperCase(), calendar };
}

/** Null for what nobody can read, which servers may hold all the same. */
export function readableObject(text: string): CalendarObject | null {
  try {
    return readCalendarObject(text);
  } catch {
    return null;
  }
}

/** Its events, or tasks: master and overrides. */
export function componentsOf(calendar: ICAL.Component): readonly ICAL.Component[] {
  return calendar.getAllSubcomponents().filter(({ name }) => name !== "vtimezone");
}

/** Whether it has timed events that say no end. */
export function lacksEnd(calendar: ICAL.Component): boolean {
  return componentsOf(calendar).some(
    (part) => part.name === "vevent" && !part.hasProperty("dtend") && !part.hasProperty("duration"),
  );
}

export function addressesOf(part: ICAL.Component, name: "organizer" | "attendee"): readonly string[] {
  return part.getAllProperties(name).map((property) => bareAddress(String(property.getFirstValue())));
}

export function bareAddress(address: string): string {
  return address.replace(/^mailto:/i, "").toLowerCase();
}

/** The same lines, folded at 75 octets (RFC 5545 §3.1), as servers write them that parse what they store. */
export function refolded(text: string): string {
  return unfolded(text)
    .map((line) => (line === "" ? "" : `${folded(line)}\r\n`))
    .join("");
}

export function unfolded(text: string): readonly string[] {
  return text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/);
}

function folded(line: string): string {
  let written = "";
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      written += "\r\n ";
      octets = 1;
    }
    written += character;
    octets += size;
  }
  return written;
}

function parsed(text: string): ICAL.Component {
  try {
    const calendar = new ICAL.Component(ICAL.parse(text));
    if (calendar.name === "vcalendar" && text.trimEnd().endsWith("END:VCALENDAR")) return calendar;
  } catch {
    // Whatever is wrong with it.
  }
  throw new DavError("invalid-data");
}
