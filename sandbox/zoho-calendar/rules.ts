import { DateTime } from "luxon";
import { badPattern, extraKey } from "./errors.ts";
import { isDay, momentOf, readMoment, utcOf } from "./times.ts";

const frequencies = ["daily", "weekly", "monthly", "yearly"];
const repeatKeys = ["freq", "interval", "count", "until", "byday", "bymonthday", "bymonth", "bysetpos"];
const ruleText = /^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL|COUNT|UNTIL|WKST|BY[A-Z]+)=[\w,+-]+)*$/;

/**
 * The rule of a series as text: `rrule`, or `repeat`, which says the same in parts.
 *
 * @throws {ZohoError} PATTERN_NOT_MATCHED, EXTRA_KEY_FOUND_IN_JSON
 */
export function readRule({ rrule, repeat }: Readonly<Record<string, unknown>>, strayStatus: number): string | null {
  if (rrule !== undefined && rrule !== "") {
    if (typeof rrule !== "string" || !ruleText.test(rrule)) throw badPattern("rrule");
    return rrule;
  }
  const [parts, ...more] = [repeat ?? []].flat() as unknown[];
  if (parts === undefined) return null;
  if (typeof parts !== "object" || parts === null || more.length > 0) throw badPattern("repeat");
  const given = new Map(Object.entries(parts));
  for (const key of given.keys()) if (!repeatKeys.includes(key)) throw extraKey(strayStatus, key);
  if (!frequencies.includes(String(given.get("freq")))) throw badPattern("freq");
  const text = repeatKeys.filter((key) => given.has(key)).map((key) => `${key}=${given.get(key)}`.toUpperCase());
  if (!ruleText.test(text.join(";"))) throw badPattern("repeat");
  return text.join(";");
}

/** With UNTIL as RFC 5545 wants it: in UTC, a day being all of it. */
export function expandable(rrule: string, start: string, zone: string): string {
  return rrule.replace(/UNTIL=([\dTZ]+)/, (_, until: string) => {
    if (isDay(start)) return `UNTIL=${until.slice(0, 8)}T235959Z`;
    const end = isDay(until) ? momentOf(`${until.slice(0, 8)}T235959`, zone) : readMoment(until, zone);
    return `UNTIL=${utcOf((end ?? DateTime.fromMillis(0)).toMillis())}`;
  });
}

/** The rule of what is left of a series that ends before an occurrence. @param at when that was to be, in milliseconds */
export function endedBefore(rrule: string, start: string, at: number): string {
  const last = isDay(start) ? utcOf(at - 86_400_000).slice(0, 8) : utcOf(at - 1000);
  return [...withoutEnd(rrule), `UNTIL=${last}`].join(";");
}

/** The rule of what begins with an occurrence that has so many before it. */
export function withoutFirst(rrule: string, before: number): string {
  return rrule.replace(/COUNT=(\d+)/, (_, count: string) => `COUNT=${Number(count) - before}`);
}

function withoutEnd(rrule: string): readonly string[] {
  return rrule.split(";").filter((part) => !/^(COUNT|UNTIL)=/.test(part));
}
