import { IntegrationError } from "../../errors.ts";
import type { EventTime } from "../../recurrence/event-time.ts";
import { addDuration, durationBetween } from "../../recurrence/instant.ts";
import type { EventFields, EventPatch } from "./provider.ts";

/**
 * A start that moves alone takes the end along.
 *
 * @param endFrom where the event ends when it starts then
 * @throws {IntegrationError} INVALID_INPUT
 */
export function withEnd(
  before: Pick<EventFields, "start">,
  patch: EventPatch,
  endFrom: (start: EventTime) => EventTime,
): EventPatch {
  const { start = before.start, end } = patch;
  if (end === undefined && patch.start === undefined) return patch;
  if (end !== undefined ? end.kind !== start.kind : start.kind !== before.start.kind) {
    throw new IntegrationError("INVALID_INPUT", "Start and end are either both whole days or both times", {
      field: ["end"],
    });
  }
  return { ...patch, end: end ?? endFrom(start) };
}

/** The event stays as long as it was. @throws {IntegrationError} INVALID_INPUT */
export function takingEndAlong({ start, end }: Pick<EventFields, "start" | "end">, patch: EventPatch): EventPatch {
  return withEnd({ start }, patch, (moved) => addDuration(moved, durationBetween(start, end)));
}
