import type { FaultName, FaultOptions } from "../../sandbox/faults.ts";
import type { CalendarVendor, Trouble } from "../contract/calendar-provider.ts";

/** How a vendor that is a twin fails on request. */
export interface TwinTroubles extends Pick<CalendarVendor, "failNext" | "failFrom"> {
  /** Nearly every third request meets it, until the function returned is called. */
  failOften(fault: FaultName): () => void;
}

/** The troubles that the contracts know, as faults of a twin. */
export function troublesOf(twin: { fail(fault: FaultName, options?: FaultOptions): () => void }): TwinTroubles {
  return {
    failNext: (trouble) => void twin.fail(faults[trouble], { times: 1 }),
    failFrom: (after) => twin.fail("down", { after }),
    failOften: (fault) => twin.fail(fault, { probability: 0.3, seed: 7, delayMs: 20 }),
  };
}

const faults = {
  "credentials-rejected": "unauthorized",
  "rate-limited": "rate-limited",
  "rate-limited-for-7-seconds": "rate-limited-with-retry-after",
  down: "down",
  "web-page": "html",
  truncated: "truncated",
  "hung-up": "hung-up",
} as const satisfies Record<Trouble, FaultName>;
