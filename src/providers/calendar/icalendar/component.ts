import ICAL from "ical.js";
import { IntegrationError } from "../../../errors.ts";

// Without the blank that begins a continuation, which makes 75 octets (RFC 5545 §3.1).
ICAL.foldLength = 74;

// Lists of RFC 7986 §6 that ical.js does not know: it would write FEATURE=VIDEO,AUDIO back as FEATURE="VIDEO,AUDIO".
for (const name of ["feature", "display"]) ICAL.design.icalendar.param[name] = { multiValue: "," };

/**
 * A calendar object as ical.js reads it, except for `DTSTART:20261224` without its VALUE=DATE, which it could neither
 * read nor write back.
 *
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID when it is not iCalendar
 */
export function parseCalendar(raw: string): ICAL.Component {
  const [first, ...others] = readCalendars(raw);
  if (first === undefined) throw new IntegrationError("PROVIDER_REPLY_INVALID", "There is no VCALENDAR in it");
  // Some servers send one VCALENDAR for each component.
  for (const component of others.flatMap((other) => other.getAllSubcomponents())) first.addSubcomponent(component);
  return first;
}

/**
 * CRLF line ends, folded at 75 octets. METHOD goes, because a stored object has none (RFC 4791 §4.1). Time zones come
 * first, for readers that go through an object once.
 */
export function formatCalendar(calendar: ICAL.Component): string {
  const [name, properties, components] = calendar.jCal as JCalComponent;
  const isTimeZone = ([component]: JCalComponent) => component === "vtimezone";
  return `${ICAL.stringify([
    name,
    properties.filter(([property]) => property !== "method"),
    [...components.filter(isTimeZone), ...components.filter((component) => !isTimeZone(component))],
  ])}\r\n`;
}

/** Masters first, then the changed occurrences, each in the order of the object. */
export function eventsIn(calendar: ICAL.Component): readonly ICAL.Component[] {
  const events = calendar.getAllSubcomponents("vevent");
  return [...events.filter((event) => !isOverride(event)), ...events.filter(isOverride)];
}

export function isOverride(event: ICAL.Component): boolean {
  return event.hasProperty("recurrence-id");
}

export function textIn(event: ICAL.Component, name: string): string | null {
  const value: unknown = valuesOf(event.getFirstProperty(name))[0];
  return typeof value === "string" && value !== "" ? value : null;
}

/** The values of a property as jCal has them (RFC 7265 §3.4); times are text such as `2026-12-01T10:00:00Z`. */
export function valuesOf(property: ICAL.Property | null): readonly unknown[] {
  return property === null ? [] : (property.jCal as unknown[]).slice(3);
}

/** A parameter's first value. */
export function parameterOf(property: ICAL.Property, name: string): string | null {
  const value: unknown = property.getFirstParameter(name);
  return typeof value === "string" && value !== "" ? value : null;
}

/** [name, parameters, type, ...values] of RFC 7265. */
type JCalProperty = [string, Record<string, unknown>, string, ...unknown[]];
type JCalComponent = [string, JCalProperty[], JCalComponent[]];

function readCalendars(raw: string): ICAL.Component[] {
  try {
    const parsed: unknown = ICAL.parse(raw.replace(/^\uFEFF/, ""));
    const calendars = (typeof (parsed as unknown[])[0] === "string" ? [parsed] : parsed) as JCalComponent[];
    return calendars.map((calendar) => new ICAL.Component(repaired(calendar)));
  } catch (cause) {
    throw new IntegrationError("PROVIDER_REPLY_INVALID", "It is not valid iCalendar", { cause });
  }
}

function repaired([name, properties, components]: JCalComponent): JCalComponent {
  return [name, properties.map(repairedProperty), components.map(repaired)];
}

function repairedProperty(property: JCalProperty): JCalProperty {
  const [name, parameters, type, ...values] = property;
  if (type === "date-time" && typeof values[0] === "string" && /^\d{4}-\d\d-\d\dT:*$/.test(values[0])) {
    return [name, parameters, "date", ...values.map((value) => String(value).slice(0, 10))];
  }
  return property;
}
