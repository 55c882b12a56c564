import { DavError } from "./dav-error.ts";
import type { StoredObject } from "./state.ts";

/** Whether a write may go on (RFC 9110 §13, RFC 6638 §8.3). @throws {DavError} condition */
export function checkConditions(headers: Readonly<Record<string, string>>, object: StoredObject | null): void {
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch, "if-schedule-tag-match": ifTag } = headers;
  const isRefused =
    (ifMatch !== undefined && !names(ifMatch, object?.etag)) ||
    (ifNoneMatch !== undefined && names(ifNoneMatch, object?.etag)) ||
    (ifTag !== undefined && ifTag !== object?.scheduleTag);
  if (isRefused) throw new DavError("condition");
}

/** Servers take a weak tag for the strong one of which they made it. */
function names(list: string, etag: string | undefined): boolean {
  if (etag === undefined) return false;
  return list.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
}
