import type { VendorWrites } from "../services/vendor-writes.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** Finishes a write whose outcome is unknown. Harmless twice: it looks what the vendor has before it repeats anything. */
export function settleCalendarWrite(writes: VendorWrites): AnyTask {
  return defineTask({
    name: "settle-calendar-write",
    attempts: 8,
    concurrency: 4,
    run: ({ tenantId, calendarEventId }, { isLast, signal }) =>
      writes.settle(tenantId, calendarEventId, isLast, signal),
  });
}
