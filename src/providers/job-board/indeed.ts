import { applications } from "./indeed/applications.ts";
import { checkJob } from "./indeed/check.ts";
import { expireJob, upsertJob } from "./indeed/client.ts";
import { auth, tryOut } from "./indeed/connect.ts";
import { descriptionOf } from "./indeed/description.ts";
import { dispositions } from "./indeed/dispositions.ts";
import { errorCodeIn, statusIn } from "./indeed/graphql.ts";
import { jobPostingOf } from "./indeed/job-posting.ts";
import { fields } from "./indeed/mapping.ts";
import { readName, type SourcedPosting } from "./indeed/posting-name.ts";
import { ended, readStatus, taken } from "./indeed/status.ts";
import type { BoardAccount, BoardPosting, JobBoardProvider, PostingReport } from "./provider.ts";

/** Indeed's Job Sync API for contracted partners: one GraphQL mutation creates, changes and brings back, another one ends. */
export const indeed: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "INDEED",
  name: "Indeed",
  auth,
  renewal: { kind: "clientCredentials", request: ({ endpoint }) => endpoint.clientCredentials(auth.scopes) },
  partnership:
    "Indeed lets contracted ATS partners sync jobs, and nobody else; apply at its partner programme. Certification takes about six weeks.",
  errorCodeIn,
  statusIn,
  limits: {
    description:
      "Indeed takes 150 jobs a second, 4,000 a minute, 20,000 in ten minutes and 80,000 an hour, sent one by one, of all companies together.",
    // The strictest of the four, which keeps the others.
    perApp: { calls: 22, seconds: 1 },
    cost: "Jobs are free. Sponsored ones spend a budget by clicks, which is set in the company's account at Indeed.",
  },
  // Indexing takes minutes to hours.
  freshness: { floorSeconds: 300, defaultSeconds: 6 * 60 * 60 },
  route: () => "API",
  // Jobs of Job Sync never end by themselves, says Indeed, though it is sent their end.
  expires: "SERVICE",
  fields,
  check: checkJob,
  render: descriptionOf,
  tryOut,

  findsBy: "boardPostingId",
  post: send,
  update: send,
  close,
  // Within 30 days of its end it is the same posting as before, and a new one later.
  reopen: send,
  status: readStatus,
  applications,
  dispositions,
};

async function send(account: BoardAccount, posting: BoardPosting): Promise<PostingReport> {
  return taken(posting, await upsertJob(account, jobPostingOf(posting, account.settings)));
}

async function close(account: BoardAccount, posting: BoardPosting): Promise<PostingReport> {
  const { boardPostingId } = posting;
  const known = boardPostingId === null ? await nameByEnding(account, posting) : readName(boardPostingId);
  await expireJob(account, known.sourcedPostingId);
  return ended(known);
}

/** Nobody knows what Indeed calls it, and it tells that for sending alone: so it is sent as a job that is over by now. */
function nameByEnding(account: BoardAccount, posting: BoardPosting): Promise<SourcedPosting> {
  const { job, now } = posting;
  const over = { ...posting, job: { ...job, expiresAt: now }, apply: null };
  return upsertJob(account, jobPostingOf(over, account.settings));
}
