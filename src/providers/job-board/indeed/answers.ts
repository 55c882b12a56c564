import * as z from "zod";
import type { ApplicationAnswer, ReceivedFile } from "../applications.ts";
import type { Job } from "../job.ts";
import type { Answered } from "./application-shape.ts";

const Choice = z.looseObject({ value: z.union([z.string(), z.number(), z.boolean()]) });
const File = z.looseObject({
  fileName: z.string().nullish().catch(null),
  contentType: z.string().nullish().catch(null),
  data: z.string().min(1),
});

/** What was said to one question; empty where it was left out, for which Indeed says `""`. */
export function answerOf({ question, answer }: Answered, job: Job): ApplicationAnswer {
  const asked = job.screeningQuestions.find(({ key }) => key === question.id);
  const values = [answer].flat().flatMap(wordsOf);
  return {
    questionKey: question.id ?? question.question ?? "",
    question: question.question ?? asked?.text ?? null,
    values: asked?.type === "DATE" ? values.map(dayOf) : values,
  };
}

/** A choice is told by its value, or by value and label; a file by its name. */
function wordsOf(answer: unknown): readonly string[] {
  if (typeof answer === "number" || typeof answer === "boolean") return [String(answer)];
  if (typeof answer === "string") return answer.trim() === "" ? [] : [answer];
  const choice = Choice.safeParse(answer);
  if (choice.success) return [String(choice.data.value)];
  const name = File.safeParse(answer).data?.fileName;
  return name ? [name] : [];
}

/** `dd/MM/yyyy`, as it was asked for, becomes `yyyy-MM-dd`. */
function dayOf(text: string): string {
  return text.replace(/^(\d{2})\/(\d{2})\/(\d{4})$/, "$3-$2-$1");
}

/** The files that answer a question. */
export function filesIn({ question, answer }: Answered): readonly ReceivedFile[] {
  return [answer].flat().flatMap((given): ReceivedFile[] => {
    const file = File.safeParse(given).data;
    if (!file) return [];
    const { fileName = null, contentType = null, data } = file;
    return [{ kind: "ANSWER", questionKey: question.id, fileName, contentType, content: Buffer.from(data, "base64") }];
  });
}
