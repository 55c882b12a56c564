import { calendarNamed } from "./calendar-list.ts";
import { missing, noSuchUrl, notFound, notPermitted } from "./errors.ts";
import { checkKeys, type EventData } from "./event-fields.ts";
import { listEvents, wholeEvent } from "./event-list.ts";
import { type EventStore, needOrganizer } from "./event-store.ts";
import { type ShownEvent, shownEvent, shownOccurrence, shownTimes, type ViewOptions } from "./event-view.ts";
import { keyOf } from "./guests.ts";
import { fieldsOn, occurrenceNamed, occurrencesBetween } from "./occurrences.ts";
import { rangeOf, readRange } from "./range.ts";
import { jsonIn, readParameters, type ZohoReply, type ZohoRequest } from "./requests.ts";
import { need, needMeetings, type Right } from "./scopes.ts";
import type { StoredCalendar, StoredEvent } from "./state.ts";
import type { ZohoSwitches } from "./switches.ts";
import { isDay, momentOf, zoneNamed } from "./times.ts";

const rights: Readonly<Record<string, Right>> = { GET: "READ", POST: "CREATE", DELETE: "DELETE" };

/** What is below `/calendars/{calendar}`. */
export class EventRoutes {
  constructor(
    private readonly store: EventStore,
    private readonly switches: ZohoSwitches,
  ) {}

  /** @param parts of the path, after the calendar @throws {ZohoError} */
  handle(request: ZohoRequest, calendarUid: string, parts: readonly string[]): ZohoReply {
    const [kind, uid, more] = parts;
    const { method, caller } = request;
    need(caller.scopes, kind === "search" ? "search" : "event", rights[method] ?? "UPDATE");
    const calendar = calendarNamed(this.store.state, caller.email, calendarUid);
    const route = `${method} ${[kind, uid && "{uid}", more].filter(Boolean).join("/")}`;
    switch (route) {
      case "GET events":
        return this.list(request, calendar);
      case "GET search":
        return this.search(request, calendar);
      case "POST events":
        return this.create(request, calendar);
      case "GET events/{uid}/byinstance":
        return this.byInstance(request, calendar, this.store.find(calendar, uid ?? ""));
      case "GET events/{uid}":
        return this.get(request, calendar, uid ?? "");
    }
    if (kind !== "events" || uid === undefined || more !== undefined) throw noSuchUrl();
    const event = this.store.find(calendar, uid);
    switch (method) {
      case "PUT":
        return this.update(request, calendar, event);
      case "PATCH":
        return this.patch(request, calendar, event);
      case "DELETE":
        return this.remove(request, calendar, event);
      case "POST":
        return this.move(request, calendar, event);
      default:
        throw noSuchUrl();
    }
  }

  private list(request: ZohoRequest, calendar: StoredCalendar): ZohoReply {
    const names = ["range", "byinstance", "timezone", ...(this.switches.takesLastModified ? ["lastmodified"] : [])];
    const parameters = readParameters(request, names, this.switches);
    const since = parameters.get("lastmodified");
    const view = this.view(request, calendar, parameters.get("timezone"));
    const events = listEvents(this.store, view, {
      ...readRange(parameters, view.zone ?? calendar.timeZone),
      isByInstance: parameters.get("byinstance") === "true",
      isLarge: (request.headers["accept"] ?? "").includes("application/json+large"),
      modifiedSince: since === null ? null : Number(since),
    });
    return this.listed(events);
  }

  private search(request: ZohoRequest, calendar: StoredCalendar): ZohoReply {
    const parameters = readParameters(request, ["searchtext", "start", "end"], this.switches);
    const text = parameters.get("searchtext")?.toLowerCase();
    if (text === undefined) throw missing("searchtext");
    const edges = { start: parameters.get("start"), end: parameters.get("end"), zone: calendar.timeZone };
    const found = listEvents(this.store, this.view(request, calendar), {
      ...rangeOf(edges),
      isByInstance: false,
      isLarge: true,
      modifiedSince: null,
    }).filter(({ title, description, location }) => `${title} ${description} ${location}`.toLowerCase().includes(text));
    return this.listed(found);
  }

  private byInstance(request: ZohoRequest, calendar: StoredCalendar, event: StoredEvent): ZohoReply {
    const parameters = readParameters(request, ["range", "timezone"], this.switches);
    const view = this.view(request, calendar, parameters.get("timezone"));
    const { from, to } = readRange(parameters, calendar.timeZone);
    const taking = occurrencesBetween(event, from, to, this.switches);
    return this.listed(taking.map(({ id }) => shownOccurrence(event, view, id)));
  }

  private get(request: ZohoRequest, calendar: StoredCalendar, uid: string): ZohoReply {
    const parameters = readParameters(request, ["recurrenceid", "timezone"], this.switches);
    if (this.switches.deletedEvent === "estatus" && this.store.state.gone.has(keyOf(calendar.uid, uid))) {
      return { status: 200, body: { events: [{ uid, estatus: "deleted" }] } };
    }
    const event = this.store.find(calendar, uid);
    const view = this.view(request, calendar, parameters.get("timezone"));
    const named = parameters.get("recurrenceid");
    if (named === null) return { status: 200, body: { events: wholeEvent(event, view) } };
    const id = occurrenceNamed(event, named);
    if (id === null || event.deleted.has(id)) throw notFound("The occurrence");
    const fields = fieldsOn(event, id);
    const isLate = this.switches.lateEndOfWholeDays && isDay(fields.end);
    const late = { ...fields, end: momentOf(fields.end, "UTC").plus({ days: 1 }).toFormat("yyyyMMdd") };
    const shown = shownEvent(event, view, { id });
    return { status: 200, body: { events: [isLate ? { ...shown, dateandtime: shownTimes(late, view) } : shown] } };
  }

  private create(request: ZohoRequest, calendar: StoredCalendar): ZohoReply {
    const data = jsonIn(readParameters(request, ["eventdata"], this.switches), "eventdata");
    checkKeys(data, false, this.switches);
    this.needWriter(request, calendar, data);
    return this.written(request, calendar, this.store.insert(calendar, data));
  }

  private update(request: ZohoRequest, calendar: StoredCalendar, event: StoredEvent): ZohoReply {
    const data = jsonIn(readParameters(request, ["eventdata"], this.switches), "eventdata");
    checkKeys(data, true, this.switches);
    this.needWriter(request, calendar, data);
    needOrganizer(event, calendar);
    this.store.checkEtag(event, data["etag"]);
    return this.written(request, calendar, this.store.replace(calendar, event, data));
  }

  private patch(request: ZohoRequest, calendar: StoredCalendar, event: StoredEvent): ZohoReply {
    const parameters = readParameters(request, ["eventdata", "attendeedata"], this.switches);
    if (parameters.has("attendeedata")) {
      const answers = jsonIn(parameters, "attendeedata");
      this.needWriter(request, calendar, answers);
      needOrganizer(event, calendar);
      this.store.answers(event, answers);
      return this.written(request, calendar, event);
    }
    const data = jsonIn(parameters, "eventdata");
    checkKeys(data, true, this.switches);
    this.needWriter(request, calendar, data);
    needOrganizer(event, calendar);
    if (this.switches.patchNeedsEtag || data["etag"] !== undefined) this.store.checkEtag(event, data["etag"]);
    return this.written(request, calendar, this.store.patch(calendar, event, data));
  }

  /** The etag is a header in Zoho's own pages; others send it in `eventdata`, and the header comes first. */
  private remove(request: ZohoRequest, calendar: StoredCalendar, event: StoredEvent): ZohoReply {
    const parameters = readParameters(request, ["eventdata"], this.switches);
    const data = parameters.has("eventdata") ? jsonIn(parameters, "eventdata") : {};
    checkKeys(data, true, this.switches);
    this.needWriter(request, calendar, data);
    this.store.checkEtag(event, request.headers["etag"] ?? data["etag"]);
    this.store.remove(calendar, event, data);
    return { status: 200, body: { events: [{ uid: event.uid, estatus: "deleted" }] } };
  }

  /** How the destination is named is unverified: both of these are taken. */
  private move(request: ZohoRequest, calendar: StoredCalendar, event: StoredEvent): ZohoReply {
    const parameters = readParameters(request, ["destination", "destinationcaluid"], this.switches);
    const uid = parameters.get("destination") ?? parameters.get("destinationcaluid");
    if (uid === null) throw missing("destination");
    const destination = calendarNamed(this.store.state, request.caller.email, uid);
    this.needWriter(request, calendar, {});
    this.needWriter(request, destination, {});
    needOrganizer(event, calendar);
    this.store.move(event, destination);
    return this.written(request, destination, event);
  }

  /** @throws {ZohoError} 403 on calendars that one may only read */
  private needWriter({ caller }: ZohoRequest, calendar: StoredCalendar, data: EventData): void {
    const privilege = calendar.members.get(caller.email)?.privilege ?? "";
    if (!this.switches.writablePrivileges.includes(privilege)) throw notPermitted();
    if (data["conference"] === "zmeeting") needMeetings(caller.scopes);
  }

  private written(request: ZohoRequest, calendar: StoredCalendar, event: StoredEvent): ZohoReply {
    return { status: 200, body: { events: [shownEvent(event, this.view(request, calendar))] } };
  }

  private listed(events: readonly ShownEvent[]): ZohoReply {
    const isTold = events.length === 0 && this.switches.emptyList === "message";
    return { status: 200, body: { events: isTold ? [{ message: "No events found." }] : events } };
  }

  private view({ caller }: ZohoRequest, calendar: StoredCalendar, zone: string | null = null): ViewOptions {
    const { state } = this.store;
    const own = zone === null ? undefined : zoneNamed(zone);
    return { state, calendar, switches: this.switches, email: caller.email, zone: own };
  }
}
