/**
 * JSON that a jsonb column takes. PostgreSQL text holds neither U+0000 nor half a surrogate pair, and some calendars do:
 * the one is left out, the other becomes U+FFFD.
 */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    typeof held === "string" ? held.replaceAll("\0", "").replace(/\p{Surrogate}/gu, "\uFFFD") : held,
  );
}
