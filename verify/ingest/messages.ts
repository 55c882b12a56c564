import { createHmac } from "node:crypto";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { VendorMessage } from "./sender.ts";
import type { WatchedCalendar } from "./stage.ts";

/** Google tells that something in a calendar has changed. @param number tells it from the others, as Google's numbers do */
export function noticeOf({ channel }: WatchedCalendar, number: number): VendorMessage {
  return {
    name: noticeName(channel.id, number),
    address: channel.address,
    headers: {
      "x-goog-channel-id": channel.id,
      "x-goog-channel-token": channel.token,
      "x-goog-resource-id": channel.resourceId,
      "x-goog-resource-state": "exists",
      "x-goog-message-number": String(number),
    },
    body: "",
  };
}

/** What a notice is called, by what is stored of it. */
export const noticeName = (channelId: string, number: number | string): string => `${channelId} ${number}`;

/** An application that Indeed has brought, as those look that follow it. */
export interface ApplicationPattern {
  readonly address: string;
  readonly body: string;
}

/** Indeed brings somebody's application. */
export function applicationLike(
  { address, body }: ApplicationPattern,
  number: number,
  { settings }: Pick<Sandbox, "settings">,
): VendorMessage {
  const name = `application-${number}`;
  const pattern = JSON.parse(body) as { applicant: object };
  const applicant = { ...pattern.applicant, email: `${name}@example.test` };
  const text = JSON.stringify({ ...pattern, id: name, applicant });
  const signature = createHmac("sha1", settings["INDEED_APPLY_API_SECRET"] ?? "").update(text, "utf8");
  const headers = { "content-type": "application/json", "x-indeed-signature": signature.digest("base64") };
  return { name, address, headers, body: text };
}
