import type { DavClient } from "../../sandbox/caldav/dav-client.ts";
import type { Fault, FaultProxy } from "../../sandbox/real-servers/fault-proxy.ts";
import type { CalendarEvent } from "../../src/entities/calendar-event.ts";
import type { Attendee, EventPatch, Span } from "../../src/providers/calendar/provider.ts";
import type { EventTime } from "../../src/recurrence/event-time.ts";
import { recurrenceKey } from "../../src/recurrence/instant.ts";
import type { WritableFields } from "../../src/services/event-input.ts";
import { newId } from "../../src/services/id.ts";
import { realServer } from "../converge/caldav.ts";
import { noMishaps } from "../converge/chaos.ts";
import { dayOf } from "../converge/days.ts";
import { Random } from "../converge/random.ts";
import type { Service } from "../converge/service.ts";
import { comeToRest } from "../converge/story.ts";
import { type Synced, World } from "../converge/world.ts";
import { mustHold } from "../drill/drill.ts";
import { type CalDavServer, clientOf, password } from "./servers.ts";
import { type Store, storeOf } from "./store.ts";

/** A server, and the proxy that this service calls it through. */
export interface Site {
  readonly server: CalDavServer;
  readonly proxy: FaultProxy;
}

/** One account with one calendar: this service beside another client of it. */
export class Stage {
  /** How many requests were made to fail. */
  failures = 0;

  private constructor(
    readonly world: World,
    readonly service: Service,
    readonly site: Site,
    readonly username: string,
    /** Another client of the same account. */
    readonly theirs: DavClient,
  ) {}

  static async open(username: string, site: Site, service: Service): Promise<Stage> {
    const { server, proxy } = site;
    const vendor = realServer(server.name.toLowerCase(), server.url, {
      home: (name) => server.home(name),
      prepare: (name) => server.createAccount(name),
      password,
      proxyUrl: new URL(new URL(server.url).pathname, proxy.url).href,
    });
    const name = `${vendor.name}-${username}`;
    const world = await World.open(name, vendor, service, new Random(1));
    return new Stage(world, service, site, name, clientOf(server, name));
  }

  /** The calendar's, with a slash at the end. */
  get path(): string {
    return new URL(this.world.theirs.externalId).pathname;
  }

  /** What this service's users do. */
  readonly ours = {
    create: (fields: Partial<WritableFields>) =>
      this.service.calendarWrites.create(
        this.world.viewer,
        this.world.calendarId,
        { ...interview, ...fields },
        { conference: false, idempotencyKey: null },
        this.cause(),
      ),
    update: (id: string, patch: EventPatch, span: Span | null = null) =>
      this.service.calendarWrites.update(this.world.viewer, { id, expectedVersion: null, span }, patch, this.cause()),
    delete: (id: string, span: Span | null = null) =>
      this.service.calendarWrites.delete(this.world.viewer, { id, expectedVersion: null, span }, this.cause()),
  };

  /** Stores an object as another client does. @param file its name, as it stands in an address */
  async put(file: string, text: string): Promise<void> {
    const { status, text: answer } = await this.theirs.put(`${this.path}${file}`, text);
    if (status >= 300) throw new Error(`${this.site.server.name} does not store ${file}: ${status} ${answer}`);
  }

  /** Changes an object as another client does. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const { text } = await this.theirs.send("GET", `${this.path}${file}`);
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    await this.put(file, text.replace(from, to));
  }

  async remove(file: string): Promise<void> {
    await this.theirs.send("DELETE", `${this.path}${file}`);
  }

  sync(scope: "CALENDAR" | "ACCOUNT" = "CALENDAR"): Promise<Synced> {
    return this.world.sync(noMishaps, scope);
  }

  /** A sync that has to come to its end. */
  async read(scope?: "CALENDAR" | "ACCOUNT"): Promise<Synced> {
    const synced = await this.sync(scope);
    mustHold(synced.isComplete, `a sync at ${this.site.server.name} did not come to its end`);
    return synced;
  }

  async row(title: string): Promise<CalendarEvent> {
    const row = (await this.world.rows()).find((one) => one.title === title);
    if (!row) throw new Error(`There is no ${title}`);
    return row;
  }

  async idOf(title: string): Promise<string> {
    return (await this.row(title)).id;
  }

  /** While `work` is done. */
  async during<T>(fault: Fault, work: () => Promise<T>): Promise<T> {
    const recover = this.site.proxy.failAlways(fault);
    try {
      return await work();
    } finally {
      recover();
    }
  }

  /** Lets everything come to rest. @returns what this service then holds, which is what the server has */
  async store(): Promise<Store> {
    await comeToRest(this.world);
    const [difference] = await this.world.differences();
    mustHold(difference === undefined, `this service and ${this.site.server.name} differ: ${difference}`);
    return storeOf(this.world);
  }

  private cause() {
    return { actor: { kind: "USER" as const, id: this.world.viewer.userId }, correlationId: newId(new Date()) };
  }
}

/** On the nth day of the drill, in Berlin. @param time `HH:MM` */
export function at(day: number, time: string): EventTime {
  return { kind: "zoned", local: `${dayOf(day)}T${time}:00`, timeZone: "Europe/Berlin" };
}

/** What stands for the occurrence of a series that originally begins then. */
export function occurrenceOf(seriesId: string, originalStart: EventTime): string {
  return `${seriesId}_${recurrenceKey(originalStart)}`;
}

export const guests: readonly Attendee[] = [
  { email: "ana@example.net", name: "Süß, Ana", response: "NEEDS_ACTION", optional: false },
  { email: "bo@example.org", name: null, response: "NEEDS_ACTION", optional: true },
];

const interview: WritableFields = {
  title: "Interview",
  description: null,
  location: null,
  reminders: null,
  status: "CONFIRMED",
  transparency: "OPAQUE",
  classification: "PUBLIC",
  attendees: [],
  start: at(1, "10:00"),
  end: at(1, "10:45"),
  recurrence: [],
};
