import { renderDescription } from "./description.ts";
import { applications } from "./linkedin/applications.ts";
import { checkJob, costOf } from "./linkedin/check.ts";
import { errorCodeIn, readListing, sendElement } from "./linkedin/client.ts";
import { auth } from "./linkedin/connect.ts";
import { dispositions } from "./linkedin/dispositions.ts";
import { type ElementOperation, elementOf } from "./linkedin/element.ts";
import { descriptionRules, fields } from "./linkedin/mapping.ts";
import { readStatus, submitted } from "./linkedin/status.ts";
import type { BoardAccount, BoardPosting, JobBoardProvider, PostingReport } from "./provider.ts";

/** LinkedIn's Job Posting API for contracted partners: jobs are sent whole, and tasks tell what became of them. */
export const linkedin: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "LINKEDIN",
  name: "LinkedIn",
  auth,
  renewal: { kind: "clientCredentials", request: ({ endpoint }) => endpoint.clientCredentials([]) },
  partnership:
    "LinkedIn lets contracted Talent Solutions partners post jobs, and nobody else; ask with its Talent Solutions Partner Request Form.",
  errorCodeIn,
  limits: {
    description:
      "LinkedIn takes one batch of jobs of a company at a time, and 300,000 questions about tasks a day; both end at midnight UTC.",
    concurrentCalls: 1,
    cost: "Basic jobs are free. Promoted jobs take a slot of the company's Recruiter contract, or spend a budget within 30 days.",
  },
  // Tasks are to be left alone for five minutes.
  freshness: { floorSeconds: 300, defaultSeconds: 6 * 60 * 60 },
  route: () => "API",
  expires: "BOARD",
  fields,
  check: checkJob,
  render: (job) => renderDescription(job, descriptionRules),
  cost: costOf,
  tryOut: (account) => readListing(account, "no-such-job"),

  post: (account, posting) => send(account, posting, "CREATE"),
  update: (account, posting) => send(account, posting, "UPDATE"),
  close: (account, posting) => send(account, posting, "CLOSE"),
  // What has expired is prolonged by 30 days; what was closed is made anew, under the same id.
  reopen: (account, posting) => send(account, posting, posting.previousState === "EXPIRED" ? "RENEW" : "CREATE"),
  status: readStatus,
  applications,
  dispositions,
};

async function send(account: BoardAccount, posting: BoardPosting, operation: ElementOperation): Promise<PostingReport> {
  const element = elementOf(posting, operation, account.settings);
  return submitted(posting, await sendElement(account, element));
}
