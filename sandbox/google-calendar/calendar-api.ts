import { randomUUID } from "node:crypto";
import type { BatchSwitches } from "./batch.ts";
import { type ChannelOptions, Channels } from "./channels.ts";
import { ApiError, insufficientPermissions, invalid, notFound, requiredAccessLevel, usageLimit } from "./errors.ts";
import { listEvents } from "./event-list.ts";
import { EventStore, type StoreSwitches, type StoreWorld } from "./event-store.ts";
import { freeBusy } from "./free-busy.ts";
import { listInstances } from "./instance-list.ts";
import { pageOf } from "./listings.ts";
import { Quota } from "./quota.ts";
import { shownAs, shownEvent } from "./shown-event.ts";
import type { AccessRole, GoogleCalendarState, GoogleEvent, StoredCalendar, StoredChannel } from "./state.ts";

export type { PushMessage } from "./channels.ts";
export { seedGoogleCalendar } from "./seed.ts";
export { emptyGoogleCalendarState, type GoogleCalendarState } from "./state.ts";

export interface ApiRequest {
  readonly method: string;
  /** After `calendar/v3`, with a slash in front. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly caller: { readonly email: string; readonly scopes: readonly string[] };
}

export interface ApiReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined is an empty one. */
  readonly body: unknown;
}

const scope = (name: string) => `https://www.googleapis.com/auth/${name}`;
/** Any one of them. https://developers.google.com/workspace/calendar/api/auth */
const scopes = {
  read: ["calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly"].map(scope),
  write: ["calendar", "calendar.events"].map(scope),
  list: ["calendar", "calendar.readonly", "calendar.calendarlist", "calendar.calendarlist.readonly"].map(scope),
  freeBusy: ["calendar", "calendar.readonly", "calendar.freebusy", "calendar.events.freebusy"].map(scope),
};

/** For writes that come by no request. */
const everything = { conferences: true, attachments: true };

/** The Calendar API v3 without HTTP: a request in, a reply out. */
export class GoogleCalendarApi {
  readonly switches = {
    pageSize: null as number | null,
    emptyPageFirst: false,
    requestsPerMinute: 600,
    requestsPerMinuteOfAll: 10_000,
    maxBatchCalls: 1000,
    batchAnswers: "in order" as BatchSwitches["batchAnswers"],
    quotaExceeded: false,
    maxFreeBusyDays: null as number | null,
    strayExceptions: "cancelled" as StoreSwitches["strayExceptions"],
  };
  private readonly world: StoreWorld;
  readonly pushes: Channels;
  private readonly quota: Quota;

  constructor(
    private readonly state: GoogleCalendarState,
    private readonly options: ChannelOptions,
  ) {
    this.quota = new Quota(this.switches, options.now);
    this.pushes = new Channels(state, options);
    const onChange = (email: string, calendar: StoredCalendar) => this.pushes.changed(email, calendar);
    this.world = { state, now: options.now, switches: this.switches, onChange };
  }

  async handle(request: ApiRequest): Promise<ApiReply> {
    try {
      this.quota.count(request.caller.email);
      return await this.route(request);
    } catch (error) {
      if (error instanceof ApiError) return { status: error.status, body: error.body };
      throw error;
    }
  }

  private async route(request: ApiRequest): Promise<ApiReply> {
    const { method, query, caller } = request;
    const [top = "", second = "", third = "", fourth = "", fifth = ""] = request.path
      .split("/")
      .slice(1)
      .map(decodeURIComponent);
    const body = (request.body ?? {}) as Record<string, unknown>;
    if (top === "colors") return { status: 200, body: { kind: "calendar#colors", event: {}, calendar: {} } };
    if (top === "freeBusy") {
      this.need(caller.scopes, scopes.freeBusy);
      const storeOf = (id: string) => {
        const calendar = this.state.accounts.get(caller.email)?.calendars.get(id === "primary" ? caller.email : id);
        return calendar ? this.store(caller.email, calendar) : null;
      };
      return { status: 200, body: freeBusy(storeOf, body, this.switches.maxFreeBusyDays) };
    }
    if (top === "channels" && second === "stop") {
      this.pushes.stop(caller.email, body);
      return { status: 204, body: undefined };
    }
    if (top === "users" && third === "calendarList") {
      this.need(caller.scopes, scopes.list);
      return { status: 200, body: this.calendarList(caller.email, fourth, query) };
    }
    if (top !== "calendars" || third !== "events") throw notFound();
    const calendar = this.calendar(caller.email, second);
    const store = this.store(caller.email, calendar);
    if (fourth === "watch" && method === "POST") {
      this.need(caller.scopes, scopes.read);
      return { status: 200, body: await this.pushes.watch(caller.email, calendar, body) };
    }
    if (method === "GET") {
      this.need(caller.scopes, scopes.read);
      return this.reading(store, fourth, fifth, request);
    }
    this.need(caller.scopes, scopes.write);
    if (calendar.accessRole !== "owner" && calendar.accessRole !== "writer") throw requiredAccessLevel();
    if (this.switches.quotaExceeded) throw usageLimit(403, "quotaExceeded", "Calendar usage limits exceeded.");
    return this.writing(store, fourth, request, body);
  }

  private reading(store: EventStore, id: string, part: string, { query, headers }: ApiRequest): ApiReply {
    for (const event of store.calendar.events.values()) if (id === "" || id === event.id) store.settleConference(event);
    const fresh = (body: Record<string, unknown>): ApiReply => {
      const etag = String(body["etag"]);
      const isKnown = headers["if-none-match"] === etag;
      return { status: isKnown ? 304 : 200, headers: { etag }, body: isKnown ? undefined : body };
    };
    if (id === "") return fresh(listEvents(this.state, store, query, this.switches));
    if (part === "instances") return fresh(listInstances(this.state, store, id, query, this.switches));
    return fresh(shownEvent(store, store.get(id), shownAs(query)));
  }

  private writing(
    store: EventStore,
    id: string,
    { method, query, headers }: ApiRequest,
    body: Record<string, unknown>,
  ): ApiReply {
    const options = {
      ifMatch: headers["if-match"],
      conferences: query.get("conferenceDataVersion") === "1",
      attachments: query.get("supportsAttachments") === "true",
    };
    const shown = (event: GoogleEvent): ApiReply => ({
      status: 200,
      headers: { etag: event.etag },
      body: shownEvent(store, event, shownAs(query)),
    });
    if (method === "POST" && id === "") return shown(store.insert(body, options));
    if (method === "PATCH") return shown(store.update(id, body, options));
    if (method === "PUT") return shown(store.update(id, body, { ...options, replaces: true }));
    if (method !== "DELETE") throw notFound();
    store.delete(id, options);
    return { status: 204, body: undefined };
  }

  private calendarList(email: string, id: string, query: URLSearchParams): unknown {
    if (id !== "") return entryOf(this.calendar(email, id));
    const calendars = this.state.accounts.get(email)?.calendars ?? new Map<string, StoredCalendar>();
    const { ids, next } = pageOf(this.state.listings, {
      of: email,
      query,
      switches: { ...this.switches, emptyPageFirst: false },
      defaultSize: 100,
      maxSize: 250,
      begin: () => ({ ids: [...calendars.keys()], syncToken: "list" }),
    });
    const items = ids.flatMap((one) => calendars.get(one) ?? []).map(entryOf);
    return { kind: "calendar#calendarList", items, ...next };
  }

  private need(given: readonly string[], anyOf: readonly string[]): void {
    if (!anyOf.some((wanted) => given.includes(wanted))) throw insufficientPermissions();
  }

  private calendar(email: string, id: string): StoredCalendar {
    const calendar = this.state.accounts.get(email)?.calendars.get(id === "primary" ? email : id);
    if (!calendar) throw notFound();
    return calendar;
  }

  private store(email: string, calendar: StoredCalendar): EventStore {
    return new EventStore(this.world, email, calendar);
  }

  createAccount({ email, name = email }: { readonly email: string; readonly name?: string }): void {
    if (this.state.accounts.has(email)) return;
    this.state.accounts.set(email, { name, calendars: new Map() });
    this.createCalendar(email, { id: email, summary: email });
    this.calendar(email, email).primary = true;
  }

  createCalendar(
    email: string,
    {
      id,
      summary = "Calendar",
      accessRole = "owner",
      timeZone = "Europe/Berlin",
      unwatchable = false,
    }: {
      readonly id?: string;
      readonly summary?: string;
      readonly accessRole?: AccessRole;
      readonly timeZone?: string;
      readonly unwatchable?: boolean;
    } = {},
  ): string {
    const account = this.state.accounts.get(email);
    if (!account) throw new Error(`${email} has no account`);
    const calendarId = id ?? `${randomUUID().replaceAll("-", "")}@group.calendar.google.com`;
    account.calendars.set(calendarId, {
      id: calendarId,
      summary,
      timeZone,
      primary: false,
      accessRole,
      unwatchable,
      events: new Map(),
      changes: 0,
      changedAt: new Map(),
      expiredUntil: 0,
      expiredAt: new Date(0),
    });
    return calendarId;
  }

  accounts(): readonly string[] {
    return [...this.state.accounts.keys()];
  }

  /** As another client of the same account does it, without a token. */
  insertEvent(email: string, event: Record<string, unknown>, calendarId = email): string {
    return this.store(email, this.calendar(email, calendarId)).insert(event, everything).id;
  }

  patchEvent(email: string, eventId: string, patch: Record<string, unknown>, calendarId = email): void {
    this.store(email, this.calendar(email, calendarId)).update(eventId, patch, everything);
  }

  deleteEvent(email: string, eventId: string, calendarId = email): void {
    this.store(email, this.calendar(email, calendarId)).delete(eventId);
  }

  /** As it is stored, deleted ones included. */
  event(email: string, eventId: string, calendarId = email): GoogleEvent | null {
    return this.calendar(email, calendarId).events.get(eventId) ?? null;
  }

  events(email: string, calendarId = email): readonly GoogleEvent[] {
    return [...this.calendar(email, calendarId).events.values()].filter(({ status }) => status !== "cancelled");
  }

  /** Google forgets sync tokens now and then, and when rights change. */
  expireSyncTokens(): void {
    for (const { calendars } of this.state.accounts.values()) {
      for (const calendar of calendars.values()) {
        // A change that nobody sees, so that tokens of this very moment are old as well.
        calendar.changes += 1;
        calendar.expiredUntil = calendar.changes;
        calendar.expiredAt = this.options.now();
      }
    }
  }

  dropCalendar(email: string, calendarId: string): void {
    if (calendarId === email) throw invalid("The primary calendar stays.");
    this.state.accounts.get(email)?.calendars.delete(calendarId);
  }

  channels(email: string): readonly StoredChannel[] {
    return this.pushes.live(email);
  }
}

function entryOf({ id, summary, timeZone, accessRole, primary }: StoredCalendar): unknown {
  return {
    kind: "calendar#calendarListEntry",
    etag: `"${id.length}"`,
    id,
    summary,
    timeZone,
    accessRole,
    selected: true,
    colorId: "14",
    backgroundColor: "#9fe1e7",
    foregroundColor: "#000000",
    defaultReminders: [{ method: "popup", minutes: 10 }],
    ...(primary && { primary: true }),
    conferenceProperties: { allowedConferenceSolutionTypes: ["hangoutsMeet"] },
  };
}
