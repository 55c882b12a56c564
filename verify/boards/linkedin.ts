import { linkedin } from "../../src/providers/job-board/linkedin.ts";
import type { BoardPlan } from "./board.ts";
import type { Stage } from "./stage.ts";

export function linkedinPlan({ sandbox: { linkedin: twin } }: Stage): BoardPlan {
  twin.switches.latencyMs = 0;
  const organization = twin.createOrganization({ name: "Muster AG", isOnboarded: true });
  return {
    provider: "LINKEDIN",
    credentials: { organization, companyName: "Muster AG" },
    job: {},
    async find(reference) {
      twin.finishTasks();
      await twin.settled();
      const job = twin.postedJobs.find(({ element }) => element.externalJobPostingId === reference);
      if (job?.listing !== "LISTED") return null;
      return {
        board: "LinkedIn",
        words: linkedin.dispositions?.words ?? {},
        async apply(email) {
          const applied = await twin.apply(job, { firstName: "Zoë", lastName: "Müller", email });
          if (applied.outcome !== "sent") throw new Error(`Nobody can apply at LinkedIn: ${JSON.stringify(applied)}`);
          return applied.jobApplicationId;
        },
        again: (urn) => twin.deliverAgain(urn),
        retry: () => twin.retryDeliveries(),
        waiting: () => twin.waitingDeliveries,
        heard: (urn) =>
          twin.sentApplications.find((application) => application.urn === urn)?.actions.map(({ action }) => action) ??
          [],
        fail: () => twin.fail("down", { path: "jobApplicationLifecycleActions" }),
      };
    },
  };
}
