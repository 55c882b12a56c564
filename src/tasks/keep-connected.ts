import { type AccessTokens, idleMs } from "../services/access-tokens.ts";
import type { Disconnecting } from "../services/disconnecting.ts";
import type { LoginFlows } from "../services/login-flows.ts";
import type { PushChannels } from "../services/push-channels.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** What connects accounts, what keeps them connected, and what ends it. Harmless twice, as each says itself. */
export function keepConnected(
  tokens: AccessTokens,
  push: PushChannels,
  disconnecting: Disconnecting,
  logins: LoginFlows,
  now: () => Date,
): AnyTask[] {
  return [
    defineTask({
      name: "poll-login",
      attempts: 12,
      concurrency: 4,
      run: ({ tenantId, flowId }, { isLast, signal }) => logins.poll(tenantId, flowId, isLast, signal),
    }),
    defineTask({
      name: "keep-grant-alive",
      attempts: 20,
      concurrency: 2,
      run: ({ tenantId, integrationId }) =>
        tokens.keepAlive(tenantId, integrationId, new Date(now().getTime() - idleMs)),
    }),
    defineTask({
      name: "keep-push-channels",
      attempts: 20,
      concurrency: 2,
      run: ({ tenantId, integrationId }, { signal }) => push.keep(tenantId, integrationId, signal),
    }),
    defineTask({
      name: "finish-disconnect",
      attempts: 20,
      concurrency: 1,
      run: async ({ tenantId, integrationId }) => {
        await disconnecting.finish(tenantId, integrationId);
      },
    }),
  ];
}
