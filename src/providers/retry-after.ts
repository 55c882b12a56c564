const dayMs = 86_400_000;

/**
 * How long a server asks us to wait, in milliseconds from `now`: seconds or a date (RFC 9110 §10.2.3). At most a day,
 * because nobody should be able to stop a sync for longer. Undefined when it does not say.
 */
export function readRetryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), dayMs);
}
