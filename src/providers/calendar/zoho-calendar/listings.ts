import { isHeldBack, isIntegrationError } from "../../../errors.ts";
import type { Interval } from "../provider.ts";
import { fitted } from "./client.ts";
import { eventPath, eventsPath, type Place } from "./place.ts";
import { Entry, EventList, isDeleted, Message, ShownOccurrence } from "./shapes.ts";
import { utc } from "./times.ts";

/** Of a range, both of whose edges are part of it. */
const maxRangeMs = 31 * 24 * 60 * 60 * 1000 - 1000;
/** So many calls of one reading at the same time. */
const parallel = 4;
/** Without it a listing has no descriptions. */
const withDescriptions = "application/json+large";

/**
 * What takes place within an interval of at most 31 days: singles, series, and changed occurrences. A complete answer; what
 * it lacks may have been moved.
 *
 * @throws {IntegrationError} NOT_FOUND when there is no such calendar
 * @see https://www.zoho.com/calendar/help/api/get-events-list.html
 */
export async function listEntries(place: Place, within: Interval): Promise<readonly unknown[]> {
  const { events } = await place.client.get(eventsPath(place), { range: rangeOf(within) }, EventList, withDescriptions);
  place.found.calendar = true;
  return events.filter((entry) => !Message.safeParse(entry).success);
}

/** The occurrences of one series within an interval of at most 31 days. */
export async function occurrencesIn(place: Place, uid: string, within: Interval): Promise<readonly ShownOccurrence[]> {
  return occurrences(place, `${eventPath(place, uid)}/byinstance`, { range: rangeOf(within) });
}

/** The same of all events of the calendar. */
export async function allOccurrencesIn(place: Place, within: Interval): Promise<readonly ShownOccurrence[]> {
  return occurrences(place, eventsPath(place), { range: rangeOf(within), byinstance: "true" });
}

async function occurrences(
  place: Place,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly ShownOccurrence[]> {
  const { events } = await place.client.get(path, query, EventList);
  return events
    .filter((entry) => !Message.safeParse(entry).success && !isDeleted(fitted(entry, Entry)))
    .map((entry) => fitted(entry, ShownOccurrence));
}

function rangeOf({ from, to }: Interval): string {
  return JSON.stringify({ start: utc(from), end: utc(to) });
}

/** An interval in parts that Zoho takes, without a gap between them. */
export function partsOfInterval({ from, to }: Interval): readonly Interval[] {
  const parts: Interval[] = [];
  for (let start = from.getTime(); start < to.getTime(); start += maxRangeMs) {
    parts.push({ from: new Date(start), to: new Date(Math.min(start + maxRangeMs, to.getTime())) });
  }
  return parts;
}

/**
 * Asks for many things, a few at a time, and for the first of them alone. One lost answer does not cost all the others: what
 * failed for a reason that may pass is asked for once more, unless nothing that was asked for together with it is answered.
 *
 * @yields answers, in no order
 */
export async function* askForAll<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
): AsyncGenerator<readonly Answer[]> {
  const waiting = [...items];
  for (let together = 1; waiting.length > 0; together = parallel) {
    const asked = waiting.splice(0, together);
    const outcomes = await Promise.allSettled(asked.map(ask));
    const failures = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }): unknown => reason);
    const isOver = failures.length === asked.length || failures.some((reason) => !mayPass(reason));
    if (isOver) throw failures.find((reason) => !mayPass(reason)) ?? failures[0];
    waiting.push(...asked.filter((_, index) => outcomes[index]?.status === "rejected"));
    yield outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  }
}

/** An access that is refused while others are let in with it is not gone. */
function mayPass(error: unknown): boolean {
  if (!isIntegrationError(error) || isHeldBack(error)) return false;
  return error.retryable || error.code === "CREDENTIALS_REJECTED";
}
