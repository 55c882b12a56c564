import type { DescriptionRules } from "../description.ts";
import type { EmploymentType } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";

// https://docs.indeed.com/job-sync-api/job-sync-api-guide, and its pages of input objects

/** Text, not an enum; the last two are not in the guide's examples. */
export const jobTypes: Readonly<Record<EmploymentType, string>> = {
  FULL_TIME: "Full-time",
  PART_TIME: "Part-time",
  CONTRACT: "Contract",
  TEMPORARY: "Temporary",
  INTERNSHIP: "Internship",
  VOLUNTEER: "Volunteer",
  PER_DIEM: "Per diem",
};

/** https://docs.indeed.com/job-sync-api/job-description-formatting */
export const descriptionRules: DescriptionRules = {
  tags: [
    ...["b", "strong", "em", "br", "p", "ul", "li", "h1", "h2", "h3", "h4", "h5", "h6"],
    ...["table", "thead", "tbody", "tr", "th", "td"],
  ],
  tells: [
    "workplaceType",
    "remoteCountries",
    "seniority",
    "yearsOfExperience",
    "education",
    "certifications",
    "skills",
    "languages",
    "englishLevel",
    "hoursPerWeek",
    "positionsCount",
    "equity",
    "videoUrl",
    "compliance",
  ],
};

const inDescription = { sentAs: "body.description" };
const categories = {
  sentAs: "metadata.taxonomyClassification.categories",
  rule: "Text; `boardCodes` go instead of it.",
};
const indeedApply = "applyMethod.indeedApply";
const ifAppliedThere = "Where candidates apply at Indeed; otherwise they are asked where `applyUrl` leads.";

export const descriptionLimits = { unit: "BYTES", max: 65_000 } as const;

/** Where each field goes. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: { sentAs: "metadata.jobPostingId", isRequired: true, rule: "Never changes." },
  requisitionId: { sentAs: "metadata.jobRequisitionId", rule: "Where it differs from the reference." },
  title: { sentAs: "body.title", isRequired: true, rule: "The bare title: no place, pay, company or shouting." },
  description: {
    sentAs: "body.description",
    isRequired: true,
    rule: "With everything in it.",
    limits: descriptionLimits,
  },
  responsibilities: inDescription,
  requirements: inDescription,
  niceToHave: inDescription,
  benefitsText: inDescription,
  employmentType: { sentAs: "metadata.taxonomyClassification.jobTypes" },
  workplaceType: { sentAs: "body.description", rule: "Words; a remote job needs no place." },
  location: {
    sentAs: "body.location.country, body.location.cityRegionPostal, body.location.streetAddress",
    isRequired: true,
    rule: "A country, and a city, region or postal code unless the job is remote.",
  },
  alternateLocations: { notSent: "Indeed has one posting for each place: post the job once for each." },
  remoteCountries: { sentAs: "body.description", rule: "The first is the country of a remote job without a place." },
  salary: { sentAs: "body.salary", rule: "More than 0, with a minimum." },
  equity: inDescription,
  seniority: inDescription,
  yearsOfExperience: inDescription,
  education: inDescription,
  certifications: inDescription,
  languages: inDescription,
  englishLevel: inDescription,
  industries: categories,
  functions: categories,
  category: categories,
  boardCodes: { sentAs: "metadata.taxonomyClassification.categories" },
  skills: inDescription,
  benefits: { sentAs: "body.benefits" },
  company: {
    sentAs: "metadata.jobSource.companyName, metadata.jobSource.companyWebsite, metadata.jobSource.sourceType",
    isRequired: true,
    rule: "Its name, address on the web, and whether it is a staffing agency.",
  },
  applyMethod: {
    sentAs: indeedApply,
    rule: "BOARD_NATIVE: candidates apply at Indeed itself. Otherwise they are sent to `applyUrl`.",
  },
  applyUrl: {
    sentAs: "metadata.url",
    isRequired: true,
    rule: "The job's page, also where candidates apply at Indeed.",
  },
  contactEmail: { sentAs: "metadata.contacts", isRequired: true, rule: "For Indeed: candidates do not see it." },
  contactName: { sentAs: "metadata.contacts" },
  contactPhone: { notSent: "Indeed documents no place for it." },
  screeningQuestions: { sentAs: `${indeedApply}.applyQuestionsDetails.screenerQuestions`, rule: ifAppliedThere },
  language: { notSent: "Indeed finds it out from the text." },
  positionsCount: inDescription,
  hoursPerWeek: inDescription,
  videoUrl: inDescription,
  publishedAt: { sentAs: "metadata.datePublished", rule: "Not in the future." },
  expiresAt: { sentAs: "metadata.expirationDate" },
  compliance: {
    sentAs: `body.description, ${indeedApply}.applyQuestionsDetails.demographicQuestions`,
    rule: `The statement, and the questions of a job in the US. ${ifAppliedThere}`,
  },
  requireResume: {
    sentAs: `${indeedApply}.resumeRequired`,
    rule: `Without questions there is always a résumé. ${ifAppliedThere}`,
  },
  requireCoverLetter: { sentAs: `${indeedApply}.coverLetterRequired`, rule: ifAppliedThere },
  requirePhone: { sentAs: `${indeedApply}.phoneRequired`, rule: ifAppliedThere },
  promotion: { notSent: "Jobs are sponsored in the company's account at Indeed." },
};
