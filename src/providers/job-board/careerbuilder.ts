import { checkJob } from "./careerbuilder/check.ts";
import { processJob, readPostStatus, refusedBy, statusIn, tellsOf } from "./careerbuilder/client.ts";
import { auth, tryOut } from "./careerbuilder/connect.ts";
import { descriptionRules, fields } from "./careerbuilder/mapping.ts";
import { closed, isUnknown, reportOf } from "./careerbuilder/status.ts";
import { renderDescription } from "./description.ts";
import type { BoardAccount, BoardPosting, JobBoardProvider, PostingReport } from "./provider.ts";

/**
 * CareerBuilder's old interface for distributing jobs (DPI): jobs are handed in by SOAP, queued, and asked about. Whether it still
 * answers nobody knows, so that it is unavailable until the operator names its server.
 */
export const careerbuilder: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "CAREERBUILDER",
  name: "CareerBuilder",
  auth,
  unavailable:
    "CareerBuilder went into insolvency in 2025, and it is not known whether its interface for jobs still answers, or where.",
  renewal: { kind: "none", reason: "A login of CareerBuilder's is valid until CareerBuilder ends it." },
  statusIn,
  limits: {
    description: "CareerBuilder publishes no limits; one call a second is made for an account, of our own accord.",
    concurrentCalls: 1,
    perAccount: { calls: 60, seconds: 60 },
    cost: "Each new posting is paid for as the contract says; opening one again is another posting. No prices are public.",
  },
  freshness: { floorSeconds: 60, defaultSeconds: 12 * 60 * 60 },
  route: () => "API",
  expires: "BOARD",
  fields,
  check: checkJob,
  render: (job) => renderDescription(job, descriptionRules),
  cost: () => ({ money: null, unit: "posting of the contract" }),
  tryOut,
  findsBy: "boardPostingId",

  post: put,
  async update(account, { job }) {
    const answer = await processJob(account, "update", job);
    if (answer.errors.length > 0) throw refusedBy(answer);
    return reportOf(answer, answer.TransactionDID);
  },
  async close(account, { job }) {
    const answer = await processJob(account, "delete", job);
    if (answer.errors.length > 0 && !isUnknown(answer)) throw refusedBy(answer);
    return closed();
  },
  reopen: put,
  async status(account, { boardTaskId, boardPostingId }) {
    const did = boardTaskId ?? boardPostingId;
    if (did === null) return null;
    const answer = await readPostStatus(account, did);
    return isUnknown(answer) ? null : reportOf(answer, did);
  },
};

/** A job that is there already is changed instead: an earlier attempt has got through. */
async function put(account: BoardAccount, { job }: BoardPosting): Promise<PostingReport> {
  const added = await processJob(account, "add", job);
  const answer = tellsOf("isThere", added) ? await processJob(account, "update", job) : added;
  if (answer.errors.length > 0) throw refusedBy(answer);
  return reportOf(answer, answer.TransactionDID);
}
