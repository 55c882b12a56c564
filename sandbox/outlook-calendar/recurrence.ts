import { GraphError, invalidProperty } from "./errors.ts";
import type { PatternType, Recurrence, WallTime } from "./state.ts";
import { dayOf, windowsName, zoneOf } from "./times.ts";

const dayNames = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const indexes = ["first", "second", "third", "fourth", "last"];
const noDate = "0001-01-01";
const dayText = /^\d{4}-\d{2}-\d{2}$/;

type Property = "month" | "dayOfMonth" | "daysOfWeek";

/** What each type cannot do without. https://learn.microsoft.com/en-us/graph/api/resources/recurrencepattern */
const needed: Readonly<Record<PatternType, readonly Property[]>> = {
  daily: [],
  weekly: ["daysOfWeek"],
  absoluteMonthly: ["dayOfMonth"],
  relativeMonthly: ["daysOfWeek"],
  absoluteYearly: ["month", "dayOfMonth"],
  relativeYearly: ["month", "daysOfWeek"],
};

/**
 * A patternedRecurrence as it is stored. Properties that do not belong to the type are left out.
 *
 * @throws {GraphError} ErrorPropertyValidationFailure
 */
export function readRecurrence(given: unknown, start: WallTime): Recurrence {
  const { pattern, range } = given as { pattern?: Record<string, unknown>; range?: Record<string, unknown> };
  if (!pattern || !range) throw invalidProperty();
  return { pattern: readPattern(pattern), range: readRange(range, start) };
}

function readPattern(given: Record<string, unknown>): Recurrence["pattern"] {
  const { type, interval, index = "first", firstDayOfWeek = "sunday" } = given;
  if (typeof type !== "string" || !Object.hasOwn(needed, type)) throw invalidProperty();
  if (interval === undefined && type === "daily") {
    throw new GraphError(500, "ErrorInternalServerError", "An internal server error occurred. The operation failed.");
  }
  const owned = needed[type as PatternType];
  const month = owned.includes("month") ? Number(given["month"] ?? 0) : 0;
  const dayOfMonth = owned.includes("dayOfMonth") ? Number(given["dayOfMonth"] ?? 0) : 0;
  const daysOfWeek = owned.includes("daysOfWeek") && Array.isArray(given["daysOfWeek"]) ? given["daysOfWeek"] : [];
  const isComplete =
    Number.isInteger(interval) &&
    Number(interval) >= 1 &&
    (!owned.includes("month") || (month >= 1 && month <= 12)) &&
    (!owned.includes("dayOfMonth") || (dayOfMonth >= 1 && dayOfMonth <= 31)) &&
    (!owned.includes("daysOfWeek") || daysOfWeek.length > 0) &&
    daysOfWeek.every((day) => dayNames.includes(day)) &&
    dayNames.includes(String(firstDayOfWeek)) &&
    indexes.includes(String(index));
  if (!isComplete) throw invalidProperty();
  return {
    type: type as PatternType,
    interval: Number(interval),
    month,
    dayOfMonth,
    daysOfWeek: daysOfWeek.map(String),
    firstDayOfWeek: type === "weekly" ? String(firstDayOfWeek) : "sunday",
    index: type.startsWith("relative") ? String(index) : "first",
  };
}

function readRange(given: Record<string, unknown>, start: WallTime): Recurrence["range"] {
  const { type, startDate = dayOf(start), endDate = noDate, numberOfOccurrences = 0 } = given;
  // The zone of the series is the zone of its start; another one is refused, none is the same.
  const zone = given["recurrenceTimeZone"] || windowsName(start.timeZone);
  if (typeof zone !== "string" || zoneOf(zone) !== zoneOf(start.timeZone)) throw invalidProperty();
  if (startDate !== dayOf(start)) throw invalidProperty();
  const base = { startDate: String(startDate), recurrenceTimeZone: zone };
  if (type === "noEnd") return { ...base, type, endDate: noDate, numberOfOccurrences: 0 };
  if (type === "numbered") {
    const count = Number(numberOfOccurrences);
    if (!Number.isInteger(count) || count < 1 || count > 999) throw invalidProperty();
    return { ...base, type, endDate: noDate, numberOfOccurrences: count };
  }
  if (type !== "endDate" || typeof endDate !== "string" || !dayText.test(endDate)) throw invalidProperty();
  if (endDate < String(startDate)) throw invalidProperty();
  return { ...base, type, endDate, numberOfOccurrences: 0 };
}
