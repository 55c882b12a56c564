import { badPattern, extraKey, invalidData, missing, tooLong } from "./errors.ts";
import type { Attendee, EventFields } from "./state.ts";
import type { ZohoSwitches } from "./switches.ts";
import { readDay, readMoment, wallOf, zoneNamed } from "./times.ts";

export type EventData = Readonly<Record<string, unknown>>;

/** https://www.zoho.com/calendar/help/api/post-create-event.html */
const fieldNames = [
  ...["title", "dateandtime", "isallday", "isprivate", "location", "description", "richtext_description", "url"],
  ...["color", "attendees", "group_attendees", "reminders", "notify_attendee", "transparency", "allowForwarding"],
  ...["rrule", "repeat", "conference"],
];
/** Of changes alone. */
const changeNames = ["uid", "etag", "recurrenceid", "recurrence_edittype", "isrep"];
const timeNames = ["start", "end", "timezone", "convertToEventTZ"];
const maxLengths: Readonly<Record<string, number>> = { location: 255, description: 10_000 };
const statuses = ["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE"];

/** @throws {ZohoError} EXTRA_KEY_FOUND_IN_JSON, PATTERN_NOT_MATCHED */
export function checkKeys(data: EventData, isChange: boolean, { strayStatus }: ZohoSwitches): void {
  const names = isChange ? [...fieldNames, ...changeNames] : fieldNames;
  // Events are read with it, and refuse it in another way than what Zoho has never heard of.
  if ("notifyType" in data) throw badPattern("notifyType");
  const stray = Object.keys(data).find((name) => !names.includes(name));
  if (stray !== undefined) throw extraKey(strayStatus, stray);
}

/** Of the calendar, and of the event as it was. */
export interface FieldsContext {
  readonly zone: string;
  readonly before: EventFields | null;
  readonly switches: ZohoSwitches;
}

/** A whole event: what is not there is empty. @throws {ZohoError} */
export function readWhole(data: EventData, context: FieldsContext): EventFields {
  if (data["dateandtime"] === undefined) throw missing("dateandtime");
  return readOnto(data, emptyFields, context);
}

/** What is there replaces what the event has. @throws {ZohoError} */
export function readPart(data: EventData, before: EventFields, context: FieldsContext): EventFields {
  const isOtherKind = data["isallday"] !== undefined && data["isallday"] !== before.isallday;
  if (isOtherKind && data["dateandtime"] === undefined) throw missing("dateandtime");
  return readOnto(data, before, context);
}

const emptyFields: EventFields = {
  title: "",
  start: "",
  end: "",
  timezone: "",
  isallday: false,
  isprivate: false,
  location: "",
  description: "",
  richtext_description: "",
  url: "",
  color: "",
  attendees: [],
  group_attendees: [],
  reminders: [],
  transparency: 0,
  allowForwarding: false,
  conference: "",
};

function readOnto(data: EventData, base: EventFields, context: FieldsContext): EventFields {
  const text = (name: "title" | "location" | "description" | "richtext_description" | "url" | "color") => {
    const value = data[name] ?? base[name];
    if (typeof value !== "string") throw badPattern(name);
    if (value.length > (maxLengths[name] ?? Number.POSITIVE_INFINITY)) throw tooLong(name);
    return value;
  };
  const flag = (name: "isallday" | "isprivate" | "allowForwarding") => {
    const value = data[name] ?? base[name];
    if (typeof value !== "boolean") throw badPattern(name);
    return value;
  };
  const list = (name: string, before: readonly unknown[]): readonly unknown[] => {
    const value = data[name] ?? before;
    if (!Array.isArray(value)) throw badPattern(name);
    return value;
  };
  const isallday = flag("isallday");
  const transparency = Number(data["transparency"] ?? base.transparency);
  if (![0, 1].includes(transparency)) throw badPattern("transparency");
  if (![undefined, 0, 1, 2].includes(data["notify_attendee"] as number | undefined))
    throw badPattern("notify_attendee");
  return {
    title: text("title"),
    ...(data["dateandtime"] === undefined ? timesOf(base) : readTimes(data["dateandtime"], isallday, context)),
    isallday,
    isprivate: flag("isprivate"),
    location: text("location"),
    description: text("description"),
    richtext_description: text("richtext_description"),
    url: text("url"),
    color: text("color"),
    attendees: list("attendees", base.attendees).map((guest) => readAttendee(guest, base.attendees)),
    group_attendees: list("group_attendees", base.group_attendees),
    reminders: list("reminders", base.reminders).map(readReminder),
    transparency,
    allowForwarding: flag("allowForwarding"),
    conference: typeof data["conference"] === "string" ? data["conference"] : base.conference,
  };
}

const timesOf = ({ start, end, timezone }: EventFields) => ({ start, end, timezone });

function readTimes(given: unknown, isallday: boolean, { zone, before, switches }: FieldsContext) {
  if (typeof given !== "object" || given === null) throw badPattern("dateandtime");
  const { start, end, timezone, convertToEventTZ, ...rest } = given as Record<string, unknown>;
  for (const name of Object.keys(rest)) if (!timeNames.includes(name)) throw extraKey(switches.strayStatus, name);
  const named = timezone === undefined ? zone : zoneNamed(timezone);
  const own = convertToEventTZ === true && before !== null ? before.timezone : named;
  const read = (text: unknown, name: string): string => {
    if (text === undefined) throw missing(name);
    const isFloating = typeof text === "string" && /T\d{6}$/.test(text);
    const moment = isFloating && !switches.takesFloatingTimes ? null : readMoment(text, named);
    const stored = isallday ? readDay(text) : moment && wallOf(moment.setZone(own));
    if (stored === null) throw badPattern(name);
    return stored;
  };
  const times = { start: read(start, "start"), end: read(end, "end"), timezone: own };
  if (times.end < times.start) throw invalidData("The event ends before it starts.");
  return times;
}

function readAttendee(given: unknown, before: readonly Attendee[]): Attendee {
  const { email, status, permission, attendance } = (given ?? {}) as Record<string, unknown>;
  if (typeof email !== "string" || !email.includes("@")) throw badPattern("email");
  const known = before.find((guest) => guest.email.toLowerCase() === email.toLowerCase());
  const said = String(status ?? known?.status ?? "NEEDS-ACTION").toUpperCase();
  if (!statuses.includes(said)) throw badPattern("status");
  return {
    email,
    status: said,
    permission: Number(permission ?? known?.permission ?? 1),
    attendance: Number(attendance ?? known?.attendance ?? 1),
  };
}

function readReminder(given: unknown): { readonly action: string; readonly minutes: string } {
  const { action, minutes } = (given ?? {}) as Record<string, unknown>;
  if (!["popup", "email", "notification"].includes(String(action))) throw badPattern("action");
  if (!/^-?\d+$/.test(String(minutes))) throw badPattern("minutes");
  return { action: String(action), minutes: String(minutes) };
}

/** `attendeedata`: who answered what, as the organizer knows it. @throws {ZohoError} */
export function readAnswers(data: EventData, before: readonly Attendee[], { strayStatus }: ZohoSwitches): Attendee[] {
  const { attendees, notify_attendee: _, ...rest } = data;
  const [stray] = Object.keys(rest);
  if (stray !== undefined) throw extraKey(strayStatus, stray);
  if (!Array.isArray(attendees)) throw missing("attendees");
  const given = attendees.map((guest) => readAttendee(guest, before));
  const kept = before.filter(({ email }) => !given.some((guest) => guest.email.toLowerCase() === email.toLowerCase()));
  return [...kept, ...given];
}
