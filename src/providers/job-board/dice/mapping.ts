import { optionsIn } from "../check-rules.ts";
import type { DescriptionRules } from "../description.ts";
import type { EmploymentType } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";
import { recruiterTags, shownTags } from "./batch-format.ts";

/** What `taxterm` says; `CONTRACT` stands for the account's word for contracts. Null where Dice has no word for it. */
export const taxTerms: Readonly<Record<EmploymentType, "FULLTIME" | "PARTTIME" | "CONTRACT" | null>> = {
  FULL_TIME: "FULLTIME",
  PART_TIME: "PARTTIME",
  CONTRACT: "CONTRACT",
  TEMPORARY: "CONTRACT",
  INTERNSHIP: null,
  VOLUNTEER: null,
  PER_DIEM: null,
};

export const descriptionRules: DescriptionRules = {
  tags: shownTags,
  tells: [
    "workplaceType",
    "remoteCountries",
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
    "videoUrl",
    "compliance",
  ],
};

const inComments = { sentAs: "comments" };
const asked = { notSent: "Candidates are asked where they apply." };
const noPlace = { notSent: "Dice has no place for it." };

/** Where each field goes: the tags of a batch. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: {
    sentAs: "positionid",
    isRequired: true,
    rule: "With a dot and a number for each further place.",
  },
  requisitionId: noPlace,
  title: { sentAs: "jobtitle", isRequired: true },
  description: { sentAs: "comments", isRequired: true, rule: `Text with these tags alone: ${shownTags.join(", ")}.` },
  responsibilities: inComments,
  requirements: inComments,
  niceToHave: inComments,
  benefitsText: inComments,
  employmentType: {
    options: optionsIn(taxTerms),
    sentAs: "taxterm",
    rule: "The account's word for contracts for CONTRACT and TEMPORARY. VOLUNTEER is refused.",
  },
  workplaceType: inComments,
  location: {
    sentAs: "location, state, country, postalcode, companystate, companyzip, addr1",
    isRequired: true,
    rule: "A city, and a state in the United States, for remote jobs too. It is taken for the company's address as well.",
  },
  alternateLocations: {
    sentAs: "location, state, country, postalcode",
    rule: "One job each, and each takes a job slot.",
  },
  remoteCountries: inComments,
  salary: { sentAs: "payrate", rule: "In words." },
  equity: inComments,
  seniority: inComments,
  yearsOfExperience: inComments,
  education: inComments,
  certifications: inComments,
  languages: inComments,
  englishLevel: inComments,
  industries: noPlace,
  functions: noPlace,
  category: noPlace,
  boardCodes: noPlace,
  skills: { sentAs: "skillsreq", rule: "Those that are required first." },
  benefits: inComments,
  company: { sentAs: "company", isRequired: true, rule: "Its name alone; Dice has the company's profile." },
  applyMethod: { notSent: "It decides whether `applyUrl` is sent." },
  applyUrl: { sentAs: "applylink", rule: "Not when `applyMethod` is EMAIL: candidates then write to the recruiter." },
  contactEmail: {
    sentAs: recruiterTags.email,
    rule: "The address that the integration was connected with when there is none.",
  },
  contactName: { sentAs: recruiterTags.name },
  contactPhone: { sentAs: "areacode", rule: "The three digits after +1." },
  screeningQuestions: asked,
  language: noPlace,
  positionsCount: inComments,
  hoursPerWeek: inComments,
  videoUrl: inComments,
  publishedAt: { notSent: "A job is shown from when Dice has read the file." },
  expiresAt: { notSent: "A job is shown until a file comes without it. This service sends one then." },
  compliance: { sentAs: "comments", rule: "The statement; Dice asks no questions for it." },
  requireResume: asked,
  requireCoverLetter: asked,
  requirePhone: asked,
  promotion: { notSent: "Dice sells job slots, and nothing by mail." },
};
