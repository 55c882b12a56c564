import type ICAL from "ical.js";
import { withScheduleStatus } from "./attendee-lines.ts";
import { addressesOf, bareAddress, componentsOf, readCalendarObject } from "./calendar-object.ts";
import { DavError } from "./dav-error.ts";
import type { Dialect } from "./dialect.ts";
import type { SentMessage, StoredHome } from "./state.ts";

/** What storing or deleting an object makes the server send (RFC 6638 §3.2). */
export interface Scheduled {
  readonly data: string;
  readonly messages: readonly SentMessage[];
}

/** The server's part when an object is stored: messages to guests or to the organizer, and what became of them. */
export function scheduledWrite(
  dialect: Dialect,
  home: StoredHome,
  { data, before }: { readonly data: string; readonly before: string | null },
): Scheduled {
  const { uid, calendar } = readCalendarObject(data);
  const own = ownAddresses(dialect, home);
  const organizer = organizerOf(calendar);
  if (organizer === null) return { data, messages: [] };
  if (!own.has(organizer)) {
    const isAnswered = before !== null && answersOf(before, own) !== answersOf(data, own);
    const delivers = dialect.writes.delivers(agentOf(calendar, "organizer", organizer));
    return {
      data,
      messages: isAnswered && delivers ? [{ from: home.email, to: organizer, method: "REPLY", uid }] : [],
    };
  }
  const guests = guestsOf(dialect, calendar, own);
  const previous = before === null ? [] : guestsOf(dialect, readCalendarObject(before).calendar, own);
  const message = (to: string, method: SentMessage["method"]): SentMessage => ({ from: home.email, to, method, uid });
  const messages = [
    ...guests.map((guest) => message(guest, "REQUEST")),
    ...previous.filter((guest) => !guests.includes(guest)).map((guest) => message(guest, "CANCEL")),
  ];
  const { scheduleStatus } = dialect.writes;
  return {
    data: withScheduleStatus(data, new Set(guests), scheduleStatus),
    messages: isSent(scheduleStatus) ? messages : [],
  };
}

/**
 * Whether somebody may change a meeting so: a guest may not change what the organizer says, and nobody who organizes
 * (RFC 6638 §3.2.4).
 *
 * @throws {DavError} attendee-change, organizer-change
 */
export function checkMeeting(
  dialect: Dialect,
  home: StoredHome,
  { data, before }: { readonly data: string; readonly before: string },
): void {
  const [earlier, later] = [readCalendarObject(before).calendar, readCalendarObject(data).calendar];
  const organizer = organizerOf(earlier);
  if (organizer === null) return;
  const isOwn = ownAddresses(dialect, home).has(organizer);
  if (isOwn && ![organizer, null].includes(organizerOf(later))) throw new DavError("organizer-change");
  const known = new Map(componentsOf(earlier).map((part) => [occurrenceOf(part), part]));
  const isChanged = componentsOf(later).some((part) => {
    const same = known.get(occurrenceOf(part));
    return same !== undefined && saidByOrganizer(same) !== saidByOrganizer(part);
  });
  if (!isOwn && isChanged) throw new DavError("attendee-change");
}

/** @param isSilent as the header `Schedule-Reply: F` asks for (RFC 6638 §8.1) */
export function scheduledDelete(
  dialect: Dialect,
  home: StoredHome,
  data: string,
  isSilent: boolean,
): readonly SentMessage[] {
  const { uid, calendar } = readCalendarObject(data);
  const own = ownAddresses(dialect, home);
  const organizer = organizerOf(calendar);
  if (organizer === null) return [];
  if (own.has(organizer)) {
    const guests = isSent(dialect.writes.scheduleStatus) ? guestsOf(dialect, calendar, own) : [];
    return guests.map((to) => ({ from: home.email, to, method: "CANCEL", uid }));
  }
  const delivers = dialect.writes.delivers(agentOf(calendar, "organizer", organizer));
  return isSilent || !delivers ? [] : [{ from: home.email, to: organizer, method: "REPLY", uid }];
}

export function hasOrganizer(calendar: ICAL.Component): boolean {
  return organizerOf(calendar) !== null;
}

function occurrenceOf(part: ICAL.Component): string {
  return String(part.getFirstPropertyValue("recurrence-id") ?? "");
}

/** A guest may leave occurrences out, and has alarms, TRANSP and answers of its own (RFC 6638 §3.2.2.1). */
function saidByOrganizer(part: ICAL.Component): string {
  const names = ["organizer", "summary", "location", "dtstart", "dtend", "duration", "rrule", "rdate"];
  return JSON.stringify(
    names.map((name) => part.getAllProperties(name).map((property) => String(property.getFirstValue()))),
  );
}

/** RFC 6638 §3.2.9: 1.x is under way, 5.x could not be delivered. */
function isSent(scheduleStatus: string): boolean {
  return scheduleStatus.startsWith("1.");
}

function ownAddresses(dialect: Dialect, home: StoredHome): ReadonlySet<string> {
  return new Set(dialect.addresses(home).map(bareAddress));
}

function organizerOf(calendar: ICAL.Component): string | null {
  return componentsOf(calendar).flatMap((part) => addressesOf(part, "organizer"))[0] ?? null;
}

/** Those whom the server tells. */
function guestsOf(dialect: Dialect, calendar: ICAL.Component, own: ReadonlySet<string>): readonly string[] {
  const all = componentsOf(calendar).flatMap((part) => addressesOf(part, "attendee"));
  return [...new Set(all)].filter(
    (guest) => !own.has(guest) && dialect.writes.delivers(agentOf(calendar, "attendee", guest)),
  );
}

function agentOf(calendar: ICAL.Component, name: "attendee" | "organizer", address: string): string {
  const lines = componentsOf(calendar).flatMap((part) => part.getAllProperties(name));
  const line = lines.find((property) => bareAddress(String(property.getFirstValue())) === address);
  return String(line?.getParameter("schedule-agent") ?? "SERVER").toUpperCase();
}

function answersOf(data: string, own: ReadonlySet<string>): string {
  const lines = componentsOf(readCalendarObject(data).calendar).flatMap((part) => part.getAllProperties("attendee"));
  const mine = lines.filter((property) => own.has(bareAddress(String(property.getFirstValue()))));
  return mine.map((property) => String(property.getParameter("partstat"))).join();
}
