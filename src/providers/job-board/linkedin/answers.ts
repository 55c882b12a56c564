import type { ApplicationAnswer, ReceivedFile } from "../applications.ts";
import type { Job } from "../job.ts";
import type { Answer, CustomResponse, Media, QuestionResponses } from "./application-shape.ts";
import { periodIn, phoneIn } from "./written-values.ts";

/** The answers to the job's own questions: they stand in a section of their own, or in any other one. */
export function customResponsesIn(responses: QuestionResponses): readonly CustomResponse[] {
  const { contactInformationQuestionResponses, resumeQuestionResponses, coverLetterQuestionResponses } =
    responses ?? {};
  const { workQuestionResponses, educationQuestionResponses, additionalQuestionResponses } = responses ?? {};
  const sections = [
    ...[contactInformationQuestionResponses, resumeQuestionResponses, coverLetterQuestionResponses],
    ...[workQuestionResponses, educationQuestionResponses],
    ...(additionalQuestionResponses?.customQuestionSetResponses ?? []),
  ];
  return sections.flatMap((section) => section?.customQuestionResponses ?? []);
}

/** What was said to one question; empty where it was left out. */
export function answerOf({ questionIdentifier, answer }: CustomResponse, job: Job): ApplicationAnswer {
  const asked = job.screeningQuestions.find(({ key }) => key === questionIdentifier);
  return { questionKey: questionIdentifier ?? "", question: asked?.text ?? null, values: valuesIn(answer) };
}

/** Choices by their symbolic names, which are our options' values. */
function valuesIn(answer: Answer): readonly string[] {
  const { textAnswerValue, multipleChoiceAnswerValue, numericAnswerValue } = answer ?? {};
  const { from, to } = periodIn(answer?.dateAnswerValue);
  const given = [
    ...[textAnswerValue, ...(multipleChoiceAnswerValue?.symbolicNames ?? [])],
    ...[numericAnswerValue?.integerValue, numericAnswerValue?.decimalValue],
    ...[from, to, phoneIn(answer?.phoneNumberAnswerValue)],
  ];
  return given.flatMap((value) => value ?? []);
}

/** The file that answers a question. */
export function filesIn({ questionIdentifier, answer }: CustomResponse): readonly ReceivedFile[] {
  return fileAt("ANSWER", questionIdentifier, answer?.documentAnswerValue);
}

/** LinkedIn says where a file is, and only there what it is called. */
export function fileAt(kind: ReceivedFile["kind"], questionKey: string | null, media: Media): readonly ReceivedFile[] {
  return media ? [{ kind, questionKey, fileName: null, contentType: null, source: media.mediaUrl }] : [];
}

/** By LinkedIn's own names: `gender`, `race`, `disability`, `veteranStatus`. */
export function selfIdentificationIn(responses: QuestionResponses, job: Job): readonly ApplicationAnswer[] {
  const { customQuestionResponses, ...standard } = responses?.voluntarySelfIdentificationQuestionResponses ?? {};
  const answered = Object.entries(standard).flatMap(([name, answer]): ApplicationAnswer[] => {
    const [, questionKey] = /^(\w+?)(?:Question)?Answer$/.exec(name) ?? [];
    return questionKey === undefined ? [] : [{ questionKey, question: null, values: textsIn(answer) }];
  });
  return [...answered, ...(customQuestionResponses ?? []).map((response) => answerOf(response, job))];
}

/** In whatever form it is told, which LinkedIn's pages do not show. */
function textsIn(answer: unknown): readonly string[] {
  if (typeof answer === "string") return answer.trim() === "" ? [] : [answer.trim()];
  if (typeof answer === "boolean" || typeof answer === "number") return [String(answer)];
  return typeof answer === "object" && answer !== null ? Object.values(answer).flatMap(textsIn) : [];
}
