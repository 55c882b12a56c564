import type { Syncs } from "../services/syncs.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** Asks for the scheduled sync and for the next turn. Harmless twice: a waiting sync is not joined by another. */
export function scheduleSync(syncs: Syncs): AnyTask {
  return defineTask({
    name: "schedule-sync",
    attempts: 100,
    concurrency: 2,
    run: ({ tenantId, integrationId }) => syncs.requestScheduled(tenantId, integrationId),
  });
}
