import { describe, expect, it } from "vitest";
import type { WriteIntent } from "../../src/entities/calendar-event.ts";
import type { EventPatch, RemoteEvent, RemoteObject } from "../../src/providers/calendar/provider.ts";
import { hasWanted } from "../../src/services/write-overlap.ts";
import { aDraft } from "../support/event-draft.ts";

const guest = { email: "bo@example.test", name: null, optional: false, response: "NEEDS_ACTION" } as const;

function intent(patch: EventPatch): WriteIntent {
  const asked = {
    id: "w",
    operation: "UPDATE",
    recurrenceId: null,
    span: "ALL",
    actorId: "ana",
    correlationId: "c",
  } as const;
  return { ...asked, body: { ...patch } };
}

function found(changes: Partial<RemoteEvent>): RemoteObject {
  const own = { organizer: null, conferenceUrl: null, recurrenceId: null, sequence: 0 };
  return { externalId: "1", etag: "2", raw: "", events: [{ ...aDraft(), ...own, ...changes }] };
}

describe("what a vendor has is what was wanted", () => {
  it("also without the blank lines at an end, and with nothing for an empty text", () => {
    expect(hasWanted(intent({ description: "One\n\ntwo\n" }), found({ description: "One\n\ntwo" }))).toBe(true);
    expect(hasWanted(intent({ location: "" }), found({ location: null }))).toBe(true);
    expect(hasWanted(intent({ description: "One two" }), found({ description: "One\ntwo" }))).toBe(false);
  });

  it("also when guests have answered, have names of the vendor's, or come in another order", () => {
    const di = { ...guest, email: "di@example.test" };
    const there = [
      { ...di, name: "Di Lex" },
      { ...guest, response: "ACCEPTED" as const },
    ];
    expect(hasWanted(intent({ attendees: [guest, di] }), found({ attendees: there }))).toBe(true);
    expect(hasWanted(intent({ attendees: [guest] }), found({ attendees: there }))).toBe(false);
    expect(hasWanted(intent({ attendees: [{ ...guest, name: "Bo" }, di] }), found({ attendees: there }))).toBe(false);
    expect(hasWanted(intent({ attendees: [{ ...guest, optional: true }, di] }), found({ attendees: there }))).toBe(
      false,
    );
  });
});
