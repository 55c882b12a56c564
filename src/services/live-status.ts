import type { JobPosting } from "../entities/job-posting.ts";

/** Whether candidates see a posting, by the board's own word. */
export interface LiveStatus {
  readonly status: "LIVE" | "GONE" | "UNKNOWN";
  readonly checkedAt: Date | null;
  /** For people. */
  readonly how: string;
}

/** What the board said last. What it never said is not known, whatever we asked it for. */
export function liveStatusOf({
  state,
  checkedAt,
  route,
}: Pick<JobPosting, "state" | "checkedAt" | "route">): LiveStatus {
  const board = route === "MIRROR" ? "The board whose jobs this one shows" : "The board";
  if (checkedAt === null) return { status: "UNKNOWN", checkedAt, how: `${board} has not said how it stands.` };
  const how = `${board} was asked for its status.`;
  if (state === "LIVE" || state === "LIMITED") return { status: "LIVE", checkedAt, how };
  if (state === "CLOSED" || state === "EXPIRED" || state === "REJECTED") return { status: "GONE", checkedAt, how };
  return { status: "UNKNOWN", checkedAt, how };
}
