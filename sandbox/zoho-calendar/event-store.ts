import { randomUUID } from "node:crypto";
import { etagMissing, invalidData, notFound, notPermitted, ZohoError } from "./errors.ts";
import { type EventData, type FieldsContext, readAnswers, readPart, readWhole } from "./event-fields.ts";
import { cancelForGuests, isOrganizers, keyOf, type Notify, tellGuests } from "./guests.ts";
import { fieldsOn, momentOfId, occurrenceNamed, plannedStarts } from "./occurrences.ts";
import { endedBefore, readRule, withoutFirst } from "./rules.ts";
import type { EventFields, StoredCalendar, StoredEvent, ZohoState } from "./state.ts";
import type { ZohoSwitches } from "./switches.ts";

export interface StoreOptions {
  readonly now: () => Date;
  readonly switches: ZohoSwitches;
}

/** What of a series a change means. */
type EditType = "only" | "following" | "all";

interface Target {
  readonly edit: EditType;
  /** The occurrence that was named. */
  readonly id: string | null;
}

/** Everybody's events, without asking who may write what. */
export class EventStore {
  constructor(
    readonly state: ZohoState,
    private readonly options: StoreOptions,
  ) {}

  /** @throws {ZohoError} 404 */
  find(calendar: StoredCalendar, uid: string): StoredEvent {
    const event = this.state.events.get(keyOf(calendar.uid, uid));
    if (!event) throw notFound("The event");
    return event;
  }

  of(calendar: StoredCalendar): readonly StoredEvent[] {
    return [...this.state.events.values()].filter(({ calendarUid }) => calendarUid === calendar.uid);
  }

  insert(calendar: StoredCalendar, data: EventData): StoredEvent {
    const fields = readWhole(data, this.context(calendar, null));
    const rrule = readRule(data, this.options.switches.strayStatus);
    return this.add(calendar, fields, rrule, notifyOf(data));
  }

  private add(calendar: StoredCalendar, fields: EventFields, rrule: string | null, notify: Notify): StoredEvent {
    const at = this.options.now().getTime();
    const event: StoredEvent = {
      uid: `${randomUUID().replaceAll("-", "")}@zoho.com`,
      calendarUid: calendar.uid,
      organizer: calendar.owner,
      etag: 0,
      createdAt: at,
      modifiedAt: at,
      fields,
      rrule,
      changed: new Map(),
      deleted: new Set(),
    };
    this.touch(event);
    tellGuests(this.state, event, { before: [], notify, at });
    return event;
  }

  /** PUT: what is not there is deleted. @returns what was written, a new series when the old one was cut */
  replace(calendar: StoredCalendar, event: StoredEvent, data: EventData): StoredEvent {
    const target = this.targetOf(event, data);
    const before = target.id === null ? event.fields : fieldsOn(event, target.id);
    const fields = readWhole(data, this.context(calendar, before));
    return this.write(calendar, event, { target, fields, rrule: this.ruleOf(data), data });
  }

  /** PATCH: what is not there stays. */
  patch(calendar: StoredCalendar, event: StoredEvent, data: EventData): StoredEvent {
    const target = this.targetOf(event, data);
    const before = target.id === null ? event.fields : fieldsOn(event, target.id);
    const fields = readPart(data, before, this.context(calendar, before));
    const isSaid = data["rrule"] !== undefined || data["repeat"] !== undefined;
    const kept = target.edit === "following" ? null : event.rrule;
    const rrule = isSaid ? this.ruleOf(data) : kept;
    return this.write(calendar, event, { target, fields, rrule, data });
  }

  /** `attendeedata` of PATCH. */
  answers(event: StoredEvent, data: EventData): void {
    const before = event.fields.attendees;
    event.fields = { ...event.fields, attendees: readAnswers(data, before, this.options.switches) };
    this.saved(event, before, notifyOf(data));
  }

  remove(calendar: StoredCalendar, event: StoredEvent, data: EventData): void {
    const { edit, id } = this.targetOf(event, data);
    if (id !== null && event.deleted.has(id)) throw notFound("The occurrence");
    const isOver = id === null || edit === "all" || (edit === "following" && !this.cut(event, id));
    if (isOver) {
      this.drop(calendar, event);
      return;
    }
    if (edit === "only") {
      event.changed.delete(id);
      event.deleted.add(id);
    }
    this.saved(event, event.fields.attendees, notifyOf(data));
  }

  move(event: StoredEvent, destination: StoredCalendar): void {
    this.state.events.delete(keyOf(event.calendarUid, event.uid));
    this.state.gone.set(keyOf(event.calendarUid, event.uid), this.options.now().getTime());
    event.calendarUid = destination.uid;
    this.touch(event);
  }

  private drop(calendar: StoredCalendar, event: StoredEvent): void {
    const at = this.options.now().getTime();
    const key = keyOf(event.calendarUid, event.uid);
    this.state.events.delete(key);
    this.state.gone.set(key, at);
    this.touchCalendar(calendar, at);
    if (isOrganizers(event, calendar)) cancelForGuests(this.state, event, at);
  }

  /** @throws {ZohoError} ETAG_MISSING, and the vendor's word for an etag that is not the event's any longer */
  checkEtag(event: StoredEvent, given: unknown): void {
    if (given === undefined || given === null || given === "") throw etagMissing();
    const { status, code } = this.options.switches.staleEtag;
    if (String(given) !== String(event.etag)) throw new ZohoError(status, code, "The event was changed meanwhile.");
  }

  private write(
    calendar: StoredCalendar,
    event: StoredEvent,
    change: { target: Target; fields: EventFields; rrule: string | null; data: EventData },
  ): StoredEvent {
    const { target, fields, rrule, data } = change;
    const before = event.fields.attendees;
    if (target.id !== null && target.edit === "only") {
      event.deleted.delete(target.id);
      event.changed.set(target.id, fields);
    } else if (target.id !== null && target.edit === "following") {
      const old = event.rrule ?? "";
      const at = momentOfId(event, target.id) ?? 0;
      const earlier = plannedStarts(event, at - 1).length;
      if (this.cut(event, target.id)) {
        this.saved(event, before, notifyOf(data));
        // That the rest has a uid of its own is unverified.
        return this.add(calendar, fields, rrule ?? withoutFirst(old, earlier), notifyOf(data));
      }
      this.writeAll(event, fields, rrule ?? old);
    } else {
      this.writeAll(event, fields, rrule);
    }
    this.saved(event, before, notifyOf(data));
    return event;
  }

  private writeAll(event: StoredEvent, fields: EventFields, rrule: string | null): void {
    const planOf = ({ start, end, timezone }: EventFields, rule: string | null) => [start, end, timezone, rule].join();
    const isOtherPlan = planOf(event.fields, event.rrule) !== planOf(fields, rrule);
    event.fields = fields;
    event.rrule = rrule;
    if (rrule !== null && !(isOtherPlan && this.options.switches.planChangeDropsExceptions)) return;
    event.changed.clear();
    event.deleted.clear();
  }

  /** Ends a series before an occurrence. @returns false when nothing would be left */
  private cut(event: StoredEvent, id: string): boolean {
    const at = momentOfId(event, id) ?? 0;
    if (event.rrule === null || plannedStarts(event, at - 1).length === 0) return false;
    event.rrule = endedBefore(event.rrule, event.fields.start, at);
    for (const later of [...event.changed.keys()].filter((one) => one >= id)) event.changed.delete(later);
    for (const later of [...event.deleted].filter((one) => one >= id)) event.deleted.delete(later);
    return true;
  }

  private saved(event: StoredEvent, before: EventFields["attendees"], notify: Notify): void {
    this.touch(event);
    const calendar = this.state.calendars.get(event.calendarUid);
    if (!calendar || !isOrganizers(event, calendar)) return;
    tellGuests(this.state, event, { before, notify, at: event.modifiedAt });
  }

  /** Stores it as a change: another etag, of the whole series. */
  private touch(event: StoredEvent): void {
    const now = this.options.now().getTime();
    this.state.latest = Math.max(now, this.state.latest + 1);
    event.etag = this.state.latest;
    event.modifiedAt = now;
    this.state.events.set(keyOf(event.calendarUid, event.uid), event);
    const calendar = this.state.calendars.get(event.calendarUid);
    if (calendar) this.touchCalendar(calendar, now);
  }

  private touchCalendar(calendar: StoredCalendar, now: number): void {
    if (this.options.switches.ctagFollowsEvents) calendar.ctag = Math.max(now, calendar.ctag + 1);
  }

  /** @throws {ZohoError} when there is no such occurrence */
  private targetOf(event: StoredEvent, { recurrenceid, recurrence_edittype }: EventData): Target {
    // What an occurrence without an edit type means is unverified: the least.
    const edit = recurrence_edittype ?? (recurrenceid === undefined ? "all" : "only");
    if (edit !== "only" && edit !== "following" && edit !== "all") throw invalidData("recurrence_edittype is unknown.");
    if (recurrenceid === undefined) {
      if (edit !== "all") throw invalidData("recurrenceid is missing.");
      return { edit, id: null };
    }
    const id = occurrenceNamed(event, recurrenceid);
    if (id === null) throw notFound("The occurrence");
    // That times are the first occurrence's then, whichever was named, is unverified.
    return edit === "all" ? { edit, id: null } : { edit, id };
  }

  private ruleOf(data: EventData): string | null {
    return readRule(data, this.options.switches.strayStatus);
  }

  private context(calendar: StoredCalendar, before: EventFields | null): FieldsContext {
    return { zone: calendar.timeZone, before, switches: this.options.switches };
  }
}

/** @throws {ZohoError} 403 for guests: only organizers change an event */
export function needOrganizer(event: StoredEvent, calendar: StoredCalendar): void {
  if (!isOrganizers(event, calendar)) throw notPermitted();
}

// What a write without it does is unverified: guests are told.
const notifyOf = ({ notify_attendee: notify = 1 }: EventData): Notify => (notify === 0 || notify === 2 ? notify : 1);
