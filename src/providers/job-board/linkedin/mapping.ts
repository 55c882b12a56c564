import type { DescriptionRules } from "../description.ts";
import type { EmploymentType, SalaryPeriod, Seniority, WorkplaceType } from "../job.ts";
import type { JobBoardProvider } from "../provider.ts";

// Names of LinkedIn's, https://learn.microsoft.com/en-us/linkedin/talent/job-postings/api/create-jobs

export const employmentStatuses: Readonly<Record<EmploymentType, string>> = {
  FULL_TIME: "FULL_TIME",
  PART_TIME: "PART_TIME",
  CONTRACT: "CONTRACT",
  TEMPORARY: "TEMPORARY",
  INTERNSHIP: "INTERNSHIP",
  VOLUNTEER: "VOLUNTEER",
  // There is no nearer word.
  PER_DIEM: "TEMPORARY",
};

export const experienceLevels: Readonly<Record<Seniority, string>> = {
  INTERN: "INTERNSHIP",
  ENTRY: "ENTRY_LEVEL",
  JUNIOR: "ASSOCIATE",
  MID: "MID_SENIOR_LEVEL",
  SENIOR: "MID_SENIOR_LEVEL",
  LEAD: "MID_SENIOR_LEVEL",
  EXECUTIVE: "EXECUTIVE",
};

export const workplaceTypes: Readonly<Record<WorkplaceType, string>> = {
  ON_SITE: "On-site",
  HYBRID: "Hybrid",
  REMOTE: "Remote",
};

export const compensationPeriods: Readonly<Record<SalaryPeriod, string>> = {
  HOUR: "HOURLY",
  DAY: "DAILY",
  WEEK: "WEEKLY",
  MONTH: "MONTHLY",
  YEAR: "YEARLY",
};

/** "Limited HTML", say the guides; these are what the examples have. What is not known is ignored there. */
export const descriptionRules: DescriptionRules = {
  tags: ["b", "strong", "i", "em", "u", "p", "br", "ul", "ol", "li"],
  tells: [
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

export const titleLimits = { unit: "CHARACTERS", max: 200 } as const;
export const descriptionLimits = { unit: "CHARACTERS", min: 100, max: 25_000 } as const;
export const alternateLocationLimits = { unit: "ITEMS", max: 7 } as const;

/** Where each field goes. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: { sentAs: "externalJobPostingId", isRequired: true, rule: "Never changes." },
  requisitionId: { sentAs: "companyJobCode" },
  title: { sentAs: "title", isRequired: true, limits: titleLimits },
  description: { sentAs: "description", isRequired: true, rule: "Limited HTML.", limits: descriptionLimits },
  responsibilities: inDescription,
  requirements: inDescription,
  niceToHave: inDescription,
  benefitsText: inDescription,
  employmentType: { sentAs: "employmentStatus" },
  workplaceType: { sentAs: "workplaceTypes" },
  location: { sentAs: "location", isRequired: true, rule: "A city or a postal code, for remote jobs too." },
  alternateLocations: { sentAs: "alternateLocations", limits: alternateLocationLimits },
  remoteCountries: inDescription,
  salary: { sentAs: "compensation" },
  equity: inDescription,
  seniority: { sentAs: "experienceLevel" },
  yearsOfExperience: inDescription,
  education: inDescription,
  certifications: inDescription,
  languages: inDescription,
  englishLevel: inDescription,
  industries: { notSent: "LinkedIn has codes of its own for industries; give them as `boardCodes.industries`." },
  functions: { notSent: "LinkedIn has codes of its own for functions; give them as `boardCodes.functions`." },
  category: { notSent: "LinkedIn has codes of its own for functions; give them as `boardCodes.functions`." },
  boardCodes: { sentAs: "categories, industries", rule: "At most 3 functions." },
  skills: { sentAs: "skillsDescription", rule: "At most 4,000 characters." },
  benefits: inDescription,
  company: { sentAs: "company, companyDescription", rule: "The company is the page that was connected." },
  applyMethod: {
    sentAs: "onsiteApplyConfiguration",
    rule: "BOARD_NATIVE, for a company that has agreed to Apply Connect; other candidates are sent to `applyUrl`.",
  },
  applyUrl: {
    sentAs: "companyApplyUrl",
    isRequired: true,
    rule: "For BOARD_NATIVE too: candidates are sent there when applications cannot be delivered.",
  },
  contactEmail: { sentAs: "posterEmail", rule: "Only of a seat holder of the Recruiter contract." },
  contactName: { notSent: "LinkedIn shows the poster's own name." },
  contactPhone: { notSent: "LinkedIn has no place for it." },
  screeningQuestions: {
    sentAs: "onsiteApplyConfiguration.questions.additionalQuestions",
    rule: "BOARD_NATIVE. A question depends on a choice of one option that is asked of everybody.",
  },
  language: { notSent: "LinkedIn finds it out from the text." },
  positionsCount: inDescription,
  hoursPerWeek: inDescription,
  videoUrl: inDescription,
  publishedAt: { sentAs: "listedAt", rule: "Not in the future." },
  expiresAt: { sentAs: "expireAt", rule: "From a day to 180 days ahead." },
  compliance: {
    sentAs: "description, onsiteApplyConfiguration.questions.voluntarySelfIdentificationQuestions",
    rule: "The statement; and the questions for BOARD_NATIVE, in the United States alone.",
  },
  requireResume: {
    sentAs: "onsiteApplyConfiguration.questions.resumeQuestions",
    rule: "BOARD_NATIVE. Stations of work and study are asked for with it, and are optional.",
  },
  requireCoverLetter: { sentAs: "onsiteApplyConfiguration.questions.coverLetterQuestions", rule: "BOARD_NATIVE." },
  requirePhone: { sentAs: "onsiteApplyConfiguration.questions.contactInformationQuestions", rule: "BOARD_NATIVE." },
  promotion: { sentAs: "listingType, contract, budget", rule: "Needs a Recruiter contract." },
};
