import { withAnswer } from "./attendee-lines.ts";
import { readableObject } from "./calendar-object.ts";
import type { StoredCalendar, StoredObject } from "./state.ts";
import type { CalDavStore, NewCalendar } from "./store.ts";

/** What people do with other programs, past sign-in and faults. Calendars and objects go by name, href or address. */
export class OtherClient {
  constructor(
    private readonly store: CalDavStore,
    /** Of a calendar, absolute. */
    private readonly urlOf: (email: string, calendar: StoredCalendar) => string,
  ) {}

  /** @returns its address */
  createCalendar(email: string, calendar: NewCalendar = {}): string {
    return this.urlOf(email, this.store.createCalendar(this.store.home(email), calendar));
  }

  /** For good: no bin keeps it. */
  dropCalendar(email: string, calendar: string): void {
    this.store.home(email).calendars.delete(nameIn(calendar));
  }

  calendar(email: string, calendar: string): StoredCalendar {
    return this.store.calendar(this.store.home(email), nameIn(calendar));
  }

  calendarUrls(email: string): readonly string[] {
    return [...this.store.home(email).calendars.values()].map((calendar) => this.urlOf(email, calendar));
  }

  /** Stores whatever it is given, also what no server would take from a client. */
  put(email: string, calendar: string, object: string, data: string): StoredObject {
    const place = this.calendar(email, calendar);
    const name = nameIn(object);
    const before = place.objects.get(name);
    const { uid, component } = readableObject(data) ?? { uid: name, component: "VEVENT" };
    return this.store.put(place, { name, uid, component, data, scheduleTag: before?.scheduleTag ?? null });
  }

  read(email: string, calendar: string, object: string): StoredObject | null {
    return this.calendar(email, calendar).objects.get(nameIn(object)) ?? null;
  }

  remove(email: string, calendar: string, object: string): void {
    this.store.remove(this.calendar(email, calendar), nameIn(object));
  }

  /** A guest's reply arrives, and the server writes it down; who goes by Schedule-Tag does not notice. */
  answer(email: string, calendar: string, object: string, guest: string, partstat: string): void {
    const before = this.read(email, calendar, object);
    if (!before) throw new Error(`There is no ${object}`);
    this.store.put(this.calendar(email, calendar), { ...before, data: withAnswer(before.data, guest, partstat) });
  }

  objects(email: string, calendar: string): readonly StoredObject[] {
    return [...this.calendar(email, calendar).objects.values()];
  }
}

function nameIn(address: string): string {
  const last = address.split("/").findLast((segment) => segment !== "") ?? address;
  return address.includes("/") ? decodeURIComponent(last) : last;
}
