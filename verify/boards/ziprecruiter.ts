import { ziprecruiter } from "../../src/providers/job-board/ziprecruiter.ts";
import type { BoardPlan } from "./board.ts";
import type { Stage } from "./stage.ts";

export function zipRecruiterPlan({ sandbox: { ziprecruiter: twin }, origin }: Stage): BoardPlan {
  return {
    provider: "ZIPRECRUITER",
    credentials: { employerId: "muster" },
    job: { applyUrl: null },
    async find(reference) {
      const stored = twin.jobs().find(({ job }) => job.partner_attributes?.["reference"] === reference);
      if (!stored) return null;
      await twin.registerWebhook(`${origin}/webhooks/ziprecruiter/operator`);
      const signalsOf = new Map<string, string>();
      return {
        board: "ZipRecruiter",
        words: ziprecruiter.dispositions?.words ?? {},
        async apply(email) {
          const { responseId, zrApplicationId } = await twin.apply(stored.job.job_id, { email });
          signalsOf.set(responseId, zrApplicationId ?? "");
          return responseId;
        },
        again: (id) => twin.replay(id),
        retry: () => twin.retryDeliveries(),
        waiting: () => twin.deliveries().filter(({ outcome }) => outcome === "waiting").length,
        heard: (id) => twin.signals(signalsOf.get(id)).map(({ event }) => event),
        fail: () => twin.fail("down", { path: "hiring-signal" }),
      };
    },
  };
}
