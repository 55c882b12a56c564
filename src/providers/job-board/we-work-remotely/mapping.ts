import { optionsIn } from "../check-rules.ts";
import type { DescriptionRules } from "../description.ts";
import type { EmploymentType } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";

// Names of We Work Remotely's, https://weworkremotely.com/api

/** Null where it has no word for it. */
export const listingTypes: Readonly<Record<EmploymentType, string | null>> = {
  FULL_TIME: "Full-Time",
  PART_TIME: null,
  CONTRACT: "Contract",
  TEMPORARY: "Contract",
  INTERNSHIP: null,
  VOLUNTEER: null,
  PER_DIEM: null,
};

export const descriptionRules: DescriptionRules = {
  tags: ["a", "ol", "ul", "li", "h1", "h2", "h3", "p", "strong", "em", "br"],
  tells: [
    "salary",
    "skills",
    "seniority",
    "yearsOfExperience",
    "education",
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

const inDescription = { sentAs: "description" };
const asked = { notSent: "Candidates are asked where they apply." };
const noPlace = { notSent: "We Work Remotely has no place for it." };

/** So long a post is shown. */
export const shownMs = 30 * 24 * 60 * 60 * 1000;

/** Where each field goes. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: {
    sentAs: "description",
    isRequired: true,
    rule: "In the last line, with the end of the posting's id: the job is found by it. Never changes.",
  },
  requisitionId: noPlace,
  title: { sentAs: "title", isRequired: true },
  description: {
    sentAs: "description",
    isRequired: true,
    rule: `HTML of these tags alone: ${descriptionRules.tags.join(", ")}.`,
  },
  responsibilities: inDescription,
  requirements: inDescription,
  niceToHave: inDescription,
  benefitsText: inDescription,
  employmentType: {
    options: optionsIn(listingTypes),
    sentAs: "job_listing_type",
    rule: "`Full-Time`, or `Contract` for CONTRACT and TEMPORARY; not sent for the others.",
  },
  workplaceType: { options: ["REMOTE"], notSent: "Every job there is remote; another one is refused." },
  location: { sentAs: "location", rule: "City, region and country, as where the company has its headquarters." },
  alternateLocations: { notSent: "A job is remote; the company has one headquarters." },
  remoteCountries: {
    sentAs: "region, description",
    rule: "The narrowest region that has all of them, and none where there is no such region; the description names them.",
  },
  salary: inDescription,
  equity: inDescription,
  seniority: inDescription,
  yearsOfExperience: inDescription,
  education: inDescription,
  certifications: inDescription,
  languages: inDescription,
  englishLevel: inDescription,
  industries: noPlace,
  functions: { sentAs: "category_id", rule: "Where one of them is a category's name, and `category` is none." },
  category: {
    sentAs: "category_id",
    rule: "A category's name or id. Otherwise the one that the integration was connected with, or All Other Remote.",
  },
  boardCodes: { sentAs: "category_id", rule: "Of `functions`: a category's id or name, before all else." },
  skills: { sentAs: "skills, description", rule: "Those that We Work Remotely lists; the description tells all." },
  benefits: inDescription,
  company: {
    sentAs: "company, url, company_bio",
    isRequired: true,
    rule: "Name, address and description; no logo. A job without a name is not taken.",
  },
  applyMethod: { notSent: "It decides whether candidates get `applyUrl` or `contactEmail`." },
  applyUrl: {
    sentAs: "instructions",
    isRequired: true,
    rule: "Or else `contactEmail`, when `applyMethod` is EMAIL.",
  },
  contactEmail: { sentAs: "email", rule: "The address that the integration was connected with when there is none." },
  contactName: noPlace,
  contactPhone: noPlace,
  screeningQuestions: asked,
  language: noPlace,
  positionsCount: inDescription,
  hoursPerWeek: inDescription,
  videoUrl: inDescription,
  publishedAt: { notSent: "A job is shown from when it is posted." },
  expiresAt: { notSent: "A job is shown for 30 days. This service closes it then, if that is sooner." },
  compliance: { sentAs: "description", rule: "The statement; We Work Remotely asks no questions for it." },
  requireResume: asked,
  requireCoverLetter: asked,
  requirePhone: asked,
  promotion: { notSent: "Upgrades are bought on We Work Remotely's own pages." },
};
