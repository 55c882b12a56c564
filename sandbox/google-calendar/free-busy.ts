import { invalid, timeRangeEmpty } from "./errors.ts";
import type { EventStore } from "./event-store.ts";
import type { GoogleEvent } from "./state.ts";
import { millisOf } from "./times.ts";

const maxCalendars = 50;
const dayMs = 86_400_000;

/** `freeBusy.query`. */
export function freeBusy(
  storeOf: (calendarId: string) => EventStore | null,
  body: Record<string, unknown>,
  maxDays: number | null,
): Record<string, unknown> {
  const {
    timeMin,
    timeMax,
    items = [],
    calendarExpansionMax = 50,
  } = body as {
    timeMin?: string;
    timeMax?: string;
    items?: { id: string }[];
    calendarExpansionMax?: number;
  };
  const [from, to] = [Date.parse(timeMin ?? ""), Date.parse(timeMax ?? "")];
  if (Number.isNaN(from) || Number.isNaN(to)) throw invalid("Invalid timeMin or timeMax.");
  if (to <= from || (maxDays !== null && to - from > maxDays * dayMs)) throw timeRangeEmpty();
  const calendars = Object.fromEntries(
    items.map(({ id }, index) => {
      const refused = (reason: string) => [id, { errors: [{ domain: "global", reason }], busy: [] }];
      if (index >= Math.min(maxCalendars, calendarExpansionMax)) return refused("tooManyCalendarsRequested");
      const store = storeOf(id);
      if (!store) return refused("notFound");
      return [id, { busy: busyTimes(store, from, to) }];
    }),
  );
  return { kind: "calendar#freeBusy", timeMin, timeMax, calendars };
}

function busyTimes(store: EventStore, from: number, to: number): { start: string; end: string }[] {
  const { calendar, email } = store;
  const events = [...calendar.events.values()].flatMap((event) =>
    event.recurrence ? instances(store, event) : [event],
  );
  const spans = events
    .filter((event) => blocks(event, email))
    .flatMap(({ start, end }) =>
      start && end ? [[millisOf(start, calendar.timeZone), millisOf(end, calendar.timeZone)]] : [],
    )
    .filter(([start = 0, end = 0]) => start < to && end > from)
    .sort(([one = 0], [other = 0]) => one - other);
  const merged: [number, number][] = [];
  for (const [start = 0, end = 0] of spans) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  const shown = (at: number) => new Date(Math.min(Math.max(at, from), to)).toISOString().replace(".000", "");
  return merged.map(([start, end]) => ({ start: shown(start), end: shown(end) }));
}

function instances(store: EventStore, master: GoogleEvent): GoogleEvent[] {
  if (master.status === "cancelled") return [];
  const changed = new Set(store.exceptionsOf(master.id).map(({ id }) => id));
  return [...store.instances(master.id).keys()].flatMap((id) =>
    changed.has(id) ? [] : (store.virtualInstance(id) ?? []),
  );
}

function blocks({ status, transparency, attendees = [] }: GoogleEvent, email: string): boolean {
  const own = attendees.find((attendee) => attendee.email === email);
  return status !== "cancelled" && transparency !== "transparent" && own?.responseStatus !== "declined";
}
