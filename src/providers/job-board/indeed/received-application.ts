import type { Candidate, CareerStep, ReceivedApplication, ReceivedFile } from "../applications.ts";
import type { Job } from "../job.ts";
import { answerOf, filesIn } from "./answers.ts";
import type {
  Answered,
  Applicant,
  Education,
  Position,
  SentApplication,
  SentFile,
  StructuredResume,
} from "./application-shape.ts";
import { isDemographic } from "./screener.ts";

/** An application as it is kept. Answers about equal opportunity stand apart, wherever Indeed put them. */
export function receivedApplicationOf(sent: SentApplication, job: Job): ReceivedApplication {
  const { id, appliedOnMillis, applicant, analytics } = sent;
  const { file, text, json } = applicant.resume ?? {};
  const { screening, demographic } = partedAnswers(sent, job);
  return {
    boardApplicationId: id,
    boardReferences: {},
    appliedAt: typeof appliedOnMillis === "number" ? new Date(appliedOnMillis) : null,
    candidate: candidateOf(applicant),
    coverLetter: applicant.coverletter,
    resumeText: text ?? null,
    experience: json?.positions.map(experienceOf) ?? [],
    education: json?.educations.map(educationOf) ?? [],
    skills: skillsIn(json?.skills),
    answers: screening.map((answered) => answerOf(answered, job)),
    eeoAnswers: demographic.map((answered) => answerOf(answered, job)),
    files: [...(file ? [resumeOf(file)] : []), ...screening.flatMap(filesIn)],
    source: {
      sponsored: analytics?.sponsored ?? null,
      referrer: analytics?.referer ?? null,
      campaign: isFromGlassdoor(analytics?.referer) ? "GLASSDOOR" : null,
    },
  };
}

function partedAnswers(sent: SentApplication, job: Job) {
  const mixed = [...sent.screenerQuestionsAndAnswers, ...sent.questionsAndAnswers];
  const isAboutOpportunity = ({ question }: Answered) => isDemographic(question.id, job);
  return {
    screening: mixed.filter((answered) => !isAboutOpportunity(answered)),
    demographic: [...sent.demographicQuestionsAndAnswers, ...mixed.filter(isAboutOpportunity)],
  };
}

function candidateOf(applicant: Applicant): Candidate {
  const { email, phoneNumber, resume } = applicant;
  const json = resume?.json;
  return {
    ...namesOf(applicant, json),
    email,
    phone: phoneNumber ?? json?.phoneNumber ?? null,
    city: json?.location?.city ?? null,
    region: null,
    postalCode: null,
    country: null,
    headline: json?.headline ?? null,
    summary: json?.summary ?? null,
    profileUrls: profileUrlsIn(json),
  };
}

type Names = Pick<Candidate, "fullName" | "firstName" | "lastName">;

/** Of a full name alone, the last word is the family name. */
function namesOf({ fullName, firstName, lastName, email }: Applicant, json?: StructuredResume | null): Names {
  const first = firstName ?? json?.firstName ?? null;
  const last = lastName ?? json?.lastName ?? null;
  const whole = fullName ?? ([first, last].filter((name) => name !== null).join(" ") || (email ?? ""));
  if (first !== null || last !== null || fullName === null)
    return { fullName: whole, firstName: first, lastName: last };
  const words = fullName.split(/\s+/);
  const family = words.length > 1 ? (words.pop() ?? null) : null;
  return { fullName, firstName: words.join(" "), lastName: family };
}

function profileUrlsIn(json?: StructuredResume | null): readonly string[] {
  const urls = [json?.publicProfileUrl, ...(json?.links.map(({ url }) => url) ?? [])];
  return [...new Set(urls)].flatMap((url) => (url ? [url] : []));
}

function experienceOf({ title, company, description, location, ...period }: Position): CareerStep {
  return { title, organization: company, description, city: location, ...periodOf(period) };
}

function educationOf({ degree, field, school, description, location, ...period }: Education): CareerStep {
  const title = [degree, field].filter((part) => part !== null).join(", ") || null;
  return { title, organization: school, description, city: location, ...periodOf(period) };
}

type Period = Pick<Position, "startDateYear" | "startDateMonth" | "endDateYear" | "endDateMonth">;

function periodOf({ startDateYear, startDateMonth, endDateYear, endDateMonth }: Period) {
  return { from: timeOf(startDateYear, startDateMonth), to: timeOf(endDateYear, endDateMonth) };
}

/** `2019` or `2019-04`; -1 and the like stand for what is not known. */
function timeOf(year: string | null, month: string | null): string | null {
  if (year === null || !/^\d{4}$/.test(year)) return null;
  const isMonth = month !== null && /^(0?[1-9]|1[0-2])$/.test(month);
  return isMonth ? `${year}-${month.padStart(2, "0")}` : year;
}

/** Told as text with commas, or as a list. */
function skillsIn(skills: unknown): readonly string[] {
  const given = Array.isArray(skills) ? skills : typeof skills === "string" ? skills.split(/[,\n]/) : [];
  const names = given.map((skill) => (typeof skill === "string" ? skill.trim() : ""));
  return [...new Set(names)].filter((name) => name !== "");
}

function resumeOf({ fileName, contentType, data }: SentFile): ReceivedFile {
  return { kind: "RESUME", questionKey: null, fileName, contentType, content: Buffer.from(data, "base64") };
}

/** Glassdoor shows Indeed's jobs; where somebody comes from is told by the referrer, if at all. */
function isFromGlassdoor(referrer: string | null | undefined): boolean {
  if (!referrer || !URL.canParse(referrer)) return false;
  return /(^|\.)glassdoor\.[a-z.]+$/.test(new URL(referrer).hostname);
}
