import { z } from "zod";

const maxQuestions = 500;
const maxFileBytes = 1_000_000;
const choiceTypes: readonly string[] = ["select", "multiselect", "hierarchical"];
const types = ["text", "textarea", "select", "multiselect", "hierarchical", "date", "file"] as const;
/** They show something, and ask nothing. */
const silentTypes = ["information", "pagebreak"] as const;

const Option = z.looseObject({ value: z.string(), label: z.string() });
const Question = z
  .looseObject({
    id: z.string().min(1),
    type: z.enum([...types, ...silentTypes]),
    question: z.string().optional(),
    required: z.boolean().optional(),
    options: z.array(Option).min(1).optional(),
    format: z.string().optional(),
    min: z.union([z.number(), z.string()]).optional(),
    max: z.union([z.number(), z.string()]).optional(),
    limit: z.number().optional(),
    condition: z.object({ id: z.string(), value: z.string() }).optional(),
  })
  .refine(({ type, options }) => !choiceTypes.includes(type) || options !== undefined, {
    path: ["options"],
    error: "must be there for a choice",
  })
  .refine(({ type, question }) => type === "pagebreak" || Boolean(question), {
    path: ["question"],
    error: "must not be empty",
  });
export type Question = z.output<typeof Question>;

const Block = z.looseObject({ questions: z.array(Question).max(maxQuestions) });
const Screener = z
  .looseObject({
    schemaVersion: z.string(),
    screenerQuestions: Block.optional(),
    demographicQuestions: Block.optional(),
  })
  .superRefine((screener, context) => {
    const { screenerQuestions, demographicQuestions } = screener;
    const all = [...(screenerQuestions?.questions ?? []), ...(demographicQuestions?.questions ?? [])];
    if (all.length > maxQuestions) context.addIssue({ code: "custom", message: "There are too many questions" });
    const seen = new Set<string>();
    for (const { id, condition } of all) {
      if (seen.has(id)) context.addIssue({ code: "custom", message: `There are two questions ${id}` });
      if (condition && !seen.has(condition.id)) {
        context.addIssue({
          code: "custom",
          message: `${id} depends on ${condition.id}, which does not come before it`,
        });
      }
      seen.add(id);
    }
  });
export type Screener = z.output<typeof Screener>;

/** One question, and what somebody said. */
export interface Answered {
  readonly question: Question;
  /** Empty where an optional question was left out. */
  readonly answer: unknown;
}

/** @returns what is wrong, where it cannot be read. https://docs.indeed.com/indeed-apply/screener-questions */
export function readScreener(given: unknown): Screener | string {
  const read = Screener.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return `${issue?.path.join(".")}: ${issue?.message}`;
}

/** Inline questions: as an object, or as its JSON text. */
export function readInlineQuestions(given: unknown): Screener | string {
  if (typeof given !== "string") return readScreener(given);
  try {
    return readScreener(JSON.parse(given));
  } catch {
    return "is no JSON";
  }
}

/**
 * What a candidate answers, as Indeed's form lets them.
 *
 * @param answers by question
 * @throws Error when the form would not let them
 */
export function answersTo(
  questions: readonly Question[],
  answers: Readonly<Record<string, unknown>>,
  choiceAnswers: "value" | "option",
): readonly Answered[] {
  const asked = questions.filter(({ type, condition }) => {
    const isAsked = condition === undefined || [answers[condition.id]].flat().includes(condition.value);
    return isAsked && !silentTypes.some((silent) => silent === type);
  });
  return asked.map((question) => {
    const given = answers[question.id];
    const isEmpty = given === undefined || given === "" || (Array.isArray(given) && given.length === 0);
    if (isEmpty && question.required) throw new Error(`Question ${question.id} has to be answered`);
    if (isEmpty) return { question, answer: "" };
    const problem = problemOf(question, given);
    if (problem !== null) throw new Error(`The answer to ${question.id} ${problem}`);
    return { question, answer: shown(question, given, choiceAnswers) };
  });
}

function problemOf(question: Question, given: unknown): string | null {
  const { type, format, min, max, limit, options = [] } = question;
  const isChoice = (value: unknown) => options.some((option) => option.value === value);
  switch (type) {
    case "select":
      return isChoice(given) ? null : "is none of the options";
    case "multiselect":
      if (!Array.isArray(given) || !given.every(isChoice)) return "is none of the options";
      return limit !== undefined && given.length > limit ? `has more than ${limit} options` : null;
    case "date":
      return /^\d{2}\/\d{2}\/\d{4}$/.test(String(given)) ? null : "is no date (dd/MM/yyyy)";
    case "file":
      return fileProblem(given);
    default:
      if (limit !== undefined && String(given).length > limit) return `is longer than ${limit}`;
      return format === undefined ? null : numberProblem(String(given), { format, min, max });
  }
}

function numberProblem(text: string, rules: Readonly<Record<"format" | "min" | "max", unknown>>): string | null {
  const { format, min, max } = rules;
  if (format !== "integer" && format !== "decimal") return null;
  if (!(format === "integer" ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/).test(text)) return `is no ${format}`;
  const isOutside = Number(text) < Number(min ?? text) || Number(text) > Number(max ?? text);
  return isOutside ? "is too small or too large" : null;
}

function fileProblem(given: unknown): string | null {
  const file = z.object({ fileName: z.string(), contentType: z.string(), data: z.string() }).safeParse(given);
  if (!file.success) return "is no file";
  return Buffer.byteLength(file.data.data, "base64") > maxFileBytes ? "is larger than 1 MB" : null;
}

function shown({ type, options = [] }: Question, given: unknown, choiceAnswers: "value" | "option"): unknown {
  if (choiceAnswers === "value" || !choiceTypes.includes(type)) return given;
  const optionOf = (value: unknown) => options.find((option) => option.value === value) ?? { value, label: value };
  return Array.isArray(given) ? given.map(optionOf) : optionOf(given);
}
