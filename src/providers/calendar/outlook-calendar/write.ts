import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { timeZoneOf } from "../../../recurrence/time-zone.ts";
import type { EventDraft, EventFields, EventPatch } from "../provider.ts";
import { graphSeries } from "./patterned-recurrence.ts";
import { freeWords } from "./read.ts";
import type { GraphAttendee, GraphEvent } from "./shapes.ts";

/** What Graph is sent for an event. https://learn.microsoft.com/en-us/graph/api/resources/event */
export type EventBody = Readonly<Record<string, unknown>>;

/** Finds what this service created: the mark is ours alone, and not shown unless it is asked for. */
export const creationMark = "String {5f3c9d0e-6f0b-4f0a-9c55-3a3f5f8c6c2e} Name integrationsCreation";

export function markedBy(value: string): { readonly id: string; readonly value: string } {
  return { id: creationMark, value };
}

export function draftBody({ creationId, conference, uid: _, ...fields }: EventDraft): EventBody {
  // The calendar's own reminder applies where nothing is said.
  const { reminders, ...others } = fields;
  const { recurrence, ...said } = others;
  return {
    ...patchBody({ ...said, ...(recurrence.length > 0 && { recurrence }), ...(reminders && { reminders }) }, null),
    transactionId: creationId,
    singleValueExtendedProperties: [markedBy(creationId)],
    ...(conference && { isOnlineMeeting: true, onlineMeetingProvider: "teamsForBusiness" }),
  };
}

/**
 * What a patch names, in Graph's words. Arrays are replaced whole there, so what our words leave out of them is taken
 * from the event as it was.
 *
 * @param patch with `start` and `end` both or neither, since whole days have to be in one zone; `recurrence` with them
 * @throws {IntegrationError} UNSUPPORTED_CAPABILITY with the field
 */
export function patchBody(patch: EventPatch, before: GraphEvent | null): EventBody {
  const { title, description, location, status, transparency, classification } = patch;
  const { start, end, recurrence, attendees, reminders } = patch;
  if (status === "CANCELLED") {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Outlook cancels an event by deleting it", {
      field: ["status"],
      remedy: "Delete the event; its guests are told.",
    });
  }
  const shown = status !== undefined || transparency !== undefined ? showAsFor({ status, transparency }, before) : null;
  return {
    ...(title !== undefined && { subject: title }),
    ...(description !== undefined && { body: { contentType: "text", content: description ?? "" } }),
    ...(location !== undefined && { location: { displayName: location ?? "" } }),
    ...(shown !== null && { showAs: shown }),
    ...(classification !== undefined && { sensitivity: sensitivityOf(classification, before) }),
    ...(start !== undefined && { start: timeBody(start, "start", before), isAllDay: start.kind === "date" }),
    ...(end !== undefined && { end: timeBody(end, "end", before) }),
    ...(recurrence !== undefined && { recurrence: recurrenceBody(recurrence, start) }),
    ...(attendees !== undefined && { attendees: attendeesBody(attendees, before) }),
    ...(reminders !== undefined && reminderBody(reminders)),
  };
}

/** A day is sent as its midnights, both in one zone: Outlook keeps them where they are. */
function timeBody(
  time: EventTime,
  field: "start" | "end",
  before: GraphEvent | null,
): { dateTime: string; timeZone: string } {
  switch (time.kind) {
    case "date":
      return { dateTime: `${time.date}T00:00:00`, timeZone: zoneOfDays(before) };
    case "zoned":
      return { dateTime: time.local, timeZone: time.timeZone };
    case "floating":
      throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Outlook has no times without a zone", {
        field: [field],
        remedy: "Give the time zone as well.",
      });
  }
}

/** Days stay in the zone that they were made in: in another one a series would be another, without its changed occurrences. */
function zoneOfDays(before: GraphEvent | null): string {
  const known = before?.isAllDay ? before.originalStartTimeZone : null;
  return known && timeZoneOf(known).exact ? known : "UTC";
}

function recurrenceBody(recurrence: readonly string[], start: EventTime | undefined): object | null {
  if (recurrence.length === 0) return null;
  if (!start) throw new Error("A recurrence without its start");
  return graphSeries(recurrence, start).recurrence;
}

/** Outlook has one word where we have two; words of its own stay while ours say the same. */
function showAsFor(
  {
    status,
    transparency,
  }: { status: EventPatch["status"] | undefined; transparency: EventPatch["transparency"] | undefined },
  before: GraphEvent | null,
): string | null {
  const showAs = before?.showAs?.toLowerCase() ?? "busy";
  const wasFree = freeWords.has(showAs);
  const wasTentative = showAs === "tentative";
  const isTentative = status === undefined ? wasTentative : status === "TENTATIVE";
  const isFree = transparency === undefined ? wasFree : transparency === "TRANSPARENT";
  if (isTentative && isFree) {
    throw new IntegrationError(
      "UNSUPPORTED_CAPABILITY",
      "Outlook shows an event as tentative or as free, not as both",
      {
        field: [status === "TENTATIVE" ? "status" : "transparency"],
        remedy: "Choose one of them.",
      },
    );
  }
  if (before && isTentative === wasTentative && isFree === wasFree) return null;
  return isTentative ? "tentative" : isFree ? "free" : "busy";
}

/** "normal" and "personal" have no word of ours, and stay where ours says nothing else. */
function sensitivityOf(classification: EventFields["classification"], before: GraphEvent | null): string {
  const sensitivity = before?.sensitivity?.toLowerCase();
  if (classification === "PRIVATE") return sensitivity === "personal" ? "personal" : "private";
  return classification === "CONFIDENTIAL" ? "confidential" : "normal";
}

/** Answers are the guests' own: Outlook keeps those of guests who stay, and takes none from us. */
function attendeesBody(attendees: NonNullable<EventPatch["attendees"]>, before: GraphEvent | null): readonly object[] {
  const known = before?.attendees ?? [];
  const rooms = known.filter(({ type }) => type?.toLowerCase() === "resource");
  const people = attendees.map(({ email, name, optional }): GraphAttendee => {
    const stays = known.find(({ emailAddress }) => emailAddress?.address?.toLowerCase() === email);
    const emailAddress = {
      ...stays?.emailAddress,
      address: stays?.emailAddress?.address ?? email,
      ...(name !== null && { name }),
    };
    return { ...stays, type: optional ? "optional" : "required", emailAddress };
  });
  return [...people, ...rooms];
}

/** Outlook has one reminder. */
function reminderBody(reminders: readonly number[] | null): EventBody {
  if (reminders === null) {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Outlook cannot go back to the calendar's own reminder", {
      field: ["reminders"],
      remedy: "Say when to be reminded, or give none.",
    });
  }
  const [minutes] = reminders;
  return minutes === undefined ? { isReminderOn: false } : { isReminderOn: true, reminderMinutesBeforeStart: minutes };
}
