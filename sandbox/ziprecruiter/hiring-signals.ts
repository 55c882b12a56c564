import { z } from "zod";
import { invalid, ZipRecruiterError } from "./errors.ts";
import type { StoredSignal, ZipRecruiterState } from "./state.ts";
import type { ZipRecruiterSwitches } from "./switches.ts";

const text = z.string().nullish();
const Signal = z
  .object({
    zr_application_id: z.string().min(1),
    event: z.enum([
      ...["received", "viewed", "contacted", "assessment", "interviewed"],
      ...["offered", "prehire", "hired", "rejected", "unable_to_map"],
    ] as const),
    event_timestamp: z.iso.datetime({ offset: true }),
    status_name: text,
    status_group: text,
    reason: z
      .enum([
        ...["automatic", "closed", "failed_checks", "uncertified", "unresponsive", "out_of_area"],
        ...["unavailable", "unqualified", "consider_for_other_role", "hired_for_other_role", "other"],
      ] as const)
      .nullish(),
    additional_data: z.unknown().optional(),
  })
  .refine(({ event, reason }) => event !== "rejected" || reason != null, {
    path: ["reason"],
    error: "is required when event is rejected",
  })
  .refine(({ event, status_name: name, status_group: group }) => event !== "unable_to_map" || Boolean(name || group), {
    path: ["status_name"],
    error: "or status_group is required when event is unable_to_map",
  });

/** Stores what has become of an application. @throws {ZipRecruiterError} */
export function takeSignal(state: ZipRecruiterState, given: unknown, switches: ZipRecruiterSwitches): StoredSignal {
  const read = Signal.safeParse(given);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
    throw invalid(switches.invalidStatus, problems);
  }
  const { zr_application_id: zrApplicationId, event, event_timestamp: at, ...more } = read.data;
  const isKnown = [...state.applications.values()].some((one) => one.zrApplicationId === zrApplicationId);
  if (!isKnown) throw new ZipRecruiterError(switches.unknownApplicationStatus, "The application does not exist");
  const signal: StoredSignal = {
    zrApplicationId,
    event,
    eventTimestamp: new Date(at),
    statusName: more.status_name ?? null,
    statusGroup: more.status_group ?? null,
    reason: more.reason ?? null,
    additionalData: more.additional_data ?? null,
  };
  state.signals.push(signal);
  return signal;
}
