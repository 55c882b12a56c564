import { createHash, randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { settleConference } from "./conferences.ts";
import {
  conditionNotMet,
  deleted,
  duplicate,
  forbiddenForNonOrganizer,
  invalid,
  notFound,
  required,
} from "./errors.ts";
import { blankEvent, writeFields } from "./event-fields.ts";
import { copyFor, isGuest, toldByGuest, writtenByGuest } from "./guests.ts";
import { instancesOf } from "./occurrences.ts";
import type { GoogleCalendarState, GoogleEvent, StoredCalendar } from "./state.ts";

const hourMs = 3_600_000;
const clientId = /^[a-v0-9]{5,1024}$/;

export interface StoreSwitches {
  /** What becomes of changed occurrences whose series moved away; Google's pages do not say. */
  strayExceptions: "cancelled" | "forgotten";
  /** Changes happen, and neither a message nor a sync token tells of them. */
  losesChanges: boolean;
}

/** What all calendars have in common. */
export interface StoreWorld {
  readonly state: GoogleCalendarState;
  readonly now: () => Date;
  readonly switches: StoreSwitches;
  /** Told after an event changed, for whoever watches. */
  readonly onChange: (email: string, calendar: StoredCalendar) => void;
}

interface FieldRequest {
  readonly conferences?: boolean;
  readonly attachments?: boolean;
  readonly replaces?: boolean;
}

export interface WriteOptions extends Omit<FieldRequest, "replaces"> {
  readonly ifMatch?: string | undefined;
}

/** The events of one account's calendar, as its owner writes them. */
export class EventStore {
  constructor(
    private readonly world: StoreWorld,
    readonly email: string,
    readonly calendar: StoredCalendar,
  ) {}

  /** Also an instance of a series that was never changed. @throws {ApiError} notFound */
  get(id: string): GoogleEvent {
    const found = this.find(id);
    if (!found) throw notFound();
    return found;
  }

  find(id: string): GoogleEvent | null {
    return this.calendar.events.get(id) ?? this.virtualInstance(id);
  }

  insert(body: Readonly<Record<string, unknown>>, options: WriteOptions = {}): GoogleEvent {
    const { id = randomBytes(16).toString("hex"), iCalUID } = body;
    if (typeof id !== "string" || !clientId.test(id)) throw invalid("Invalid resource id value.");
    if (this.calendar.events.has(id)) throw duplicate();
    const event = this.blank(id, typeof iCalUID === "string" ? iCalUID : `${id}@google.com`);
    writeFields(event, body, this.fieldOptions(options));
    this.touch(event);
    this.share(event, []);
    return event;
  }

  /** A private copy of an event that may be somebody else's: nobody is invited, nobody is told. */
  import(body: Readonly<Record<string, unknown>>, options: WriteOptions): GoogleEvent {
    const { iCalUID, organizer, eventType = "default" } = body;
    if (typeof iCalUID !== "string") throw required("Missing iCalUID.");
    if (eventType !== "default") throw invalid("Invalid value for: eventType", "eventType");
    const known = [...this.calendar.events.values()].find(
      (event) => event.iCalUID === iCalUID && event.recurringEventId === undefined,
    );
    const event = known ? structuredClone(known) : this.blank(randomBytes(16).toString("hex"), iCalUID);
    const { email = this.email } = (organizer ?? {}) as { email?: string };
    event.organizer = { email, ...(email === this.email && { self: true }) };
    event.status = "confirmed";
    writeFields(event, body, this.fieldOptions({ ...options, replaces: true }));
    this.touch(event);
    return event;
  }

  /** Google reads a time in the text; here it is the next full hour. */
  quickAdd(text: string | null): GoogleEvent {
    if (!text) throw required("Missing text.");
    const hour = Math.ceil(this.world.now().getTime() / hourMs) * hourMs;
    const [start, end] = [hour, hour + hourMs].map((at) => ({ dateTime: new Date(at).toISOString() }));
    return this.insert({ summary: text, start, end });
  }

  /** The guests' copies stay as they are. */
  move(id: string, destination: EventStore): GoogleEvent {
    const current = this.get(id);
    if (current.status === "cancelled") throw deleted();
    if (isGuest(current, this.email)) throw forbiddenForNonOrganizer();
    if (current.recurringEventId !== undefined || current.eventType !== "default") {
      throw invalid("This event cannot be moved.");
    }
    const event = structuredClone(current);
    destination.touch(event);
    for (const exception of this.exceptionsOf(id)) {
      destination.touch(structuredClone(exception));
      this.forget(exception.id);
    }
    this.touch({ ...structuredClone(current), status: "cancelled" });
    return event;
  }

  /** @param options.replaces as PUT does: what is not given is cleared */
  update(
    id: string,
    body: Readonly<Record<string, unknown>>,
    options: WriteOptions & { replaces?: boolean },
  ): GoogleEvent {
    const current = this.get(id);
    const isRevived = body["status"] === "confirmed" || body["status"] === "tentative";
    if (current.status === "cancelled" && !isRevived) throw deleted();
    this.check(current, options.ifMatch);
    const written = structuredClone(current);
    writeFields(written, body, this.fieldOptions(options));
    if (written.status === "cancelled") {
      this.cancel(written);
      return written;
    }
    const isOwn = !isGuest(current, this.email);
    const event = isOwn ? written : writtenByGuest(this.email, current, written, this.calendar.timeZone);
    if (isMoved(current, event)) event.sequence += 1;
    const isReminder = isSameBut(["reminders"], event, current) && !isSameBut([], event, current);
    this.touch(event, { keepsUpdated: isReminder });
    this.dropStrayExceptions(event);
    if (isOwn) this.share(event, guestsOf(current));
    else this.tellOrganizer(event);
    return event;
  }

  delete(id: string, { ifMatch }: WriteOptions = {}): void {
    const current = this.get(id);
    if (current.status === "cancelled") throw deleted();
    this.check(current, ifMatch);
    this.cancel(structuredClone(current));
  }

  exceptionsOf(masterId: string): readonly GoogleEvent[] {
    return [...this.calendar.events.values()].filter(({ recurringEventId }) => recurringEventId === masterId);
  }

  instances(masterId: string): ReadonlyMap<string, { start: unknown; end: unknown }> {
    const master = this.calendar.events.get(masterId);
    return master ? instancesOf(master, this.calendar.timeZone) : new Map();
  }

  /** Of a series that was deleted a cancelled one. */
  virtualInstance(id: string): GoogleEvent | null {
    const [, masterId = ""] = /^(.+)_\d{8}(?:T\d{6}Z)?$/.exec(id) ?? [];
    const master = this.calendar.events.get(masterId);
    if (!master?.recurrence) return null;
    const times = instancesOf(master, this.calendar.timeZone).get(id);
    if (!times) return null;
    const { recurrence: _, ...fields } = structuredClone(master);
    const etag = `"${createHash("sha1").update(`${master.etag}${id}`).digest("hex").slice(0, 16)}"`;
    return { ...fields, id, etag, ...times, recurringEventId: masterId, originalStartTime: times.start };
  }

  /** A conference that was asked for is there a moment later, and that is a change. */
  settleConference(event: GoogleEvent): void {
    if (settleConference(event)) this.touch(event);
  }

  private blank(id: string, iCalUID: string): GoogleEvent {
    return blankEvent({ id, iCalUID, email: this.email, at: this.world.now() });
  }

  private fieldOptions({ conferences = false, attachments = false, replaces = false }: FieldRequest) {
    return { email: this.email, calendarZone: this.calendar.timeZone, conferences, attachments, replaces };
  }

  /** Stores it as a change: another version, seen by whoever syncs and whoever watches. */
  private touch(event: GoogleEvent, { keepsUpdated = false } = {}): void {
    const { state, now, switches, onChange } = this.world;
    state.counter += 1;
    event.etag = `"${3_181_161_784_712_000 + state.counter}"`;
    if (!keepsUpdated) event.updated = now().toISOString();
    this.calendar.events.set(event.id, event);
    if (switches.losesChanges) return;
    this.calendar.changes += 1;
    this.calendar.changedAt.set(event.id, this.calendar.changes);
    onChange(this.email, this.calendar);
  }

  private forget(id: string): void {
    this.calendar.events.delete(id);
    this.calendar.changedAt.delete(id);
  }

  /** @throws {ApiError} conditionNotMet */
  private check({ etag }: GoogleEvent, ifMatch: string | undefined): void {
    if (ifMatch !== undefined && ifMatch !== "*" && ifMatch !== etag) throw conditionNotMet();
  }

  private cancel(event: GoogleEvent): void {
    event.status = "cancelled";
    this.touch(event);
    for (const exception of this.exceptionsOf(event.id)) {
      this.withdraw(exception, guestsOf(exception));
      this.forget(exception.id);
    }
    this.withdraw(event, guestsOf(event));
  }

  /** Exceptions of a series that moved away from under them. */
  private dropStrayExceptions(master: GoogleEvent): void {
    if (!master.recurrence) return;
    const ids = instancesOf(master, this.calendar.timeZone);
    for (const exception of this.exceptionsOf(master.id)) {
      if (ids.has(exception.id)) continue;
      this.withdraw(exception, guestsOf(exception));
      if (this.world.switches.strayExceptions === "forgotten") this.forget(exception.id);
      else if (exception.status !== "cancelled") this.touch({ ...structuredClone(exception), status: "cancelled" });
    }
  }

  /** Guests who have an account here see it in their own primary calendar; those who are no longer invited do not. */
  private share(event: GoogleEvent, before: readonly string[], author?: string): void {
    const guests = guestsOf(event);
    this.withdraw(
      event,
      before.filter((email) => !guests.includes(email)),
    );
    for (const email of guests) {
      const theirs = email === author ? null : this.primaryOf(email);
      const known = theirs?.find(event.id);
      const copy = copyFor(email, event, known?.status === "cancelled" ? null : (known ?? null));
      if (!theirs || (known && isSameBut(["etag", "updated"], copy, known))) continue;
      theirs.touch(copy);
      theirs.dropStrayExceptions(copy);
    }
  }

  private withdraw(event: GoogleEvent, guests: readonly string[]): void {
    if (isGuest(event, this.email)) return;
    for (const email of guests) {
      const theirs = this.primaryOf(email);
      const copy = theirs?.find(event.id);
      if (theirs && copy && copy.status !== "cancelled") theirs.cancel(structuredClone(copy));
    }
  }

  /** What a guest did is seen by the organizer, and by the other guests. */
  private tellOrganizer(copy: GoogleEvent): void {
    const organizer = copy.organizer?.email ?? "";
    for (const calendar of this.world.state.accounts.get(organizer)?.calendars.values() ?? []) {
      const theirs = new EventStore(this.world, organizer, calendar);
      const original = theirs.find(copy.id);
      if (!original || original.status === "cancelled" || isGuest(original, organizer)) continue;
      const told = toldByGuest(this.email, original, copy);
      if (isDeepStrictEqual(told, original)) return;
      if (isMoved(original, told)) told.sequence += 1;
      theirs.touch(told);
      theirs.dropStrayExceptions(told);
      theirs.share(told, guestsOf(original), this.email);
      return;
    }
  }

  private primaryOf(email: string): EventStore | null {
    const theirs = email === this.email ? undefined : this.world.state.accounts.get(email)?.calendars.get(email);
    return theirs ? new EventStore(this.world, email, theirs) : null;
  }
}

function guestsOf({ attendees = [] }: GoogleEvent): readonly string[] {
  return attendees.map(({ email }) => email);
}

function isMoved(before: GoogleEvent, after: GoogleEvent): boolean {
  return (["start", "end", "recurrence"] as const).some((field) => !isDeepStrictEqual(before[field], after[field]));
}

function isSameBut(fields: readonly string[], one: GoogleEvent, other: GoogleEvent): boolean {
  const without = (event: GoogleEvent) => Object.entries(event).filter(([name]) => !fields.includes(name));
  return isDeepStrictEqual(Object.fromEntries(without(one)), Object.fromEntries(without(other)));
}
