import { IntegrationError } from "../errors.ts";
import { ianaName, ianaNameOfWindows, listedBlock } from "./iana-name.ts";
import { locationOf, zoneWithRulesOf } from "./vtimezone.ts";

/** A zone found for a TZID. `exact` is false when nothing fitted and `timeZone` is only a guess. */
export interface FoundTimeZone {
  readonly timeZone: string;
  readonly exact: boolean;
}

/**
 * The IANA zone that a TZID means. A name that is known wins over the VTIMEZONE sent along with it, which may be
 * stale or wrong; its rules are looked at last. What fits nothing is `UTC` and not exact.
 *
 * @param vtimezone the block that the object has for this TZID, as it was sent
 * @param now the rules are compared over its year and the next
 */
export function timeZoneOf(tzid: string, vtimezone?: string, now = new Date()): FoundTimeZone {
  const timeZone = zoneNamed(tzid) ?? (vtimezone && (locationOf(vtimezone) ?? zoneWithRulesOf(vtimezone, now)));
  return timeZone ? { timeZone, exact: true } : { timeZone: "UTC", exact: false };
}

/**
 * The VTIMEZONE to write for an IANA zone, CRLF between its lines and none behind; its TZID is `timeZone` as given.
 *
 * @throws {IntegrationError} INVALID_INPUT when it is no IANA zone
 */
export function vtimezoneOf(timeZone: string): string {
  const name = ianaName(timeZone);
  if (name === undefined) throw new IntegrationError("INVALID_INPUT", `"${timeZone}" is not an IANA time zone`);
  // The list writes Berlin's block for Stockholm, under Berlin's name.
  return listedBlock(name).replace(/^(TZID|X-LIC-LOCATION):[^\r\n]*/gm, `$1:${timeZone}`);
}

/** Whether this names an IANA zone, in any case and under any of its names. */
export function isTimeZone(text: string): boolean {
  return ianaName(text) !== undefined;
}

function zoneNamed(tzid: string): string | undefined {
  const name = tzid.trim().replace(/^"(.*)"$/, "$1");
  return ianaName(name) ?? ianaNameWithin(name) ?? ianaNameOfWindows(name) ?? otherNames.get(name.toLowerCase());
}

const otherNames = new Map([
  ["z", "UTC"],
  // Exchange
  ["tzone://microsoft/utc", "UTC"],
]);

/** `/mozilla.org/20050126_1/Europe/Berlin`: a TZID that begins with a solidus is a registry's own (RFC 5545 §3.8.3.1). */
function ianaNameWithin(tzid: string): string | undefined {
  if (!tzid.startsWith("/")) return undefined;
  // No IANA name has more than three parts.
  for (const parts of [3, 2, 1]) {
    const name = ianaName(tzid.split("/").slice(-parts).join("/"));
    if (name !== undefined) return name;
  }
  return undefined;
}
