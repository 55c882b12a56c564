import type { CallBudgets } from "../services/call-budgets.ts";
import type { Housekeeping } from "../services/housekeeping.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** What is done now and then so that nothing grows without end. Harmless twice: what is gone is gone. */
export function keepHouse(housekeeping: Housekeeping, budgets: CallBudgets): AnyTask[] {
  return [
    defineTask({
      name: "keep-houses",
      attempts: 20,
      concurrency: 1,
      async run() {
        await housekeeping.keepAll();
        await budgets.forgetIdle();
      },
    }),
    defineTask({
      name: "keep-house",
      attempts: 5,
      concurrency: 1,
      run: ({ tenantId }) => housekeeping.keep(tenantId),
    }),
    defineTask({
      name: "extend-occurrences",
      attempts: 5,
      concurrency: 1,
      run: ({ tenantId, integrationId }) => housekeeping.extend(tenantId, integrationId),
    }),
    defineTask({
      name: "purge-integration",
      attempts: 20,
      concurrency: 1,
      run: ({ tenantId, integrationId }) => housekeeping.purge(tenantId, integrationId),
    }),
  ];
}
