/**
 * Text as people write it, in the form that calendars and databases keep: lines end in U+000A, other control characters
 * are left out (a bare U+000D ends a line of iCalendar), and half a surrogate pair becomes U+FFFD.
 */
export function plainText(text: string): string;
export function plainText<None extends null | undefined>(text: string | None): string | None;
export function plainText(text: string | null | undefined): string | null | undefined {
  if (typeof text !== "string") return text;
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
}
