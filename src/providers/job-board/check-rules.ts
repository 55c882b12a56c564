import type { Job, JobField } from "./job.ts";
import type { JobBoardProvider, JobFinding } from "./provider.ts";

/** One rule of a board's, and whether a job breaks it. */
export type Rule = readonly [isBroken: boolean, field: JobFinding["field"], rule: string, fix: string];

export const nothingToDo = "Nothing has to be done.";

/** What is told of rules that are broken. */
export function broken(effect: JobFinding["effect"], rules: readonly Rule[]): readonly JobFinding[] {
  return rules.filter(([isBroken]) => isBroken).map(([, field, rule, fix]) => ({ field, effect, rule, fix }));
}

/** A rule that a field is left out, with the reason that the board's table of fields gives. */
export function leftOut(fields: JobBoardProvider["fields"], field: JobField, isThere: boolean, fix: string): Rule {
  const place = fields[field];
  return [isThere, [field], "notSent" in place ? place.notSent : "", fix];
}

/** The values of a choice that a board has a word for. */
export function optionsIn(words: Readonly<Record<string, string | null>>): readonly string[] {
  return Object.entries(words).flatMap(([value, word]) => (word === null ? [] : [value]));
}

/** The parts of a job's description that are there. */
export function partsOf(job: Job): readonly string[] {
  const parts = [job.description, job.responsibilities, job.requirements, job.niceToHave, job.benefitsText];
  return parts.filter((part) => part !== null);
}
