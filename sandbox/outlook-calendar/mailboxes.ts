import { randomUUID } from "node:crypto";
import { EventStore, type StoreOptions } from "./event-store.ts";
import { type ShownEvent, shownEvent } from "./event-view.ts";
import { idsFrom } from "./item-ids.ts";
import { readPrefer } from "./prefer.ts";
import { fieldsOf, type Item } from "./series.ts";
import type { Mailbox, OutlookState, StoredCalendar } from "./state.ts";

export interface NewAccount {
  readonly email: string;
  readonly name?: string;
  /** An outlook.com account. */
  readonly personal?: boolean;
  /** False for an account without a licence. */
  readonly hasMailbox?: boolean;
  readonly timeZone?: string;
}

export interface NewCalendar {
  readonly name?: string;
  readonly canEdit?: boolean;
  /** Whose it is, where somebody shares it. */
  readonly owner?: { readonly name: string; readonly address: string };
  readonly color?: string;
  readonly hexColor?: string;
}

/** What people and other clients do in their mailboxes, without a token. */
export class Mailboxes {
  constructor(
    private readonly state: OutlookState,
    private readonly options: Omit<StoreOptions, "isOwner">,
  ) {}

  create({ email, name = email, personal = false, ...account }: NewAccount, userId: string): void {
    const key = email.toLowerCase();
    if (this.state.mailboxes.has(key)) return;
    this.state.mailboxes.set(key, {
      email: key,
      name,
      userId,
      isPersonal: personal,
      hasMailbox: account.hasMailbox ?? true,
      timeZone: account.timeZone ?? "W. Europe Standard Time",
      calendars: new Map(),
      events: new Map(),
    });
    this.addCalendar(key, { name: "Calendar" }, true);
  }

  isPersonal(email: string): boolean {
    return this.mailbox(email).isPersonal;
  }

  createCalendar(email: string, calendar: NewCalendar = {}): string {
    return this.addCalendar(email, calendar, false);
  }

  private addCalendar(email: string, calendar: NewCalendar, isDefault: boolean): string {
    const mailbox = this.mailbox(email);
    this.state.items += 1;
    const stored: StoredCalendar = {
      id: `AAMkAGTwinCalendar${idsFrom(this.state.items)}=`,
      name: calendar.name ?? `Calendar ${randomUUID().slice(0, 8)}`,
      isDefault,
      canEdit: calendar.canEdit ?? true,
      owner: calendar.owner ?? { name: mailbox.name, address: mailbox.email },
      color: calendar.color ?? "auto",
      hexColor: calendar.hexColor ?? "",
      version: 0,
    };
    mailbox.calendars.set(stored.id, stored);
    return stored.id;
  }

  dropCalendar(email: string, calendarId: string): void {
    const { calendars, events } = this.mailbox(email);
    if (calendars.get(calendarId)?.isDefault) throw new Error("The default calendar stays");
    calendars.delete(calendarId);
    for (const { key, calendarId: of } of events.values()) if (of === calendarId) events.delete(key);
  }

  defaultCalendarId(email: string): string {
    for (const { id, isDefault } of this.mailbox(email).calendars.values()) if (isDefault) return id;
    throw new Error(`${email} has no calendar`);
  }

  /** @returns its id, not the immutable one */
  insertEvent(email: string, event: Readonly<Record<string, unknown>>, calendarId?: string): string {
    const id = calendarId ?? this.defaultCalendarId(email);
    const calendar = this.mailbox(email).calendars.get(id);
    if (!calendar) throw new Error(`${email} has no calendar ${id}`);
    return this.store(email).insert(calendar, event).event.id;
  }

  /** @param eventId of either kind, of an occurrence too */
  patchEvent(email: string, eventId: string, patch: Readonly<Record<string, unknown>>): void {
    const store = this.store(email);
    store.update(store.find(eventId), patch);
  }

  deleteEvent(email: string, eventId: string): void {
    const store = this.store(email);
    store.delete(store.find(eventId));
  }

  /** @returns its new id; the immutable one stays */
  moveEvent(email: string, eventId: string, calendarId: string): string {
    const store = this.store(email);
    const { event } = store.find(eventId);
    store.move(event, calendarId);
    return event.id;
  }

  /** @param name one that is no zone's, such as `tzone://Microsoft/Custom` */
  nameZone(email: string, eventId: string, name: string): void {
    const store = this.store(email);
    store.nameZone(store.find(eventId).event, name);
  }

  /** As the API shows it, with everybody's extended properties; null when it is gone. */
  event(email: string, eventId: string): ShownEvent | null {
    try {
      return this.shown(email, this.store(email).find(eventId));
    } catch {
      return null;
    }
  }

  /** Single events and series. */
  events(email: string, calendarId?: string): readonly ShownEvent[] {
    const events = this.store(email).eventsOf(calendarId ?? this.defaultCalendarId(email));
    return events.map((event) => this.shown(email, { event, day: null }));
  }

  private shown(email: string, item: Item): ShownEvent {
    const extendedProperties = Object.keys(fieldsOf(item).extendedProperties);
    const expand = { exceptions: false, extendedProperties };
    return shownEvent(item, { mailbox: this.mailbox(email), prefer: readPrefer(undefined), expand });
  }

  private store(email: string): EventStore {
    return new EventStore(this.state, this.mailbox(email), { ...this.options, isOwner: true });
  }

  private mailbox(email: string): Mailbox {
    const mailbox = this.state.mailboxes.get(email.toLowerCase());
    if (!mailbox) throw new Error(`${email} has no account`);
    return mailbox;
  }
}
