import { statusOfFault } from "../soap.ts";
import { renderDescription } from "./description.ts";
import { applications } from "./monster/applications.ts";
import { checkJob } from "./monster/check.ts";
import { isNotThere, sendJob, taken } from "./monster/client.ts";
import { auth, tryOut } from "./monster/connect.ts";
import { deletion, jobElement } from "./monster/document.ts";
import { descriptionRules, fields } from "./monster/mapping.ts";
import { closed, reportOf } from "./monster/status.ts";
import type { BoardAccount, BoardPosting, JobBoardProvider, PostingReport } from "./provider.ts";

/** Monster's gateway for jobs (Real Time Posting, by SOAP), with the customer's own login and inventory; and Easy Apply. */
export const monster: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "MONSTER",
  name: "Monster",
  auth,
  renewal: { kind: "none", reason: "A login of Monster's gateway is valid until Monster ends it." },
  statusIn: statusOfFault,
  limits: {
    description: "Monster publishes no limits; one call a second is made for an account, of our own accord.",
    concurrentCalls: 1,
    perAccount: { calls: 60, seconds: 60 },
    cost: "Each new posting takes one of the account's inventory, which is paid for beforehand; opening one again takes another. No prices are public.",
  },
  freshness: { floorSeconds: 300, defaultSeconds: 24 * 60 * 60 },
  route: () => "API",
  // A job is shown for 30 or 60 days, and no sooner taken off by itself.
  expires: "SERVICE",
  fields,
  check: checkJob,
  render: (job) => renderDescription(job, descriptionRules),
  cost: () => ({ money: null, unit: "posting of the inventory" }),
  tryOut,

  // `addOrUpdate` of a job that is there changes it, and takes nothing.
  post: put,
  async update(account, posting) {
    const answer = taken(await sendJob(account, jobElement(posting, account.settings)));
    return reportOf(answer, { now: posting.now, days: null });
  },
  async close(account, { job }) {
    const answer = await sendJob(account, deletion(job, account.settings));
    if (!isNotThere(answer)) taken(answer);
    return closed();
  },
  reopen: put,
  applications,
};

async function put(account: BoardAccount, posting: BoardPosting): Promise<PostingReport> {
  const answer = taken(await sendJob(account, jobElement(posting, account.settings)));
  return reportOf(answer, { now: posting.now, days: Number(account.settings["duration"] ?? 30) });
}
