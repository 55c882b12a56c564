import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { addDuration, recurrenceKey } from "../../../recurrence/instant.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import type { Attendee, EventDraft, EventFields, EventPatch } from "../provider.ts";
import type { EventData } from "./client.ts";
import { markedAddress } from "./marks.ts";
import { type DaysEnd, free, minutesOf, optionalAttendance, readSpan } from "./read.ts";
import type { ShownEvent } from "./shapes.ts";
import { writeTime } from "./times.ts";

/** What Zoho takes back as it showed it; the rule in one of its two forms. */
const takenBack = [
  ...["title", "isallday", "isprivate", "location", "description", "richtext_description", "url", "color"],
  ...["group_attendees", "transparency", "allowForwarding", "rrule", "repeat"],
];

/** Of `notify_attendee`: guests are mailed, or not. What 2 means is not known. */
export const notify = { guests: 1, nobody: 0 } as const;

/**
 * All of an event, changed by a patch: what a write leaves out, Zoho deletes.
 *
 * @param patch its `recurrence` for a series alone
 * @throws {IntegrationError} UNSUPPORTED_CAPABILITY with the field
 */
export function changedData(shown: ShownEvent, patch: EventPatch, daysEnd: DaysEnd): EventData {
  const names = takenBack.filter((name) => !(name === "repeat" && shown.rrule));
  const kept = Object.entries(shown).filter(([name, value]) => names.includes(name) && value != null);
  const attendees = shown.attendees ?? [];
  const reminders = shown.reminders ?? [];
  const { start, end } = { ...readSpan(shown, daysEnd), ...patch };
  return {
    ...Object.fromEntries(kept),
    attendees: attendees.map(({ email, status, permission, attendance }) => ({
      email,
      status,
      permission,
      attendance,
    })),
    reminders: reminders.map(({ action, minutes }) => ({ action, minutes })),
    ...patchData(patch, shown),
    ...timesData({ start, end }, daysEnd, shown.dateandtime.timezone),
  };
}

/** The same of one occurrence of a series, which has no rule. */
export function occurrenceData(shown: ShownEvent, patch: EventPatch, daysEnd: DaysEnd): EventData {
  const { recurrence: _, ...own } = patch;
  return changedData({ ...shown, rrule: null, repeat: null }, own, daysEnd);
}

/** Guests are told once, with the write that people asked for. */
export function notifying({ attendees }: EventData): EventData {
  const hasGuests = Array.isArray(attendees) && attendees.length > 0;
  return { notify_attendee: hasGuests ? notify.guests : notify.nobody };
}

export function draftData({ creationId, conference: _, uid: __, ...fields }: EventDraft): EventData {
  const { start, end, recurrence, ...said } = fields;
  const data = {
    ...patchData({ ...said, ...(recurrence.length > 0 && { recurrence }) }, null),
    // Whether several days end there is looked at once they are.
    ...timesData({ start, end }, "exclusive", null),
    url: markedAddress(null, creationId),
  };
  return { ...data, ...notifying(data) };
}

/** What a patch names besides the times. */
function patchData(patch: EventPatch, before: ShownEvent | null): EventData {
  const { title, description, location, status, transparency, classification } = patch;
  const { recurrence, attendees, reminders } = patch;
  if (status !== undefined) requireConfirmed(status);
  return {
    ...(title !== undefined && { title }),
    // Formatted text would hide the plain one.
    ...(description !== undefined && { description: description ?? "", richtext_description: "" }),
    ...(location !== undefined && { location: location ?? "" }),
    ...(transparency !== undefined && { transparency: transparency === "TRANSPARENT" ? free : 0 }),
    ...(classification !== undefined && { isprivate: isPrivate(classification) }),
    ...(recurrence !== undefined && { rrule: ruleText(recurrence), repeat: undefined }),
    ...(attendees !== undefined && { attendees: attendees.map((guest) => attendeeData(guest, before)) }),
    // The calendar's own apply where nothing is said.
    ...(reminders != null && { reminders: reminders.map((minutes) => reminderData(minutes, before)) }),
  };
}

function requireConfirmed(status: EventFields["status"]): void {
  if (status === "CONFIRMED") return;
  throw new IntegrationError("UNSUPPORTED_CAPABILITY", `Zoho has no ${status.toLowerCase()} events`, {
    field: ["status"],
    remedy: status === "CANCELLED" ? "Delete the event; its guests are told." : "Say it in the title.",
  });
}

function isPrivate(classification: EventFields["classification"]): boolean {
  if (classification !== "CONFIDENTIAL") return classification === "PRIVATE";
  throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Zoho's events are private or not, and never confidential", {
    field: ["classification"],
    remedy: "Make it private.",
  });
}

/** Start and end always go together. One day is the same day at both ends, which means the same however days end. */
function timesData(
  { start, end }: { readonly start: EventTime; readonly end: EventTime },
  daysEnd: DaysEnd,
  zone: string | null | undefined,
): EventData {
  const last = end.kind === "date" ? addDuration(end, -dayMs) : end;
  const isOneDay = start.kind === "date" && recurrenceKey(last) === recurrenceKey(start);
  const timezone = start.kind === "zoned" ? start.timeZone : zone;
  return {
    isallday: start.kind === "date",
    dateandtime: {
      start: writeTime(start, "start"),
      end: writeTime(isOneDay || daysEnd === "inclusive" ? last : end, "end"),
      ...(timezone && { timezone }),
    },
  };
}

export function isExclusion(line: string): boolean {
  return /^EXDATE[;:]/i.test(line);
}

const frequencies = /^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)$/;

/**
 * The one rule that Zoho keeps of a series, `FREQ` first; empty for none. What is taken out is deleted afterwards.
 *
 * @throws {IntegrationError} UNSUPPORTED_CAPABILITY
 */
export function ruleText(recurrence: readonly string[]): string {
  const lines = recurrence.filter((line) => !isExclusion(line));
  if (lines.length === 0) return "";
  const [, rule] = /^RRULE:(.+)$/i.exec(lines[0] ?? "") ?? [];
  const parts = rule?.toUpperCase().split(";") ?? [];
  const frequency = parts.find((part) => frequencies.test(part));
  if (lines.length > 1 || frequency === undefined) {
    throw new IntegrationError(
      "UNSUPPORTED_CAPABILITY",
      "Zoho's series follow one rule, by days, weeks, months or years",
      {
        field: ["recurrence"],
        remedy: "Give one RRULE, with EXDATE for what is left out; make single events of what does not fit.",
      },
    );
  }
  return [frequency, ...parts.filter((part) => part !== frequency)].join(";");
}

/** What we have no word for, such as a guest's rights, stays. */
function attendeeData({ email, optional }: Attendee, before: ShownEvent | null): EventData {
  const known = before?.attendees?.find((guest) => guest.email?.toLowerCase() === email);
  const wasOptional = known?.attendance === optionalAttendance;
  return {
    email: known?.email ?? email,
    status: known?.status ?? "NEEDS-ACTION",
    permission: known?.permission ?? undefined,
    attendance: known && wasOptional === optional ? known.attendance : optional ? optionalAttendance : 1,
  };
}

function reminderData(minutes: number, before: ShownEvent | null): EventData {
  const known = before?.reminders?.find((reminder) => minutesOf(reminder) === minutes);
  return { action: known?.action ?? "popup", minutes: -minutes };
}
