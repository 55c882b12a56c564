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

/** @throws {GraphError} 403 */
export function need(given: readonly string[], purpose: keyof typeof enough): void {
  const names = given.map((scope) => scope.replace("https://graph.microsoft.com/", ""));
  const wanted: readonly string[] = enough[purpose];
  if (names.some((name) => wanted.includes(name))) return;
  if (purpose !== "profile") throw accessDenied();
  throw new GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}
