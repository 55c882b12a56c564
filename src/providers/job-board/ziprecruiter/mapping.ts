import type { DescriptionRules } from "../description.ts";
import type { EmploymentType } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";

// Names of ZipRecruiter's, https://www.ziprecruiter.com/partner/documentation/#job-api

export const jobTypes: Readonly<Record<EmploymentType, string>> = {
  FULL_TIME: "full_time",
  PART_TIME: "part_time",
  CONTRACT: "contractor",
  TEMPORARY: "temporary",
  INTERNSHIP: "other",
  VOLUNTEER: "other",
  PER_DIEM: "other",
};

/** Where jobs may be. */
export const countries: readonly string[] = ["US", "CA", "AU"];

/** Some say that ZipRecruiter takes jobs from there too, and its page does not: it is asked. */
export const perhapsCountries: readonly string[] = ["GB"];

/** HTML is allowed, says the page, and not which. */
export const descriptionRules: DescriptionRules = {
  tags: ["b", "strong", "i", "em", "u", "p", "br", "ul", "ol", "li"],
  tells: [
    "workplaceType",
    "salary",
    "hoursPerWeek",
    "yearsOfExperience",
    "education",
    "certifications",
    "languages",
    "englishLevel",
    "positionsCount",
    "benefits",
    "equity",
    "remoteCountries",
    "videoUrl",
    "compliance",
  ],
};

const inDescription = { sentAs: "description" };
const asked = {
  notSent: "Candidates are asked where `applyUrl` leads; ZipRecruiter asks for a résumé and a number by itself.",
};
const noPlace = { notSent: "ZipRecruiter has no place for it." };

export const titleLimits = { unit: "CHARACTERS", min: 3 } as const;
export const descriptionLimits = { unit: "CHARACTERS", min: 25 } as const;

/** Where each field goes. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: {
    sentAs: "job_id, partner_attributes",
    isRequired: true,
    rule: "With the end of the posting's id, because a key has one set of ids for all employers. Never changes.",
  },
  requisitionId: { sentAs: "partner_attributes" },
  title: { sentAs: "title", isRequired: true, limits: titleLimits },
  description: { sentAs: "description", isRequired: true, rule: "Basic HTML.", limits: descriptionLimits },
  responsibilities: inDescription,
  requirements: inDescription,
  niceToHave: inDescription,
  benefitsText: inDescription,
  employmentType: { sentAs: "job_type", rule: "`other` where ZipRecruiter has no word for it." },
  workplaceType: inDescription,
  location: {
    sentAs: "country, city, state, postal_code, latitude, longitude",
    isRequired: true,
    rule: "US, CA or AU; city and region, or else a postal code, or else coordinates. The street is not sent.",
  },
  alternateLocations: { notSent: "A job has one location." },
  remoteCountries: inDescription,
  salary: {
    sentAs: "compensation_min, compensation_max, compensation_currency, description",
    rule: "Whole numbers; exactly, and for which time, in the description.",
  },
  equity: inDescription,
  seniority: noPlace,
  yearsOfExperience: inDescription,
  education: inDescription,
  certifications: inDescription,
  languages: inDescription,
  englishLevel: inDescription,
  industries: noPlace,
  functions: noPlace,
  category: noPlace,
  boardCodes: noPlace,
  skills: { sentAs: "requirements" },
  benefits: inDescription,
  company: { sentAs: "employer_name", rule: "Its name alone, and no name when it is confidential." },
  applyMethod: {
    sentAs: "apply_url",
    rule: "With BOARD_NATIVE candidates apply at ZipRecruiter, and no address is sent.",
  },
  applyUrl: { sentAs: "apply_url", rule: "An HTTPS address; required unless candidates apply at ZipRecruiter." },
  contactEmail: noPlace,
  contactName: noPlace,
  contactPhone: noPlace,
  screeningQuestions: {
    sentAs: "questions",
    rule: "Only where candidates apply at ZipRecruiter, and without conditions.",
  },
  language: noPlace,
  positionsCount: inDescription,
  hoursPerWeek: inDescription,
  videoUrl: inDescription,
  publishedAt: { notSent: "A job is shown from when it is posted." },
  expiresAt: { notSent: "ZipRecruiter shows a job until it is closed: this service closes it then." },
  compliance: { sentAs: "description", rule: "The statement; ZipRecruiter asks no questions for it." },
  requireResume: asked,
  requireCoverLetter: asked,
  requirePhone: asked,
  promotion: {
    sentAs: "TrafficBoost",
    rule: "BOOST alone, at the level that the integration was connected with, once for a job.",
  },
};
