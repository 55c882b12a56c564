import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { CalendarPush } from "../provider.ts";
import { ask, clientFor, tell } from "./client.ts";
import { Channel } from "./shapes.ts";

const weekSeconds = 7 * 24 * 60 * 60;

/** Messages say that something changed, and not what. https://developers.google.com/workspace/calendar/api/guides/push */
export const push: CalendarPush = {
  backstopSeconds: 3 * 60 * 60,

  async start(account, calendarId, { channelId, address, secret }) {
    const requestBody = {
      id: channelId,
      type: "web_hook",
      address,
      token: secret,
      params: { ttl: String(weekSeconds) },
    };
    const { resourceId, expiration } = await ask(clientFor(account).events.watch({ calendarId, requestBody }), Channel);
    return { externalId: resourceId, expiresAt: new Date(expiration) };
  },

  async stop(account, { channelId, externalId }) {
    const requestBody = { id: channelId, resourceId: externalId };
    await tell(clientFor(account).channels.stop({ requestBody })).catch((error: unknown) => {
      if (!isIntegrationError(error, "NOT_FOUND")) throw error;
    });
  },

  // There is no signature: the channel's own secret is the proof.
  receive({ headers }, { channelId, externalId, isSecret }) {
    const isOurs =
      headers["x-goog-channel-id"] === channelId &&
      isSecret(headers["x-goog-channel-token"] ?? "") &&
      (externalId === null || headers["x-goog-resource-id"] === externalId);
    const says = states[headers["x-goog-resource-state"] ?? ""];
    if (isOurs && says) return says;
    throw new IntegrationError("FORBIDDEN", "This message is not Google's");
  },
};

const states: Readonly<Record<string, ReturnType<CalendarPush["receive"]>>> = {
  sync: "confirmed",
  exists: "changed",
  not_exists: "gone",
};
