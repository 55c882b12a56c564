import type { DeliveryReplays } from "../services/delivery-replays.ts";
import type { DeliveryTurns } from "../services/delivery-turns.ts";
import type { LogFollowers } from "../services/log-followers.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** How many endpoints of each line are sent to at a time by one process, and of one tenant; they mostly wait for answers. */
const atOnce = {
  "deliver-webhooks": { concurrency: 6, ofOneTenant: 4 },
  "retry-webhooks": { concurrency: 4, ofOneTenant: 2 },
};

/** What brings the log to customers' URLs. Harmless twice: what has arrived is not due, and receivers know what comes again. */
export function deliverWebhooks(followers: LogFollowers, turns: DeliveryTurns, replays: DeliveryReplays): AnyTask[] {
  const line = (name: "deliver-webhooks" | "retry-webhooks") =>
    defineTask({
      name,
      // What fails with an endpoint is no failure of the task: only the database's are.
      attempts: 1000,
      ...atOnce[name],
      run: ({ tenantId, webhookEndpointId }, { signal }) => turns.take(tenantId, webhookEndpointId, name, signal),
    });
  return [
    defineTask({
      name: "follow-logs",
      attempts: 1000,
      concurrency: 1,
      run: () => followers.followAll(),
    }),
    defineTask({
      name: "follow-log",
      attempts: 20,
      concurrency: 2,
      run: ({ tenantId }) => followers.follow(tenantId),
    }),
    line("deliver-webhooks"),
    line("retry-webhooks"),
    defineTask({
      name: "replay-webhooks",
      attempts: 1000,
      concurrency: 2,
      ofOneTenant: 1,
      run: ({ tenantId, webhookEndpointId, ...replay }) => replays.goOn(tenantId, webhookEndpointId, replay),
    }),
  ];
}
