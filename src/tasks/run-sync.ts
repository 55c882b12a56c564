import type { SyncRunner } from "../services/sync-runner.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** Reads an integration. Harmless twice: what is stored already is found unchanged. */
export function runSync(runner: SyncRunner): AnyTask {
  return defineTask({
    name: "run-sync",
    attempts: 5,
    concurrency: 5,
    // A tenant that connects a thousand accounts does not keep the others' from being read.
    ofOneTenant: 4,
    run: ({ tenantId, syncRunId }, { isLast, signal }) => runner.run(tenantId, syncRunId, isLast, signal),
  });
}
