import type { JobBoardProvider } from "../provider.ts";

// By the names of the form that Indeed, ZipRecruiter and Monster read. LinkedIn and the generic feed call some of them otherwise.

export const titleLimits = { unit: "CHARACTERS", min: 3, max: 100 } as const;
/** Every feed takes so much: LinkedIn's is the narrowest. */
export const descriptionLimits = { unit: "CHARACTERS", min: 100, max: 25_000 } as const;

const inDescription = { sentAs: "description" };
const category = { sentAs: "category" };
const genericAlone = (name: string) => ({ sentAs: name, rule: "In the generic feed alone." });
const asked = { notSent: "Candidates are asked where `applyUrl` leads." };

/** Where each field goes. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: {
    sentAs: "referencenumber",
    isRequired: true,
    rule: "Never changes. With the end of another one's for each further place; shortened for LinkedIn beyond 40 characters.",
  },
  requisitionId: { sentAs: "requisitionid", rule: "For Indeed; else the reference." },
  title: { sentAs: "title", isRequired: true, limits: titleLimits, rule: "LinkedIn changes no title later." },
  description: {
    ...inDescription,
    isRequired: true,
    limits: descriptionLimits,
    rule: "With everything in it, as each reader shows it.",
  },
  responsibilities: inDescription,
  requirements: inDescription,
  niceToHave: inDescription,
  benefitsText: inDescription,
  employmentType: { sentAs: "jobtype" },
  workplaceType: { sentAs: "remotetype", rule: "The description for ZipRecruiter and Monster." },
  location: {
    sentAs: "city, state, country, postalcode, streetaddress",
    isRequired: true,
    rule: "City, region and country. A remote job has a country, here or in `remoteCountries`.",
  },
  alternateLocations: { sentAs: "city, state, country, postalcode, streetaddress", rule: "One job for each place." },
  remoteCountries: { sentAs: "country, description", rule: "One job for each, where a remote job has no place." },
  salary: { sentAs: "salary", rule: "In words. ZipRecruiter gets amounts, LinkedIn whole ones." },
  equity: inDescription,
  seniority: { sentAs: "experience" },
  yearsOfExperience: inDescription,
  education: { sentAs: "education", rule: "The description for LinkedIn." },
  certifications: inDescription,
  languages: inDescription,
  englishLevel: inDescription,
  industries: category,
  functions: category,
  category,
  boardCodes: { sentAs: "jobFunctions, industryCodes", rule: "LinkedIn's codes, for LinkedIn." },
  skills: { ...inDescription, rule: "LinkedIn has a place of its own." },
  benefits: inDescription,
  company: {
    sentAs: "company",
    isRequired: true,
    rule: "Its name; the generic feed has the rest. It is not confidential.",
  },
  applyMethod: { sentAs: "url", rule: "Candidates are sent to `applyUrl`, whatever it is." },
  applyUrl: {
    sentAs: "url",
    isRequired: true,
    rule: "By a link that says where they come from; LinkedIn gets it as it is.",
  },
  contactEmail: { sentAs: "email", rule: "For Indeed and LinkedIn, which wants one." },
  contactName: genericAlone("contactName"),
  contactPhone: genericAlone("contactPhone"),
  screeningQuestions: asked,
  language: genericAlone("language"),
  positionsCount: inDescription,
  hoursPerWeek: inDescription,
  videoUrl: inDescription,
  publishedAt: { sentAs: "date", rule: "When the job was first posted, without it." },
  expiresAt: { sentAs: "expirationdate", rule: "This service takes the job out of the feed then." },
  compliance: { ...inDescription, rule: "The statement; a feed asks no questions." },
  requireResume: asked,
  requireCoverLetter: asked,
  requirePhone: asked,
  promotion: { notSent: "Promotion is bought from whoever reads the feed." },
};
