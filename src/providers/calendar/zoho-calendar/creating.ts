import { IntegrationError } from "../../../errors.ts";
import type { EventDraft, RemoteObject } from "../provider.ts";
import { endDays } from "./end-days.ts";
import { markedObject } from "./marked-objects.ts";
import { findObject, remoteObject } from "./objects.ts";
import { eventsPath, type Place } from "./place.ts";
import { exclude } from "./series-parts.ts";
import { draftData } from "./write.ts";

/** Zoho takes one draft as often as it comes: whether it came before is looked up. */
export async function createEvent(place: Place, draft: EventDraft): Promise<RemoteObject> {
  const data = draftData(draft);
  const earlier = await markedObject(place, draft.creationId, draft.start);
  const uid = earlier?.event.uid ?? (await place.client.send("POST", eventsPath(place), data)).uid;
  return finishCreate(place, draft, uid);
}

/** Whole days end where they should, and what a rule leaves out is taken out of the series one by one. */
export async function finishCreate(place: Place, draft: EventDraft, uid: string): Promise<RemoteObject> {
  await endDays(place, uid, draft);
  await exclude(place, uid, draft);
  const found = await findObject(place, uid);
  if (found) return remoteObject(found, place);
  throw new IntegrationError("NOT_FOUND", "The event is deleted");
}
