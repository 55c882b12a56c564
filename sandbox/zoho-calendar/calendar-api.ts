import { setTimeout as delay } from "node:timers/promises";
import {
  addCalendar,
  calendarNamed,
  dropCalendar,
  listCalendars,
  readCalendar,
  shownCalendar,
} from "./calendar-list.ts";
import { errorBody, noSuchUrl, ZohoError } from "./errors.ts";
import { EventRoutes } from "./event-routes.ts";
import type { EventStore } from "./event-store.ts";
import { freeBusy } from "./free-busy.ts";
import { accountOf } from "./guests.ts";
import { jsonIn, readParameters, type ZohoReply, type ZohoRequest } from "./requests.ts";
import { need } from "./scopes.ts";
import type { ZohoSwitches } from "./switches.ts";
import { Throttle } from "./throttle.ts";

/** Zoho Calendar's REST API v1, without HTTP: a request in, a reply out. https://www.zoho.com/calendar/help/api/introduction.html */
export class CalendarApi {
  private readonly throttle: Throttle;
  private readonly events: EventRoutes;

  constructor(
    private readonly store: EventStore,
    private readonly switches: ZohoSwitches,
    private readonly now: () => Date,
  ) {
    this.throttle = new Throttle(switches, now);
    this.events = new EventRoutes(store, switches);
  }

  async handle(request: ZohoRequest): Promise<ZohoReply> {
    try {
      return await this.throttle.during(request.caller.email, async () => {
        await delay(this.switches.latencyMs);
        return this.route(request);
      });
    } catch (error) {
      if (!(error instanceof ZohoError)) throw error;
      return { status: error.status, body: errorBody(error, this.switches) };
    }
  }

  private route(request: ZohoRequest): ZohoReply {
    const [root, uid, ...rest] = request.path.split("/").slice(1).map(decodeURIComponent);
    if (root !== "calendars") throw noSuchUrl();
    if (uid === undefined) return this.calendars(request);
    if (uid === "freebusy" && rest.length === 0) return this.freeBusy(request);
    return rest.length === 0 ? this.calendar(request, uid) : this.events.handle(request, uid, rest);
  }

  private calendars(request: ZohoRequest): ZohoReply {
    const { method, caller } = request;
    const { state } = this.store;
    if (method === "GET") {
      need(caller.scopes, "calendar", "READ");
      const category = readParameters(request, ["category"], this.switches).get("category");
      const calendars = listCalendars(state, caller.email, { category, switches: this.switches });
      return { status: 200, body: { calendars } };
    }
    if (method !== "POST") throw noSuchUrl();
    need(caller.scopes, "calendar", "CREATE");
    const parameters = readParameters(request, ["calendarData"], this.switches);
    const { name = "", timezone, ...rest } = readCalendar(jsonIn(parameters, "calendarData"), this.switches);
    const timeZone = timezone ?? accountOf(state, caller.email)?.timeZone ?? "UTC";
    const calendar = addCalendar(state, { ...rest, name, timeZone, owner: caller.email, now: this.now() });
    calendar.members.set(caller.email, { privilege: "owner", category: "own" });
    return { status: 200, body: { calendars: [shownCalendar(state, calendar, caller.email)] } };
  }

  private calendar(request: ZohoRequest, uid: string): ZohoReply {
    const { method, caller } = request;
    const { state } = this.store;
    if (method !== "GET" && method !== "DELETE") throw noSuchUrl();
    need(caller.scopes, "calendar", method === "GET" ? "READ" : "DELETE");
    readParameters(request, [], this.switches);
    const calendar = calendarNamed(state, caller.email, uid);
    if (method === "DELETE") dropCalendar(state, calendar, caller.email);
    return { status: 200, body: { calendars: [shownCalendar(state, calendar, caller.email)] } };
  }

  private freeBusy(request: ZohoRequest): ZohoReply {
    const { method, caller } = request;
    if (method !== "GET") throw noSuchUrl();
    need(caller.scopes, "freebusy", "READ");
    const parameters = readParameters(request, ["uemail", "sdate", "edate", "ftype"], this.switches);
    const dataCenter = accountOf(this.store.state, caller.email)?.dataCenter ?? "us";
    return { status: 200, body: freeBusy(this.store, parameters, { switches: this.switches, dataCenter }) };
  }
}
