import { isIntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey, toInstant } from "../../../recurrence/instant.ts";
import { occurrencesOf } from "../../../recurrence/occurrences.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import type { ZohoObject } from "./objects.ts";
import { readEvent } from "./read.ts";
import { readRecurrenceId } from "./times.ts";

/** What is further apart is believed as it is told, so that no rule takes long. */
const maxSpanMs = 10 * 365 * dayMs;
const maxOccurrences = 4000;

/**
 * Whether Zoho forgets the changed and the deleted occurrences of a series that moves, its pages do not say. What is still told
 * of occurrences that the series no longer has is left out.
 *
 * @throws {UnreadableEvent}
 */
export function withoutStrays(object: ZohoObject): ZohoObject {
  const { event, changed, deleted, daysEnd } = object;
  const series = readEvent(event, daysEnd);
  const timeOf = (id: string) => readRecurrenceId(id, series.start);
  const named = [...changed.map(({ recurrenceid }) => recurrenceid ?? ""), ...deleted].map(timeOf);
  if (series.recurrence.length === 0 || named.length === 0) return object;
  const planned = plannedAmong(series, named);
  if (planned === null) return object;
  const isPlanned = (id: string) => planned.has(recurrenceKey(timeOf(id)));
  return {
    ...object,
    changed: changed.filter(({ recurrenceid }) => isPlanned(recurrenceid ?? "")),
    deleted: deleted.filter(isPlanned),
  };
}

/** Those of the times at which the series has an occurrence, by their keys; null where that cannot be told. */
function plannedAmong(
  { start, end, recurrence }: ReturnType<typeof readEvent>,
  times: readonly EventTime[],
): ReadonlySet<string> | null {
  const at = [start, ...times].map((time) => toInstant(time, "UTC").getTime());
  const window = { from: new Date(Math.min(...at)), to: new Date(Math.max(...at) + 1000) };
  if (window.to.getTime() - window.from.getTime() > maxSpanMs) return null;
  try {
    const series = { id: "", start, end, recurrence, fallbackZone: "UTC" };
    const { occurrences, truncated } = occurrencesOf(series, window, maxOccurrences);
    return truncated ? null : new Set(occurrences.map(({ key }) => key));
  } catch (error) {
    // A rule that nobody can follow is told when it is expanded.
    if (isIntegrationError(error)) return null;
    throw error;
  }
}
