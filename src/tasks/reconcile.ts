import type { Syncs } from "../services/syncs.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** Asks for the nightly comparison and for the next night's. Harmless twice: a waiting sync is not joined by another. */
export function reconcile(syncs: Syncs): AnyTask {
  return defineTask({
    name: "reconcile",
    attempts: 100,
    concurrency: 1,
    run: ({ tenantId, integrationId }) => syncs.requestReconcile(tenantId, integrationId),
  });
}
