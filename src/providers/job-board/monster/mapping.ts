import type { DescriptionRules } from "../description.ts";
import type { EmploymentType, SalaryPeriod, Seniority } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";

// Ids of Real Time Posting (BGW), partner.monster.com/real-time-posting-overview

export const titleLimits = { unit: "CHARACTERS", min: 1, max: 100 } as const;
export const descriptionLimits = { unit: "CHARACTERS", min: 25 } as const;
export const industryLimits = { unit: "ITEMS", max: 3 } as const;

export const jobLevels: Readonly<Record<Seniority, string>> = {
  INTERN: "10",
  ENTRY: "11",
  JUNIOR: "11",
  MID: "12",
  SENIOR: "12",
  LEAD: "13",
  EXECUTIVE: "14",
};
/** Of a job that does not say. */
export const usualLevel = "12";

/** `JobType`, and which `JobStatus` goes with it. */
export const jobTypes: Readonly<Record<EmploymentType, { readonly type: string; readonly status: JobStatus }>> = {
  FULL_TIME: { type: "1", status: "fullTime" },
  PART_TIME: { type: "1", status: "partTime" },
  CONTRACT: { type: "2", status: "fullTime" },
  TEMPORARY: { type: "2", status: "fullTime" },
  INTERNSHIP: { type: "3", status: "fullTime" },
  VOLUNTEER: { type: "75", status: "fullTime" },
  PER_DIEM: { type: "1", status: "perDiem" },
};
export type JobStatus = "fullTime" | "partTime" | "perDiem";

/** `JobStatus`: Monster's guide and programs that use it differ, so an account says which ids it is given. */
export const jobStatuses: Readonly<Record<string, Readonly<Record<JobStatus, string>>>> = {
  "4, 5, 26": { fullTime: "4", partTime: "5", perDiem: "26" },
  "2, 1, 3": { fullTime: "2", partTime: "1", perDiem: "3" },
};

/** Those whose ids are known. */
export const currencies: Readonly<Record<string, string>> = { USD: "1", EUR: "2", CAD: "7", GBP: "15" };

export const compensationTypes: Readonly<Record<SalaryPeriod, string>> = {
  YEAR: "1",
  HOUR: "2",
  WEEK: "3",
  MONTH: "4",
  DAY: "6",
};

/** Where a job belongs that names no place of its own: "Other". */
export const others = { category: "11", occupation: "11892", industry: "85" } as const;

export const descriptionRules: DescriptionRules = {
  tags: ["p", "br", "ul", "ol", "li", "strong", "em", "b", "i", "h1", "h2", "h3", "h4", "a"],
  tells: [
    "workplaceType",
    "yearsOfExperience",
    "education",
    "skills",
    "certifications",
    "languages",
    "englishLevel",
    "hoursPerWeek",
    "positionsCount",
    "benefits",
    "equity",
    "remoteCountries",
    "videoUrl",
    "compliance",
  ],
};

const inBody = { sentAs: "JobBody" };
const asked = { notSent: "What Easy Apply asks is Monster's own." };
const noPlace = { notSent: "The interface has no place for it." };

/** Where each field goes. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: { sentAs: "jobRefCode", isRequired: true, rule: "Never changes." },
  requisitionId: noPlace,
  title: { sentAs: "JobTitle", isRequired: true, limits: titleLimits },
  description: {
    ...inBody,
    isRequired: true,
    rule: "HTML; scripts and styles are left out.",
    limits: descriptionLimits,
  },
  responsibilities: inBody,
  requirements: inBody,
  niceToHave: inBody,
  benefitsText: inBody,
  employmentType: { sentAs: "JobType, JobStatus", rule: "Full time where the job does not say." },
  workplaceType: inBody,
  location: {
    sentAs: "PhysicalAddress, Location",
    isRequired: true,
    rule: "With a city or a postal code, for remote jobs too.",
  },
  alternateLocations: { notSent: "Each place is another posting of the inventory: post the job once for each." },
  remoteCountries: inBody,
  salary: { sentAs: "Salary", rule: `Of these currencies alone: ${Object.keys(currencies).join(", ")}.` },
  equity: inBody,
  seniority: { sentAs: "JobLevel", rule: "Experienced where the job does not say." },
  yearsOfExperience: inBody,
  education: inBody,
  certifications: inBody,
  languages: inBody,
  englishLevel: inBody,
  industries: { notSent: "Its ids are in Monster's lists: give `boardCodes.industries`." },
  functions: { notSent: "Its ids are in Monster's lists: give `boardCodes.functions`." },
  category: { notSent: "Its ids are in Monster's lists: give `boardCodes.functions`." },
  boardCodes: {
    sentAs: "JobCategory, JobOccupations, Industries",
    rule: "The first of `functions` is the category, the others are occupations; at most three `industries`. `Other` for none.",
  },
  skills: inBody,
  benefits: inBody,
  company: {
    sentAs: "CompanyName, WebSite, HideCompanyInfo",
    isRequired: true,
    rule: "Its name, at most 255 characters, and its address.",
  },
  applyMethod: { sentAs: "ApplyWithMonster", rule: "BOARD_NATIVE is Easy Apply, which needs a key of Monster's." },
  applyUrl: { sentAs: "ApplyOnlineURL", isRequired: true, rule: "Unless candidates apply at Monster, or by mail." },
  contactEmail: { sentAs: "E-mail", rule: "At most 100 characters." },
  contactName: { sentAs: "Name", rule: "At most 255 characters." },
  contactPhone: { sentAs: "Phone", rule: "8 to 50 characters." },
  screeningQuestions: asked,
  language: noPlace,
  positionsCount: inBody,
  hoursPerWeek: inBody,
  videoUrl: inBody,
  publishedAt: { notSent: "A job is shown from about two hours after it was posted." },
  expiresAt: {
    sentAs: "desiredDuration",
    rule: "30 or 60 days, as the account says. This service closes the job when its time comes, if that is sooner.",
  },
  compliance: { ...inBody, rule: "The statement; Monster asks no questions for it." },
  requireResume: asked,
  requireCoverLetter: asked,
  requirePhone: asked,
  promotion: { notSent: "Bold and other upgrades are part of the inventory." },
};
