import { createHash } from "node:crypto";
import { joinBlock } from "./html-body.ts";
import type { EventFields, Mailbox } from "./state.ts";

/** What an account may meet on. https://learn.microsoft.com/en-us/graph/api/resources/calendar */
export function providersOf({ isPersonal }: Mailbox): readonly string[] {
  return isPersonal ? [] : ["teamsForBusiness"];
}

/**
 * Makes a Teams meeting of an event that is to be one. Where the account has no such provider, nothing comes of it;
 * a meeting stays one. https://learn.microsoft.com/en-us/graph/outlook-calendar-online-meetings
 */
export function withMeeting(
  fields: EventFields,
  body: Readonly<Record<string, unknown>>,
  mailbox: Mailbox,
  key: string,
): EventFields {
  const provider = body["onlineMeetingProvider"] ?? providersOf(mailbox)[0];
  const isWanted = body["isOnlineMeeting"] === true && providersOf(mailbox).includes(String(provider));
  if (!isWanted || fields.isOnlineMeeting) return fields;
  const code = createHash("sha256").update(key).digest("hex").replaceAll(/\D/g, "").padEnd(15, "7").slice(0, 15);
  const joinUrl = `https://teams.microsoft.com/l/meetup-join/19%3ameeting_${code}%40thread.v2/0?context=%7b%22Tid%22%3a%22sandbox%22%7d`;
  const conferenceId = code.replaceAll(/(\d{3})(?=\d)/g, "$1 ");
  return {
    ...fields,
    isOnlineMeeting: true,
    onlineMeetingProvider: String(provider),
    onlineMeeting: { joinUrl, conferenceId },
    html: `${fields.html}${joinBlock(joinUrl, conferenceId)}`,
  };
}

/** A body written without the block has no link any more, and the event no meeting. https://github.com/microsoftgraph/microsoft-graph-docs/issues/16336 */
export function withoutLostMeeting(fields: EventFields): EventFields {
  const { onlineMeeting } = fields;
  if (!onlineMeeting || fields.html.includes(onlineMeeting.joinUrl)) return fields;
  return { ...fields, isOnlineMeeting: false, onlineMeetingProvider: "unknown", onlineMeeting: null };
}
