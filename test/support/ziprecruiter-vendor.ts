import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import type { ZipRecruiterTwin } from "../../sandbox/ziprecruiter-twin.ts";
import { ziprecruiter } from "../../src/providers/job-board/ziprecruiter.ts";
import type { BoardVendor } from "../contract/job-board-provider.ts";
import { type ConnectedByForm, connectByForm } from "./form-account.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface ZipRecruiterVendor extends BoardVendor {
  readonly sandbox: Sandbox;
  readonly twin: ZipRecruiterTwin;
  /** Connects with what a person enters; the operator has a key. */
  connectAs(values: Readonly<Record<string, string>>): Promise<ConnectedByForm>;
}

/** ZipRecruiter's twin, where the operator has a partner's key. */
export async function createZipRecruiterVendor(): Promise<ZipRecruiterVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { ziprecruiter: twin, settings } = sandbox;
  const connectAs = (values: Readonly<Record<string, string>>) => connectByForm(ziprecruiter, settings, values);
  return {
    sandbox,
    twin,
    connectAs,
    connect: () => connectAs({ employerId: "muster" }),
    connectWrongly: () => connectAs({ employerId: "muster", apiKey: "no-key-of-ziprecruiter" }),
    secrets: () => twin.issuedSecrets(),
    seen: (_account, reference) =>
      twin
        .jobs()
        .filter(({ job }) => job.partner_attributes?.["reference"] === reference)
        .map(({ job, closedAt }) => ({ title: job.title, isOpen: closedAt === null })),
    finishReviews: () => {},
    loseAnswer: () => void twin.fail("truncated", { times: 1, path: "partner/v0/job" }),
    ...troublesOf(twin),
    stop: () => sandbox.stop(),
  };
}
