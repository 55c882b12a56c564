import { z } from "zod";
import { invalid } from "./errors.ts";

const Option = z.object({ label: z.string().min(1), value: z.string().min(1) });
const common = { question_id: z.string().min(1), question: z.string().min(1), required: z.boolean().optional() };
const Question = z.discriminatedUnion("type", [
  z.strictObject({
    ...common,
    type: z.literal("text"),
    format: z.enum(["integer", "decimal"]).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.strictObject({ ...common, type: z.literal("date"), format: z.literal("YYYY-MM-DD").optional() }),
  z.strictObject({ ...common, type: z.literal("select"), options: z.array(Option).min(1) }),
  z.strictObject({ ...common, type: z.literal("multiselect"), options: z.array(Option).min(1) }),
  z.strictObject({ ...common, type: z.literal("upload") }),
]);
export type ScreenerQuestion = z.output<typeof Question>;

const Questions = z.array(Question).superRefine((questions, context) => {
  const ids = questions.map(({ question_id: id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) context.addIssue({ code: "custom", message: `There are two questions ${twice}` });
});

/** @throws {ZipRecruiterError} with everything that is wrong */
export function readQuestions(given: unknown, invalidStatus: number): readonly ScreenerQuestion[] {
  const read = Questions.safeParse(given);
  if (read.success) return read.data;
  throw invalid(
    invalidStatus,
    read.error.issues.map(({ path, message }) => ({ field: path.join("."), message })),
  );
}

/**
 * What a candidate answers, as ZipRecruiter's form lets them; questions that are left out are missing.
 *
 * @param answers by question
 * @throws Error when the form would not let them
 */
export function answersTo(
  questions: readonly ScreenerQuestion[],
  answers: Readonly<Record<string, unknown>>,
  answerField: string,
): readonly Readonly<Record<string, unknown>>[] {
  return questions.flatMap((question) => {
    const { question_id: id, required } = question;
    const given = answers[id];
    const isEmpty = given === undefined || given === "" || (Array.isArray(given) && given.length === 0);
    if (isEmpty && required) throw new Error(`Question ${id} has to be answered`);
    if (isEmpty) return [];
    if (!fits(question, given)) throw new Error(`The answer to ${id} does not fit`);
    return [{ question_id: id, question: question.question, type: question.type, [answerField]: given }];
  });
}

function fits(question: ScreenerQuestion, given: unknown): boolean {
  switch (question.type) {
    case "select":
      return question.options.some(({ value }) => value === given);
    case "multiselect":
      return Array.isArray(given) && given.every((one) => question.options.some(({ value }) => value === one));
    case "date":
      return /^\d{4}-\d{2}-\d{2}$/.test(String(given));
    case "upload":
      return typeof given === "object";
    case "text": {
      const { format, min, max } = question;
      if (format === undefined) return typeof given === "string";
      const isNumber = (format === "integer" ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/).test(String(given));
      return isNumber && Number(given) >= (min ?? Number(given)) && Number(given) <= (max ?? Number(given));
    }
  }
}
