/** Of PostgreSQL's integer: 24 days. */
const longestLagMs = 2 ** 31 - 1;

/** What is known of when changes were made. */
export interface ChangesMade {
  /** When the vendor's message about them arrived; null when nobody was told. */
  readonly toldAt: Date | null;
  /** When the calendar was read before; null when it never was. */
  readonly lastReadAt: Date | null;
  /** When each was made, by the vendor's clock; null where the vendor does not say, and for deletions. */
  readonly madeAt: Iterable<Date | null>;
}

/**
 * How late the latest of these changes is at most, in milliseconds: since the vendor's message; else since it was made; else
 * since the calendar was read before, for what that reading did not find was made after it, whatever the vendor's clock says.
 *
 * @returns null when there is no change, and when the calendar was never read before
 */
export function lagMs({ toldAt, lastReadAt, madeAt }: ChangesMade, now: Date): number | null {
  const atMost = toldAt ?? lastReadAt;
  if (atMost === null) return null;
  let lag: number | null = null;
  for (const made of madeAt) {
    const since = toldAt === null && made !== null && made > atMost ? made : atMost;
    lag = Math.max(lag ?? 0, now.getTime() - since.getTime());
  }
  return lag && Math.min(longestLagMs, lag);
}
