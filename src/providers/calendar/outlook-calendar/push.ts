import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../../../errors.ts";
import { dayMs } from "../../../recurrence/wall-clock.ts";
import type { CalendarPush } from "../provider.ts";
import { clientFor, type GraphClient } from "./client.ts";
import { Page, Subscription } from "./shapes.ts";

/** Microsoft takes just under seven days; some minutes are left for clocks that differ. */
const lifeMs = 7 * dayMs - 10 * 60 * 1000;

// https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks
const Notices = z.object({
  value: z
    .array(
      z.object({
        subscriptionId: z.string(),
        clientState: z.string().nullish(),
        lifecycleEvent: z.string().nullish(),
      }),
    )
    .min(1),
});

/** Messages say that something changed; what changed is read. */
export const push: CalendarPush = {
  backstopSeconds: 3 * 60 * 60,

  async start(account, calendar, { address, secret }) {
    const client = clientFor(account);
    const resource = `me/calendars/${calendar}/events`;
    const body = {
      changeType: "created,updated,deleted",
      notificationUrl: address,
      // Cannot be added later.
      lifecycleNotificationUrl: address,
      resource,
      clientState: secret,
      latestSupportedTlsVersion: "v1_2",
    };
    try {
      return await subscribe(client, body);
    } catch (error) {
      if (!isIntegrationError(error, "DUPLICATE")) throw unreachable(error);
      // An earlier answer never arrived: its secret is lost, so it goes.
      await removeOlder(client, resource);
      return subscribe(client, body);
    }
  },

  async renew(account, { externalId }) {
    const path = `subscriptions/${encodeURIComponent(externalId)}`;
    const { expirationDateTime } = await clientFor(account).send("PATCH", path, untilThen(), Subscription);
    return { externalId, expiresAt: expirationDateTime };
  },

  async stop(account, { externalId }) {
    await remove(clientFor(account), externalId);
  },

  /** Asked at an address while the subscription is made there. */
  handshake: ({ validationToken }) => validationToken ?? null,

  // There is no signature: the channel's own secret is the proof.
  receive({ body }, { externalId, isSecret }) {
    const { value } = readNotices(body);
    const areOurs = value.every(
      ({ subscriptionId, clientState }) =>
        isSecret(clientState ?? "") && (externalId === null || subscriptionId === externalId),
    );
    if (!areOurs) throw notMicrosofts();
    const events = value.map(({ lifecycleEvent }) => lifecycleEvent);
    if (events.includes("subscriptionRemoved")) return "ended";
    return events.includes("reauthorizationRequired") ? "expiring" : "changed";
  },
};

async function subscribe(client: GraphClient, body: object): Promise<{ externalId: string; expiresAt: Date }> {
  const answer = await client.send("POST", "subscriptions", { ...body, ...untilThen() }, Subscription);
  return { externalId: answer.id, expiresAt: answer.expirationDateTime };
}

function untilThen(): { expirationDateTime: string } {
  return { expirationDateTime: new Date(Date.now() + lifeMs).toISOString() };
}

async function removeOlder(client: GraphClient, resource: string): Promise<void> {
  let link: string | undefined = "subscriptions";
  while (link) {
    const page: z.infer<typeof Page> = await client.get(link, Page);
    for (const item of page.value) {
      const older = z.object({ id: z.string(), resource: z.string() }).safeParse(item);
      if (older.success && older.data.resource === resource) await remove(client, older.data.id);
    }
    link = page["@odata.nextLink"];
  }
}

async function remove(client: GraphClient, id: string): Promise<void> {
  await client.tell("DELETE", `subscriptions/${encodeURIComponent(id)}`).catch((error: unknown) => {
    if (!isIntegrationError(error, "NOT_FOUND")) throw error;
  });
}

/** Microsoft asks at the address before it promises anything. */
function unreachable(error: unknown): unknown {
  const codes = ["InvalidRequest", "ValidationError", "ExtensionError"];
  if (!isIntegrationError(error, "PROVIDER_REFUSED") || !codes.includes(error.providerCode ?? "")) return error;
  return new IntegrationError("UNSUPPORTED_CAPABILITY", "Microsoft does not send messages to this address", {
    providerCode: error.providerCode,
    remedy: "The operator has to set PUBLIC_URL to an https address that Microsoft can reach.",
  });
}

function readNotices(body: string): z.infer<typeof Notices> {
  try {
    return Notices.parse(JSON.parse(body));
  } catch {
    throw notMicrosofts();
  }
}

function notMicrosofts(): IntegrationError {
  return new IntegrationError("FORBIDDEN", "This message is not Microsoft's");
}
