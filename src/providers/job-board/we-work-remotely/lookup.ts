import { IntegrationError } from "../../../errors.ts";
import type { BoardAccount, BoardPosting, BoardState } from "../provider.ts";
import { listJobs, readJob, type StoredJob } from "./client.ts";
import { markOf } from "./document.ts";

const open: readonly (BoardState | null)[] = ["SUBMITTED", "IN_REVIEW", "LIVE", "LIMITED"];
/** Clocks differ. */
const toleranceMs = 24 * 60 * 60 * 1000;

/** How a job stands, by its status. The page names `approved` and `canceled`, and leaves open whether there are others. */
export function stateOf({ status }: StoredJob): BoardState {
  if (status == null || /^(approved|active|live|open|published)$/i.test(status)) return "LIVE";
  if (/cancel|closed|removed|deleted|archived/i.test(status)) return "CLOSED";
  if (/expired/i.test(status)) return "EXPIRED";
  return /reject|declin|refus|denied/i.test(status) ? "REJECTED" : "IN_REVIEW";
}

export function isOpen(state: BoardState | null): boolean {
  return open.includes(state);
}

/**
 * The open job of a posting, found by its reference; null when there is none.
 *
 * @throws {IntegrationError} MANUAL_ACTION_REQUIRED where We Work Remotely does not list jobs
 */
export async function findOpen(account: BoardAccount, posting: BoardPosting): Promise<StoredJob | null> {
  const jobs = await listJobs(account);
  if (jobs === null) throw untold();
  return openIn(account, posting, jobs);
}

/** The same where it is asked for safety alone, so that a listing that there is not stops nothing. */
export async function findOpenIfListed(account: BoardAccount, posting: BoardPosting): Promise<StoredJob | null> {
  return openIn(account, posting, (await listJobs(account)) ?? []);
}

/**
 * The id of the job that a posting is now. After a new one whose answer got lost, that is another one than it is known by.
 *
 * @returns null when We Work Remotely has none
 * @throws {IntegrationError} MANUAL_ACTION_REQUIRED when it is known by none, and cannot be looked up
 */
export async function currentId(account: BoardAccount, posting: BoardPosting): Promise<string | null> {
  const { boardPostingId, previousState } = posting;
  if (boardPostingId === null) return (await findOpen(account, posting))?.id ?? null;
  if (isOpen(previousState)) return boardPostingId;
  return (await findOpenIfListed(account, posting))?.id ?? boardPostingId;
}

/** The newest first. */
async function openIn(
  account: BoardAccount,
  posting: BoardPosting,
  jobs: readonly StoredJob[],
): Promise<StoredJob | null> {
  const mark = markOf(posting);
  const begin = posting.listedAt.getTime() - toleranceMs;
  const isOlder = ({ created_at: at }: StoredJob) => at != null && Date.parse(at) < begin;
  for (const job of jobs.filter((one) => isOpen(stateOf(one)) && !isOlder(one)).toReversed()) {
    // A listing may be short.
    const whole = job.description == null ? await readJob(account, job.id) : job;
    if (whole?.description?.includes(mark)) return whole;
  }
  return null;
}

/** A second post would cost money, and show the job twice: a person has to look. */
function untold(): IntegrationError {
  return new IntegrationError(
    "MANUAL_ACTION_REQUIRED",
    "An earlier call may have got through, and We Work Remotely does not tell. Nothing more is sent, since each post costs money",
    {
      remedy:
        "Look at We Work Remotely's site. If the job is not there, post it again with postJob; if it is there and should not be, ask We Work Remotely to take it down.",
    },
  );
}
