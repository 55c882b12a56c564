import { createHash, randomBytes } from "node:crypto";
import { badQuery, GraphError } from "./errors.ts";
import { type ShownEvent, shownEvent, shownStub, type ViewOptions } from "./event-view.ts";
import { idsOf } from "./item-ids.ts";
import { linkText } from "./pages.ts";
import type { Preferences } from "./prefer.ts";
import { type Item, itemsBetween, typeOf } from "./series.ts";
import type { DeltaItem, KnownItem, Mailbox, OutlookState, StoredEvent, SyncState } from "./state.ts";
import type { OutlookSwitches } from "./switches.ts";
import { type Window, windowOf } from "./window.ts";

/** https://learn.microsoft.com/en-us/graph/api/event-delta */
const refused = ["$select", "$filter", "$expand", "$orderby", "$search"];
/** A mailbox remembers so many tokens of a calendar; the oldest are forgotten first. */
const keptStates = 100;

export interface DeltaRequest {
  readonly mailbox: Mailbox;
  readonly calendarId: string;
  readonly query: URLSearchParams;
  readonly prefer: Preferences;
  /** The whole address without its query. */
  readonly url: string;
}

/** What changed in a view of a calendar, whose window stays what it was at first. https://learn.microsoft.com/en-us/graph/delta-query-events */
export class DeltaFeed {
  private refusals = 0;

  constructor(
    private readonly state: OutlookState,
    private readonly switches: OutlookSwitches,
  ) {}

  /** @throws {GraphError} */
  answer(request: DeltaRequest): Record<string, unknown> {
    const { query, prefer } = request;
    const option = refused.find((name) => query.has(name));
    if (option) throw badQuery(`The query option '${option}' is not supported with delta over a calendar view.`);
    const skipToken = query.get("$skiptoken");
    if (skipToken !== null) {
      const [token = "", offset = "0"] = Buffer.from(skipToken, "base64url").toString().split(":");
      return this.page(request, token, this.stateOf(request, token), Number(offset));
    }
    const deltaToken = query.get("$deltatoken");
    const before = deltaToken ? this.stateOf(request, deltaToken) : null;
    const round = this.round(request, before, before ?? windowOf(query));
    if (deltaToken && round.items.length === 0)
      return { value: [], "@odata.deltaLink": deltaLink(request, deltaToken) };
    const token = randomBytes(24).toString("base64url");
    this.state.syncStates.set(token, round);
    this.forgetOldest(round);
    if (!this.switches.emptyPageFirst || round.items.length <= this.sizeFor(prefer)) {
      return this.page(request, token, round, 0);
    }
    return { value: [], "@odata.nextLink": nextLink(request, token, 0) };
  }

  expire(email: string | null): void {
    for (const state of this.state.syncStates.values()) {
      if (email === null || state.email === email) state.isExpired = true;
    }
  }

  /** As if every token's holder had been told what has become of an event. */
  overlook(mailbox: Mailbox, { key, calendarId }: StoredEvent): void {
    for (const state of this.state.syncStates.values()) {
      if (state.email !== mailbox.email || state.calendarId !== calendarId) continue;
      for (const [name, item] of state.known) if (item.key === key) state.known.delete(name);
      const items = this.itemsIn(mailbox, calendarId, state).filter(({ event }) => event.key === key);
      for (const item of items) state.known.set(nameOf(key, item.day), knownItem(item));
    }
  }

  private page(request: DeltaRequest, token: string, { items }: SyncState, offset: number): Record<string, unknown> {
    const { mailbox, prefer } = request;
    const next = offset + this.sizeFor(prefer);
    const value = items.slice(offset, next).map((item) => shown(item, { mailbox, prefer }));
    if (next < items.length) return { value, "@odata.nextLink": nextLink(request, token, next) };
    return { value, "@odata.deltaLink": deltaLink(request, token) };
  }

  private sizeFor({ maxPageSize }: Preferences): number {
    return maxPageSize ?? this.switches.deltaPageSize;
  }

  private round({ mailbox, calendarId, prefer }: DeltaRequest, before: SyncState | null, window: Window): SyncState {
    const { from, to } = window;
    const current = this.itemsIn(mailbox, calendarId, window);
    const known = new Map<string, KnownItem>();
    for (const item of current) known.set(nameOf(item.event.key, item.day), knownItem(item));
    const isNews = ({ event, day }: Item) => before?.known.get(nameOf(event.key, day))?.version !== event.version;
    const isTold = (item: Item) => this.switches.mastersInDelta || typeOf(item) !== "seriesMaster";
    const told = current.filter((item) => isNews(item) && isTold(item));
    if (this.switches.resendsUnchanged)
      told.push(...current.filter((item) => !isNews(item) && isTold(item)).slice(0, 1));
    const items: DeltaItem[] = [
      ...frozen(told).map(({ event, day }): DeltaItem => ({ kind: "event", event, day })),
      ...this.removedSince(mailbox, before, known),
    ].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
    const size = this.sizeFor(prefer);
    const [first] = items;
    if (this.switches.duplicatesAcrossPages && first && items.length > size) items.splice(size, 0, first);
    return { email: mailbox.email, calendarId, from, to, known, items, isExpired: false };
  }

  private itemsIn(mailbox: Mailbox, calendarId: string, { from, to }: Window): readonly Item[] {
    const events = [...mailbox.events.values()].filter((event) => event.calendarId === calendarId);
    return events.flatMap((event) => {
      const items = itemsBetween(event, Date.parse(from), Date.parse(to), this.switches.shortMonths);
      return event.recurrence && items.length > 0 ? [{ event, day: null }, ...items] : items;
    });
  }

  private removedSince(
    mailbox: Mailbox,
    before: SyncState | null,
    known: ReadonlyMap<string, KnownItem>,
  ): readonly DeltaItem[] {
    const gone = [...(before?.known ?? [])].filter(([name]) => !known.has(name)).map(([, item]) => item);
    const hadOccurrences = new Set(gone.filter(({ day }) => day !== null).map(({ key }) => key));
    return gone
      .filter(({ key, day }) => {
        const series = mailbox.events.get(key);
        const isSeriesInView = known.has(nameOf(key, null));
        if (day === null) return !hadOccurrences.has(key) || this.switches.removedSeries !== "occurrences";
        if (!isSeriesInView) return this.switches.removedSeries !== "master";
        const isMovedAway = series?.exceptions.has(day) === true && !series.cancelledDays.has(day);
        return isMovedAway || this.switches.deletedOccurrencesLeaveTombstone;
      })
      .map(({ ids }) => ({ kind: "removed", ids }));
  }

  /** @throws {GraphError} in each of the ways in which Outlook says that a token is dead */
  private stateOf({ mailbox, calendarId, url }: DeltaRequest, token: string): SyncState {
    const state = this.state.syncStates.get(token);
    if (!state || state.email !== mailbox.email || state.calendarId !== calendarId) {
      throw new GraphError(400, "SyncStateInvalid", "The sync state is invalid.");
    }
    if (!state.isExpired) return state;
    this.refusals += 1;
    const status = this.switches.expiredTokenStatus ?? ([410, 404, 400] as const)[(this.refusals - 1) % 3] ?? 410;
    const window = new URLSearchParams({ startDateTime: state.from, endDateTime: state.to, $deltatoken: "" });
    throw syncStateGone(status, this.refusals % 4 === 0, `${url}?${linkText(window)}`);
  }

  private forgetOldest({ email, calendarId }: SyncState): void {
    const own = [...this.state.syncStates].filter(
      ([, state]) => state.email === email && state.calendarId === calendarId,
    );
    for (const [token] of own.slice(0, -keptStates)) this.state.syncStates.delete(token);
  }
}

function knownItem({ event, day }: Item): KnownItem {
  return { version: event.version, ids: idsOf(event, day), key: event.key, day };
}

/** Later pages tell what was there when the round began. */
function frozen(items: readonly Item[]): readonly Item[] {
  const events = new Map<StoredEvent, StoredEvent>();
  for (const { event } of items) if (!events.has(event)) events.set(event, structuredClone(event));
  return items.map(({ event, day }) => ({ event: events.get(event) ?? event, day }));
}

/** @param location where a new round begins */
export function syncStateGone(status: number, isResync: boolean, location: string | null): GraphError {
  const generation = randomBytes(2).readUInt16BE();
  const says = `The sync state generation is not found; generation=${generation}`;
  const headers = status === 410 && location !== null ? { location } : undefined;
  if (isResync) return new GraphError(status, "resyncRequired", "Resync required.", headers);
  return new GraphError(status, status === 400 ? "SyncStateInvalid" : "SyncStateNotFound", says, headers);
}

function shown(item: DeltaItem, options: ViewOptions): ShownEvent {
  const type = { "@odata.type": "#microsoft.graph.event" };
  if (item.kind === "removed") {
    const id = options.prefer.wantsImmutableIds ? item.ids.immutableId : item.ids.id;
    return { ...type, id, "@removed": { reason: "deleted" } };
  }
  return typeOf(item) === "occurrence" ? shownStub(item, options) : { ...type, ...shownEvent(item, options) };
}

function nextLink({ url }: DeltaRequest, token: string, offset: number): string {
  const $skiptoken = Buffer.from(`${token}:${offset}`).toString("base64url");
  return `${url}?${linkText(new URLSearchParams({ $skiptoken }))}`;
}

function deltaLink({ url }: DeltaRequest, token: string): string {
  return `${url}?${linkText(new URLSearchParams({ $deltatoken: token }))}`;
}

const nameOf = (key: string, day: string | null) => (day === null ? key : `${key} ${day}`);

/** No order that means anything, and the same one each time. */
function orderOf(item: DeltaItem): string {
  const { id } = item.kind === "removed" ? item.ids : idsOf(item.event, item.day);
  return createHash("sha1").update(id).digest("hex");
}
