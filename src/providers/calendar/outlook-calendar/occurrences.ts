import type * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { recurrenceKey, toInstant } from "../../../recurrence/instant.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import { eventPath, findEvent, type GraphObject, type Place } from "./objects.ts";
import { originalStart, readEvent } from "./read.ts";
import { GraphEvent, Page } from "./shapes.ts";

/**
 * The occurrence that is meant, as Graph has it.
 *
 * @throws {IntegrationError} CONFLICT when it, or its series, is no longer the version that the change is based on
 */
export async function occurrence(place: Place, object: GraphObject, recurrenceId: EventTime): Promise<GraphEvent> {
  const { event: master, exceptions } = object;
  // One whose series nobody here sees is an object by itself.
  const known =
    master.type === "exception"
      ? master
      : exceptions.find((exception) => isOriginally(exception, master, recurrenceId));
  if (known) {
    const current = await findEvent(place, known.id);
    if (!current) throw gone();
    if (current["@odata.etag"] !== known["@odata.etag"]) throw changedMeanwhile();
    return current;
  }
  const current = await findEvent(place, master.id);
  if (!current) throw gone();
  if (current["@odata.etag"] !== master["@odata.etag"]) throw changedMeanwhile();
  const found = await occurrenceAt(place, current, recurrenceId);
  if (!found) throw gone();
  if (found.type === "exception") throw changedMeanwhile();
  return found;
}

/** The occurrence that originally started then; null when the series has none. */
export async function occurrenceAt(
  place: Place,
  master: GraphEvent,
  recurrenceId: EventTime,
): Promise<GraphEvent | null> {
  const at = toInstant(recurrenceId, "UTC").getTime();
  const days = `startDateTime=${new Date(at - dayMs).toISOString()}&endDateTime=${new Date(at + 2 * dayMs).toISOString()}`;
  let link: string | undefined = `${eventPath(place, master.id)}/instances?${days}`;
  while (link) {
    const page: z.infer<typeof Page> = await place.client.get(link, Page);
    for (const item of page.value) {
      const event = GraphEvent.safeParse(item);
      if (event.success && isOriginally(event.data, master, recurrenceId)) return event.data;
    }
    link = page["@odata.nextLink"];
  }
  return null;
}

export function isOriginally(event: GraphEvent, master: GraphEvent, recurrenceId: EventTime): boolean {
  const original = originalStart(event, readEvent(master).start);
  return original !== null && recurrenceKey(original) === recurrenceKey(recurrenceId);
}

function changedMeanwhile(): IntegrationError {
  return new IntegrationError("CONFLICT", "The event was changed by somebody else meanwhile", {
    providerCode: "ErrorIrresolvableConflict",
  });
}

function gone(): IntegrationError {
  return new IntegrationError("NOT_FOUND", "The event is deleted");
}
