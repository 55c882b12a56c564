import { randomUUID } from "node:crypto";
import type { EventDraft, EventTarget, RemoteObject, Span } from "../../src/providers/calendar/provider.ts";
import type { EventTime } from "../../src/recurrence/event-time.ts";

/** A wall clock in Berlin. */
export function berlin(local: string): EventTime {
  return { kind: "zoned", local, timeZone: "Europe/Berlin" };
}

/** A draft of an interview; a test names what it is about. */
export function aDraft(changes: Partial<EventDraft> = {}): EventDraft {
  return {
    uid: randomUUID(),
    creationId: randomUUID(),
    title: "Interview",
    description: null,
    location: null,
    reminders: null,
    conference: false,
    status: "CONFIRMED",
    transparency: "OPAQUE",
    classification: "PUBLIC",
    attendees: [],
    start: berlin("2026-12-01T10:00:00"),
    end: berlin("2026-12-01T10:45:00"),
    recurrence: [],
    ...changes,
  };
}

export function targetOf(object: RemoteObject, recurrenceId: EventTime | null = null, span: Span = "ALL"): EventTarget {
  return { object, recurrenceId, span, writeId: randomUUID() };
}
