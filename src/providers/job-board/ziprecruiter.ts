import { renderDescription } from "./description.ts";
import type { BoardAccount, BoardPosting, JobBoardProvider, PostingReport } from "./provider.ts";
import { applications } from "./ziprecruiter/applications.ts";
import { boostAskedFor, buyBoost } from "./ziprecruiter/boost.ts";
import { checkJob } from "./ziprecruiter/check.ts";
import { createJob, deleteJob, readJob, replaceJob } from "./ziprecruiter/client.ts";
import { auth } from "./ziprecruiter/connect.ts";
import { dispositions } from "./ziprecruiter/dispositions.ts";
import { documentOf, jobIdOf } from "./ziprecruiter/document.ts";
import { descriptionRules, fields } from "./ziprecruiter/mapping.ts";
import { askQuestions } from "./ziprecruiter/questions.ts";
import { closed, readJobStatus, readStatus, taken, unasked, unboosted } from "./ziprecruiter/status.ts";

/** ZipRecruiter's Partner Platform: jobs are sent whole, and looked at to see whether they are there. */
export const ziprecruiter: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "ZIPRECRUITER",
  name: "ZipRecruiter",
  auth,
  renewal: { kind: "none", reason: "A key of ZipRecruiter's is valid until ZipRecruiter ends it." },
  limits: {
    description: "ZipRecruiter publishes no rate. Five calls a second are made at most, and 429 is waited out.",
    perApp: { calls: 5, seconds: 1 },
    // It is about the key, which may be everybody's.
    pauses: "server",
    cost: "A subscription with job slots, each of which is free again when its job is closed; prices are not published. A TrafficBoost is extra, and is not taken back.",
  },
  freshness: { floorSeconds: 60, defaultSeconds: 6 * 60 * 60 },
  route: () => "API",
  expires: "SERVICE",
  fields,
  check: checkJob,
  render: (job) => renderDescription(job, descriptionRules),
  cost(job, settings) {
    const level = boostAskedFor(job, settings);
    return level === null ? null : { money: null, unit: `TrafficBoost ${level}, once for a job` };
  },
  tryOut: (account) => readJob(account, "no-such-job"),

  async post(account, posting) {
    const document = documentOf(posting, account.settings);
    await createJob(account, document);
    return afterwards(account, posting);
  },
  update: sendAgain,
  // What is sent again is open again.
  reopen: sendAgain,
  async close(account, posting) {
    await deleteJob(account, jobIdOf(posting));
    return closed(posting);
  },
  status: readStatus,
  applications,
  dispositions,
};

/** Sends the whole job; one that ZipRecruiter no longer has is made anew. */
async function sendAgain(account: BoardAccount, posting: BoardPosting): Promise<PostingReport> {
  const document = documentOf(posting, account.settings);
  if (!(await replaceJob(account, document))) await createJob(account, document);
  return afterwards(account, posting);
}

/** A job that is there without its questions or its boost is there all the same. */
async function afterwards(account: BoardAccount, posting: BoardPosting): Promise<PostingReport> {
  const unaskable = await askQuestions(account, posting);
  const unsold = await buyBoost(account, posting);
  const report = await readJobStatus(account, posting);
  if (report === null) return taken(posting);
  if (unaskable !== null) return unasked(report, unaskable);
  return unsold === null ? report : unboosted(report, unsold);
}
