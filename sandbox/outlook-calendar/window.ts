import { GraphError, invalidParameter } from "./errors.ts";
import { instantOf } from "./times.ts";

export interface Window {
  readonly from: string;
  readonly to: string;
}

const maxDays = 1825;

/**
 * The window that a query names; `Prefer` does not change it.
 *
 * @throws {GraphError} ErrorInvalidParameter, ErrorCalendarViewRangeTooBig
 */
export function windowOf(query: URLSearchParams): Window {
  const [start, end] = ["startdatetime", "enddatetime"].map(
    (name) => [...query].find(([given]) => given.toLowerCase() === name)?.[1],
  );
  if (!start || !end) {
    throw invalidParameter(
      "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
    );
  }
  const [from, to] = [instantOf(start), instantOf(end)];
  if (Number.isNaN(from) || Number.isNaN(to)) throw invalidParameter("The value of a date parameter is not valid.");
  if (to < from) throw invalidParameter("The EndDateTime must be later than the StartDateTime.");
  if (to - from > maxDays * 86_400_000) {
    throw new GraphError(400, "ErrorCalendarViewRangeTooBig", `The range is longer than ${maxDays} days.`);
  }
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
