import { type IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { Job, ScreeningQuestion } from "../job.ts";
import type { BoardAccount, BoardPosting } from "../provider.ts";
import { readQuestionIds, replaceQuestions } from "./client.ts";
import { jobIdOf } from "./document.ts";

/** https://www.ziprecruiter.com/partner/documentation/#question-api */
function questionsOf({ screeningQuestions }: Job): readonly object[] {
  return screeningQuestions.map((question) => ({
    question_id: question.key,
    question: question.text,
    // It has no conditions: what is asked under one is asked of everybody, who need not answer.
    required: question.required && question.dependsOn === null,
    ...formOf(question),
  }));
}

const yesOrNo = [
  { value: "true", label: "Yes" },
  { value: "false", label: "No" },
];

function formOf({ type, options, min, max }: ScreeningQuestion): object {
  switch (type) {
    case "TEXT":
    case "LONG_TEXT":
      return { type: "text" };
    case "NUMBER":
      return { type: "text", format: "decimal", ...(min !== null && { min }), ...(max !== null && { max }) };
    case "DATE":
      return { type: "date", format: "YYYY-MM-DD" };
    case "BOOLEAN":
      return { type: "select", options: options.length === 0 ? yesOrNo : optionsOf(options) };
    case "SINGLE_CHOICE":
      return { type: "select", options: optionsOf(options) };
    case "MULTI_CHOICE":
      return { type: "multiselect", options: optionsOf(options) };
    case "FILE":
      return { type: "upload" };
  }
}

function optionsOf(options: ScreeningQuestion["options"]): ScreeningQuestion["options"] {
  return options.map(({ value, label }) => ({ value, label }));
}

/**
 * Has ZipRecruiter ask the questions of a job whose candidates apply there. Those of an earlier text go.
 *
 * @returns why it does not; null when all is well
 * @throws {IntegrationError} when that may pass
 */
export async function askQuestions(account: BoardAccount, posting: BoardPosting): Promise<IntegrationError | null> {
  const questions = hasQuestions(posting) ? questionsOf(posting.job) : [];
  const mayHaveSome = posting.operation !== "POST";
  if (questions.length === 0 && !mayHaveSome) return null;
  try {
    await replaceQuestions(account, jobIdOf(posting), questions);
    return null;
  } catch (error) {
    if (!isIntegrationError(error) || error.retryable) throw error;
    // None were to be there, and none are.
    return questions.length === 0 ? null : error;
  }
}

/** Whether candidates are to be asked something at ZipRecruiter. */
export function hasQuestions({ apply, job }: Pick<BoardPosting, "apply" | "job">): boolean {
  return apply !== null && job.screeningQuestions.length > 0;
}

/** Whether ZipRecruiter asks all of them; null where it says so in a form that nobody has described. */
export async function asksQuestions(account: BoardAccount, posting: BoardPosting): Promise<boolean | null> {
  const asked = await readQuestionIds(account, jobIdOf(posting));
  return asked && posting.job.screeningQuestions.every(({ key }) => asked.includes(key));
}
