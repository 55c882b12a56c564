const firstDelayMs = 5_000;
const longestDelayMs = 60 * 60 * 1000;

/**
 * How long to wait before the next attempt: what the provider asked for, else twice as long each time. A random part
 * keeps those who failed together from coming back together.
 *
 * @param attempt the one that failed, from 1
 * @param random in [0, 1)
 */
export function backoffMs(attempt: number, retryAfterMs: number | undefined, random: number): number {
  const doubled = Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1));
  return Math.max(retryAfterMs ?? 0, doubled) * (1 + random / 4);
}
