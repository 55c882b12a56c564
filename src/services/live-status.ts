import type { JobPosting } from "../entities/job-posting.ts";

/** Whether candidates see a posting, by the board's own word. */
export interface LiveStatus {
  readonly status: "LIVE" | "GONE" | "UNKNOWN";
  readonly checkedAt: Date | null;
  /** For people. */
  readonly how: string;
}

/** What was said last: by the board, or by whoever confirmed what was done there. What nobody said is not known. */
export function liveStatusOf(
  posting: Pick<JobPosting, "state" | "previousState" | "checkedAt" | "route" | "boardState">,
): LiveStatus {
  const { checkedAt, route } = posting;
  const board = route === "MIRROR" ? "The board whose jobs this one shows" : "The board";
  if (checkedAt === null) return { status: "UNKNOWN", checkedAt, how: `${board} has not said how it stands.` };
  const how = wasConfirmed(posting) ? "Somebody confirmed it." : `${board} was asked for its status.`;
  // While somebody is asked to act, it stands as before.
  const state = posting.state === "PENDING_MANUAL" ? posting.previousState : posting.state;
  if (state === "LIVE" || state === "LIMITED") return { status: "LIVE", checkedAt, how };
  if (state === "CLOSED" || state === "EXPIRED" || state === "REJECTED") return { status: "GONE", checkedAt, how };
  return { status: "UNKNOWN", checkedAt, how };
}

function wasConfirmed({ route, boardState }: Pick<JobPosting, "route" | "boardState">): boolean {
  return boardState === null && route !== "API" && route !== "MIRROR";
}
