import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { answerBatch } from "./batch.ts";
import { calendarById, defaultCalendar, shownCalendar } from "./calendar-list.ts";
import { DeltaFeed } from "./delta.ts";
import { accessDenied, errorBody, GraphError, mailboxNotEnabled, resourceNotFound, unreadableBody } from "./errors.ts";
import { EventRoutes } from "./event-routes.ts";
import { EventStore, type OnChange } from "./event-store.ts";
import { translatedIds } from "./exchange-ids.ts";
import type { GraphReply, GraphRequest } from "./graph-request.ts";
import { mailboxSettings, supportedTimeZones } from "./mailbox-settings.ts";
import { pageOf } from "./pages.ts";
import { readPrefer } from "./prefer.ts";
import { shownMailbox } from "./profile.ts";
import { readSelect } from "./query.ts";
import { Schedules } from "./schedules.ts";
import { need, purposeOf } from "./scopes.ts";
import type { Mailbox, OutlookState } from "./state.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { OutlookSwitches } from "./switches.ts";
import { Throttle } from "./throttle.ts";

export interface GraphOptions {
  readonly now: () => Date;
  /** Where `/v1.0` is, without a slash at the end. */
  readonly base: () => string;
  readonly onChange: OnChange;
  readonly subscriptions: Subscriptions;
}

/** Microsoft Graph v1.0, as far as calendars go, without HTTP: a request in, a reply out. */
export class GraphApi {
  readonly delta: DeltaFeed;
  private readonly throttle: Throttle;
  private readonly eventRoutes: EventRoutes;
  private readonly schedules: Schedules;

  constructor(
    private readonly state: OutlookState,
    private readonly switches: OutlookSwitches,
    private readonly options: GraphOptions,
  ) {
    this.delta = new DeltaFeed(state, switches);
    this.throttle = new Throttle(switches, options.now);
    this.schedules = new Schedules(state, switches);
    this.eventRoutes = new EventRoutes(switches, this.delta);
  }

  async handle(request: GraphRequest): Promise<GraphReply> {
    const requestId = randomUUID();
    const clientRequestId = request.headers["client-request-id"] ?? requestId;
    const ids = { "request-id": requestId, "client-request-id": clientRequestId };
    try {
      const reply = request.path === "/$batch" ? await this.batch(request) : await this.single(request);
      return { ...reply, headers: { ...ids, ...reply.headers } };
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      const body = errorBody(error, this.options.now(), requestId, clientRequestId);
      return { status: error.status, headers: { ...ids, ...error.headers }, body };
    }
  }

  private single(request: GraphRequest): Promise<GraphReply> {
    return this.throttle.during(request.caller.email, async () => {
      await delay(this.switches.latencyMs);
      return this.route(request);
    });
  }

  private async batch(request: GraphRequest): Promise<GraphReply> {
    if (request.method !== "POST") throw resourceNotFound();
    const answer = (step: GraphRequest) => this.handle(step);
    return { status: 200, body: await answerBatch(request, readBody(request), answer, this.options.now()) };
  }

  private storeOf(mailbox: Mailbox): EventStore {
    const { now, onChange } = this.options;
    return new EventStore(this.state, mailbox, { now, onChange, switches: this.switches });
  }

  private async route(request: GraphRequest): Promise<GraphReply> {
    const [top = "", ...rest] = request.path.split("/").slice(1).map(decodeURIComponent);
    const { email } = request.caller;
    if (top === "me") return this.mailboxRoute(request, this.mailboxOf(email), rest);
    if (top === "users") {
      const mailbox = this.mailboxOf(email);
      const [who = "", ...below] = rest;
      // Delegated access reaches no further than one's own mailbox.
      if (who.toLowerCase() !== email && who !== mailbox.userId) throw accessDenied();
      return this.mailboxRoute(request, mailbox, below);
    }
    if (top === "subscriptions") return this.subscriptionRoute(request, rest);
    throw resourceNotFound();
  }

  private subscriptionRoute(request: GraphRequest, parts: readonly string[]): Promise<GraphReply> {
    const { caller, method, headers } = request;
    need(caller.scopes, "read");
    const mailbox = this.mailboxOf(caller.email);
    const { wantsImmutableIds } = readPrefer(headers["prefer"]);
    const context = this.contextOf("subscriptions");
    const answered = { method, mailbox, body: readBody(request), wantsImmutableIds, context };
    return this.options.subscriptions.answer(answered, parts);
  }

  private mailboxRoute(request: GraphRequest, mailbox: Mailbox, parts: readonly string[]): GraphReply {
    need(request.caller.scopes, purposeOf(request.method, parts));
    if (parts.length === 0) {
      return { status: 200, body: shownMailbox(mailbox, request.query, this.contextOf("users/$entity")) };
    }
    if (!mailbox.hasMailbox) throw mailboxNotEnabled();
    const [top, ...rest] = parts;
    if (top === "calendars") return this.calendarRoute(request, mailbox, rest);
    if (top === "calendar") {
      return this.calendarRoute(request, mailbox, [defaultCalendar(mailbox).id, ...rest]);
    }
    return this.ownRoute(request, mailbox, parts) ?? this.eventsRoute(request, mailbox, null, parts);
  }

  /** What is a mailbox's and no calendar's; null for events. */
  private ownRoute(request: GraphRequest, mailbox: Mailbox, parts: readonly string[]): GraphReply | null {
    const [top = "", second = ""] = parts;
    const answered = (body: Record<string, unknown>, what: string): GraphReply => {
      return { status: 200, body: { "@odata.context": this.contextOf(what), ...body } };
    };
    switch (`${request.method} ${top}`) {
      case "GET outlook":
        if (!second.startsWith("supportedTimeZones")) return null;
        return answered({ value: supportedTimeZones(/iana/i.test(second)) }, "Collection(timeZoneInformation)");
      case "GET mailboxSettings": {
        const settings = mailboxSettings(mailbox);
        return answered(second === "timeZone" ? { value: settings["timeZone"] } : settings, "mailboxSettings");
      }
      case "POST translateExchangeIds":
        return answered(
          { value: translatedIds(this.storeOf(mailbox), readBody(request)) },
          "Collection(convertIdResult)",
        );
      case "POST findMeetingTimes": {
        const prefer = readPrefer(request.headers["prefer"]);
        const found = this.schedules.meetingTimes(mailbox, readBody(request), prefer);
        return { status: 200, body: found };
      }
      default:
        return null;
    }
  }

  private calendarRoute(request: GraphRequest, mailbox: Mailbox, parts: readonly string[]): GraphReply {
    const [id, ...rest] = parts;
    const context = this.contextOf(`users('${mailbox.email}')/calendars`);
    const select = readSelect(request.query);
    if (id === undefined) {
      if (request.method !== "GET") throw resourceNotFound();
      const page = { query: request.query, maxPageSize: readPrefer(request.headers["prefer"]).maxPageSize };
      const { items, links } = pageOf([...mailbox.calendars.values()], { ...page, url: this.urlOf(request) });
      const value = items.map((calendar) => shownCalendar(mailbox, calendar, select));
      return { status: 200, body: { "@odata.context": context, value, ...links } };
    }
    const calendar = calendarById(mailbox, id);
    if (rest[0] === "getSchedule" && request.method === "POST") {
      const value = this.schedules.answer(mailbox, readBody(request), readPrefer(request.headers["prefer"]));
      return { status: 200, body: { "@odata.context": this.contextOf("Collection(scheduleInformation)"), value } };
    }
    if (rest.length > 0) return this.eventsRoute(request, mailbox, id, rest);
    if (request.method !== "GET") throw resourceNotFound();
    return {
      status: 200,
      body: { "@odata.context": `${context}/$entity`, ...shownCalendar(mailbox, calendar, select) },
    };
  }

  private eventsRoute(
    request: GraphRequest,
    mailbox: Mailbox,
    calendarId: string | null,
    [top = "", ...rest]: readonly string[],
  ): GraphReply {
    const prefer = readPrefer(request.headers["prefer"]);
    const event = {
      method: request.method,
      query: request.query,
      ifMatch: request.headers["if-match"],
      body: readBody(request),
      prefer,
      url: this.urlOf(request),
      context: this.contextOf(`users('${mailbox.email}')/${top === "events" ? "events" : "calendarView"}`),
      store: this.storeOf(mailbox),
      calendarId,
    };
    const reply =
      top === "events"
        ? this.eventRoutes.events(event, rest)
        : top === "calendarView" && request.method === "GET"
          ? this.eventRoutes.calendarView(event, rest)
          : null;
    if (!reply) throw resourceNotFound();
    return { ...reply, headers: { ...reply.headers, ...(prefer.applied && { "preference-applied": prefer.applied }) } };
  }

  private mailboxOf(email: string): Mailbox {
    const mailbox = this.state.mailboxes.get(email);
    if (!mailbox) throw mailboxNotEnabled();
    return mailbox;
  }

  private contextOf(what: string): string {
    return `${this.options.base()}/$metadata#${what}`;
  }

  private urlOf({ path }: GraphRequest): string {
    return `${this.options.base()}${path}`;
  }
}

/** @throws {GraphError} BadRequest */
export function readBody({ body, headers }: Pick<GraphRequest, "body" | "headers">): Record<string, unknown> {
  if (body === "") return {};
  if (!/\bjson\b/i.test(headers["content-type"] ?? "")) throw unreadableBody();
  try {
    const read: unknown = JSON.parse(body);
    if (typeof read === "object" && read !== null && !Array.isArray(read)) return read as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw unreadableBody();
}
