import type { Event } from "../entities/event.ts";
import { subjectTypeOf } from "../events/catalogue.ts";
import type { LoggedEvent } from "../events/event-log.ts";
import type { EndpointSight } from "./access-policy.ts";
import { writeEventCursor } from "./event-cursor.ts";

/** An event as it is sent to a customer's URL: the same words as in the graph, and `timestamp` as Standard Webhooks has it. */
export interface DeliveryMessage {
  readonly id: string;
  readonly type: string;
  /** When it happened, in ISO 8601. */
  readonly timestamp: string;
  /** Where it stands in the log; null for a made-up one. */
  readonly cursor: string | null;
  readonly integrationId: string | null;
  readonly subjectType: string | null;
  readonly subjectId: string | null;
  readonly actor: { readonly kind: string; readonly id: string | null };
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly dataVersion: number;
  readonly data: unknown;
  /** There, and true, when nothing of it has happened. */
  readonly test?: true;
}

/** @param sight how much of it may be told; never "nothing" */
export function messageOf(event: LoggedEvent, sight: Exclude<EndpointSight, "nothing">): DeliveryMessage {
  return {
    id: event.id,
    type: event.type,
    timestamp: event.occurredAt.toISOString(),
    cursor: writeEventCursor(BigInt(event.position)),
    integrationId: event.integrationId,
    subjectType: subjectTypeOf(event.type),
    subjectId: event.subjectId,
    actor: { kind: event.actorKind, id: event.actorId },
    correlationId: event.correlationId,
    causationId: event.causationId,
    dataVersion: event.dataVersion,
    data: sight === "details" ? event.data : busyOf(event.data),
  };
}

/** When somebody is busy, and not with what or with whom. */
function busyOf(data: Event["data"]): Record<string, unknown> {
  return { ...data, title: null, description: null, location: null, attendees: [] };
}
