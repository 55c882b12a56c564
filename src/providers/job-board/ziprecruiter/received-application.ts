import type { CareerStep, ReceivedApplication, ReceivedFile } from "../applications.ts";
import type { Job } from "../job.ts";
import { answerOf, filesIn } from "./answers.ts";
import type { EducationRecord, JobRecord, SentApplication } from "./application-shape.ts";

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
    files: [...(resume === null ? [] : [resumeOf(resume)]), ...answers.flatMap((answer) => filesIn(answer, job))],
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
