import { IntegrationError } from "../errors.ts";
import type { BasicTime } from "./basic-time.ts";
import { parseContentLine } from "./content-line.ts";
import type { EventTime } from "./event-time.ts";
import { parseRecurrence } from "./recurrence-lines.ts";
import type { RecurrenceRule } from "./rrule.ts";
import { isTimeZone } from "./time-zone.ts";
import { parseWallClock } from "./wall-clock.ts";

const maxLines = 500;
const maxLineLength = 2000;

/**
 * Checks the recurrence that a caller of ours wants written: what RFC 5545 allows, and no more than every vendor
 * understands. What vendors send is read with more patience.
 *
 * @throws {IntegrationError} INVALID_INPUT, with a message that says what is wrong
 */
export function checkRecurrence(lines: readonly string[], start: EventTime): void {
  if (lines.length > maxLines) throw invalid(`A recurrence has at most ${maxLines} lines`);
  if (lines.some((line) => line.length > maxLineLength || /[\r\n]/.test(line))) {
    throw invalid(`A recurrence line is one line of at most ${maxLineLength} characters`);
  }
  for (const line of lines) {
    const tzid = parseContentLine(line)?.parameters.get("TZID");
    if (tzid !== undefined && !isTimeZone(tzid)) throw invalid(`"${tzid}" is not an IANA time zone`);
  }
  const { rules, exceptionRules, dates, exceptionDates } = parseRecurrence(lines);
  if (exceptionRules.length > 0) throw invalid("EXRULE is deprecated (RFC 5545): use EXDATE");
  if (rules.length > 1) throw invalid("A recurrence has at most one RRULE");
  for (const rule of rules) checkRule(rule, start);
  for (const date of dates) {
    if (date.end !== undefined) throw invalid("An RDATE with a period is not supported: use a single event");
    checkTime("RDATE", date.start, start);
  }
  for (const time of exceptionDates) checkTime("EXDATE", time, start);
}

/** The conditions of RFC 5545 §3.3.10, most of which are about parts that make no sense together. */
function checkRule(rule: RecurrenceRule, start: EventTime): void {
  const { frequency, count, until, weekdays, weekNumbers, yearDays, monthDays, setPositions } = rule;
  if (frequency === "HOURLY" && start.kind === "date") throw invalid("FREQ=HOURLY needs a start with a time");
  if (count !== undefined && until !== undefined) throw invalid("COUNT and UNTIL exclude each other");
  if (until !== undefined) checkUntil(until, start);
  if (start.kind === "date" && [rule.hours, rule.minutes, rule.seconds].some((part) => part.length > 0)) {
    throw invalid("BYHOUR, BYMINUTE and BYSECOND need a start with a time");
  }
  if (weekNumbers.length > 0 && frequency !== "YEARLY") throw invalid("BYWEEKNO needs FREQ=YEARLY");
  if (yearDays.length > 0 && !["YEARLY", "HOURLY"].includes(frequency)) throw invalid("BYYEARDAY needs FREQ=YEARLY");
  if (monthDays.length > 0 && frequency === "WEEKLY") throw invalid("BYMONTHDAY does not go with FREQ=WEEKLY");
  const hasNth = weekdays.some(({ nth }) => nth !== 0);
  if (hasNth && (!["MONTHLY", "YEARLY"].includes(frequency) || weekNumbers.length > 0)) {
    throw invalid("A numbered weekday needs FREQ=MONTHLY, or FREQ=YEARLY without BYWEEKNO");
  }
  const others = [rule.months, weekNumbers, yearDays, monthDays, weekdays, rule.hours, rule.minutes, rule.seconds];
  if (setPositions.length > 0 && others.every((part) => part.length === 0))
    throw invalid("BYSETPOS needs another BY part");
}

const untilForms: Readonly<Record<EventTime["kind"], { readonly kind: BasicTime["kind"]; readonly form: string }>> = {
  date: { kind: "date", form: "a date, as the start is: UNTIL=20261231" },
  floating: { kind: "floating", form: "a local time, as the start is: UNTIL=20261231T235959" },
  zoned: { kind: "utc", form: "in UTC: UNTIL=20261231T225959Z" },
};

function checkUntil(until: BasicTime, start: EventTime): void {
  const { kind, form } = untilForms[start.kind];
  if (until.kind !== kind) throw invalid(`UNTIL must be ${form}`);
  parseWallClock(until.kind === "date" ? until.date : until.local);
}

function checkTime(name: string, time: EventTime, start: EventTime): void {
  if ((time.kind === "date") !== (start.kind === "date")) throw invalid(`${name} must be of the kind of the start`);
  if (time.kind === "zoned" && start.kind === "floating") throw invalid(`${name} must be local, as the start is`);
  parseWallClock(time.kind === "date" ? time.date : time.local);
}

function invalid(message: string): IntegrationError {
  return new IntegrationError("INVALID_INPUT", message);
}
