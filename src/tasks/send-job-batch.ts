import type { BatchWrites } from "../services/batch-writes.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** Mails a board all open jobs of an account. Harmless twice: the second mail has the same jobs, and waits its time. */
export function sendJobBatch(writes: BatchWrites): AnyTask {
  return defineTask({
    name: "send-job-batch",
    // However long there is no way to send it: what is wanted is not given up.
    attempts: 10_000,
    concurrency: 2,
    run: ({ tenantId, integrationId }, { signal }) => writes.send(tenantId, integrationId, signal),
  });
}
