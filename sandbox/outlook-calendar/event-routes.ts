import { calendarById, defaultCalendar } from "./calendar-list.ts";
import type { DeltaFeed } from "./delta.ts";
import { invalidRequest, resourceNotFound } from "./errors.ts";
import type { EventStore } from "./event-store.ts";
import { shownEvent, type ViewOptions } from "./event-view.ts";
import { accepted, type GraphReply, noContent } from "./graph-request.ts";
import { cancelForGuests, isOrganizer, respond } from "./meetings.ts";
import { pageOf } from "./pages.ts";
import type { Preferences } from "./prefer.ts";
import { readExpand, readFilter, readSelect, sorted } from "./query.ts";
import { type Item, itemsBetween } from "./series.ts";
import type { OutlookSwitches } from "./switches.ts";
import { wallTime } from "./times.ts";
import { windowOf } from "./window.ts";

export interface EventRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly ifMatch: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  readonly prefer: Preferences;
  /** The whole address without its query. */
  readonly url: string;
  readonly context: string;
  readonly store: EventStore;
  /** Null for `/me`: all of them for one event, the default one for lists. */
  readonly calendarId: string | null;
}

const answers: Readonly<Record<string, "accepted" | "declined" | "tentativelyAccepted">> = {
  accept: "accepted",
  decline: "declined",
  tentativelyAccept: "tentativelyAccepted",
};

/** `…/events` and `…/calendarView` of a mailbox or of one of its calendars. */
export class EventRoutes {
  constructor(
    private readonly switches: OutlookSwitches,
    private readonly delta: DeltaFeed,
  ) {}

  /** @throws {GraphError} */
  events(request: EventRequest, [id, action]: readonly string[]): GraphReply {
    const { method, store, body } = request;
    if (id === undefined) {
      if (method === "GET") return this.list(request, this.stored(request));
      if (method !== "POST") throw resourceNotFound();
      const calendar = calendarById(store.mailbox, this.calendarId(request));
      return this.written(request, store.insert(calendar, body), 201);
    }
    const item = store.find(id, request.calendarId);
    if (action !== undefined) return this.act(request, item, action);
    switch (method) {
      case "GET":
        return this.one(request, item);
      case "PATCH":
        return this.written(request, store.update(item, body, request.ifMatch), 200);
      case "DELETE":
        store.delete(item, request.ifMatch);
        return noContent;
      default:
        throw resourceNotFound();
    }
  }

  /** Occurrences, exceptions and single events of a window; no series. */
  calendarView(request: EventRequest, [delta]: readonly string[]): GraphReply {
    const { store, query, prefer, url } = request;
    const calendarId = this.calendarId(request);
    if (delta === "delta" || delta === "delta()") {
      const answer = this.delta.answer({ mailbox: store.mailbox, calendarId, query, prefer, url });
      return {
        status: 200,
        body: { "@odata.context": request.context.replace(/#.*/, "#Collection(event)"), ...answer },
      };
    }
    if (delta !== undefined) throw resourceNotFound();
    return this.list(
      request,
      this.between(
        request,
        store.eventsOf(calendarId).map((event) => ({ event, day: null })),
      ),
    );
  }

  private act(request: EventRequest, item: Item, action: string): GraphReply {
    const { method, store, body } = request;
    if (action === "instances" && method === "GET") {
      if (!item.event.recurrence || item.day !== null) throw invalidRequest("The event is not the master of a series.");
      return this.list(request, this.between(request, [item]));
    }
    if (method !== "POST") throw resourceNotFound();
    const response = answers[action];
    if (response) {
      respond(store.mail, item, {
        response,
        isSent: (body["sendResponse"] ?? body["SendResponse"] ?? true) === true,
        proposedNewTime: proposed(body["proposedNewTime"]),
      });
      return accepted;
    }
    if (action === "permanentDelete") {
      store.delete(item, request.ifMatch);
      return noContent;
    }
    if (action !== "cancel") throw resourceNotFound();
    if (!isOrganizer(store.mailbox, item.event)) {
      throw invalidRequest("Your request can't be completed. You need to be an organizer to cancel a meeting.");
    }
    if (item.day === null) {
      store.remove(item.event);
      cancelForGuests(store.mail, item.event);
    } else store.delete(item);
    return accepted;
  }

  private stored({ store, query, ...request }: EventRequest): readonly Item[] {
    const calendarId = this.calendarId({ store, query, ...request });
    return store.eventsOf(calendarId).map((event) => ({ event, day: null }));
  }

  private between({ query }: EventRequest, items: readonly Item[]): readonly Item[] {
    const { from, to } = windowOf(query);
    const [start, end] = [Date.parse(from), Date.parse(to)];
    return items.flatMap(({ event }) => itemsBetween(event, start, end, this.switches.shortMonths));
  }

  private list(request: EventRequest, found: readonly Item[]): GraphReply {
    const { query, prefer, url } = request;
    const all = sorted(found.filter(readFilter(query)), query);
    const { items, links } = pageOf(all, { query, maxPageSize: prefer.maxPageSize, url });
    const value = items.map((item) => shownEvent(item, this.viewOf(request)));
    return { status: 200, body: { "@odata.context": request.context, value, ...links } };
  }

  private one(request: EventRequest, item: Item): GraphReply {
    const event = shownEvent(item, this.viewOf(request));
    const body = { "@odata.context": `${request.context}/$entity`, ...event };
    return { status: 200, headers: { etag: String(event["@odata.etag"]) }, body };
  }

  /** Answers to writes tell nothing that has to be asked for, and the link to a new meeting may come later. */
  private written(request: EventRequest, item: Item, status: number): GraphReply {
    const { prefer, store } = request;
    const event = shownEvent(item, { mailbox: store.mailbox, prefer });
    const later = this.switches.joinUrlComesLater && { onlineMeeting: null };
    const body = { "@odata.context": `${request.context}/$entity`, ...event, ...later };
    return { status, headers: { etag: String(event["@odata.etag"]) }, body };
  }

  private viewOf({ store, prefer, query }: EventRequest): ViewOptions {
    return { mailbox: store.mailbox, prefer, select: readSelect(query), expand: readExpand(query) };
  }

  private calendarId({ calendarId, store }: EventRequest): string {
    return calendarId ?? defaultCalendar(store.mailbox).id;
  }
}

function proposed(given: unknown) {
  if (given == null) return null;
  const { start, end } = given as { start?: unknown; end?: unknown };
  return { start: wallTime(start), end: wallTime(end) };
}
