import { randomUUID } from "node:crypto";
import { accessDenied, conflict, crossingBoundary, invalidProperty, itemNotFound } from "./errors.ts";
import { checkTimes, emptyFields, readFields } from "./event-fields.ts";
import { etagOf, immutableId, ordinaryId, readOccurrenceId } from "./item-ids.ts";
import { cancelForGuests, type Mail, mailGuests } from "./meetings.ts";
import { withMeeting, withoutLostMeeting } from "./online-meeting.ts";
import { readRecurrence } from "./recurrence.ts";
import { crossesNeighbour, fieldsOf, firstDay, hasOccurrence, type Item, timesOn } from "./series.ts";
import type { EventFields, Mailbox, OutlookState, Recurrence, StoredCalendar, StoredEvent } from "./state.ts";
import type { OutlookSwitches } from "./switches.ts";
import { dayOf, windowsName, zoneOf } from "./times.ts";

export type ChangeType = "created" | "updated" | "deleted";
/** Told after an event changed, for whoever subscribed. */
export type OnChange = (mailbox: Mailbox, event: StoredEvent, type: ChangeType) => void;

export interface StoreOptions {
  readonly now: () => Date;
  readonly switches: OutlookSwitches;
  readonly onChange: OnChange;
  /** Whoever writes owns every calendar, also those that this account may only read. */
  readonly isOwner?: boolean;
}

type Body = Readonly<Record<string, unknown>>;

/** The events of one mailbox, as their owner writes them. */
export class EventStore {
  constructor(
    private readonly state: OutlookState,
    readonly mailbox: Mailbox,
    private readonly options: StoreOptions,
  ) {}

  /** @throws {GraphError} ErrorItemNotFound */
  find(id: string, calendarId: string | null = null): Item {
    const occurrence = readOccurrenceId(id);
    const wanted = occurrence?.masterId ?? id;
    const event = [...this.mailbox.events.values()].find((one) => one.id === wanted || one.immutableId === wanted);
    if (!event || (calendarId !== null && event.calendarId !== calendarId)) throw itemNotFound();
    if (!occurrence) return { event, day: null };
    if (!hasOccurrence(event, occurrence.day, this.shortMonths)) throw itemNotFound();
    return { event, day: occurrence.day };
  }

  eventsOf(calendarId: string | null): readonly StoredEvent[] {
    return [...this.mailbox.events.values()].filter((event) => calendarId === null || event.calendarId === calendarId);
  }

  /** A second request with the same `transactionId` finds the event of the first. https://learn.microsoft.com/en-us/graph/api/user-post-events */
  insert(calendar: StoredCalendar, body: Body): Item {
    const { transactionId = null } = body;
    if (transactionId !== null && typeof transactionId !== "string") throw invalidProperty();
    const known = transactionId && this.eventsOf(null).find((event) => event.transactionId === transactionId);
    if (known) return { event: known, day: null };
    this.checkWrite(calendar);
    const read = readFields(body, null);
    const { start, end } = read;
    if (!start || !end) throw invalidProperty();
    const key = randomUUID();
    const fields = withMeeting({ ...emptyFields(true), ...read, start, end }, body, this.mailbox, key);
    const event = this.newEvent(key, calendar, fields, transactionId);
    this.setRecurrence(event, body);
    checkTimes(event.fields);
    this.touch(event, "created");
    mailGuests(this.mail, event, []);
    return { event, day: null };
  }

  private newEvent(
    key: string,
    calendar: StoredCalendar,
    fields: EventFields,
    transactionId: string | null,
  ): StoredEvent {
    this.state.items += 1;
    const createdAt = this.options.now().toISOString();
    return {
      key,
      id: ordinaryId(this.state.items),
      immutableId: immutableId(this.state.items),
      calendarId: calendar.id,
      uid: `040000008200E00074C5B7101A82E008${key.replaceAll("-", "").toUpperCase()}`,
      organizer: calendar.owner,
      transactionId,
      createdAt,
      modifiedAt: createdAt,
      version: 0,
      fields,
      originalStartTimeZone: windowsName(fields.start.timeZone),
      originalEndTimeZone: windowsName(fields.end.timeZone),
      recurrence: null,
      exceptions: new Map(),
      cancelledDays: new Set(),
    };
  }

  /** @throws {GraphError} */
  update({ event, day }: Item, body: Body, ifMatch?: string): Item {
    this.checkWrite(this.calendarOf(event), event, ifMatch);
    const before = fieldsOf({ event, day });
    const read = readFields(body, before);
    const guests = before.attendees;
    const merged = this.merged(event, before, read, body);
    checkTimes(merged);
    const draft = structuredClone(event);
    if (day === null) this.writeWhole(draft, merged, body);
    else this.writeOccurrence(draft, day, { before, merged, body });
    // Only a change that is good as a whole is one.
    Object.assign(event, draft);
    this.touch(event, "updated");
    mailGuests(this.mail, event, guests);
    return { event, day };
  }

  private merged(event: StoredEvent, before: EventFields, read: Partial<EventFields>, body: Body): EventFields {
    const written = { ...before, ...read };
    const lost = this.options.switches.bodyWithoutBlockEndsMeeting && "html" in read;
    return withMeeting(lost ? withoutLostMeeting(written) : written, body, this.mailbox, event.key);
  }

  private writeWhole(event: StoredEvent, merged: EventFields, body: Body): void {
    const planBefore = JSON.stringify(planOf(event));
    event.fields = merged;
    if ("start" in body) event.originalStartTimeZone = windowsName(merged.start.timeZone);
    if ("end" in body) event.originalEndTimeZone = windowsName(merged.end.timeZone);
    if (event.recurrence && "start" in body && body["recurrence"] === undefined) {
      const recurrenceTimeZone = event.originalStartTimeZone;
      const range = { ...event.recurrence.range, startDate: dayOf(merged.start), recurrenceTimeZone };
      event.recurrence = { ...event.recurrence, range };
      this.beginAtFirst(event, event.recurrence);
    }
    this.setRecurrence(event, body);
    const isOtherPlan = planBefore !== JSON.stringify(planOf(event));
    this.dropExceptions(event, isOtherPlan && this.options.switches.patternChangeDropsExceptions);
  }

  private writeOccurrence(
    event: StoredEvent,
    day: string,
    { before, merged, body }: { before: EventFields; merged: EventFields; body: Body },
  ): void {
    if (body["recurrence"] != null) throw invalidProperty();
    if (("start" in body || "end" in body) && crossesNeighbour(event, day, merged, this.shortMonths)) {
      throw crossingBoundary();
    }
    const own = Object.entries(merged).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof EventFields]),
    );
    event.exceptions.set(day, { ...timesOn(event, day), ...event.exceptions.get(day), ...Object.fromEntries(own) });
  }

  private setRecurrence(event: StoredEvent, body: Body): void {
    if (body["recurrence"] === undefined) return;
    if (body["recurrence"] === null) {
      event.recurrence = null;
      return;
    }
    this.beginAtFirst(event, readRecurrence(body["recurrence"], event.fields.start));
  }

  /** A series begins with its first occurrence, not with a day that its pattern does not name. */
  private beginAtFirst(event: StoredEvent, recurrence: Recurrence): void {
    const first = firstDay(recurrence, this.shortMonths);
    if (first === undefined) throw invalidProperty();
    event.fields = { ...event.fields, ...timesOn(event, first) };
    event.recurrence = { ...recurrence, range: { ...recurrence.range, startDate: first } };
  }

  /** All of them, or those of days that the series has no longer. */
  private dropExceptions(event: StoredEvent, all: boolean): void {
    const isStray = (day: string) => !event.recurrence || !hasOccurrence(event, day, this.shortMonths);
    for (const day of [...event.exceptions.keys()]) if (all || isStray(day)) event.exceptions.delete(day);
    for (const day of [...event.cancelledDays]) if (all || !event.recurrence) event.cancelledDays.delete(day);
  }

  /** @throws {GraphError} */
  delete({ event, day }: Item, ifMatch?: string): void {
    this.checkWrite(this.calendarOf(event), event, ifMatch);
    if (day === null) {
      this.remove(event);
      cancelForGuests(this.mail, event);
      return;
    }
    event.exceptions.delete(day);
    event.cancelledDays.add(day);
    this.touch(event, "updated");
    mailGuests(this.mail, event, event.fields.attendees);
  }

  remove(event: StoredEvent): void {
    this.mailbox.events.delete(event.key);
    this.options.onChange(this.mailbox, event, "deleted");
  }

  /** As a person does in Outlook: the ordinary id is another one then. https://learn.microsoft.com/en-us/graph/outlook-immutable-id */
  move(event: StoredEvent, calendarId: string): void {
    this.options.onChange(this.mailbox, { ...event }, "deleted");
    this.state.items += 1;
    event.id = ordinaryId(this.state.items);
    event.calendarId = calendarId;
    this.touch(event, "created");
  }

  /** As when a calendar program wrote it that knows a zone by its rules only: the name is no zone's, and what it means stays. */
  nameZone(event: StoredEvent, name: string): void {
    event.originalStartTimeZone = name;
    event.originalEndTimeZone = name;
    if (event.recurrence) {
      event.recurrence = { ...event.recurrence, range: { ...event.recurrence.range, recurrenceTimeZone: name } };
    }
    this.touch(event, "updated");
  }

  /** Stores it as a change: another version, seen by whoever syncs and whoever subscribed. */
  touch(event: StoredEvent, type: ChangeType): void {
    this.state.versions += 1;
    event.version = this.state.versions;
    event.modifiedAt = this.options.now().toISOString();
    this.mailbox.events.set(event.key, event);
    this.options.onChange(this.mailbox, event, type);
  }

  /** Another mailbox of the twin, for invitations and answers. */
  storeOf(email: string): EventStore | null {
    const mailbox = this.state.mailboxes.get(email.toLowerCase());
    return mailbox ? new EventStore(this.state, mailbox, this.options) : null;
  }

  get mail(): Mail {
    const { now, switches } = this.options;
    return { store: this, now, switches };
  }

  /** A guest's copy of somebody's event. */
  copyOf(original: StoredEvent, fields: EventFields): StoredEvent {
    const calendar = [...this.mailbox.calendars.values()].find(({ isDefault }) => isDefault);
    if (!calendar) throw itemNotFound();
    const own = this.newEvent(randomUUID(), calendar, fields, null);
    return { ...own, uid: original.uid, organizer: original.organizer };
  }

  private checkWrite(calendar: StoredCalendar, event?: StoredEvent, ifMatch?: string): void {
    if (!calendar.canEdit && !this.options.isOwner) throw accessDenied();
    if (event && ifMatch !== undefined && ifMatch !== "*" && ifMatch !== etagOf(event.version)) throw conflict();
    const { conflictEvery } = this.options.switches;
    if (!event || this.options.isOwner || conflictEvery === null) return;
    this.state.writes += 1;
    if (this.state.writes % conflictEvery === 0) throw conflict();
  }

  private calendarOf(event: StoredEvent): StoredCalendar {
    const calendar = this.mailbox.calendars.get(event.calendarId);
    if (!calendar) throw itemNotFound();
    return calendar;
  }

  private get shortMonths() {
    return this.options.switches.shortMonths;
  }
}

/** What a series' exceptions hang on: its pattern, its start and its zone. */
function planOf({ recurrence, fields }: StoredEvent): unknown {
  return [recurrence?.pattern, recurrence?.range.startDate, fields.start.dateTime, zoneOf(fields.start.timeZone)];
}
