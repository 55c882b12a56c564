import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { RemoteObject } from "../provider.ts";
import type { EventData } from "./client.ts";
import { findObject, remoteObject } from "./objects.ts";
import { eventPath, type Place } from "./place.ts";
import type { ShownEvent } from "./shapes.ts";
import { notify } from "./write.ts";

/** Which part of a series is meant. */
export type Part = { readonly recurrence_edittype: "all" } | OccurrencePart;
export interface OccurrencePart {
  readonly recurrence_edittype: "only" | "following";
  readonly recurrenceid: string;
}

/**
 * Replaces an event, or a part of a series.
 *
 * @param before as it was, which is the version that it has to be
 * @param data all of it
 * @throws {IntegrationError} CONFLICT, NOT_FOUND
 */
export async function replace(place: Place, before: ShownEvent, data: EventData, part?: Part): Promise<void> {
  // To say a meeting of Zoho's again takes a right over all meetings; what a PATCH does not say stays.
  const method = before.conference ? "PATCH" : "PUT";
  await ofVersion(place, before, () =>
    place.client.send(method, eventPath(place, before.uid), { ...data, ...part, etag: before.etag }),
  );
}

/** Deletes an event, or a part of a series. @throws {IntegrationError} CONFLICT, NOT_FOUND when it is gone already */
export function remove(
  place: Place,
  before: ShownEvent,
  part?: OccurrencePart,
  mails: 0 | 1 = notify.guests,
): Promise<void> {
  const data = { uid: before.uid, etag: before.etag, notify_attendee: mails, ...part };
  return ofVersion(place, before, () => place.client.remove(eventPath(place, before.uid), data));
}

/** How Zoho says that a version is no longer the present one is not known: after a refusal, the event is looked at. */
async function ofVersion<T>(place: Place, { uid, etag }: ShownEvent, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isIntegrationError(error, "PROVIDER_REFUSED")) throw error;
    const current = await findObject(place, uid);
    const { providerCode } = error;
    if (current === null) throw new IntegrationError("NOT_FOUND", "The event is deleted", { providerCode });
    if (String(current.event.etag) === String(etag)) throw error;
    throw new IntegrationError("CONFLICT", "The event was changed by somebody else meanwhile", { providerCode });
  }
}

/** The object as Zoho has it after a write. */
export async function standing(place: Place, uid: string): Promise<{ object: RemoteObject | null }> {
  const found = await findObject(place, uid);
  return { object: found && remoteObject(found, place) };
}
