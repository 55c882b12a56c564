import { scopeMissing } from "./errors.ts";

export type Right = "READ" | "CREATE" | "UPDATE" | "DELETE";
export type Subject = "calendar" | "event" | "freebusy" | "search";

/** @throws {ZohoError} INVALID_OAUTHSCOPE */
export function need(given: readonly string[], subject: Subject, right: Right): void {
  const enough = [`ZohoCalendar.${subject}.${right}`, `ZohoCalendar.${subject}.ALL`];
  if (!enough.some((scope) => given.includes(scope))) throw scopeMissing();
}

/** A meeting of Zoho's in an event needs a scope of its own. @throws {ZohoError} INVALID_OAUTHSCOPE */
export function needMeetings(given: readonly string[]): void {
  if (!given.includes("ZohoMeeting.meeting.ALL")) throw scopeMissing();
}
