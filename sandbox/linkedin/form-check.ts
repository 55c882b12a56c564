import {
  type CustomQuestion,
  customQuestionsOf,
  type Questions,
  requirementOf,
  type Section,
} from "./apply-configuration.ts";
import type { Answer, Submission } from "./submission.ts";
import type { LinkedInSwitches } from "./switches.ts";

const maxCoverLetterBytes = 512 * 1024;
const documents = /\.(docx?|pdf)$/i;

/** What a form does not let through: what is not answered and has to be, or is answered as it cannot be. */
export function complaintsAbout(
  submission: Submission,
  questions: Questions | null | undefined,
  { maxResumeBytes }: LinkedInSwitches,
): readonly string[] {
  const { contactInformationQuestions, resumeQuestions, coverLetterQuestions, workQuestions } = questions ?? {};
  const { educationQuestions, voluntarySelfIdentificationQuestions } = questions ?? {};
  const { phone, coverLetter, coverLetterFile, resume, work, education } = submission;
  return [
    ...missingIn(contactInformationQuestions, { ...submission, cellphoneNumber: phone }),
    ...missingIn(resumeQuestions, { resume }),
    ...(resume && !isDocument(resume, maxResumeBytes) ? ["resume"] : []),
    ...missingIn(coverLetterQuestions, { coverLetter: coverLetterFile, textCoverLetter: coverLetter }),
    ...(coverLetterFile && !isDocument(coverLetterFile, maxCoverLetterBytes) ? ["coverLetter"] : []),
    ...missingInSet("work", workQuestions?.workExperienceQuestionSet, work),
    ...missingInSet("education", educationQuestions?.educationExperienceQuestionSet, education),
    ...missingIn(voluntarySelfIdentificationQuestions, submission.selfIdentification),
    ...wrongAnswers(questions, submission.answers),
  ];
}

/** The names of what has to be there and is not. */
function missingIn(section: Section, given: object): readonly string[] {
  const required = Object.keys(section ?? {}).flatMap((key) => {
    const [, name] = /^(\w+)QuestionRequirement$/.exec(key) ?? [];
    return name !== undefined && requirementOf(section, name) === "REQUIRED" ? [name] : [];
  });
  const values = new Map<string, unknown>(Object.entries(given));
  return required.filter((name) => values.get(name) === undefined);
}

function missingInSet(
  name: string,
  set: { readonly minRequired?: number | undefined; readonly repeatLimit?: number | undefined } | null | undefined,
  given: readonly object[],
): readonly string[] {
  if (!set) return [];
  const { minRequired = 0, repeatLimit = Number.POSITIVE_INFINITY } = set;
  const isSoMany = given.length >= minRequired && given.length <= repeatLimit;
  return [...(isSoMany ? [] : [name]), ...given.flatMap((one) => missingIn(set, one))];
}

const isDocument = ({ fileName, bytes }: { fileName: string; bytes: Uint8Array }, maxBytes: number): boolean =>
  documents.test(fileName) && bytes.length <= maxBytes;

function wrongAnswers(
  questions: Questions | null | undefined,
  answers: Readonly<Record<string, Answer>>,
): readonly string[] {
  return customQuestionsOf(questions).flatMap((question) => {
    const given = answers[question.partnerQuestionIdentifier];
    const isGood = given === undefined ? !question.required || !isShown(question, answers) : fits(question, given);
    return isGood ? [] : [question.partnerQuestionIdentifier];
  });
}

/** Some questions appear only when another one is answered in a certain way. */
function isShown({ prerequisiteQuestionResponse: wanted }: CustomQuestion, answers: Readonly<Record<string, Answer>>) {
  if (!wanted) return true;
  const given = [answers[wanted.prerequisiteQuestion.partnerQuestionIdentifier] ?? []].flat();
  return wanted.prerequisiteResponse.multipleChoiceAnswerValue.symbolicNames.some((name) => given.includes(name));
}

function fits({ questionDetails }: CustomQuestion, given: Answer): boolean {
  const { textQuestionDetails: text, numericQuestionDetails: numeric } = questionDetails;
  const { multipleChoiceQuestionDetails: choice, documentQuestionDetails: document } = questionDetails;
  if (text) {
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = text;
    return typeof given === "string" && given.length >= minLength && given.length <= maxLength;
  }
  if (numeric) {
    const { integerQuestionDetails: integer, decimalQuestionDetails: decimal } = numeric;
    const { minValue = 0, maxValue = Number.POSITIVE_INFINITY } = integer ?? decimal ?? {};
    const number = Number(given);
    return (integer ? Number.isInteger(number) : Number.isFinite(number)) && number >= minValue && number <= maxValue;
  }
  if (choice) {
    const names = [given].flat().map(String);
    const isKnown = names.every((name) => choice.choices.some(({ symbolicName }) => symbolicName === name));
    return isKnown && names.length > 0 && (choice.selectMultiple || names.length === 1);
  }
  if (document) {
    if (typeof given !== "object" || !("bytes" in given)) return false;
    const extension = given.fileName.split(".").at(-1)?.toLowerCase() ?? "";
    return (
      given.bytes.length <= document.maximumSize && (document.acceptableFileExtensions?.includes(extension) ?? true)
    );
  }
  return typeof given === "object" && "startDate" in given;
}
