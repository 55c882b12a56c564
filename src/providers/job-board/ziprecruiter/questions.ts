import { type IntegrationError, isIntegrationError } from "../../../errors.ts";
import type { Job, ScreeningQuestion } from "../job.ts";
import type { BoardAccount, BoardPosting } from "../provider.ts";
import { replaceQuestions } from "./client.ts";
import { jobIdOf } from "./document.ts";

/** https://www.ziprecruiter.com/partner/documentation/#question-api */
export function questionsOf({ screeningQuestions }: Job): readonly object[] {
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
      return { type: "select", options: yesOrNo };
    case "SINGLE_CHOICE":
      return { type: "select", options: options.map(({ value, label }) => ({ value, label })) };
    case "MULTI_CHOICE":
      return { type: "multiselect", options: options.map(({ value, label }) => ({ value, label })) };
    case "FILE":
      return { type: "upload" };
  }
}

/**
 * Has ZipRecruiter ask the questions of a job whose candidates apply there. Those of an earlier text go.
 *
 * @returns why it does not; null when all is well
 * @throws {IntegrationError} when that may pass
 */
export async function askQuestions(account: BoardAccount, posting: BoardPosting): Promise<IntegrationError | null> {
  const { apply, job, operation } = posting;
  const questions = apply === null ? [] : questionsOf(job);
  const mayHaveSome = operation !== "POST";
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
