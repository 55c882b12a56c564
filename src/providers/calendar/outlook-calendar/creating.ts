import { IntegrationError } from "../../../errors.ts";
import type { EventDraft, RemoteObject } from "../provider.ts";
import { exclude } from "./exclusions.ts";
import { eventsPath, findObject, type Place, remoteObject, requireCalendar } from "./objects.ts";
import { GraphEvent } from "./shapes.ts";
import { draftBody } from "./write.ts";

/** A second POST of one `transactionId` makes no second event. https://learn.microsoft.com/en-us/graph/api/calendar-post-events */
export async function createEvent(place: Place, draft: EventDraft): Promise<RemoteObject> {
  const body = draftBody(draft);
  if (draft.conference) await requireMeetings(place);
  const { id } = await place.client.send("POST", eventsPath(place), body, GraphEvent);
  return finishCreate(place, draft, id);
}

/** What a rule leaves out is taken out of the series one by one. */
export async function finishCreate(place: Place, { recurrence }: EventDraft, id: string): Promise<RemoteObject> {
  await exclude(place, id, recurrence);
  // The link to a meeting is there a moment later; when it takes longer, the next sync brings it.
  const found = await findObject(place, id);
  if (found) return remoteObject(found, place);
  throw new IntegrationError("NOT_FOUND", "The event is deleted");
}

async function requireMeetings(place: Place): Promise<void> {
  const { allowedOnlineMeetingProviders } = await requireCalendar(place);
  if (allowedOnlineMeetingProviders?.includes("teamsForBusiness")) return;
  throw new IntegrationError("UNSUPPORTED_CAPABILITY", "This account has no Microsoft Teams meetings", {
    field: ["conference"],
    remedy: "Use an account of an organization with Teams, or put a link of your own into the location.",
  });
}
