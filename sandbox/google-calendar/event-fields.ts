import { requestedConference } from "./conferences.ts";
import { invalid, required } from "./errors.ts";
import { answerOf } from "./guests.ts";
import { instancesOf } from "./occurrences.ts";
import type { GoogleAttendee, GoogleEvent } from "./state.ts";
import { checkTimes, storedTime } from "./times.ts";

/** Fields that clients may write; all others are Google's own or unknown, and are left out. */
const writable = [
  ...["summary", "description", "location", "colorId", "start", "end", "recurrence", "transparency", "visibility"],
  ...["attendees", "extendedProperties", "reminders", "status", "guestsCanInviteOthers", "source", "eventType"],
  ...["guestsCanModify", "guestsCanSeeOtherGuests", "anyoneCanAddSelf", "attachments", "conferenceData"],
];
const absentWhenEmpty = ["summary", "description", "location"];
/** What is not said is so, and is not told either. */
const defaults: Readonly<Record<string, boolean>> = {
  guestsCanInviteOthers: true,
  guestsCanModify: false,
  guestsCanSeeOtherGuests: true,
  anyoneCanAddSelf: false,
};
const statuses: readonly unknown[] = ["confirmed", "tentative", "cancelled"];
const maxReminderMinutes = 40_320;

export interface FieldOptions {
  /** Of the account that writes. */
  readonly email: string;
  readonly calendarZone: string;
  /** Without it conferences are left as they are. */
  readonly conferences: boolean;
  readonly attachments: boolean;
  /** As PUT does: what is not given is cleared. */
  readonly replaces: boolean;
}

/** What Google itself puts into a new event. */
export function blankEvent({
  id,
  iCalUID,
  email,
  at,
}: Readonly<Record<"id" | "iCalUID" | "email", string>> & { at: Date }): GoogleEvent {
  return {
    kind: "calendar#event",
    id,
    etag: "",
    htmlLink: `https://www.google.com/calendar/event?eid=${id}`,
    created: at.toISOString(),
    updated: "",
    iCalUID,
    creator: { email, self: true },
    organizer: { email, self: true },
    status: "confirmed",
    eventType: "default",
    reminders: { useDefault: true },
    sequence: 0,
  };
}

/** Puts what a client sent into an event. @throws {ApiError} invalid, required, timeRangeEmpty */
export function writeFields(event: GoogleEvent, body: Readonly<Record<string, unknown>>, options: FieldOptions): void {
  const { email, calendarZone, conferences, attachments, replaces } = options;
  const fields = writable.filter(
    (field) => (conferences || field !== "conferenceData") && (attachments || field !== "attachments"),
  );
  const isOwnAnswer = body["attendeesOmitted"] === true;
  checkType(event, body);
  if (replaces) {
    const stays = ["status", "eventType", ...(isOwnAnswer ? ["attendees"] : [])];
    for (const field of fields) if (!stays.includes(field)) delete event[field];
  }
  for (const field of fields) {
    const value = body[field];
    if (!(field in body) || (value === null && ["status", "eventType"].includes(field))) continue;
    if (field === "attendees" && isOwnAnswer) event.attendees = withOwnAnswer(event, value, email);
    else if (value === null || (value === "" && absentWhenEmpty.includes(field))) delete event[field];
    else if (value === defaults[field]) delete event[field];
    else if (field === "extendedProperties") event.extendedProperties = merged(event.extendedProperties, value);
    else if (field === "attendees") event.attendees = attendeesOf(event, value, email);
    else if (field === "conferenceData") event["conferenceData"] = requestedConference(event["conferenceData"], value);
    else if (field === "start" || field === "end") {
      const needsZone = event.recurrence !== undefined || Array.isArray(body["recurrence"]);
      // A patch goes into what is there: whoever makes a whole day of an hour has to take the hour away.
      const given = replaces ? value : { ...event[field], ...(value as object) };
      event[field] = storedTime(given, calendarZone, { needsZone });
    } else event[field] = structuredClone(value);
  }
  if (replaces) event["reminders"] ??= { useDefault: true };
  if (event["conferenceData"] === undefined) delete event["hangoutLink"];
  if (!statuses.includes(event.status)) throw invalid("Invalid value for: status", "status");
  checkReminders(event["reminders"]);
  checkTimes(event, calendarZone);
  checkRecurrence(event, calendarZone);
}

function checkType(event: GoogleEvent, { eventType }: Readonly<Record<string, unknown>>): void {
  if (eventType === undefined || eventType === null) return;
  const isNew = event.etag === "";
  if (isNew ? eventType === "fromGmail" : eventType !== event.eventType) {
    throw invalid("Invalid value for: eventType", "eventType");
  }
}

function checkRecurrence(event: GoogleEvent, calendarZone: string): void {
  if (event.recurrence?.length === 0) delete event.recurrence;
  const { recurrence, start } = event;
  if (!recurrence) return;
  if (event.recurringEventId !== undefined) throw invalid("An occurrence has no recurrence.", "recurrence");
  if (start?.date === undefined && !start?.timeZone) {
    throw required("Missing time zone definition for start time.");
  }
  const isRule = (line: unknown) => typeof line === "string" && /^(RRULE|EXRULE|RDATE|EXDATE)[;:]/.test(line);
  if (!recurrence.every(isRule)) throw invalid("Invalid recurrence rule.", "recurrence");
  try {
    instancesOf(event, calendarZone);
  } catch {
    throw invalid("Invalid recurrence rule.", "recurrence");
  }
}

function checkReminders(reminders: unknown): void {
  const { overrides = [] } = (reminders ?? {}) as { overrides?: { method?: string; minutes?: number }[] };
  const isGood = overrides.every(
    ({ method = "", minutes = -1 }) =>
      ["email", "popup"].includes(method) && minutes >= 0 && minutes <= maxReminderMinutes,
  );
  if (overrides.length > 5 || !isGood) throw invalid("Invalid reminders.", "reminders");
}

function rowsOf(value: unknown): GoogleAttendee[] {
  if (!Array.isArray(value)) throw invalid("Invalid value for: attendees", "attendees");
  return value.map((row: Partial<GoogleAttendee> | null) => {
    if (typeof row?.email !== "string" || !row.email.includes("@")) throw invalid("Invalid attendee email.");
    return { responseStatus: "needsAction", ...row, email: row.email.toLowerCase() };
  });
}

function attendeesOf({ organizer }: GoogleEvent, value: unknown, email: string): GoogleAttendee[] {
  return rowsOf(value).map(({ self: _, organizer: __, ...row }) => ({
    ...row,
    ...(row.email === organizer?.email && { organizer: true }),
    ...(row.email === email && { self: true }),
  }));
}

/** `attendeesOmitted` says that the list is not whole: of it the caller's own row counts. */
function withOwnAnswer(event: GoogleEvent, value: unknown, email: string): GoogleAttendee[] {
  const own = rowsOf(value).find((row) => row.email === email);
  return (event.attendees ?? []).map((row) => (row.email === email && own ? { ...row, ...answerOf(own) } : row));
}

function merged(
  before: GoogleEvent["extendedProperties"],
  given: unknown,
): NonNullable<GoogleEvent["extendedProperties"]> {
  const { private: own, shared } = given as NonNullable<GoogleEvent["extendedProperties"]>;
  return {
    ...(before?.private || own ? { private: ofTexts({ ...before?.private, ...own }) } : {}),
    ...(before?.shared || shared ? { shared: ofTexts({ ...before?.shared, ...shared }) } : {}),
  };
}

/** Null takes a property away. */
function ofTexts(properties: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(properties).filter(([, value]) => value !== null);
  const texts = given.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  if (texts.length < given.length) throw invalid("Invalid value for: extendedProperties", "extendedProperties");
  return Object.fromEntries(texts);
}
