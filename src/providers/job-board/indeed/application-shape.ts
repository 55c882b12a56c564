import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import { Entries, Text } from "../tolerant-shapes.ts";

// https://docs.indeed.com/indeed-apply/application-delivery

const File = z.looseObject({ fileName: Text, contentType: Text, data: z.string().min(1) });
export type SentFile = z.output<typeof File>;

const Values = <Entry extends z.ZodType>(entry: Entry) =>
  z
    .looseObject({ values: Entries(entry) })
    .nullish()
    .catch(null)
    .transform((list) => list?.values ?? []);

const period = { startDateYear: Text, startDateMonth: Text, endDateYear: Text, endDateMonth: Text };

const Position = z.looseObject({ title: Text, company: Text, description: Text, location: Text, ...period });
export type Position = z.output<typeof Position>;

const Education = z.looseObject({
  degree: Text,
  field: Text,
  school: Text,
  description: Text,
  location: Text,
  ...period,
});
export type Education = z.output<typeof Education>;

/** A résumé as Indeed keeps it. */
const StructuredResume = z.looseObject({
  firstName: Text,
  lastName: Text,
  headline: Text,
  summary: Text,
  publicProfileUrl: Text,
  phoneNumber: Text,
  location: z.looseObject({ city: Text }).nullish().catch(null),
  skills: z.unknown(),
  positions: Values(Position),
  educations: Values(Education),
  links: Values(z.looseObject({ url: Text })),
});
export type StructuredResume = z.output<typeof StructuredResume>;

const Applicant = z.looseObject({
  fullName: Text,
  firstName: Text,
  lastName: Text,
  email: Text,
  phoneNumber: Text,
  coverletter: Text,
  resume: z
    .looseObject({ file: File.nullish().catch(null), text: Text, json: StructuredResume.nullish().catch(null) })
    .nullish()
    .catch(null),
});
export type Applicant = z.output<typeof Applicant>;

const Answered = z.looseObject({
  question: z.looseObject({ id: Text, question: Text }),
  answer: z.unknown(),
});
export type Answered = z.output<typeof Answered>;

/** In an object with what version they are of, or as they are. */
const Answers = z
  .union([Entries(Answered), z.looseObject({ questionsAndAnswers: Entries(Answered) })])
  .nullish()
  .catch(null)
  .transform((block) => (Array.isArray(block) ? block : (block?.questionsAndAnswers ?? [])));

const SentApplication = z.looseObject({
  id: z.string().min(1),
  appliedOnMillis: z.number().min(0).max(8.64e15).nullish().catch(null),
  job: z.looseObject({ jobId: Text, jobMeta: Text }),
  applicant: Applicant,
  analytics: z
    .looseObject({ referer: Text, sponsored: z.boolean().nullish().catch(null) })
    .nullish()
    .catch(null),
  screenerQuestionsAndAnswers: Answers,
  demographicQuestionsAndAnswers: Answers,
  /** Of both kinds, as older questionnaires have them. */
  questionsAndAnswers: Answers,
});
export type SentApplication = z.output<typeof SentApplication>;

/** @throws {IntegrationError} PROVIDER_REPLY_INVALID, without a word of what stands there */
export function readSentApplication(body: Buffer): SentApplication {
  const read = SentApplication.safeParse(jsonOf(body));
  if (read.success) return read.data;
  const paths = read.error.issues.map(({ path }) => path.join(".") || "all of it");
  throw unreadable(`wrong or missing: ${paths.join(", ")}`);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw unreadable("no JSON");
  }
}

export function unreadable(what: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `Indeed sent an application that cannot be read: ${what}`, {
    retryable: false,
    remedy: "Indeed Apply has changed: look for a newer version of this service.",
  });
}
