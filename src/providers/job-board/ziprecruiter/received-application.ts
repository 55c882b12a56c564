import * as z from "zod";
import type { ApplicationAnswer, CareerStep, ReceivedApplication, ReceivedFile } from "../applications.ts";
import type { Job } from "../job.ts";
import type { EducationRecord, JobRecord, SentAnswer, SentApplication } from "./application-shape.ts";

/** A file that answers a question; what it is called is not written. */
const Upload = z.looseObject({
  file_name: z.string().optional(),
  fileName: z.string().optional(),
  content_type: z.string().optional(),
  contentType: z.string().optional(),
  data: z.string().min(1),
});

/** An application as it is kept. ZipRecruiter asks nothing about equal opportunity. */
export function receivedApplicationOf(sent: SentApplication, job: Job): ReceivedApplication {
  const { response_id: id, zr_application_id: zrApplicationId, resume, profile, answers } = sent;
  const certificates = profile?.license_certification_records.flatMap(({ name, title }) => name ?? title ?? []) ?? [];
  return {
    boardApplicationId: id,
    boardReferences: zrApplicationId === null ? {} : { zrApplicationId },
    // It is sent at once, and does not say when.
    appliedAt: null,
    candidate: candidateOf(sent),
    coverLetter: null,
    resumeText: profile?.text_resume ?? null,
    experience: profile?.job_records.map(experienceOf) ?? [],
    education: profile?.education_records.map(educationOf) ?? [],
    skills: certificates,
    answers: answers.map((answer) => answerOf(answer, job)),
    eeoAnswers: [],
    files: [...(resume === null ? [] : [resumeOf(resume)]), ...answers.flatMap(filesIn)],
    source: { sponsored: null, referrer: null, campaign: zrApplicationId === null ? "RESUME_DATABASE" : null },
  };
}

function candidateOf(sent: SentApplication): ReceivedApplication["candidate"] {
  const { name, first_name: firstName, last_name: lastName, email, phone, profile } = sent;
  const joined = [firstName, lastName].filter((part) => part !== null).join(" ");
  return {
    fullName: name ?? (joined || (email ?? "")),
    firstName,
    lastName,
    email,
    phone: phone ?? profile?.mobile ?? null,
    city: profile?.city ?? null,
    region: profile?.state ?? null,
    postalCode: profile?.postal_code ?? null,
    country: null,
    headline: profile?.objective ?? null,
    summary: profile?.executive_summary ?? null,
    profileUrls: [],
  };
}

function experienceOf(record: JobRecord): CareerStep {
  const {
    title,
    company,
    company_name: companyName,
    employer,
    description,
    city,
    start_date: from,
    end_date: to,
  } = record;
  return { title, organization: company ?? companyName ?? employer, description, city, from, to };
}

function educationOf(record: EducationRecord): CareerStep {
  const { degree, major, field_of_study: field, school, institution, description, city } = record;
  const { start_date: from, end_date: to } = record;
  const title = [degree, major ?? field].filter((part) => part !== null).join(", ") || null;
  return { title, organization: school ?? institution, description, city, from, to };
}

function resumeOf(data: string): ReceivedFile {
  const content = Buffer.from(data, "base64");
  return { kind: "RESUME", questionKey: null, fileName: null, contentType: "application/pdf", content };
}

function answerOf(sent: SentAnswer, job: Job): ApplicationAnswer {
  const { question_id: id, question } = sent;
  const asked = job.screeningQuestions.find(({ key }) => key === id);
  return {
    questionKey: id ?? question ?? "",
    question: question ?? asked?.text ?? null,
    values: [givenIn(sent)].flat().flatMap(wordsOf),
  };
}

/** Under which name an answer stands is not written. */
function givenIn({ answer, value }: SentAnswer): unknown {
  return answer ?? value;
}

function wordsOf(given: unknown): readonly string[] {
  if (typeof given === "number" || typeof given === "boolean") return [String(given)];
  if (typeof given === "string") return given.trim() === "" ? [] : [given];
  const { data } = Upload.safeParse(given);
  const name = data?.file_name ?? data?.fileName;
  return name === undefined ? [] : [name];
}

function filesIn(sent: SentAnswer): readonly ReceivedFile[] {
  return [givenIn(sent)].flat().flatMap((given): ReceivedFile[] => {
    const file = Upload.safeParse(given).data;
    if (!file) return [];
    return [
      {
        kind: "ANSWER",
        questionKey: sent.question_id,
        fileName: file.file_name ?? file.fileName ?? null,
        contentType: file.content_type ?? file.contentType ?? null,
        content: Buffer.from(file.data, "base64"),
      },
    ];
  });
}
