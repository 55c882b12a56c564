import { IntegrationError, isIntegrationError } from "../errors.ts";
import { parseBasicTime } from "./basic-time.ts";
import { type ContentLine, parseContentLine } from "./content-line.ts";
import { ianaName, ianaNames } from "./iana-name.ts";
import { parseRule, type RecurrenceRule } from "./rrule.ts";
import { ruleMatches } from "./rule-matches.ts";
import { dayMs, parseWallClock, type WallClock, wallClockOf } from "./wall-clock.ts";

/** The zone that a VTIMEZONE says it was made from, which is not in any RFC but in most blocks. */
export function locationOf(vtimezone: string): string | undefined {
  const line = linesOf(vtimezone).find(({ name }) => name === "X-LIC-LOCATION");
  return line && ianaName(line.value.trim());
}

/**
 * The best known IANA zone whose clocks show, this year and next, what the rules of a VTIMEZONE say (RFC 5545 §3.6.5).
 * Undefined when there is none, or when the block asks for more work than any real one does: it comes from outside.
 */
export function zoneWithRulesOf(vtimezone: string, now: Date): string | undefined {
  const from = Date.UTC(now.getUTCFullYear(), 0, 1);
  const to = Date.UTC(now.getUTCFullYear() + 2, 0, 1);
  const changes = changesOf(vtimezone, { from, to });
  if (changes === undefined) return undefined;
  const samples: { readonly instantMs: number; readonly offsetMs: number }[] = [];
  for (let instantMs = from; instantMs < to; instantMs += dayMs / 4) {
    samples.push({ instantMs, offsetMs: offsetAt(instantMs, changes) });
  }
  for (const name of ianaNames()) {
    if (samples.every(({ instantMs, offsetMs }) => wallClockOf(instantMs, name) - instantMs === offsetMs)) return name;
  }
  return undefined;
}

/** When clocks change, and how. */
interface Change {
  readonly instantMs: number;
  readonly offsetBeforeMs: number;
  readonly offsetMs: number;
}

interface Period {
  readonly from: number;
  readonly to: number;
}

const maxLength = 65_536;
const maxRules = 60;
const maxChanges = 2000;
/** Long enough for a rule about 29 February, even around 1900. */
const longestPauseMs = 9 * 366 * dayMs;

/** At least one, in order: those of the period and what was before it. */
function changesOf(vtimezone: string, period: Period): readonly Change[] | undefined {
  try {
    const changes: Change[] = [];
    for (const observance of observancesOf(vtimezone)) {
      for (const change of changesTo(observance, period)) {
        if (changes.push(change) > maxChanges) return undefined;
      }
    }
    return changes.length === 0 ? undefined : changes.sort((a, b) => a.instantMs - b.instantMs);
  } catch (error) {
    if (isIntegrationError(error, "INVALID_INPUT")) return undefined;
    throw error;
  }
}

function offsetAt(instantMs: number, changes: readonly Change[]): number {
  return changes.findLast((change) => change.instantMs <= instantMs)?.offsetMs ?? changes[0]?.offsetBeforeMs ?? 0;
}

/** The lines of each STANDARD and DAYLIGHT. */
function observancesOf(vtimezone: string): ContentLine[][] {
  const observances: ContentLine[][] = [];
  for (const line of linesOf(vtimezone)) {
    if (line.name === "BEGIN" && /^(standard|daylight)$/i.test(line.value)) observances.push([]);
    else observances.at(-1)?.push(line);
  }
  return observances;
}

function* changesTo(observance: readonly ContentLine[], { from, to }: Period): Generator<Change> {
  const textOf = (name: string): string => observance.find((line) => line.name === name)?.value ?? "";
  const start = localTime(textOf("DTSTART"));
  const offsetBeforeMs = utcOffset(textOf("TZOFFSETFROM"));
  const offsetMs = utcOffset(textOf("TZOFFSETTO"));
  const at = (onset: WallClock): Change => ({ instantMs: onset - offsetBeforeMs, offsetBeforeMs, offsetMs });

  yield at(start);
  for (const { name, value } of observance) {
    if (name === "RDATE") for (const date of value.split(",")) yield at(localTime(date));
    if (name !== "RRULE") continue;
    const rule = yearlyRule(value);
    const end = Math.min(to + dayMs, lastOnset(rule, offsetBeforeMs));
    for (const onset of ruleMatches(rule, start, { from: Math.min(from, end) - longestPauseMs, to: end }))
      yield at(onset);
  }
}

/** A rule that every real block has: a day each year, which costs next to nothing to find. */
function yearlyRule(text: string): RecurrenceRule {
  const rule = parseRule(text);
  const { frequency, count, hours, minutes, seconds, setPositions } = rule;
  const isSimple = frequency === "YEARLY" && count === undefined;
  if (!isSimple || [hours, minutes, seconds, setPositions].some((part) => part.length > 0)) {
    throw unreadable(text);
  }
  return rule;
}

function lastOnset({ until }: RecurrenceRule, offsetBeforeMs: number): WallClock {
  if (until === undefined) return Number.POSITIVE_INFINITY;
  if (until.kind === "date") return parseWallClock(until.date) + dayMs - 1;
  return parseWallClock(until.local) + (until.kind === "utc" ? offsetBeforeMs : 0);
}

function localTime(text: string): WallClock {
  const time = parseBasicTime(text);
  return parseWallClock(time.kind === "date" ? time.date : time.local);
}

/** `+0100`, `-001521` (RFC 5545 §3.3.14) */
function utcOffset(text: string): number {
  const [, sign, hours, minutes, seconds = "0"] = /^([+-])(\d\d)(\d\d)(\d\d)?$/.exec(text.trim()) ?? [];
  if (sign === undefined) throw unreadable(text);
  const size = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === "-" ? -size : size;
}

/** None of a block that is larger than any real one. */
function linesOf(vtimezone: string): ContentLine[] {
  if (vtimezone.length > maxLength) return [];
  const unfolded = vtimezone.replace(/\r?\n[ \t]/g, "");
  const lines = unfolded.split(/\r?\n/).flatMap((line) => parseContentLine(line) ?? []);
  return lines.filter(({ name }) => name === "RRULE").length > maxRules ? [] : lines;
}

function unreadable(text: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", `"${text.slice(0, 100)}" is not what a VTIMEZONE has`);
}
