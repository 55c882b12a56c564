import { invalidParameter } from "./errors.ts";
import type { EventStore } from "./event-store.ts";
import { idsOf } from "./item-ids.ts";

const maxIds = 1000;
const immutable = "restImmutableEntryId";

/** One kind of id into the other. https://learn.microsoft.com/en-us/graph/api/user-translateexchangeids @throws {GraphError} */
export function translatedIds(store: EventStore, body: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { inputIds, targetIdType } = body;
  if (!Array.isArray(inputIds) || inputIds.length > maxIds) throw invalidParameter("InputIds is not valid.");
  if (targetIdType !== immutable && targetIdType !== "restId") throw invalidParameter("TargetIdType is not supported.");
  return inputIds.map((sourceId) => {
    const { event, day } = store.find(String(sourceId));
    const ids = idsOf(event, day);
    return { sourceId, targetId: targetIdType === immutable ? ids.immutableId : ids.id };
  });
}
