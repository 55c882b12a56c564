import { DateTime } from "luxon";
import { badPattern, invalidData, missing } from "./errors.ts";
import { jsonIn } from "./requests.ts";
import { readEdge } from "./times.ts";

/** Between two moments (half-open), in milliseconds. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const maxDays = 31;

/** `range={"start":"20261201T000000Z","end":"20261231T235959Z"}`. @throws {ZohoError} */
export function readRange(parameters: URLSearchParams, zone: string): Range {
  const { start, end } = jsonIn(parameters, "range");
  return rangeOf({ start, end, zone });
}

/** @throws {ZohoError} when it is none, or longer than 31 days */
export function rangeOf({ start, end, zone }: { start: unknown; end: unknown; zone: string }): Range {
  if (start == null || end == null) throw missing(start == null ? "start" : "end");
  const [from, to] = [readEdge(start, zone, false), readEdge(end, zone, true)];
  if (from === null || to === null) throw badPattern("range");
  if (to < from) throw invalidData("The range ends before it starts.");
  // Of days, a month with an hour more is none too long.
  const latest = [zone, "UTC"].map((of) => DateTime.fromMillis(from, { zone: of }).plus({ days: maxDays }).toMillis());
  if (to > Math.max(...latest)) throw invalidData("The range is longer than 31 days.");
  return { from, to };
}
