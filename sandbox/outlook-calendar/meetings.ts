import { invalidRequest } from "./errors.ts";
import { isSame, noAnswer } from "./event-fields.ts";
import type { EventStore } from "./event-store.ts";
import { fieldsOf, type Item } from "./series.ts";
import type { Attendee, EventFields, Mailbox, ResponseType, StoredEvent, WallTime } from "./state.ts";
import type { OutlookSwitches } from "./switches.ts";

/** What invitations and answers travel with. Graph has no way to write guests without mail. */
export interface Mail {
  readonly store: EventStore;
  readonly now: () => Date;
  readonly switches: OutlookSwitches;
}

/** What an invitation carries; all else is each mailbox's own. */
const carried = [
  ...(["subject", "html", "start", "end", "isAllDay", "location", "locations", "sensitivity", "importance"] as const),
  ...(["responseRequested", "allowNewTimeProposals", "hideAttendees", "attendees"] as const),
  ...(["isOnlineMeeting", "onlineMeetingProvider", "onlineMeeting", "hasAttachments", "isCancelled"] as const),
];

export const isOrganizer = (mailbox: Mailbox, event: StoredEvent): boolean => {
  const owner = mailbox.calendars.get(event.calendarId)?.owner;
  return owner !== undefined && isSame(owner, event.organizer.address);
};

/** Brings the copies of guests who have an account here up to date; those who are no longer invited see it cancelled. */
export function mailGuests(mail: Mail, event: StoredEvent, before: readonly Attendee[]): void {
  const { mailbox } = mail.store;
  if (!isOrganizer(mailbox, event)) return;
  const guests = event.fields.attendees;
  for (const address of addressesOf(guests, mailbox)) {
    const theirs = mail.store.storeOf(address);
    if (theirs) bring(theirs, event, address, !before.some(({ emailAddress }) => isSame(emailAddress, address)));
  }
  const gone = addressesOf(before, mailbox).filter(
    (address) => !guests.some(({ emailAddress }) => isSame(emailAddress, address)),
  );
  for (const address of gone) cancelCopy(mail, event, address);
}

/** As when the organizer deletes a meeting. */
export function cancelForGuests(mail: Mail, event: StoredEvent): void {
  if (!isOrganizer(mail.store.mailbox, event)) return;
  for (const address of addressesOf(event.fields.attendees, mail.store.mailbox)) cancelCopy(mail, event, address);
}

function addressesOf(attendees: readonly Attendee[], self: Mailbox): readonly string[] {
  const addresses = attendees.map(({ emailAddress }) => emailAddress.address.toLowerCase());
  return [...new Set(addresses)].filter((address) => address !== self.email);
}

function bring(theirs: EventStore, event: StoredEvent, address: string, isNew: boolean): void {
  const known = copyIn(theirs, event);
  const shared = carriedBy(event.fields, address);
  if (!known) {
    if (!isNew) return;
    const status = { response: "notResponded", time: noAnswer.time } as const;
    const own = { ...event.fields, ...shared, responseStatus: status, showAs: "tentative", extendedProperties: {} };
    const copy = theirs.copyOf(event, { ...own, categories: [], isReminderOn: true, reminderMinutesBeforeStart: 15 });
    carrySeries(copy, event, address);
    theirs.touch(copy, "created");
    return;
  }
  const isMoved = timesText(known) !== timesText(event);
  const asked = isMoved && { responseStatus: { response: "notResponded", time: noAnswer.time } as const };
  const draft = structuredClone(known);
  draft.fields = { ...known.fields, ...shared, ...asked, ...(isMoved && { showAs: "tentative" }) };
  if (isMoved) draft.exceptions.clear();
  carrySeries(draft, event, address);
  // Who else is invited is no news by itself: only those whom it concerns get mail.
  if (newsText(known) === newsText(draft)) return;
  Object.assign(known, draft);
  theirs.touch(known, "updated");
}

function carrySeries(copy: StoredEvent, event: StoredEvent, address: string): void {
  copy.recurrence = event.recurrence;
  copy.originalStartTimeZone = event.originalStartTimeZone;
  copy.originalEndTimeZone = event.originalEndTimeZone;
  for (const [day, { responseStatus, isCancelled }] of [...copy.exceptions]) {
    const isOwn = responseStatus !== undefined && !isCancelled;
    if (!isOwn && !event.exceptions.has(day)) copy.exceptions.delete(day);
  }
  for (const [day, fields] of event.exceptions) {
    copy.exceptions.set(day, { ...copy.exceptions.get(day), ...carriedBy(fields, address) });
  }
  for (const day of event.cancelledDays) {
    if (copy.cancelledDays.has(day)) continue;
    copy.exceptions.set(day, { ...copy.exceptions.get(day), ...cancelled(event.fields) });
  }
}

/** Guests do not see how others answered, nor who they are where the organizer hides them. */
function carriedBy(fields: Partial<EventFields>, address: string): Partial<EventFields> {
  const shared = Object.fromEntries(
    carried.filter((name) => name in fields).map((name) => [name, fields[name]]),
  ) as Partial<EventFields>;
  if (!shared.attendees) return shared;
  const isGuest = ({ emailAddress }: Attendee) => isSame(emailAddress, address);
  const seen = shared.attendees.filter((attendee) => !shared.hideAttendees || isGuest(attendee));
  const attendees = seen.map((one) => ({ ...one, status: isGuest(one) ? one.status : noAnswer }));
  return { ...shared, attendees };
}

function cancelCopy({ store }: Mail, event: StoredEvent, address: string): void {
  const theirs = store.storeOf(address);
  const copy = theirs && copyIn(theirs, event);
  if (!theirs || !copy || copy.fields.isCancelled) return;
  copy.fields = { ...copy.fields, ...cancelled(event.fields) };
  theirs.touch(copy, "updated");
}

function cancelled({ subject }: EventFields): Partial<EventFields> {
  return { subject: `Canceled: ${subject}`, isCancelled: true, showAs: "free" };
}

function copyIn({ mailbox }: EventStore, { uid }: StoredEvent): StoredEvent | undefined {
  return [...mailbox.events.values()].find((event) => event.uid === uid);
}

const timesText = ({ fields: { start, end }, recurrence }: StoredEvent) =>
  JSON.stringify([start, end, recurrence?.pattern, recurrence?.range]);

const newsText = ({ fields, recurrence, exceptions }: StoredEvent) =>
  JSON.stringify([fields, recurrence, [...exceptions]], (name, value) => (name === "attendees" ? undefined : value));

export interface Answer {
  readonly response: Extract<ResponseType, "accepted" | "declined" | "tentativelyAccepted">;
  readonly isSent: boolean;
  readonly proposedNewTime: { readonly start: WallTime; readonly end: WallTime } | null;
}

/**
 * A guest's answer: in their own copy, and, when it is sent, in the organizer's list of guests.
 *
 * @throws {GraphError} ErrorInvalidRequest to the organizer, and where no other time may be proposed
 */
export function respond({ store, now, switches }: Mail, item: Item, answer: Answer): void {
  const { event, day } = item;
  const { response, proposedNewTime } = answer;
  if (isOrganizer(store.mailbox, event)) {
    throw invalidRequest(
      "Your request can't be completed. You can't respond to this meeting because you're the organizer.",
    );
  }
  const before = fieldsOf(item);
  if (proposedNewTime && (!answer.isSent || !before.allowNewTimeProposals)) {
    throw invalidRequest("The proposedNewTime parameter is valid only for events that allow new time proposals.");
  }
  const responseStatus = { response, time: now().toISOString().replace(/\.\d+/, "") };
  const showAs = { accepted: "busy", tentativelyAccepted: "tentative", declined: "free" }[response];
  const isMine = ({ emailAddress }: Attendee) => isSame(emailAddress, store.mailbox.email);
  const answered = (attendees: readonly Attendee[]) =>
    attendees.map((one) =>
      isMine(one) ? { ...one, status: responseStatus, ...(proposedNewTime && { proposedNewTime }) } : one,
    );
  const attendees = switches.ownAnswerAmongGuests ? { attendees: answered(before.attendees) } : {};
  const own = { responseStatus, showAs, ...attendees };
  if (response === "declined" && switches.declineRemovesCopy) {
    if (day === null) store.remove(event);
    else event.cancelledDays.add(day);
  } else if (day === null) event.fields = { ...event.fields, ...own };
  else event.exceptions.set(day, { ...event.exceptions.get(day), ...own });
  if (store.mailbox.events.has(event.key)) store.touch(event, "updated");
  if (!answer.isSent) return;

  const theirs = store.storeOf(event.organizer.address);
  const original = theirs && copyIn(theirs, event);
  if (!theirs || !original) return;
  if (day === null) original.fields = { ...original.fields, attendees: answered(original.fields.attendees) };
  else {
    const attendees = answered(fieldsOf({ event: original, day }).attendees);
    original.exceptions.set(day, { ...original.exceptions.get(day), attendees });
  }
  theirs.touch(original, "updated");
}
