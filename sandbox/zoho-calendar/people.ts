import { addCalendar } from "./calendar-list.ts";
import { type DataCenter, isDataCenter } from "./data-centers.ts";
import type { EventData } from "./event-fields.ts";
import { wholeEvent } from "./event-list.ts";
import { EventStore, type StoreOptions } from "./event-store.ts";
import type { ShownEvent, ViewOptions } from "./event-view.ts";
import { accountOf } from "./guests.ts";
import type { Category, Privilege, StoredAccount, StoredCalendar, StoredEvent, ZohoState } from "./state.ts";

export interface NewAccount {
  readonly email: string;
  readonly name?: string;
  /** `us`, `eu` and so on; the United States when left out. */
  readonly dataCenter?: string;
  readonly timeZone?: string;
  readonly sharesFreeBusy?: boolean;
}

export interface NewCalendar {
  readonly name?: string;
  readonly color?: string;
  readonly timeZone?: string;
  /** `owner` when left out; with another one the calendar is somebody else's. */
  readonly privilege?: Privilege;
  /** `own`, or `others` for what is somebody else's. */
  readonly category?: Category;
  /** Whose it is, where it is somebody else's. */
  readonly owner?: string;
}

/** What people and other clients do in their calendars, without a token. */
export class People {
  readonly store: EventStore;

  constructor(
    private readonly state: ZohoState,
    private readonly options: StoreOptions,
  ) {
    this.store = new EventStore(state, options);
  }

  create(account: NewAccount, zuid: number): void {
    const { name = account.email, dataCenter = "us", timeZone = "Europe/Berlin", sharesFreeBusy = true } = account;
    const email = account.email.toLowerCase();
    if (this.state.accounts.has(email)) return;
    if (!isDataCenter(dataCenter)) throw new Error(`There is no data centre ${dataCenter}`);
    this.state.accounts.set(email, { email, name, zuid, dataCenter, timeZone, sharesFreeBusy });
    this.addCalendar(email, { name }, true);
  }

  dataCenterOf(email: string): DataCenter {
    return this.account(email).dataCenter;
  }

  /** @returns its uid */
  createCalendar(email: string, calendar: NewCalendar = {}): string {
    return this.addCalendar(email, calendar, false).uid;
  }

  private addCalendar(email: string, calendar: NewCalendar, isDefault: boolean): StoredCalendar {
    const { email: own, timeZone } = this.account(email);
    const { privilege = "owner", color } = calendar;
    const stored = addCalendar(this.state, {
      name: calendar.name ?? `Calendar ${this.state.calendars.size}`,
      owner: calendar.owner ?? (privilege === "owner" ? own : "somebody@example.test"),
      timeZone: calendar.timeZone ?? timeZone,
      isDefault,
      now: this.options.now(),
      ...(color !== undefined && { color }),
    });
    const category = calendar.category ?? (privilege === "owner" ? "own" : "others");
    stored.members.set(own, { privilege, category });
    return stored;
  }

  shareCalendar(calendarUid: string, email: string, privilege: Privilege): void {
    this.calendarOf(calendarUid).members.set(this.account(email).email, { privilege, category: "others" });
  }

  /** As when nobody shares it any longer, or its owner deletes it for good. */
  dropCalendar(calendarUid: string): void {
    this.state.calendars.delete(calendarUid);
    for (const [key, event] of this.state.events) {
      if (event.calendarUid === calendarUid) this.state.events.delete(key);
    }
  }

  renameCalendar(calendarUid: string, name: string): void {
    this.calendarOf(calendarUid).name = name;
  }

  defaultCalendarUid(email: string): string {
    const own = this.account(email).email;
    const found = [...this.state.calendars.values()].find(({ isDefault, owner }) => isDefault && owner === own);
    if (!found) throw new Error(`${email} has no calendar`);
    return found.uid;
  }

  /** @param event as in `eventdata` @returns its uid */
  insertEvent(email: string, event: EventData, calendarUid = this.defaultCalendarUid(email)): string {
    return this.store.insert(this.calendarOf(calendarUid), event).uid;
  }

  /** @param patch as in `eventdata`, `recurrenceid` and `recurrence_edittype` too @returns the uid of what was written */
  patchEvent(email: string, uid: string, patch: EventData): string {
    const { calendar, event } = this.found(email, uid);
    return this.store.patch(calendar, event, patch).uid;
  }

  /** @param which `recurrenceid` and `recurrence_edittype`, of a series */
  deleteEvent(email: string, uid: string, which: EventData = {}): void {
    const { calendar, event } = this.found(email, uid);
    this.store.remove(calendar, event, which);
  }

  moveEvent(email: string, uid: string, calendarUid: string): void {
    this.store.move(this.found(email, uid).event, this.calendarOf(calendarUid));
  }

  /** As a guest does in Zoho's own page: no API lets them. @param status `ACCEPTED` and so on */
  answer(email: string, uid: string, status: string): void {
    const { organizer } = this.found(email, uid).event;
    const original = this.found(organizer, uid).event;
    this.store.answers(original, { attendees: [{ email, status }], notify_attendee: 0 });
  }

  /** As the answer for one event: the series first, then its changed and deleted occurrences; null when it is gone. */
  event(email: string, uid: string): readonly ShownEvent[] | null {
    const event = this.find(email, uid);
    return event && wholeEvent(event, this.view(email, this.calendarOf(event.calendarUid)));
  }

  /** Single events and series, each as the answer for it. */
  events(email: string, calendarUid = this.defaultCalendarUid(email)): readonly (readonly ShownEvent[])[] {
    const calendar = this.calendarOf(calendarUid);
    return this.store.of(calendar).map((event) => wholeEvent(event, this.view(email, calendar)));
  }

  account(email: string): StoredAccount {
    const account = accountOf(this.state, email);
    if (!account) throw new Error(`${email} has no account`);
    return account;
  }

  private found(email: string, uid: string): { calendar: StoredCalendar; event: StoredEvent } {
    const event = this.find(email, uid);
    if (!event) throw new Error(`${email} has no event ${uid}`);
    return { event, calendar: this.calendarOf(event.calendarUid) };
  }

  /** In the own calendars first. */
  private find(email: string, uid: string): StoredEvent | null {
    const own = this.account(email).email;
    const mine = [...this.state.calendars.values()].filter(({ members }) => members.has(own));
    const sorted = mine.sort((one, other) => Number(other.owner === own) - Number(one.owner === own));
    const all = sorted.flatMap((calendar) => this.store.of(calendar));
    return all.find((event) => event.uid === uid) ?? null;
  }

  private calendarOf(uid: string): StoredCalendar {
    const calendar = this.state.calendars.get(uid);
    if (!calendar) throw new Error(`There is no calendar ${uid}`);
    return calendar;
  }

  private view(email: string, calendar: StoredCalendar): ViewOptions {
    return { state: this.state, calendar, switches: this.options.switches, email: this.account(email).email };
  }
}
