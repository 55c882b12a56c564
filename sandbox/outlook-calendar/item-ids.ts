import { createHash } from "node:crypto";
import type { ItemIds, StoredEvent } from "./state.ts";

/**
 * Ids that are opaque, long and case-sensitive: every second one differs from the one before in the case of a letter only,
 * so that whoever compares without case loses an event.
 */
export function idsFrom(counter: number): string {
  const name = createHash("sha256")
    .update(`outlook ${Math.floor(counter / 2)}`)
    .digest("base64url");
  return `${name.slice(0, 40)}${counter % 2 === 0 ? "k" : "K"}AAA`;
}

export const ordinaryId = (counter: number): string => `AAMkAGTwinBGAAAAAA${idsFrom(counter)}=`;
export const immutableId = (counter: number): string => `AAkALgTwinImmutable${idsFrom(counter)}=`;

/** The ids of an event, or of the occurrence of a series on that day. */
export function idsOf(event: StoredEvent, day: string | null): ItemIds {
  const { id, immutableId } = event;
  return day === null
    ? { id, immutableId }
    : { id: occurrenceId(id, day), immutableId: occurrenceId(immutableId, day) };
}

function occurrenceId(masterId: string, day: string): string {
  return `${masterId.slice(0, -1)}_FRAAg${Buffer.from(day.replaceAll("-", "")).toString("base64url")}-`;
}

/** The series and day that an id names; null when it is no occurrence's. */
export function readOccurrenceId(id: string): { readonly masterId: string; readonly day: string } | null {
  const [, stem, coded] = /^(.+)_FRAAg([\w-]{11})-$/.exec(id) ?? [];
  if (stem === undefined || coded === undefined) return null;
  const [, year, month, date] = /^(\d{4})(\d{2})(\d{2})$/.exec(Buffer.from(coded, "base64url").toString()) ?? [];
  return year === undefined ? null : { masterId: `${stem}=`, day: `${year}-${month}-${date}` };
}

/** Another one for every version. */
export function changeKeyOf(version: number): string {
  const bytes = createHash("sha256").update(`version ${version}`).digest("base64");
  return `${bytes.slice(0, 22)}AAB${bytes.slice(22, 27)}==`;
}

export const etagOf = (version: number): string => `W/"${changeKeyOf(version)}"`;
