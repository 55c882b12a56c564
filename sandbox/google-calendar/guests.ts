import { isDeepStrictEqual } from "node:util";
import { forbiddenForNonOrganizer } from "./errors.ts";
import type { GoogleAttendee, GoogleEvent, GoogleTime } from "./state.ts";
import { millisOf } from "./times.ts";

/** Of each copy its own: what one person writes is not seen by the others. */
const ownFields = ["colorId", "reminders", "transparency", "visibility"] as const;
/** The same on every copy, times and attendees apart. */
const sharedFields = [
  ...["summary", "description", "location", "recurrence", "status", "attachments", "conferenceData", "eventType"],
  ...["guestsCanInviteOthers", "guestsCanModify", "guestsCanSeeOtherGuests", "anyoneCanAddSelf", "source"],
];
const ownAnswers = ["responseStatus", "comment", "additionalGuests"] as const;

export function isGuest({ organizer }: GoogleEvent, email: string): boolean {
  return organizer !== undefined && organizer.email !== email;
}

/** The organizer's event as a guest's calendar holds it, with what that copy has of its own. */
export function copyFor(email: string, original: GoogleEvent, before: GoogleEvent | null): GoogleEvent {
  const copy = structuredClone(original);
  const organizer = original.organizer?.email ?? "";
  copy.organizer = { email: organizer };
  copy["creator"] = { email: organizer };
  delete copy["source"];
  const own = before?.attendees?.find((attendee) => attendee.email === email);
  copy.attendees = (copy.attendees ?? []).map(({ self: _, ...attendee }) =>
    attendee.email === email ? { ...attendee, ...(own && answerOf(own)), self: true } : attendee,
  );
  if (!before) {
    delete copy["colorId"];
    copy["reminders"] = { useDefault: true };
  }
  setProperties(copy, before?.extendedProperties?.private, original.extendedProperties?.shared);
  if (before) take(copy, before, ownFields);
  return copy;
}

/**
 * What a guest's write makes of the guest's own copy.
 *
 * @throws {ApiError} forbiddenForNonOrganizer, when it goes for what all copies share
 */
export function writtenByGuest(
  email: string,
  before: GoogleEvent,
  after: GoogleEvent,
  calendarZone: string,
): GoogleEvent {
  if (before["guestsCanModify"] === true) return after;
  const isSame =
    sharedFields.every((field) => isDeepStrictEqual(before[field], after[field])) &&
    isSameTime(before.start, after.start, calendarZone) &&
    isSameTime(before.end, after.end, calendarZone) &&
    isDeepStrictEqual(before.extendedProperties?.shared ?? {}, after.extendedProperties?.shared ?? {});
  const rows = new Map((after.attendees ?? []).map((row) => [row.email, row]));
  const keepsRows = (before.attendees ?? []).every(
    (row) => row.email === email || rows.get(row.email)?.responseStatus === row.responseStatus,
  );
  const known = new Set((before.attendees ?? []).map((row) => row.email));
  const invited = (after.attendees ?? []).filter((row) => !known.has(row.email));
  const mayInvite = before["guestsCanInviteOthers"] !== false;
  if (!isSame || !keepsRows || (known.has(email) && !rows.has(email)) || (invited.length > 0 && !mayInvite)) {
    throw forbiddenForNonOrganizer();
  }
  const copy = structuredClone(after);
  take(copy, before, ["start", "end"]);
  const own = rows.get(email);
  const attendees = (before.attendees ?? []).map((row) =>
    row.email === email && own ? { ...row, ...answerOf(own) } : row,
  );
  if (before.attendees || invited.length > 0) copy.attendees = [...attendees, ...invited];
  return copy;
}

/** The organizer's event after a guest wrote: the answer, who else was invited, and everything shared where guests may. */
export function toldByGuest(email: string, original: GoogleEvent, copy: GoogleEvent): GoogleEvent {
  const told = structuredClone(original);
  const written = new Map((copy.attendees ?? []).map((row) => [row.email, row]));
  const organizer = original.organizer?.email;
  if (original["guestsCanModify"] === true) {
    take(told, copy, [...sharedFields.filter((field) => field !== "source"), "start", "end"]);
    setProperties(told, original.extendedProperties?.private, copy.extendedProperties?.shared);
  }
  const known = new Map((original.attendees ?? []).map((row) => [row.email, row]));
  const kept =
    original["guestsCanModify"] === true ? [...written.keys()] : [...known.keys(), ...invitedIn(written, known)];
  const rows = kept.flatMap((guest) => {
    const [before, now] = [known.get(guest), written.get(guest)];
    const { self: _, ...row } = before ?? now ?? { email: guest, responseStatus: "needsAction" };
    const answer = guest === email && now ? answerOf(now) : {};
    return [{ ...row, ...answer, ...(guest === organizer && { self: true }) }];
  });
  if (original.attendees || rows.length > 0) told.attendees = rows;
  return told;
}

function invitedIn(
  written: ReadonlyMap<string, GoogleAttendee>,
  known: ReadonlyMap<string, GoogleAttendee>,
): readonly string[] {
  return [...written.keys()].filter((guest) => !known.has(guest));
}

export function answerOf(row: GoogleAttendee): Partial<GoogleAttendee> {
  return Object.fromEntries(ownAnswers.filter((field) => field in row).map((field) => [field, row[field]]));
}

function take(event: GoogleEvent, from: GoogleEvent, fields: readonly string[]): void {
  for (const field of fields) {
    if (from[field] === undefined) delete event[field];
    else event[field] = structuredClone(from[field]);
  }
}

function setProperties(
  event: GoogleEvent,
  own: Readonly<Record<string, string>> | undefined,
  shared: Readonly<Record<string, string>> | undefined,
): void {
  if (own || shared) event.extendedProperties = { ...(own && { private: own }), ...(shared && { shared }) };
  else delete event.extendedProperties;
}

/** A moment written in another zone is the same one. */
function isSameTime(one: GoogleTime | undefined, other: GoogleTime | undefined, calendarZone: string): boolean {
  if (!one || !other) return one === other;
  const isSameKind = (one.date === undefined) === (other.date === undefined);
  return isSameKind && millisOf(one, calendarZone) === millisOf(other, calendarZone);
}
