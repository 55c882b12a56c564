import { isDeepStrictEqual } from "node:util";
import type { GoogleEvent } from "./shapes.ts";
import type { EventBody } from "./write.ts";

/** What Google says itself, and what times and series say. https://developers.google.com/workspace/calendar/api/v3/reference/events */
const notCopied = new Set([
  ...["kind", "etag", "id", "iCalUID", "htmlLink", "created", "updated", "sequence", "creator", "organizer"],
  ...["start", "end", "endTimeUnspecified", "originalStartTime", "recurrence", "recurringEventId"],
  ...["attendeesOmitted", "hangoutLink", "locked", "privateCopy", "status"],
]);

/** Everything that a copy of an event has to say as well, fields that we have no word for among them. */
export function copiedFields(event: GoogleEvent): EventBody {
  return Object.fromEntries(Object.entries(event).filter(([name, value]) => value != null && !notCopied.has(name)));
}

/** What a changed occurrence says otherwise than its series. */
export function ownFields(exception: GoogleEvent, series: GoogleEvent): EventBody {
  return Object.fromEntries(
    Object.entries(copiedFields(exception)).filter(([name, value]) => !isDeepStrictEqual(value, series[name])),
  );
}
