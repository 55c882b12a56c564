import { optionsIn } from "../check-rules.ts";
import type { DescriptionRules } from "../description.ts";
import type { EmploymentType, WorkplaceType } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";

// Fields of Wellfound's form for recruiters; their names there are not confirmed.

/** Null where it has no word for it. */
export const jobTypes: Readonly<Record<EmploymentType, string | null>> = {
  FULL_TIME: "Full time",
  PART_TIME: null,
  CONTRACT: "Contract",
  TEMPORARY: "Contract",
  INTERNSHIP: "Internship",
  VOLUNTEER: null,
  PER_DIEM: null,
};

export const remotePolicies: Readonly<Record<WorkplaceType, string>> = {
  ON_SITE: "In office",
  HYBRID: "In office or remote",
  REMOTE: "Remote only",
};

export const descriptionRules: DescriptionRules = {
  tags: ["p", "br", "ul", "ol", "li", "strong", "em", "h1", "h2", "h3"],
  tells: [
    "seniority",
    "education",
    "certifications",
    "languages",
    "englishLevel",
    "hoursPerWeek",
    "positionsCount",
    "benefits",
    "videoUrl",
    "compliance",
  ],
};

const inDescription = { sentAs: "Job description" };
const atWellfound = { notSent: "Candidates apply at Wellfound itself, with their profile there." };
const noPlace = { notSent: "Wellfound's form has no place for it." };

/** Where each field goes: what a person enters, by the names of the form. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: { notSent: "Wellfound knows a job by its own address, which is confirmed after posting." },
  requisitionId: noPlace,
  title: { sentAs: "Job title", isRequired: true },
  description: { ...inDescription, isRequired: true },
  responsibilities: inDescription,
  requirements: inDescription,
  niceToHave: inDescription,
  benefitsText: inDescription,
  employmentType: {
    options: optionsIn(jobTypes),
    sentAs: "Type of position",
    rule: "`Contract` for TEMPORARY; the description says PART_TIME and others.",
  },
  workplaceType: { sentAs: "Remote policy" },
  location: { sentAs: "Location", rule: "City, region and country." },
  alternateLocations: { sentAs: "Location" },
  remoteCountries: { sentAs: "Hires remotely in", rule: "The countries' names." },
  salary: { sentAs: "Annual salary", rule: "As it is given. A job without one is shown to fewer candidates." },
  equity: { sentAs: "Equity" },
  seniority: inDescription,
  yearsOfExperience: { sentAs: "Years of experience" },
  education: inDescription,
  certifications: inDescription,
  languages: inDescription,
  englishLevel: inDescription,
  industries: { notSent: "Wellfound takes it from the company's profile." },
  functions: { sentAs: "Primary role", rule: "The first one, when `category` is none." },
  category: { sentAs: "Primary role" },
  boardCodes: { sentAs: "Primary role", rule: "Of `functions`: Wellfound's own name for the role, before all else." },
  skills: { sentAs: "Skills" },
  benefits: inDescription,
  company: { notSent: "A job belongs to the company that one is signed in for." },
  applyMethod: atWellfound,
  applyUrl: atWellfound,
  contactEmail: atWellfound,
  contactName: noPlace,
  contactPhone: noPlace,
  screeningQuestions: { notSent: "Questions are entered at Wellfound." },
  language: noPlace,
  positionsCount: inDescription,
  hoursPerWeek: inDescription,
  videoUrl: inDescription,
  publishedAt: { notSent: "A job is shown from when Wellfound has looked at it." },
  expiresAt: { notSent: "A job is shown until somebody closes it: they are asked to when the time comes." },
  compliance: { ...inDescription, rule: "The statement; Wellfound asks no questions for it." },
  requireResume: atWellfound,
  requireCoverLetter: atWellfound,
  requirePhone: atWellfound,
  promotion: { notSent: "Ads are bought at Wellfound." },
};
