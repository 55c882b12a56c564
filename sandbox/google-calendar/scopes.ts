import { insufficientPermissions } from "./errors.ts";
import type { StoredCalendar } from "./state.ts";

const scope = (name: string) => `https://www.googleapis.com/auth/${name}`;
/** Any one of them. https://developers.google.com/workspace/calendar/api/auth */
const scopes = {
  read: ["calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly"].map(scope),
  write: ["calendar", "calendar.events"].map(scope),
  list: ["calendar", "calendar.readonly", "calendar.calendarlist", "calendar.calendarlist.readonly"].map(scope),
  freeBusy: ["calendar", "calendar.readonly", "calendar.freebusy", "calendar.events.freebusy"].map(scope),
};
/** Enough on calendars that the account owns. */
const ofOwned = {
  read: ["calendar.events.owned", "calendar.events.owned.readonly"].map(scope),
  write: ["calendar.events.owned"].map(scope),
};

/** @throws {ApiError} insufficientPermissions */
export function requireScope(given: readonly string[], right: keyof typeof scopes, calendar?: StoredCalendar): void {
  const isOwned = calendar?.accessRole === "owner" && (right === "read" || right === "write");
  const enough = [...scopes[right], ...(isOwned ? ofOwned[right] : [])];
  if (!enough.some((wanted) => given.includes(wanted))) throw insufficientPermissions();
}
