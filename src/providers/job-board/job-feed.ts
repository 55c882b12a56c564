import { checkJob } from "./job-feed/check.ts";
import { auth } from "./job-feed/connect.ts";
import { dialects } from "./job-feed/dialects.ts";
import { fields } from "./job-feed/mapping.ts";
import type { BoardPosting, BoardState, JobBoardProvider, PostingReport } from "./provider.ts";

/**
 * Feeds of jobs, which this service hosts and others read when they like: Indeed, ZipRecruiter, LinkedIn, Monster, anybody. What
 * stands in them is what is open; a job that is missing once is off. Nobody tells whether it was read, and whether it is shown.
 */
export const jobFeed: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "JOB_FEED",
  name: "Job feed",
  auth,
  renewal: { kind: "none", reason: "Nobody signs in: readers know the address of the feed, and nobody else does." },
  limits: {
    description: "Nobody is called: whoever reads the feed comes by themselves, Monster at most once in 24 hours.",
    concurrentCalls: 0,
    cost:
      "The feed is free. What its readers charge is between them and the company: Monster for each click, ZipRecruiter for showing " +
      "jobs beyond its own pages.",
  },
  freshness: { floorSeconds: 60 * 60, defaultSeconds: 24 * 60 * 60 },
  route: () => "FEED",
  // A job is shown for as long as it is in the feed.
  expires: "SERVICE",
  fields,
  check: checkJob,
  render: (job) => dialects.indeed.describe(job),
  feeds: dialects,
  tryOut: async () => {},
  post: async () => told("SUBMITTED"),
  update: async (_account, posting) => told(standing(posting)),
  close: async () => told("CLOSED"),
  reopen: async () => told("SUBMITTED"),
};

/** Where candidates were seen to see it, they still do. */
function standing({ previousState }: BoardPosting): BoardState {
  return previousState === "LIVE" || previousState === "LIMITED" ? previousState : "SUBMITTED";
}

/** What is so because it is wanted: no board has said anything. */
function told(state: BoardState): PostingReport {
  return {
    state,
    boardState: null,
    boardPostingId: null,
    boardTaskId: null,
    url: null,
    expiresAt: null,
    isPending: false,
    isTaken: true,
    refusal: null,
  };
}
