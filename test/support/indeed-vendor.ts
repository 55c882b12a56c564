import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { indeed } from "../../src/providers/job-board/indeed.ts";
import type { ApplyingVendor } from "../contract/board-applications.ts";
import { connectByClient } from "./client-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface IndeedVendor extends ApplyingVendor {
  readonly sandbox: Sandbox;
  /** What a person enters. */
  readonly values: Readonly<Record<string, string>>;
}

/** Indeed's twin, and one company that is there through the operator's client. */
export async function createIndeedVendor(): Promise<IndeedVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { indeed: twin, settings } = sandbox;
  const values = { sourceName: "muster-ag", companyName: "Muster AG", employerId: "employer-1" };
  return {
    sandbox,
    values,
    connect: () => connectByClient(indeed, { settings, values }),
    connectWrongly: () => connectByClient(indeed, { settings, values: { ...values, sourceName: "Muster AG" } }),
    secrets: () => twin.issuedSecrets(),
    seen: (_account, reference) =>
      twin
        .postings()
        .filter(({ job }) => job.metadata.jobPostingId === reference)
        .map(({ job, endedAt }) => ({ title: job.body.title, isOpen: endedAt === null })),
    finishReviews() {
      for (const { sourcedPostingId } of twin.postings()) twin.indexNow(sourcedPostingId);
    },
    loseAnswer: () => void twin.fail("truncated", { times: 1 }),
    ...troublesOf(twin),
    keys: async () => ({
      secret: {},
      clientSecret: settings["INDEED_CLIENT_SECRET"] ?? null,
      signingKey: settings["INDEED_APPLY_API_SECRET"] ?? null,
      applyToken: settings["INDEED_APPLY_API_TOKEN"] ?? null,
    }),
    async apply(reference, applicant) {
      const posting = twin.posting(reference);
      if (!posting) throw new Error(`Indeed has no ${reference}`);
      return (await twin.apply(posting.sourcedPostingId, applicant)).id;
    },
    again: (id) => twin.replay(id),
    heard: (id) => twin.dispositions(id).map(({ status }) => status),
    stop: () => sandbox.stop(),
  };
}
