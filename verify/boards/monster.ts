import type { BoardPlan } from "./board.ts";
import type { Stage } from "./stage.ts";

const hourSeconds = 60 * 60;

export function monsterPlan({ sandbox: { monster: twin } }: Stage): BoardPlan {
  const { userName, password, recruiter } = twin.createAccount("xdrill");
  // How often Monster brings an application again is not known; that it does is what is tried here.
  twin.switches.retryAfterSeconds = Array.from({ length: 5 }, () => hourSeconds);
  return {
    provider: "MONSTER",
    credentials: { userName, password, recruiter, easyApplyKey: "drill" },
    job: {},
    async find(reference) {
      const stored = twin.jobs().find(({ jobRefCode }) => jobRefCode === reference);
      if (!stored) return null;
      return {
        board: "Monster",
        words: {},
        apply: async (email) => (await twin.apply(stored.postingId, { email })).id,
        again: (id) => twin.replay(id),
        retry: () => twin.retryDeliveries(),
        waiting: () => twin.deliveries().filter(({ outcome }) => outcome === "waiting").length,
        heard: () => [],
        fail: () => () => {},
      };
    },
  };
}
