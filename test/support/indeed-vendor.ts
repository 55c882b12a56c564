import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { indeed } from "../../src/providers/job-board/indeed.ts";
import type { BoardVendor } from "../contract/job-board-provider.ts";
import { connectByClient } from "./client-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface IndeedVendor extends BoardVendor {
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
    stop: () => sandbox.stop(),
  };
}
