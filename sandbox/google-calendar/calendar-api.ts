import { randomUUID } from "node:crypto";
import type { BatchSwitches } from "./batch.ts";
import { calendarEntry, listCalendars } from "./calendar-list.ts";
import { type ChannelOptions, Channels } from "./channels.ts";
import { colors } from "./colors.ts";
import { ApiError, invalid, notFound, requiredAccessLevel, usageLimit } from "./errors.ts";
import { listEvents } from "./event-list.ts";
import { EventStore, type StoreSwitches, type StoreWorld } from "./event-store.ts";
import { freeBusy } from "./free-busy.ts";
import { listInstances } from "./instance-list.ts";
import { Quota } from "./quota.ts";
import { requireScope } from "./scopes.ts";
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
    losesChanges: false,
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
    if (top === "colors") return { status: 200, body: colors };
    if (top === "freeBusy") {
      requireScope(caller.scopes, "freeBusy");
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
      requireScope(caller.scopes, "list");
      if (fourth === "watch" && method === "POST") {
        return { status: 200, body: await this.pushes.watch(caller.email, null, body) };
      }
      const { email } = caller;
      if (fourth !== "") return { status: 200, body: calendarEntry(this.state, email, fourth) };
      return { status: 200, body: listCalendars(this.state, email, query, this.switches) };
    }
    if (top !== "calendars" || third !== "events") throw notFound();
    const calendar = this.calendar(caller.email, second);
    const store = this.store(caller.email, calendar);
    if (fourth === "watch" && method === "POST") {
      requireScope(caller.scopes, "read", calendar);
      return { status: 200, body: await this.pushes.watch(caller.email, calendar, body) };
    }
    if (method === "GET") {
      requireScope(caller.scopes, "read", calendar);
      return this.reading(store, fourth, fifth, request);
    }
    requireScope(caller.scopes, "write", calendar);
    requireWritable(calendar);
    if (this.switches.quotaExceeded) throw usageLimit(403, "quotaExceeded", "Calendar usage limits exceeded.");
    return this.writing(store, [fourth, fifth], request, body);
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
    [id, part]: readonly [string, string],
    { method, query, headers, caller }: ApiRequest,
    body: Record<string, unknown>,
  ): ApiReply {
    const options = {
      ifMatch: headers["if-match"],
      conferences: query.get("conferenceDataVersion") === "1",
      attachments: query.get("supportsAttachments") === "true",
    };
    const as = shownAs(query);
    const shown = (event: GoogleEvent): ApiReply => ({
      status: 200,
      headers: { etag: event.etag },
      body: shownEvent(store, event, as),
    });
    if (method === "POST" && id === "") return shown(store.insert(body, options));
    if (method === "POST" && id === "import") return shown(store.import(body, options));
    if (method === "POST" && id === "quickAdd") return shown(store.quickAdd(query.get("text")));
    if (method === "POST" && part === "move") {
      const destination = this.calendar(caller.email, query.get("destination") ?? "");
      requireWritable(destination);
      return shown(store.move(id, this.store(caller.email, destination)));
    }
    if (method === "PATCH") return shown(store.update(id, body, options));
    if (method === "PUT") return shown(store.update(id, body, { ...options, replaces: true }));
    if (method !== "DELETE") throw notFound();
    store.delete(id, options);
    return { status: 204, body: undefined };
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
    const list = { listChanges: 0, listChangedAt: new Map(), listExpiredUntil: 0 };
    this.state.accounts.set(email, { name, calendars: new Map(), ...list });
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
    this.listChanged(email, calendarId);
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
    for (const account of this.state.accounts.values()) {
      account.listChanges += 1;
      account.listExpiredUntil = account.listChanges;
      for (const calendar of account.calendars.values()) {
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
    this.listChanged(email, calendarId);
  }

  private listChanged(email: string, calendarId: string): void {
    const account = this.state.accounts.get(email);
    if (!account) return;
    account.listChanges += 1;
    account.listChangedAt.set(calendarId, account.listChanges);
    this.pushes.changed(email, null);
  }

  channels(email: string): readonly StoredChannel[] {
    return this.pushes.live(email);
  }
}

/** @throws {ApiError} requiredAccessLevel */
function requireWritable({ accessRole }: StoredCalendar): void {
  if (accessRole !== "owner" && accessRole !== "writer") throw requiredAccessLevel();
}
