import type { Attendee, StoredAccount, StoredCalendar, StoredEvent, StoredMail, ZohoState } from "./state.ts";

/** Which guests a write tells: `notify_attendee`. 0 is nobody; that 1 is everybody and 2 whoever is new is unverified. */
export type Notify = 0 | 1 | 2;

export const keyOf = (calendarUid: string, uid: string): string => `${calendarUid} ${uid}`;

/** Mails the guests, and keeps the copies in the calendars of those who have one in the same data centre. */
export function tellGuests(
  state: ZohoState,
  event: StoredEvent,
  { before, notify, at }: { readonly before: readonly Attendee[]; readonly notify: Notify; readonly at: number },
): void {
  const guests = event.fields.attendees.filter(({ email }) => !isSame(email, event.organizer));
  const isIn = (list: readonly Attendee[], email: string) => list.some((guest) => isSame(guest.email, email));
  for (const { email } of guests) {
    const about = isIn(before, email) ? "updated" : "invited";
    if (notify === 1 || (notify === 2 && about === "invited")) mail(state, email, event, about, at);
    const calendar = calendarOfGuest(state, event, email);
    if (calendar) state.events.set(keyOf(calendar.uid, event.uid), copyFor(calendar, event));
  }
  for (const { email } of before) if (!isIn(guests, email)) uninvite(state, event, email, { notify, at });
}

/** As when the organizer deletes it. */
export function cancelForGuests(state: ZohoState, event: StoredEvent, at: number): void {
  for (const { email } of event.fields.attendees) uninvite(state, event, email, { notify: 1, at });
}

export function isOrganizers({ organizer }: StoredEvent, calendar: StoredCalendar): boolean {
  return isSame(organizer, calendar.owner);
}

function uninvite(
  state: ZohoState,
  event: StoredEvent,
  email: string,
  { notify, at }: { readonly notify: Notify; readonly at: number },
): void {
  if (isSame(email, event.organizer)) return;
  if (notify !== 0) mail(state, email, event, "cancelled", at);
  const calendar = calendarOfGuest(state, event, email);
  if (calendar && state.events.delete(keyOf(calendar.uid, event.uid))) {
    state.gone.set(keyOf(calendar.uid, event.uid), at);
  }
}

function mail(state: ZohoState, to: string, { uid }: StoredEvent, about: StoredMail["about"], at: number): void {
  state.mails.push({ to, eventUid: uid, about, at: new Date(at).toISOString() });
}

function calendarOfGuest(state: ZohoState, event: StoredEvent, email: string): StoredCalendar | undefined {
  const guest = accountOf(state, email);
  if (!guest || guest.dataCenter !== accountOf(state, event.organizer)?.dataCenter) return undefined;
  return [...state.calendars.values()].find(({ isDefault, owner }) => isDefault && isSame(owner, email));
}

function copyFor({ uid: calendarUid }: StoredCalendar, event: StoredEvent): StoredEvent {
  return { ...structuredClone(event), calendarUid };
}

export function accountOf(state: ZohoState, email: string): StoredAccount | undefined {
  return state.accounts.get(email.toLowerCase());
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
