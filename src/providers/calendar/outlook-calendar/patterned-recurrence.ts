import { IntegrationError } from "../../../errors.ts";
import type { EventTime } from "../../../recurrence/event-time.ts";
import { toInstant, toLocal, wallClockOn } from "../../../recurrence/instant.ts";
import { parseRecurrence } from "../../../recurrence/recurrence-lines.ts";
import type { RecurrenceRule } from "../../../recurrence/rrule.ts";
import { dayMs, formatWallClock } from "../../../recurrence/wall-clock.ts";
import type { PatternedRecurrence } from "./shapes.ts";

/** A rule in Graph's words, and what has to be taken out of it one by one. */
export interface GraphSeries {
  readonly recurrence: PatternedRecurrence;
  readonly excluded: readonly EventTime[];
}

type Pattern = PatternedRecurrence["pattern"];
type Range = PatternedRecurrence["range"];

const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const basicWeekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
const indexes = new Map([
  [1, "first"],
  [2, "second"],
  [3, "third"],
  [4, "fourth"],
  [-1, "last"],
]);

/**
 * RFC 5545 lines in Graph's words.
 *
 * @throws {IntegrationError} UNSUPPORTED_CAPABILITY for what Outlook cannot say: it is never said nearly
 * @see https://learn.microsoft.com/en-us/graph/api/resources/recurrencepattern
 */
export function graphSeries(lines: readonly string[], start: EventTime): GraphSeries {
  const { rules, exceptionRules, dates, exceptionDates } = parseRecurrence(lines);
  const [rule] = rules;
  if (!rule || rules.length > 1) throw unsupported("more than one rule, or none");
  if (exceptionRules.length > 0 || dates.length > 0) throw unsupported("further dates or excluding rules");
  return {
    recurrence: { pattern: patternOf(rule, dayOf(start)), range: rangeOf(rule, start) },
    excluded: exceptionDates,
  };
}

/** How often or until when a rule goes on, whatever its pattern. */
export function graphRange(lines: readonly string[], start: EventTime): Range {
  const [rule] = parseRecurrence(lines).rules;
  if (!rule) throw unsupported("no rule");
  return rangeOf(rule, start);
}

/** A pattern of Graph's without the zeros and firsts that it fills the rest with. */
export function saidPattern(pattern: Pattern): Partial<Pattern> {
  const isRelative = pattern.type.startsWith("relative");
  const said = Object.entries(pattern).filter(([name, value]) => {
    const isFiller = !value || (Array.isArray(value) && value.length === 0) || (name === "index" && !isRelative);
    return !isFiller;
  });
  return Object.fromEntries(said);
}

/** The day on which a series starts, on its own clocks. */
interface Day {
  readonly date: string;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
}

function dayOf(start: EventTime): Day {
  const date = formatWallClock(wallClockOn(start)).slice(0, 10);
  const [, month = 0, day = 0] = date.split("-").map(Number);
  return { date, month, day, weekday: new Date(`${date}T00:00:00Z`).getUTCDay() };
}

function patternOf(rule: RecurrenceRule, start: Day): Pattern {
  const { frequency, interval, hours, minutes, seconds, yearDays, weekNumbers } = rule;
  if ([hours, minutes, seconds, yearDays, weekNumbers].some((part) => part.length > 0)) {
    throw unsupported("hours, days of the year or numbered weeks");
  }
  switch (frequency) {
    case "DAILY":
      return rule.weekdays.length > 0 ? workdays(rule, start) : only(rule, [], { type: "daily", interval });
    case "WEEKLY":
      return weekly(rule, start);
    case "MONTHLY":
      return rule.weekdays.length > 0
        ? only(rule, ["weekdays", "setPositions"], { type: "relativeMonthly", interval, ...nthOf(rule, start) })
        : monthly(rule, start);
    case "YEARLY":
      return yearly(rule, start);
    case "HOURLY":
      throw unsupported("hours");
  }
}

type Part = "months" | "monthDays" | "weekdays" | "setPositions";
const parts: readonly Part[] = ["months", "monthDays", "weekdays", "setPositions"];

/** The pattern, when the rule has no other parts than these. */
function only<P extends object>(rule: RecurrenceRule, allowed: readonly Part[], pattern: P): P {
  if (parts.some((part) => rule[part].length > 0 && !allowed.includes(part))) {
    throw unsupported(`this combination of a ${rule.frequency.toLowerCase()} rule`);
  }
  return pattern;
}

/** Days of the week every day: the same as every week, and only then. */
function workdays(rule: RecurrenceRule, start: Day): Pattern {
  if (rule.interval !== 1) throw unsupported("days of the week every few days");
  return weekly(rule, start);
}

function weekly(rule: RecurrenceRule, start: Day): Pattern {
  if (rule.weekdays.some(({ nth }) => nth !== 0)) throw unsupported("numbered days of the week");
  const days = rule.weekdays.length > 0 ? rule.weekdays.map(({ weekday }) => weekday) : [start.weekday];
  mustInclude(days, start.weekday);
  const daysOfWeek = namesOf(days);
  // Which week counts as the next depends on the day it begins with.
  const firstDayOfWeek = weekdays[rule.weekStart];
  return only(rule, ["weekdays"], { type: "weekly", interval: rule.interval, daysOfWeek, firstDayOfWeek });
}

function monthly(rule: RecurrenceRule, start: Day): Pattern {
  const { interval } = rule;
  if (isLastDay(rule, start)) {
    return only(rule, ["monthDays"], { type: "relativeMonthly", interval, daysOfWeek: weekdays, index: "last" });
  }
  const dayOfMonth = dayOfMonthIn(rule, start);
  return only(rule, ["monthDays", "setPositions"], { type: "absoluteMonthly", interval, dayOfMonth });
}

function yearly(rule: RecurrenceRule, start: Day): Pattern {
  const { interval, months } = rule;
  const month = months[0] ?? start.month;
  if (months.length > 1) throw unsupported("several months");
  if (month !== start.month) throw startOutside();
  if (rule.weekdays.length > 0) {
    if (months.length === 0) throw unsupported("days of the week numbered through the year");
    const nth = nthOf(rule, start);
    return only(rule, ["months", "weekdays", "setPositions"], { type: "relativeYearly", interval, month, ...nth });
  }
  if (isLastDay(rule, start)) {
    return only(rule, ["months", "monthDays"], {
      type: "relativeYearly",
      interval,
      month,
      daysOfWeek: weekdays,
      index: "last",
    });
  }
  const dayOfMonth = dayOfMonthIn(rule, start);
  return only(rule, ["months", "monthDays", "setPositions"], { type: "absoluteYearly", interval, month, dayOfMonth });
}

function isLastDay({ monthDays, setPositions }: RecurrenceRule, start: Day): boolean {
  if (monthDays.length !== 1 || monthDays[0] !== -1 || setPositions.length > 0) return false;
  if (start.day !== lengthOfMonth(start)) throw startOutside();
  return true;
}

/**
 * Outlook takes the last day of a month that is too short, RFC 5545 leaves that month out. `BYMONTHDAY=28,29,30,31;BYSETPOS=-1`
 * is what Outlook means by 31.
 */
function dayOfMonthIn({ monthDays, setPositions }: RecurrenceRule, start: Day): number {
  const sorted = [...monthDays].sort((one, other) => one - other);
  const last = sorted.at(-1) ?? start.day;
  const isOutlooks = setPositions.length === 1 && setPositions[0] === -1 && sorted.length > 1;
  const isRun = isOutlooks && sorted.every((day, index) => day === 28 + index);
  const canBeShort = last > 28;
  if (last < 1 || (!isRun && (sorted.length > 1 || setPositions.length > 0)))
    throw unsupported("these days of the month");
  if (canBeShort !== isRun) {
    throw unsupported("a day that some months do not have", "Use BYMONTHDAY=-1 for the last day of each month.");
  }
  if (start.day !== Math.min(last, lengthOfMonth(start))) throw startOutside();
  return last;
}

/** `2TU`, or `TU` with a position. */
function nthOf(rule: RecurrenceRule, start: Day): { daysOfWeek: string[]; index: string } {
  const numbered = rule.weekdays.filter(({ nth }) => nth !== 0);
  const nth = numbered.length === 0 ? rule.setPositions[0] : numbered[0]?.nth;
  const isPlain = numbered.length === 0 ? rule.setPositions.length === 1 : rule.weekdays.length === 1;
  const index = indexes.get(nth ?? 0);
  if (!isPlain || index === undefined || (numbered.length > 0 && rule.setPositions.length > 0)) {
    throw unsupported("these days of the week");
  }
  const days = rule.weekdays.map(({ weekday }) => weekday);
  if (nthDay(days, nth ?? 0, start) !== start.day) throw startOutside();
  return { daysOfWeek: namesOf(days), index };
}

/** The day of the month that is the nth of these days of the week, in the month of a day. */
function nthDay(days: readonly number[], nth: number, { date, day, weekday }: Day): number | undefined {
  const length = lengthOfMonth({ date });
  const matching = Array.from({ length }, (_, index) => index + 1).filter((other) =>
    days.includes((((weekday + other - day) % 7) + 7) % 7),
  );
  return nth > 0 ? matching[nth - 1] : matching.at(nth);
}

function lengthOfMonth({ date }: Pick<Day, "date">): number {
  const [year = 0, month = 0] = date.split("-").map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function namesOf(days: readonly number[]): string[] {
  return [...new Set(days)].sort((one, other) => one - other).map((day) => weekdays[day] ?? "");
}

function mustInclude(days: readonly number[], weekday: number): void {
  if (!days.includes(weekday)) throw startOutside();
}

function rangeOf({ count, until }: RecurrenceRule, start: EventTime): Range {
  const { date: startDate } = dayOf(start);
  if (count !== undefined) return { type: "numbered", startDate, numberOfOccurrences: count };
  if (until === undefined) return { type: "noEnd", startDate };
  const endDate = lastDay(until, start);
  if (endDate < startDate) throw unsupported("an end before its start");
  return { type: "endDate", startDate, endDate };
}

/** The last day on which it may happen, on the clocks of the series: UNTIL may end in the middle of one. */
function lastDay(until: NonNullable<RecurrenceRule["until"]>, start: EventTime): string {
  if (until.kind === "date") return until.date;
  const isUtc = until.kind === "utc" && start.kind === "zoned";
  const local = isUtc ? toLocal(new Date(`${until.local}Z`), start.timeZone) : until.local;
  const startsAt = start.kind === "date" ? "00:00:00" : start.local.slice(11);
  const isPartial = local.slice(11) < startsAt;
  const day = Date.parse(`${local.slice(0, 10)}T00:00:00Z`) - (isPartial ? dayMs : 0);
  return new Date(day).toISOString().slice(0, 10);
}

/**
 * What Graph says, as one RRULE line; parts that go without saying are left out.
 *
 * @param start of the series, on its own clocks
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID for a pattern that is not documented
 */
export function ruleLine({ pattern, range }: PatternedRecurrence, start: EventTime): string {
  const interval = pattern.interval > 1 ? [`INTERVAL=${pattern.interval}`] : [];
  const said = [...freqOf(pattern, dayOf(start)), ...endOf(range, start)];
  const [freq = "", ...rest] = said;
  return `RRULE:${[freq, ...interval, ...rest].join(";")}`;
}

/** The zeros and firsts that Graph fills the rest of a pattern with say nothing. */
function freqOf(pattern: Pattern, start: Day): readonly string[] {
  switch (pattern.type) {
    case "daily":
      return ["FREQ=DAILY"];
    case "weekly":
      return ["FREQ=WEEKLY", ...weeklyParts(pattern, start)];
    case "absoluteMonthly":
      return ["FREQ=MONTHLY", ...monthDayParts(pattern.dayOfMonth, start)];
    case "relativeMonthly":
      return ["FREQ=MONTHLY", ...relativeParts(pattern)];
    case "absoluteYearly":
      return ["FREQ=YEARLY", ...monthParts(pattern, start), ...monthDayParts(pattern.dayOfMonth, start)];
    case "relativeYearly":
      return ["FREQ=YEARLY", `BYMONTH=${pattern.month || start.month}`, ...relativeParts(pattern)];
    default:
      throw unreadable(`It recurs in a way that is not known: ${pattern.type.slice(0, 40)}`);
  }
}

function weeklyParts({ daysOfWeek, firstDayOfWeek, interval }: Pattern, start: Day): readonly string[] {
  const days = basicDays(daysOfWeek ?? []);
  const isPlain = days.length === 0 || (days.length === 1 && days[0] === basicWeekdays[start.weekday]);
  const first = basicDays([firstDayOfWeek ?? "sunday"])[0];
  // With one day, or every week, it does not matter what a week begins with; RFC 5545 begins with Monday.
  const saysWeekStart = interval > 1 && days.length > 1 && first !== "MO";
  return [...(isPlain ? [] : [`BYDAY=${days.join(",")}`]), ...(saysWeekStart ? [`WKST=${first}`] : [])];
}

function monthParts({ month }: Pattern, start: Day): readonly string[] {
  return !month || month === start.month ? [] : [`BYMONTH=${month}`];
}

function monthDayParts(dayOfMonth: number | null | undefined, start: Day): readonly string[] {
  const day = dayOfMonth || start.day;
  if (day > 28) {
    const run = Array.from({ length: day - 27 }, (_, index) => 28 + index);
    return [`BYMONTHDAY=${run.join(",")}`, "BYSETPOS=-1"];
  }
  return day === start.day ? [] : [`BYMONTHDAY=${day}`];
}

function relativeParts({ daysOfWeek, index }: Pattern): readonly string[] {
  const days = basicDays(daysOfWeek ?? []);
  const nth = [...indexes].find(([, name]) => name === (index ?? "first"))?.[0];
  if (nth === undefined || days.length === 0) throw unreadable("It recurs on a day that is not known");
  if (days.length === 7 && nth === -1) return ["BYMONTHDAY=-1"];
  return days.length === 1 ? [`BYDAY=${nth}${days[0]}`] : [`BYDAY=${days.join(",")}`, `BYSETPOS=${nth}`];
}

function basicDays(names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const day = basicWeekdays[weekdays.indexOf(name.toLowerCase())];
    if (day === undefined) throw unreadable("It recurs on a day that is not known");
    return day;
  });
}

function endOf(range: Range, start: EventTime): readonly string[] {
  switch (range.type) {
    case "noEnd":
      return [];
    case "numbered":
      return [`COUNT=${range.numberOfOccurrences ?? 1}`];
    case "endDate":
      return [`UNTIL=${lastMoment(range.endDate ?? "", start)}`];
    default:
      throw unreadable(`It ends in a way that is not known: ${range.type.slice(0, 40)}`);
  }
}

/** The end of a day on the clocks of the series: for times RFC 5545 wants it in UTC. */
function lastMoment(endDate: string, start: EventTime): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(endDate)) throw unreadable("It ends on a day that is not known");
  if (start.kind === "date") return endDate.replaceAll("-", "");
  const timeZone = start.kind === "zoned" ? start.timeZone : "UTC";
  const end = toInstant({ kind: "zoned", local: `${endDate}T23:59:59`, timeZone }, "UTC");
  return end.toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

function unsupported(what: string, remedy = "Choose a rule that Outlook's own calendar offers too."): IntegrationError {
  return new IntegrationError("UNSUPPORTED_CAPABILITY", `Outlook cannot repeat an event by ${what}`, {
    field: ["recurrence"],
    remedy,
  });
}

function startOutside(): IntegrationError {
  return new IntegrationError("UNSUPPORTED_CAPABILITY", "Outlook wants the first occurrence to follow the rule", {
    field: ["recurrence"],
    remedy: "Move the start to a day that the rule names.",
  });
}

function unreadable(message: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", message);
}
