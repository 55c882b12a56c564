import { IntegrationError } from "../errors.ts";

/** A DATE or DATE-TIME without its zone. `date` is `YYYY-MM-DD`, `local` is `YYYY-MM-DDTHH:mm:ss`. */
export type BasicTime =
  | { readonly kind: "date"; readonly date: string }
  | { readonly kind: "floating" | "utc"; readonly local: string };

/**
 * Reads `20261201`, `20261201T100000` or `20261201T090000Z` (RFC 5545 §3.3.4, §3.3.5).
 *
 * @throws {IntegrationError} INVALID_INPUT for any other form; whether there is such a day is not looked at
 */
export function parseBasicTime(text: string): BasicTime {
  const [, year, month, day, hour, minute, second, utc] =
    /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/i.exec(text.trim()) ?? [];
  if (year === undefined) throw new IntegrationError("INVALID_INPUT", `"${text.slice(0, 50)}" is not a date or time`);
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) return { kind: "date", date };
  return { kind: utc ? "utc" : "floating", local: `${date}T${hour}:${minute}:${second}` };
}
