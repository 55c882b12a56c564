const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long after each attempt that failed the next one follows: 16 attempts within 72 hours. docs/webhooks.md publishes it. */
export const retryDelaysMs: readonly number[] = [
  ...[5 * second, 30 * second, 2 * minute, 5 * minute, 15 * minute, 30 * minute],
  ...[hour, 2 * hour, 4 * hour, 8 * hour],
  ...[12 * hour, 12 * hour, 12 * hour, 12 * hour, 8 * hour],
];
/** A receiver's own wish is obeyed up to this long. */
const longestWishMs = 24 * hour;
/** An endpoint where nothing arrives is tried this often, however much waits for it. */
const longestHoldMs = 5 * minute;
/** And after it was disabled. */
export const probeMs = hour;

/**
 * How long to wait after an attempt that failed; null when it was the last one. A random part of up to a tenth keeps those
 * that failed together from coming back together.
 *
 * @param tries attempts so far, at least 1
 * @param wishMs what the receiver asked for with `Retry-After`
 * @param random in [0, 1)
 */
export function retryDelayMs(tries: number, wishMs: number | null, random: number): number | null {
  const delay = retryDelaysMs[tries - 1];
  if (delay === undefined) return null;
  return Math.max(delay * (1 + random / 10), Math.min(wishMs ?? 0, longestWishMs));
}

/**
 * How long nothing at all is sent to an endpoint whose attempts fail one after the other.
 *
 * @param failures attempts that failed without one between them that succeeded, at least 1
 */
export function holdMs(failures: number, wishMs: number | null): number {
  const doubled = Math.min(longestHoldMs, 5 * second * 2 ** (failures - 1));
  return Math.max(doubled, Math.min(wishMs ?? 0, longestWishMs));
}
