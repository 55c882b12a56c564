import type { BoardWrites } from "../services/board-writes.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** Brings a job posting to where it is wanted. Harmless twice: it looks what the board has before it repeats anything. */
export function bringJobPosting(writes: BoardWrites): AnyTask {
  return defineTask({
    name: "bring-job-posting",
    attempts: 12,
    concurrency: 4,
    ofOneTenant: 3,
    run: ({ tenantId, jobPostingId }, { isLast, signal }) => writes.bring(tenantId, jobPostingId, isLast, signal),
  });
}
