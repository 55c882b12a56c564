import { accessDenied, GraphError } from "./errors.ts";

/** Any one of them. https://learn.microsoft.com/en-us/graph/permissions-reference */
const enough = {
  profile: ["User.Read", "User.ReadWrite", "User.ReadBasic.All"],
  read: ["Calendars.Read", "Calendars.ReadWrite", "Calendars.Read.Shared", "Calendars.ReadWrite.Shared"],
  write: ["Calendars.ReadWrite", "Calendars.ReadWrite.Shared"],
  schedule: ["Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite", "Calendars.Read.Shared"],
  meetingTimes: ["Calendars.Read.Shared", "Calendars.ReadWrite.Shared"],
  settings: ["MailboxSettings.Read", "MailboxSettings.ReadWrite"],
} as const;

export type Purpose = keyof typeof enough;

/** What a request to a mailbox is for. */
export function purposeOf(method: string, parts: readonly string[]): Purpose {
  if (parts.length === 0) return "profile";
  if (parts[0] === "mailboxSettings") return "settings";
  if (parts[0] === "outlook") return "profile";
  if (parts.at(-1) === "getSchedule") return "schedule";
  if (parts[0] === "findMeetingTimes") return "meetingTimes";
  return method === "GET" || parts[0] === "translateExchangeIds" ? "read" : "write";
}

/** @throws {GraphError} 403 */
export function need(given: readonly string[], purpose: Purpose): void {
  const names = given.map((scope) => scope.replace("https://graph.microsoft.com/", ""));
  const wanted: readonly string[] = enough[purpose];
  if (names.some((name) => wanted.includes(name))) return;
  if (purpose !== "profile") throw accessDenied();
  throw new GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}
