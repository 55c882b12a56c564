import { randomUUID } from "node:crypto";
import { badPattern, extraKey, missing, notFound, notPermitted } from "./errors.ts";
import type { EventData } from "./event-fields.ts";
import { accountOf } from "./guests.ts";
import type { Category, StoredCalendar, ZohoState } from "./state.ts";
import type { ZohoSwitches } from "./switches.ts";
import { utcOf } from "./times.ts";

const categories = ["own", "group", "app", "others", "all"];
const calendarKeys = ["name", "color", "textcolor", "description", "timezone", "include_infreebusy"];

/** Of one account: its own, and those that others share with it. */
export function calendarsOf(state: ZohoState, email: string): readonly StoredCalendar[] {
  return [...state.calendars.values()].filter(({ members }) => members.has(email));
}

/** @param uid or `default` or `primary` @throws {ZohoError} 404 */
export function calendarNamed(state: ZohoState, email: string, uid: string): StoredCalendar {
  const isNamed = (calendar: StoredCalendar) =>
    ["default", "primary"].includes(uid) ? isDefaultOf(calendar, email) : calendar.uid === uid;
  const calendar = calendarsOf(state, email).find(isNamed);
  if (!calendar) throw notFound("The calendar");
  return calendar;
}

export function listCalendars(
  state: ZohoState,
  email: string,
  { category, switches }: { readonly category: string | null; readonly switches: ZohoSwitches },
): readonly object[] {
  const wanted = category ?? switches.defaultCategory;
  if (!categories.includes(wanted)) throw badPattern("category");
  const isWanted = (calendar: StoredCalendar) => wanted === "all" || categoryOf(calendar, email) === wanted;
  return calendarsOf(state, email)
    .filter(isWanted)
    .map((calendar) => shownCalendar(state, calendar, email));
}

/** https://www.zoho.com/calendar/help/api/get-calendar-details.html */
export function shownCalendar(state: ZohoState, calendar: StoredCalendar, email: string): object {
  const { uid, id, name, description, color, timeZone, ctag, createdAt } = calendar;
  const category = categoryOf(calendar, email);
  return {
    uid,
    id,
    name,
    description,
    color,
    textcolor: "#FFFFFF",
    timezone: timeZone,
    isdefault: isDefaultOf(calendar, email),
    privilege: calendar.members.get(email)?.privilege,
    category,
    caltype: category,
    type: 0,
    status: true,
    visibility: true,
    include_infreebusy: calendar.includeInFreeBusy,
    canSendMail: true,
    allowed_conference: "zmeeting",
    owner: String(accountOf(state, calendar.owner)?.zuid ?? 0),
    createdtime: createdAt,
    modifiedtime: ctag,
    lastmodifiedtime: utcOf(ctag),
    ctag,
    order: 0,
    reminders: [],
  };
}

export interface NewStoredCalendar {
  readonly name: string;
  readonly owner: string;
  readonly timeZone: string;
  readonly isDefault?: boolean;
  readonly color?: string;
  readonly description?: string;
  readonly now: Date;
}

export function addCalendar(state: ZohoState, calendar: NewStoredCalendar): StoredCalendar {
  const at = calendar.now.getTime();
  const stored: StoredCalendar = {
    uid: randomUUID().replaceAll("-", ""),
    id: String(112_748_000_000_002_000 + state.calendars.size * 1000),
    name: calendar.name,
    description: calendar.description ?? "",
    color: calendar.color ?? "#005DE0",
    timeZone: calendar.timeZone,
    owner: calendar.owner,
    isDefault: calendar.isDefault ?? false,
    includeInFreeBusy: true,
    createdAt: at,
    ctag: at,
    members: new Map(),
  };
  state.calendars.set(stored.uid, stored);
  return stored;
}

/** `calendarData`. @throws {ZohoError} */
export function readCalendar(data: EventData, { strayStatus }: ZohoSwitches): Partial<Record<string, string>> {
  const stray = Object.keys(data).find((key) => !calendarKeys.includes(key));
  if (stray !== undefined) throw extraKey(strayStatus, stray);
  if (data["name"] === undefined) throw missing("name");
  const said = Object.entries(data).filter(([, value]) => typeof value === "string");
  return Object.fromEntries(said.map(([key, value]) => [key, String(value)]));
}

/** With what is in it. @throws {ZohoError} 403 for the default one, and for what is somebody else's */
export function dropCalendar(state: ZohoState, calendar: StoredCalendar, email: string): void {
  if (calendar.isDefault || calendar.members.get(email)?.privilege !== "owner") throw notPermitted();
  state.calendars.delete(calendar.uid);
  for (const [key, { calendarUid }] of state.events) if (calendarUid === calendar.uid) state.events.delete(key);
}

function categoryOf(calendar: StoredCalendar, email: string): Category {
  return calendar.members.get(email)?.category ?? "others";
}

function isDefaultOf({ isDefault, owner }: StoredCalendar, email: string): boolean {
  return isDefault && owner.toLowerCase() === email;
}
