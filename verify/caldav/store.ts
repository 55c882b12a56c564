import { isDeepStrictEqual } from "node:util";
import type { CalendarEvent } from "../../src/entities/calendar-event.ts";
import type { World } from "../converge/world.ts";

/** What this service holds of a calendar, in words that do not depend on the server: neither ids nor addresses, no versions. */
export type Store = readonly Held[];

type Held = Pick<
  CalendarEvent,
  | "kind"
  | "title"
  | "description"
  | "location"
  | "reminders"
  | "status"
  | "transparency"
  | "classification"
  | "organizer"
  | "attendees"
  | "start"
  | "end"
  | "recurrence"
  | "recurrenceKey"
  | "syncState"
> & {
  /** The title of the series that it is an occurrence of. */
  readonly series: string | null;
  /** When it happens, as lists of events show it. */
  readonly happens: readonly string[];
};

export async function storeOf(world: World): Promise<Store> {
  const rows = await world.rows();
  const titles = new Map(rows.map(({ id, title }) => [id, title]));
  const occurrences = await world.query<{ id: string; start: Date }>(
    'SELECT detail_id AS id, start_at AS "start" FROM calendar_occurrence ORDER BY start_at',
  );
  const own = world.theirs.account.settings?.["addresses"]?.split(" ") ?? [];
  const held = rows.map((row) => ({
    kind: row.kind,
    title: row.title,
    description: row.description,
    location: row.location,
    reminders: row.reminders,
    status: row.status,
    transparency: row.transparency,
    classification: row.classification,
    // Whether an account invites in its own name is for the server to say.
    organizer: row.organizer && own.includes(row.organizer.email) ? null : row.organizer,
    attendees: row.attendees,
    start: row.start,
    end: row.end,
    recurrence: row.recurrence.map(inOneOrder).sort(),
    recurrenceKey: row.recurrenceKey,
    syncState: row.syncState,
    series: row.seriesId === null ? null : (titles.get(row.seriesId) ?? null),
    happens: occurrences.filter(({ id }) => id === row.id).map(({ start }) => start.toISOString()),
  }));
  return held.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** In what two stores differ, for people; null when they are the same. */
export function differenceBetween(one: Store, other: Store): string | null {
  if (one.length !== other.length) return `${titlesOf(one)} here, ${titlesOf(other)} there`;
  for (const [index, held] of one.entries()) {
    const there = other[index];
    const names = Object.keys(held) as (keyof Held)[];
    const name = names.find((field) => !isDeepStrictEqual(held[field], there?.[field]));
    if (name)
      return `${held.title}: ${name} is ${JSON.stringify(held[name])}, and ${JSON.stringify(there?.[name])} there`;
  }
  return null;
}

function titlesOf(store: Store): string {
  return store.map(({ title }) => title).join(", ") || "nothing";
}

function keyOf({ title, recurrenceKey, start }: Held): string {
  return JSON.stringify([title, recurrenceKey, start]);
}

/** Servers put the parts of a rule in an order of their own. */
function inOneOrder(line: string): string {
  const [name = "", value = ""] = line.split(/:(.*)/s);
  return name === "RRULE" ? `${name}:${value.split(";").sort().join(";")}` : line;
}
