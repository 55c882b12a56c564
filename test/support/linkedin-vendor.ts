import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { linkedin } from "../../src/providers/job-board/linkedin.ts";
import type { ApplyingVendor } from "../contract/board-applications.ts";
import { connectByClient } from "./client-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface LinkedInVendor extends ApplyingVendor {
  readonly sandbox: Sandbox;
  /** What a person enters. */
  readonly values: Readonly<Record<string, string>>;
}

/** LinkedIn's twin with one company in it. */
export async function createLinkedInVendor(): Promise<LinkedInVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.linkedin;
  Object.assign(twin.switches, { latencyMs: 0, parallelBatches: 5 });
  const organization = twin.createOrganization({ name: "Muster AG", isOnboarded: true });
  const { contract } = twin.organization(organization);
  const values = { organization, companyName: "Muster AG", contract };
  const connectionId = randomUUID();
  const { settings } = sandbox;
  let known: { id: string; secret: string } | null = null;
  const connect = async () => {
    const opened = await connectByClient(linkedin, { settings, values, connectionId, known });
    known = { id: opened.secret["clientId"] ?? "", secret: opened.secret["clientSecret"] ?? "" };
    return opened;
  };
  return {
    sandbox,
    values,
    connect,
    connectWrongly: () => connectByClient(linkedin, { settings, values: { ...values, organization: "Muster AG" } }),
    secrets: () => twin.issuedSecrets(),
    seen: (_account, reference) =>
      twin.postedJobs
        .filter(({ element }) => element.externalJobPostingId === reference)
        .map(({ element, listing }) => ({ title: element.title, isOpen: listing === "LISTED" })),
    finishReviews: () => twin.finishTasks(),
    loseAnswer: () => void twin.fail("truncated", { times: 1, path: "simpleJobPostings" }),
    ...troublesOf(twin),
    keys: async () => ({
      secret: (await connect()).secret,
      clientSecret: settings["LINKEDIN_CLIENT_SECRET"] ?? null,
      signingKey: null,
      applyToken: null,
    }),
    async apply(reference, applicant) {
      await twin.settled();
      twin.finishTasks();
      const applied = await twin.apply(twin.jobNamed(reference), applicant);
      if (applied.outcome !== "sent") throw new Error(JSON.stringify(applied));
      return applied.jobApplicationId;
    },
    again: (id) => twin.deliverAgain(id),
    heard: (id) => twin.sentApplications.find(({ urn }) => urn === id)?.actions.map(({ action }) => action) ?? [],
    stop: () => sandbox.stop(),
  };
}
