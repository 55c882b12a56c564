import type { Job, ScreeningQuestion } from "../job.ts";
import { demographicQuestions } from "./demographic-questions.ts";
import { countryOf } from "./location.ts";

/** https://docs.indeed.com/indeed-apply/screener-questions */
const schemaVersion = "1.3";
export const maxQuestions = 500;

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

/** With those about equal opportunity. */
export function questionCount(job: Job): number {
  return job.screeningQuestions.length + (asksAboutOpportunity(job) ? demographicQuestionsFor(job).length : 0);
}

/** In the United States alone. */
export function asksAboutOpportunity(job: Job): boolean {
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

/** By an option of a choice that comes before it; null where there is no such option. */
export function conditionOf({ key, dependsOn }: ScreeningQuestion, job: Job): object | null {
  if (dependsOn === null) return null;
  const place = job.screeningQuestions.findIndex((one) => one.key === key);
  const before = job.screeningQuestions.slice(0, place).filter(({ type }) => choices.includes(type));
  const asked = before.find((one) => one.key === dependsOn.key);
  const isAnswer = asked !== undefined && optionsOf(asked).some(({ value }) => value === dependsOn.value);
  return isAnswer ? { id: dependsOn.key, value: dependsOn.value } : null;
}

const choices: readonly ScreeningQuestion["type"][] = ["BOOLEAN", "SINGLE_CHOICE", "MULTI_CHOICE"];

export function isLimitedByNumber({ type }: ScreeningQuestion): boolean {
  return type === "NUMBER";
}

export function isLimitedByLength({ type }: ScreeningQuestion): boolean {
  return type === "TEXT" || type === "LONG_TEXT";
}
