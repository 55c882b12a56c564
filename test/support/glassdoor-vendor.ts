import { startSandbox } from "../../sandbox/sandbox.ts";
import { glassdoor } from "../../src/providers/job-board/glassdoor.ts";
import type { BoardVendor } from "../contract/job-board-provider.ts";
import { connectByForm } from "./form-account.ts";
import { troublesOf } from "./twin-troubles.ts";

/** Glassdoor, as Indeed's twin shows it. */
export async function createGlassdoorVendor(): Promise<BoardVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { indeed: twin, settings } = sandbox;
  const connect = () => connectByForm(glassdoor, settings, {});
  return {
    connect,
    connectWrongly: connect,
    secrets: () => twin.issuedSecrets(),
    seen: (_account, reference) =>
      twin
        .postings()
        .filter(({ job }) => job.metadata.jobPostingId === reference)
        .map((posting) => ({ title: posting.job.body.title, isOpen: twin.statusOf(posting).isAtGlassdoor })),
    finishReviews: () => {},
    loseAnswer: () => {},
    ...troublesOf(twin),
    stop: () => sandbox.stop(),
  };
}
