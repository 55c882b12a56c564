import { indeed } from "../../src/providers/job-board/indeed.ts";
import type { BoardPlan } from "./board.ts";
import type { Stage } from "./stage.ts";

export function indeedPlan({ sandbox: { indeed: twin } }: Pick<Stage, "sandbox">): BoardPlan {
  return {
    provider: "INDEED",
    credentials: { sourceName: "muster", companyName: "Muster AG" },
    job: {},
    async find(reference) {
      const posting = twin.posting(reference);
      if (!posting) return null;
      twin.indexNow(posting.sourcedPostingId);
      return {
        board: "Indeed",
        words: indeed.dispositions?.words ?? {},
        apply: async (email) => (await twin.apply(posting.sourcedPostingId, { email })).id,
        again: (id) => twin.replay(id),
        retry: () => twin.retryDeliveries(),
        waiting: () => twin.deliveries().filter(({ outcome }) => outcome === "waiting").length,
        heard: (id) => twin.dispositions(id).map(({ status }) => status),
        fail: () => twin.fail("down", { path: "graphql" }),
      };
    },
  };
}
