import { type CustomQuestion, type Questions, requirementOf, type Section } from "./apply-configuration.ts";
import type { Answer, GivenFile, Submission } from "./submission.ts";

/** Keeps a file. @returns how messages name it */
export type KeepFile = (file: GivenFile) => { readonly mediaUrn: string; readonly mediaUrl: string };

interface WithCustomQuestions {
  readonly customQuestions?: readonly CustomQuestion[] | undefined;
}

/**
 * What a candidate answered, of what was asked.
 * https://learn.microsoft.com/en-us/linkedin/talent/apply-connect/receive-applications
 */
export function questionResponses(
  submission: Submission,
  questions: Questions | null | undefined,
  keepFile: KeepFile,
): object {
  const { resume, coverLetter, coverLetterFile, work, education, selfIdentification, answers } = submission;
  const { contactInformationQuestions: contact, resumeQuestions, coverLetterQuestions } = questions ?? {};
  const { workQuestions, educationQuestions, voluntarySelfIdentificationQuestions: voluntary } = questions ?? {};
  const { additionalQuestions } = questions ?? {};
  const custom = ({ customQuestions = [] }: WithCustomQuestions) => {
    const customQuestionResponses = customResponses(customQuestions, answers, keepFile);
    return customQuestionResponses.length > 0 ? { customQuestionResponses } : {};
  };
  return {
    contactInformationQuestionResponses: {
      ...contactResponses(submission, questions),
      ...custom(contact ?? {}),
    },
    ...(resumeQuestions && {
      resumeQuestionResponses: {
        ...(resume && asks(resumeQuestions, "resume") && { resumeQuestionAnswer: keepFile(resume) }),
        ...custom(resumeQuestions),
      },
    }),
    ...(coverLetterQuestions && {
      coverLetterQuestionResponses: {
        ...(coverLetterFile &&
          asks(coverLetterQuestions, "coverLetter") && { coverLetterQuestionAnswer: keepFile(coverLetterFile) }),
        ...(coverLetter !== undefined &&
          asks(coverLetterQuestions, "textCoverLetter") && { textCoverLetterQuestionAnswer: { value: coverLetter } }),
        ...custom(coverLetterQuestions),
      },
    }),
    ...(workQuestions && {
      workQuestionResponses: {
        workExperienceQuestionSetResponses: work.map((one) =>
          fieldAnswers(workQuestions.workExperienceQuestionSet, one),
        ),
        ...custom(workQuestions),
      },
    }),
    ...(educationQuestions && {
      educationQuestionResponses: {
        educationExperienceQuestionSetResponses: education.map((one) =>
          fieldAnswers(educationQuestions.educationExperienceQuestionSet, one),
        ),
        ...custom(educationQuestions),
      },
    }),
    ...(voluntary && {
      voluntarySelfIdentificationQuestionResponses: {
        ...fieldAnswers(voluntary, selfIdentification),
        ...custom(voluntary),
      },
    }),
    ...(additionalQuestions && {
      additionalQuestionResponses: {
        customQuestionSetResponses: additionalQuestions.customQuestionSets.map((set) => ({
          customQuestionResponses: customResponses(set.questions, answers, keepFile),
        })),
      },
    }),
  };
}

const asks = (section: Section, name: string): boolean => requirementOf(section, name) !== "SKIP";

/** Without any questions a phone number is asked for; without this section it is not. */
function contactResponses(
  { firstName, middleName, lastName, email, phone, location }: Submission,
  questions: Questions | null | undefined,
): object {
  const section = questions
    ? questions.contactInformationQuestions
    : { cellphoneNumberQuestionRequirement: "OPTIONAL" };
  return {
    firstNameAnswer: { value: firstName },
    ...(middleName !== undefined && asks(section, "middleName") && { middleNameAnswer: { value: middleName } }),
    lastNameAnswer: { value: lastName },
    emailAnswer: { value: email },
    ...(phone && asks(section, "cellphoneNumber") && { cellphoneNumberQuestionAnswer: phone }),
    ...(location !== undefined && asks(section, "location") && { locationAnswer: { value: location } }),
  };
}

/** `{title: "Engineer"}` as `{titleAnswer: {value: "Engineer"}}`, where it is asked for. */
function fieldAnswers(section: Section, fields: object): object {
  const given = Object.entries(fields).filter(([name, value]) => value !== undefined && asks(section, name));
  return Object.fromEntries(
    given.map(([name, value]) => [`${name}Answer`, typeof value === "string" ? { value } : value]),
  );
}

function customResponses(
  questions: readonly CustomQuestion[],
  answers: Readonly<Record<string, Answer>>,
  keepFile: KeepFile,
): readonly object[] {
  return questions.flatMap((question) => {
    const { partnerQuestionIdentifier: questionIdentifier } = question;
    const given = answers[questionIdentifier];
    return given === undefined ? [] : [{ questionIdentifier, answer: answerTo(question, given, keepFile) }];
  });
}

function answerTo({ questionDetails }: CustomQuestion, given: Answer, keepFile: KeepFile): object {
  if (questionDetails.multipleChoiceQuestionDetails) {
    return { multipleChoiceAnswerValue: { symbolicNames: [given].flat().map(String) } };
  }
  if (questionDetails.numericQuestionDetails) {
    const isInteger = questionDetails.numericQuestionDetails.integerQuestionDetails !== undefined;
    return { numericAnswerValue: { [isInteger ? "integerValue" : "decimalValue"]: Number(given) } };
  }
  if (questionDetails.dateRangeQuestionDetails) return { dateAnswerValue: given };
  if (typeof given === "object" && "bytes" in given) return { documentAnswerValue: keepFile(given) };
  return { textAnswerValue: { value: String(given) } };
}
