import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import { Entries, Text } from "../tolerant-shapes.ts";

// Apply Webhook Documentation v1.2 (2024-04-12). What the records of a profile have is not written there.

const Job = z.looseObject({
  title: Text,
  company: Text,
  company_name: Text,
  employer: Text,
  description: Text,
  city: Text,
  start_date: Text,
  end_date: Text,
});
export type JobRecord = z.output<typeof Job>;

const Education = z.looseObject({
  degree: Text,
  major: Text,
  field_of_study: Text,
  school: Text,
  institution: Text,
  description: Text,
  city: Text,
  start_date: Text,
  end_date: Text,
});
export type EducationRecord = z.output<typeof Education>;

const records = <Entry extends z.ZodType>(entry: Entry) =>
  Entries(entry)
    .nullish()
    .catch(null)
    .transform((list) => list ?? []);

const Profile = z.looseObject({
  mobile: Text,
  executive_summary: Text,
  objective: Text,
  text_resume: Text,
  city: Text,
  state: Text,
  postal_code: Text,
  job_records: records(Job),
  education_records: records(Education),
  license_certification_records: records(z.looseObject({ name: Text, title: Text })),
});

const Answer = z.looseObject({
  question_id: Text,
  question: Text,
  answer: z.unknown().optional(),
  value: z.unknown().optional(),
});
export type SentAnswer = z.output<typeof Answer>;

const SentApplication = z.looseObject({
  response_id: z.union([z.string().min(1), z.number().transform(String)]),
  zr_application_id: Text,
  job_id: z.union([z.string().min(1), z.number().transform(String)]),
  name: Text,
  first_name: Text,
  last_name: Text,
  email: Text,
  phone: Text,
  /** Base64 of a PDF. */
  resume: Text,
  answers: records(Answer),
  profile: Profile.nullish().catch(null),
});
export type SentApplication = z.output<typeof SentApplication>;

/** @throws {IntegrationError} PROVIDER_REPLY_INVALID, without a word of what stands there */
export function readSentApplication(body: Buffer): SentApplication {
  const read = SentApplication.safeParse(jsonOf(body));
  if (read.success) return read.data;
  throw unreadable(
    `wrong or missing: ${read.error.issues.map(({ path }) => path.join(".") || "all of it").join(", ")}`,
  );
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw unreadable("no JSON");
  }
}

function unreadable(what: string): IntegrationError {
  const message = `ZipRecruiter sent an application that cannot be read: ${what}`;
  return new IntegrationError("PROVIDER_REPLY_INVALID", message, {
    retryable: false,
    remedy: "ZipRecruiter's apply webhook has changed: look for a newer version of this service.",
  });
}
