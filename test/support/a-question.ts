import type { ScreeningQuestion } from "../../src/providers/job-board/job.ts";

/** A question of a job, which nobody has to answer. */
export function aQuestion(
  key: string,
  type: ScreeningQuestion["type"],
  changes: Partial<ScreeningQuestion> = {},
): ScreeningQuestion {
  const none = { options: [], min: null, max: null, maxLength: null, dependsOn: null, acceptableValues: [] };
  return { key, text: `About ${key}?`, type, required: false, ...none, ...changes };
}
