import { escapeHtml } from "../description.ts";
import type { Job, ScreeningQuestion } from "../job.ts";

type QuestionType = ScreeningQuestion["type"];

const maxDocumentBytes = 10 * 1024 * 1024;
const documentExtensions = ["pdf", "doc", "docx", "odt", "rtf", "txt", "png", "jpg", "jpeg"];
export const dayFormat = "YYYY-MM-DD";

/**
 * The job's questions. A set has at most one question on which others depend: each such question begins a set of its own, with
 * those that depend on it.
 */
export function questionSetsOf(job: Job): readonly { readonly questions: readonly object[] }[] {
  const sets: { readonly questions: object[]; readonly isFamily: boolean }[] = [];
  for (const question of job.screeningQuestions) {
    if (parentOf(question, job)) continue;
    const children = childrenOf(question, job);
    const last = sets.at(-1);
    const family = [question, ...children].map((one) => customQuestionOf(one, job));
    if (children.length > 0 || last === undefined || last.isFamily) {
      sets.push({ questions: family, isFamily: children.length > 0 });
    } else last.questions.push(...family);
  }
  return sets.map(({ questions }) => ({ questions }));
}

/**
 * The question on which another one depends: a choice of one option that is asked of everybody. Null where there is none, or none
 * on which LinkedIn lets a question depend.
 */
export function parentOf({ key, dependsOn }: ScreeningQuestion, job: Job): ScreeningQuestion | null {
  if (dependsOn === null || dependsOn.key === key) return null;
  const parent = job.screeningQuestions.find((one) => one.key === dependsOn.key);
  if (!parent || parent.dependsOn !== null || !isChoiceOfOne(parent)) return null;
  return optionsOf(parent).some(({ value }) => value === dependsOn.value) ? parent : null;
}

function childrenOf(parent: ScreeningQuestion, job: Job): readonly ScreeningQuestion[] {
  return job.screeningQuestions.filter((question) => parentOf(question, job)?.key === parent.key);
}

function customQuestionOf(question: ScreeningQuestion, job: Job): object {
  const { key, text, type, required, dependsOn } = question;
  const parent = parentOf(question, job);
  return {
    partnerQuestionIdentifier: key,
    questionText: escapeHtml(text),
    // What is asked of everybody though it was meant for some is nobody's duty.
    required: required && (dependsOn === null || parent !== null),
    ...(type === "DATE" && { helpMessage: dayFormat }),
    questionDetails: details[type](question, job),
    ...(parent && {
      prerequisiteQuestionResponse: {
        prerequisiteQuestion: { partnerQuestionIdentifier: parent.key },
        prerequisiteResponse: { multipleChoiceAnswerValue: { symbolicNames: [dependsOn?.value] } },
      },
    }),
  };
}

const details: Readonly<Record<QuestionType, (question: ScreeningQuestion, job: Job) => object>> = {
  TEXT: (question) => textDetails(question, "TEXT"),
  LONG_TEXT: (question) => textDetails(question, "MULTILINE_TEXT"),
  // Whole numbers are decimals too.
  NUMBER: ({ min, max }) => ({
    numericQuestionDetails: {
      decimalQuestionDetails: { ...(min !== null && { minValue: min }), ...(max !== null && { maxValue: max }) },
    },
  }),
  // There is no type for one day.
  DATE: () => ({ textQuestionDetails: { preferredFormComponent: "TEXT" } }),
  BOOLEAN: (question) => choiceDetails(question, { preferredFormComponent: "RADIO_BUTTONS" }),
  SINGLE_CHOICE: (question, job) => {
    const preferredFormComponent = childrenOf(question, job).length > 0 ? "RADIO_BUTTONS" : "DROPDOWN";
    return choiceDetails(question, { preferredFormComponent });
  },
  MULTI_CHOICE: (question) => choiceDetails(question, { preferredFormComponent: "CHECKBOXES", selectMultiple: true }),
  FILE: () => ({
    documentQuestionDetails: { maximumSize: maxDocumentBytes, acceptableFileExtensions: documentExtensions },
  }),
};

function textDetails({ maxLength }: ScreeningQuestion, preferredFormComponent: string): object {
  return { textQuestionDetails: { preferredFormComponent, ...(maxLength !== null && { maxLength }) } };
}

function choiceDetails(question: ScreeningQuestion, form: object): object {
  const options = optionsOf(question);
  const favorableSymbolicNames = question.acceptableValues.filter((one) => options.some(({ value }) => value === one));
  return {
    multipleChoiceQuestionDetails: {
      choices: options.map(({ value, label }) => ({ symbolicName: value, displayValue: label })),
      ...form,
      ...(favorableSymbolicNames.length > 0 && { favorableMultipleChoiceAnswer: { favorableSymbolicNames } }),
    },
  };
}

const yesOrNo = [
  { value: "true", label: "Yes" },
  { value: "false", label: "No" },
];

/** What one chooses from, each with the symbolic name that LinkedIn knows it by. */
export function optionsOf({ type, options }: ScreeningQuestion): ScreeningQuestion["options"] {
  return type === "BOOLEAN" && options.length === 0 ? yesOrNo : options;
}

function isChoiceOfOne({ type }: ScreeningQuestion): boolean {
  return type === "BOOLEAN" || type === "SINGLE_CHOICE";
}

export function isChoice({ type }: ScreeningQuestion): boolean {
  return type === "BOOLEAN" || type === "SINGLE_CHOICE" || type === "MULTI_CHOICE";
}

export function isLimitedByNumber({ type }: ScreeningQuestion): boolean {
  return type === "NUMBER";
}

export function isLimitedByLength({ type }: ScreeningQuestion): boolean {
  return type === "TEXT" || type === "LONG_TEXT";
}
