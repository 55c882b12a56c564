import { parentPort } from "node:worker_threads";
import { isIntegrationError } from "../errors.ts";
import { type Occurrence, occurrencesOf, type Series, type Window } from "./occurrences.ts";

/** What the worker is asked. */
export interface ExpandRequest {
  readonly series: readonly Series[];
  readonly window: Window;
  readonly maxOccurrences: number;
}

/** What it answers for each series, in order. */
export type Expansion =
  /** `truncated`: the window has more than were asked for; these are the first. */
  | {
      readonly id: string;
      readonly kind: "expanded";
      readonly occurrences: readonly Occurrence[];
      readonly truncated: boolean;
    }
  | { readonly id: string; readonly kind: "failed"; readonly reason: string };

parentPort?.on("message", ({ series, window, maxOccurrences }: ExpandRequest) => {
  for (const one of series) parentPort?.postMessage(expand(one, window, maxOccurrences));
});
parentPort?.postMessage("ready");

/** A fault of ours ends the worker; whoever asked learns of it there. */
function expand(series: Series, window: Window, maxOccurrences: number): Expansion {
  try {
    return { id: series.id, kind: "expanded", ...occurrencesOf(series, window, maxOccurrences) };
  } catch (error) {
    if (isIntegrationError(error)) return { id: series.id, kind: "failed", reason: error.message };
    throw error;
  }
}
