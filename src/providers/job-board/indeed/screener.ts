import type { Job, ScreeningQuestion } from "../job.ts";
import { demographicQuestions } from "./demographic-questions.ts";
import { countryOf } from "./location.ts";

/** https://docs.indeed.com/indeed-apply/screener-questions */
const schemaVersion = "1.3";

/** What Indeed asks candidates who apply there; null for nothing. */
export function screenerOf(job: Job): object | null {
  const questions = job.screeningQuestions.map((question) => questionOf(question, job));
  const isAskedAboutOpportunity = asksAboutOpportunity(job);
  if (questions.length === 0 && !isAskedAboutOpportunity) return null;
  return {
    schemaVersion,
    ...(questions.length > 0 && { screenerQuestions: { questions } }),
    ...(isAskedAboutOpportunity && { demographicQuestions: { questions: demographicQuestionsFor(job) } }),
  };
}

/** In the United States alone. */
function asksAboutOpportunity(job: Job): boolean {
  return job.compliance.eeoQuestions && countryOf(job) === "US";
}

/** Whether it is one of ours about equal opportunity. */
export function isDemographic(id: string | null, job: Job): boolean {
  return demographicQuestionsFor(job).some((question) => question.id === id);
}

/** Without those whose names are taken by the job's own questions. */
function demographicQuestionsFor({ screeningQuestions }: Job) {
  return demographicQuestions.filter(({ id }) => !screeningQuestions.some(({ key }) => key === id));
}

function questionOf(question: ScreeningQuestion, job: Job): object {
  const { key, text, required, min, max, maxLength } = question;
  const condition = conditionOf(question, job);
  return {
    id: key,
    question: text,
    // What is asked of everybody though it was meant for some is nobody's duty.
    required: required && (question.dependsOn === null || condition !== null),
    ...forms[question.type](question),
    ...(isLimitedByNumber(question) && min !== null && { min }),
    ...(isLimitedByNumber(question) && max !== null && { max }),
    ...(isLimitedByLength(question) && maxLength !== null && { limit: maxLength }),
    ...(condition && { condition }),
  };
}

const forms: Readonly<Record<ScreeningQuestion["type"], (question: ScreeningQuestion) => object>> = {
  TEXT: () => ({ type: "text" }),
  LONG_TEXT: () => ({ type: "textarea" }),
  // Whole numbers are decimals too.
  NUMBER: () => ({ type: "text", format: "decimal" }),
  DATE: () => ({ type: "date", format: "dd/MM/yyyy" }),
  BOOLEAN: (question) => ({ type: "select", options: optionsOf(question) }),
  SINGLE_CHOICE: (question) => ({ type: "select", options: optionsOf(question) }),
  MULTI_CHOICE: (question) => ({ type: "multiselect", options: optionsOf(question) }),
  FILE: () => ({ type: "file" }),
};

const yesOrNo = [
  { value: "true", label: "Yes" },
  { value: "false", label: "No" },
];

function optionsOf({ type, options }: ScreeningQuestion): ScreeningQuestion["options"] {
  if (type === "BOOLEAN" && options.length === 0) return yesOrNo;
  return options.map(({ value, label }) => ({ value, label }));
}

/** A condition is an answer to a choice that was asked before; null where Indeed cannot ask by it. */
function conditionOf({ key, dependsOn }: ScreeningQuestion, job: Job): object | null {
  if (dependsOn === null) return null;
  const before = job.screeningQuestions.slice(
    0,
    job.screeningQuestions.findIndex((one) => one.key === key),
  );
  const asked = before.find((one) => one.key === dependsOn.key && one.type in choices);
  const isAnswer = asked !== undefined && optionsOf(asked).some(({ value }) => value === dependsOn.value);
  return isAnswer ? { id: dependsOn.key, value: dependsOn.value } : null;
}

const choices: Partial<Record<ScreeningQuestion["type"], true>> = {
  BOOLEAN: true,
  SINGLE_CHOICE: true,
  MULTI_CHOICE: true,
};

function isLimitedByNumber({ type }: ScreeningQuestion): boolean {
  return type === "NUMBER";
}

function isLimitedByLength({ type }: ScreeningQuestion): boolean {
  return type === "TEXT" || type === "LONG_TEXT";
}
