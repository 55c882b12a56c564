import { createHash, randomBytes } from "node:crypto";
import { conditionNotMet, deleted, duplicate, invalid, notFound, required } from "./errors.ts";
import { instancesOf } from "./occurrences.ts";
import type { GoogleAttendee, GoogleCalendarState, GoogleEvent, StoredCalendar } from "./state.ts";
import { checkTimes, storedTime } from "./times.ts";

/** Fields that clients may write; all others are Google's own or unknown, and are left out. */
const writable = [
  ...["summary", "description", "location", "colorId", "start", "end", "recurrence", "transparency", "visibility"],
  ...["attendees", "attendeesOmitted", "extendedProperties", "reminders", "status", "guestsCanInviteOthers", "source"],
  ...["guestsCanModify", "guestsCanSeeOtherGuests", "anyoneCanAddSelf", "attachments", "conferenceData", "eventType"],
];
const clientId = /^[a-v0-9]{5,1024}$/;

/** Told after an event changed, for whoever watches. */
export type OnChange = (email: string, calendar: StoredCalendar) => void;

export interface WriteOptions {
  readonly ifMatch?: string | undefined;
  readonly conferences?: boolean;
}

/** The events of one account's calendar, as its owner writes them. */
export class EventStore {
  constructor(
    private readonly state: GoogleCalendarState,
    readonly email: string,
    readonly calendar: StoredCalendar,
    private readonly now: () => Date,
    private readonly onChange: OnChange,
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

  insert(body: Record<string, unknown>, { conferences = false }: WriteOptions = {}): GoogleEvent {
    const { id = randomBytes(16).toString("hex") } = body;
    if (typeof id !== "string" || !clientId.test(id)) throw invalid("Invalid resource id value.");
    if (this.calendar.events.has(id)) throw duplicate();
    const event = {
      kind: "calendar#event",
      id,
      htmlLink: `https://www.google.com/calendar/event?eid=${id}`,
      created: this.now().toISOString(),
      iCalUID: `${id}@google.com`,
      creator: { email: this.email, self: true },
      organizer: { email: this.email, self: true },
      status: "confirmed",
      eventType: "default",
      reminders: { useDefault: true },
      sequence: 0,
    } as unknown as GoogleEvent;
    this.write(event, body, { conferences, replaces: false });
    this.touch(event);
    this.share(event);
    return event;
  }

  /** @param replaces as PUT does: what is not given is cleared */
  update(
    id: string,
    body: Record<string, unknown>,
    { ifMatch, conferences = false, replaces = false }: WriteOptions & { replaces?: boolean },
  ): GoogleEvent {
    const current = this.get(id);
    if (current.status === "cancelled" && body["status"] === undefined) throw notFound();
    if (ifMatch !== undefined && ifMatch !== "*" && ifMatch !== current.etag) throw conditionNotMet();
    const event = structuredClone(current);
    const before = JSON.stringify([event.start, event.end, event.recurrence, event["location"]]);
    this.write(event, body, { conferences, replaces });
    if (before !== JSON.stringify([event.start, event.end, event.recurrence, event["location"]])) event.sequence += 1;
    this.touch(event);
    if (event.recurrence) this.dropStrayExceptions(event);
    this.share(event);
    return event;
  }

  delete(id: string, { ifMatch }: WriteOptions = {}): void {
    const current = this.get(id);
    if (current.status === "cancelled") throw deleted();
    if (ifMatch !== undefined && ifMatch !== "*" && ifMatch !== current.etag) throw conditionNotMet();
    const event = structuredClone(current);
    event.status = "cancelled";
    this.touch(event);
    for (const exception of this.exceptionsOf(id)) this.forget(exception.id);
    this.unshare(event);
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
    const data = event["conferenceData"] as
      | { createRequest?: { status?: { statusCode: string }; requestId?: string } }
      | undefined;
    if (data?.createRequest?.status?.statusCode !== "pending") return;
    const code = createHash("sha1").update(event.id).digest("hex").replace(/\d/g, "x");
    const uri = `https://meet.google.com/${code.slice(0, 3)}-${code.slice(3, 7)}-${code.slice(7, 10)}`;
    event["conferenceData"] = {
      ...data,
      createRequest: { ...data.createRequest, status: { statusCode: "success" } },
      conferenceId: uri.split("/").at(-1),
      conferenceSolution: { key: { type: "hangoutsMeet" }, name: "Google Meet" },
      entryPoints: [{ entryPointType: "video", uri, label: uri.replace("https://", "") }],
    };
    event["hangoutLink"] = uri;
    this.touch(event);
  }

  private write(
    event: GoogleEvent,
    body: Record<string, unknown>,
    { conferences, replaces }: { conferences: boolean; replaces: boolean },
  ): void {
    const fields = writable.filter((field) => conferences || field !== "conferenceData");
    const ownAnswer = body["attendeesOmitted"] === true;
    if (replaces) for (const field of fields) if (!["status", "eventType"].includes(field)) delete event[field];
    for (const field of fields) {
      if (field === "attendeesOmitted" || !(field in body)) continue;
      const value = body[field];
      if (value === null) delete event[field];
      else if (field === "extendedProperties") event.extendedProperties = merged(event.extendedProperties, value);
      else if (field === "attendees") event.attendees = this.attendees(event, value, ownAnswer);
      else if (field === "conferenceData") event["conferenceData"] = pending(value);
      else if (field === "start" || field === "end") {
        const needsZone = event.recurrence !== undefined || Array.isArray(body["recurrence"]);
        // A patch goes into what is there: whoever makes a whole day of an hour has to take the hour away.
        const given = replaces ? value : { ...event[field], ...(value as object) };
        event[field] = storedTime(given, this.calendar.timeZone, { needsZone });
      } else event[field] = structuredClone(value);
    }
    if (event.recurrence?.length === 0) delete event.recurrence;
    if (event.recurrence && event.start?.date === undefined && !event.start?.timeZone) {
      throw required("Missing time zone definition for start time.");
    }
    checkTimes(event, this.calendar.timeZone);
  }

  private attendees(event: GoogleEvent, value: unknown, ownAnswer: boolean): GoogleAttendee[] {
    const given = (value as GoogleAttendee[]).map((attendee) => ({ ...attendee, email: attendee.email.toLowerCase() }));
    const before = event.attendees ?? [];
    if (ownAnswer) {
      return before.map((attendee) => ({ ...attendee, ...given.find(({ email }) => email === attendee.email) }));
    }
    return given.map((attendee) => {
      const { responseStatus = "needsAction" } = attendee;
      const isOrganizer = attendee.email === event.organizer?.email;
      return {
        ...attendee,
        responseStatus,
        ...(isOrganizer && { organizer: true }),
        ...(attendee.email === this.email && { self: true }),
      };
    });
  }

  /** Stores it as a change: another version, seen by whoever syncs and whoever watches. */
  private touch(event: GoogleEvent): void {
    this.state.counter += 1;
    event.etag = `"${3_181_161_784_712_000 + this.state.counter}"`;
    event.updated = this.now().toISOString();
    this.calendar.events.set(event.id, event);
    this.calendar.changes += 1;
    this.calendar.changedAt.set(event.id, this.calendar.changes);
    this.onChange(this.email, this.calendar);
  }

  private forget(id: string): void {
    this.calendar.events.delete(id);
    this.calendar.changedAt.delete(id);
  }

  /** Exceptions of a series that moved away from under them are gone, and are told as cancelled. */
  private dropStrayExceptions(master: GoogleEvent): void {
    const ids = instancesOf(master, this.calendar.timeZone);
    for (const exception of this.exceptionsOf(master.id)) {
      if (!ids.has(exception.id)) this.forget(exception.id);
    }
  }

  /** Guests who have an account here see it in their own primary calendar. */
  private share(event: GoogleEvent): void {
    if (event.organizer?.email !== this.email) {
      this.tellOrganizer(event);
      return;
    }
    for (const { email } of event.attendees ?? []) {
      const theirs = email === this.email ? undefined : this.state.accounts.get(email)?.calendars.get(email);
      if (!theirs) continue;
      const known = theirs.events.get(event.id);
      const copy = structuredClone(event);
      copy.organizer = { email: this.email };
      copy["creator"] = { email: this.email };
      delete copy.extendedProperties?.private;
      copy.attendees = (copy.attendees ?? []).map(({ self: _, ...attendee }) => ({
        ...attendee,
        ...(attendee.email === email && { self: true }),
      }));
      if (known) copy["reminders"] = known["reminders"];
      new EventStore(this.state, email, theirs, this.now, this.onChange).touch(copy);
    }
  }

  /** A guest's answer is seen by the organizer. */
  private tellOrganizer(event: GoogleEvent): void {
    const organizer = event.organizer?.email ?? "";
    const theirs = this.state.accounts.get(organizer)?.calendars.get(organizer);
    const original = theirs?.events.get(event.id);
    const mine = event.attendees?.find(({ email }) => email === this.email);
    const before = original?.attendees?.find(({ email }) => email === this.email);
    if (!theirs || !original || !mine || !before || before.responseStatus === mine.responseStatus) return;
    const changed = structuredClone(original);
    for (const attendee of changed.attendees ?? []) {
      if (attendee.email === this.email) attendee.responseStatus = mine.responseStatus;
    }
    new EventStore(this.state, organizer, theirs, this.now, this.onChange).touch(changed);
  }

  private unshare(event: GoogleEvent): void {
    if (event.organizer?.email !== this.email) return;
    for (const { email } of event.attendees ?? []) {
      const theirs = email === this.email ? undefined : this.state.accounts.get(email)?.calendars.get(email);
      const copy = theirs?.events.get(event.id);
      if (!theirs || !copy || copy.status === "cancelled") continue;
      new EventStore(this.state, email, theirs, this.now, this.onChange).touch({ ...copy, status: "cancelled" });
    }
  }
}

function merged(
  before: GoogleEvent["extendedProperties"],
  given: unknown,
): NonNullable<GoogleEvent["extendedProperties"]> {
  const { private: own, shared } = given as NonNullable<GoogleEvent["extendedProperties"]>;
  return {
    ...(before?.private || own ? { private: withoutNulls({ ...before?.private, ...own }) } : {}),
    ...(before?.shared || shared ? { shared: withoutNulls({ ...before?.shared, ...shared }) } : {}),
  };
}

function withoutNulls(properties: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter((entry): entry is [string, string] => entry[1] !== null));
}

function pending(value: unknown): unknown {
  const data = value as { createRequest?: object };
  return data.createRequest
    ? { ...data, createRequest: { ...data.createRequest, status: { statusCode: "pending" } } }
    : value;
}
