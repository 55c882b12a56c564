import * as z from "zod";
import type { ApplicationAnswer, ReceivedFile } from "../applications.ts";
import type { Job } from "../job.ts";
import { Text } from "../tolerant-shapes.ts";
import type { SentAnswer } from "./application-shape.ts";

/** A file that answers a question; what it is called is not written. */
const Upload = z.looseObject({
  file_name: Text,
  fileName: Text,
  content_type: Text,
  contentType: Text,
  data: z.string().min(1),
});

/** Base64 of a file: no document is so short that a word could be taken for one. */
const bareFile = /^[\w+/\r\n-]{64,}={0,2}\s*$/;

/** What was said to one question. */
export function answerOf(sent: SentAnswer, job: Job): ApplicationAnswer {
  const { question_id: id, question } = sent;
  const isFile = isAboutFile(sent, job);
  return {
    questionKey: id ?? question ?? "",
    question: question ?? job.screeningQuestions.find(({ key }) => key === id)?.text ?? null,
    values: givenIn(sent).flatMap((given) => (isFile && isBareFile(given) ? [] : wordsOf(given))),
  };
}

/** The files that answer a question: with their names, or as their bytes alone, as the résumé is sent. */
export function filesIn(sent: SentAnswer, job: Job): readonly ReceivedFile[] {
  const isFile = isAboutFile(sent, job);
  return givenIn(sent).flatMap((given): readonly ReceivedFile[] => {
    const file = Upload.safeParse(isFile && isBareFile(given) ? { data: given } : given).data;
    if (!file) return [];
    const { file_name, fileName, content_type, contentType, data } = file;
    return [
      {
        kind: "ANSWER",
        questionKey: sent.question_id,
        fileName: file_name ?? fileName ?? null,
        contentType: content_type ?? contentType ?? null,
        content: Buffer.from(data, "base64"),
      },
    ];
  });
}

/** Under which name an answer stands is not written. */
function givenIn({ answer, value }: SentAnswer): readonly unknown[] {
  return [answer ?? value].flat();
}

function isAboutFile({ question_id: id }: SentAnswer, { screeningQuestions }: Job): boolean {
  return screeningQuestions.some(({ key, type }) => key === id && type === "FILE");
}

function isBareFile(given: unknown): given is string {
  return typeof given === "string" && bareFile.test(given);
}

/** A file is told by its name. */
function wordsOf(given: unknown): readonly string[] {
  if (typeof given === "number" || typeof given === "boolean") return [String(given)];
  if (typeof given === "string") return given.trim() === "" ? [] : [given];
  const file = Upload.safeParse(given).data;
  const name = file?.file_name ?? file?.fileName;
  return name ? [name] : [];
}
