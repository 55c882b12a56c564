import type ICAL from "ical.js";
import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { eventsIn, formatCalendar, parseCalendar } from "./component.ts";
import { participantOf } from "./read.ts";
import { occurrenceIn } from "./series.ts";
import { stamp } from "./write.ts";

/**
 * Answers an invitation: only the guest's own participation changes, which is all that a guest may change
 * (RFC 6638 §3.2.2.1).
 *
 * @param addresses the mail addresses of the guest, lower case
 * @param recurrenceId one occurrence; null answers for all
 * @throws {IntegrationError} PREREQUISITE_MISSING when none of the addresses is invited
 */
export function answerInvitation(
  raw: string,
  recurrenceId: EventTime | null,
  addresses: readonly string[],
  response: "ACCEPTED" | "DECLINED" | "TENTATIVE",
  now: Date,
): string {
  const calendar = parseCalendar(raw);
  const events = recurrenceId === null ? eventsIn(calendar) : [occurrenceIn(calendar, recurrenceId)];
  const own = events.map((event) => ({ event, guest: guestIn(event, addresses) }));
  if (own.every(({ guest }) => guest === undefined)) {
    throw new IntegrationError("PREREQUISITE_MISSING", "This account is not among the guests of the event");
  }
  for (const { event, guest } of own) {
    if (guest === undefined) continue;
    guest.setParameter("partstat", response);
    guest.removeParameter("rsvp");
    stamp(event, now);
  }
  return formatCalendar(calendar);
}

function guestIn(event: ICAL.Component, addresses: readonly string[]): ICAL.Property | undefined {
  return event.getAllProperties("attendee").find((property) => {
    const email = participantOf(property)?.email;
    return email !== undefined && addresses.includes(email);
  });
}
