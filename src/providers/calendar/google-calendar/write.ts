import type { calendar_v3 } from "googleapis/build/src/apis/calendar/index.js";
import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import type { EventDraft, EventPatch } from "../provider.ts";
import type { GoogleAttendee, GoogleEvent } from "./shapes.ts";

export type EventBody = calendar_v3.Schema$Event;

/** Marks what this service created; people who copy an event copy the mark, but not the id that belongs to it. */
export const creationMark = "integrationsCreation";

/** Marks the rest of a series with the write that split it. */
export const splitMark = "integrationsSplit";

/** Google takes ids of our own: lower-case letters a to v, and digits. */
export function eventIdFor(creationId: string): string {
  return creationId.replaceAll("-", "");
}

export function draftBody(draft: EventDraft): EventBody {
  const { creationId, conference, uid: _, ...fields } = draft;
  return {
    ...patchBody(fields, null),
    id: eventIdFor(creationId),
    extendedProperties: { private: { [creationMark]: creationId } },
    ...(conference && {
      conferenceData: { createRequest: { requestId: creationId, conferenceSolutionKey: { type: "hangoutsMeet" } } },
    }),
  };
}

/**
 * What a patch names, in Google's words. Arrays are replaced whole there, so what our words leave out of them is taken
 * from the event as it was.
 *
 * @throws {IntegrationError} UNSUPPORTED_CAPABILITY with the field
 */
export function patchBody(patch: EventPatch, before: GoogleEvent | null): EventBody {
  const { title, description, location, status, transparency, classification } = patch;
  const { start, end, recurrence, attendees, reminders } = patch;
  return {
    ...(title !== undefined && { summary: title }),
    ...(description !== undefined && { description }),
    ...(location !== undefined && { location }),
    ...(status !== undefined && { status: status.toLowerCase() }),
    ...(transparency !== undefined && { transparency: transparency.toLowerCase() }),
    ...(classification !== undefined && { visibility: visibilityOf(classification, before) }),
    ...(start !== undefined && { start: timeBody(start, "start") }),
    ...(end !== undefined && { end: timeBody(end, "end") }),
    ...(recurrence !== undefined && { recurrence: recurrence.length > 0 ? [...recurrence] : null }),
    ...(attendees !== undefined && { attendees: attendeesBody(attendees, before) }),
    ...(reminders !== undefined && { reminders: remindersBody(reminders, before) }),
  } as EventBody;
}

/** The other form of a time is taken away, because Google merges what it is given with what it has. */
export function timeBody(time: EventTime, field: "start" | "end"): calendar_v3.Schema$EventDateTime {
  switch (time.kind) {
    case "date":
      return { date: time.date, dateTime: null, timeZone: null };
    case "zoned":
      return { date: null, dateTime: time.local, timeZone: time.timeZone };
    case "floating":
      throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Google Calendar has no times without a zone", {
        field: [field],
        remedy: "Give the time zone as well.",
      });
  }
}

/** "default" and "public" are both public to us, and stay what they are. */
function visibilityOf(classification: NonNullable<EventPatch["classification"]>, before: GoogleEvent | null): string {
  if (classification !== "PUBLIC") return classification.toLowerCase();
  return before?.visibility === "public" ? "public" : "default";
}

function attendeesBody(attendees: NonNullable<EventPatch["attendees"]>, before: GoogleEvent | null): unknown[] {
  if (before?.attendeesOmitted) {
    throw new IntegrationError("UNSUPPORTED_CAPABILITY", "Google shows only some of the guests of this event", {
      field: ["attendees"],
      remedy: "Change the guests in Google Calendar.",
    });
  }
  const known = new Map((before?.attendees ?? []).map((attendee) => [attendee.email?.toLowerCase(), attendee]));
  const rooms = (before?.attendees ?? []).filter(({ resource }) => resource);
  const people = attendees.map(({ email, name, optional, response }): GoogleAttendee => {
    const stays = known.get(email);
    if (stays) return { ...stays, optional, ...(name !== null && { displayName: name }) };
    const responseStatus = responseOf(response);
    return { email, optional, responseStatus, ...(name !== null && { displayName: name }) };
  });
  return [...people, ...rooms];
}

/** Google has no word for somebody who sends another person. */
export function responseOf(response: NonNullable<EventPatch["attendees"]>[number]["response"]): string {
  return response === "NEEDS_ACTION" || response === "DELEGATED" ? "needsAction" : response.toLowerCase();
}

/** E-mail reminders stay: people set them in Google Calendar, and we have no word for them. */
function remindersBody(reminders: readonly number[] | null, before: GoogleEvent | null): object {
  if (reminders === null) return { useDefault: true, overrides: [] };
  const others = (before?.reminders?.overrides ?? []).filter(({ method }) => method !== "popup");
  return { useDefault: false, overrides: [...reminders.map((minutes) => ({ method: "popup", minutes })), ...others] };
}
