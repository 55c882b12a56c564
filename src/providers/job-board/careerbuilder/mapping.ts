import type { DescriptionRules } from "../description.ts";
import type { JobBoardProvider } from "../provider.ts";

// Names of the interface for distributing jobs (DPI), as guides to it name them. Code tables of it are not public.

export const titleLimits = { unit: "CHARACTERS", max: 100 } as const;

export const descriptionRules: DescriptionRules = {
  tags: ["p", "br", "ul", "ol", "li", "strong", "em", "b", "i"],
  tells: [
    "employmentType",
    "workplaceType",
    "seniority",
    "yearsOfExperience",
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

const inDescription = { sentAs: "Description" };
const asked = { notSent: "Candidates are asked where they apply." };
const noPlace = { notSent: "The interface has no place for it." };

/** Where each field goes. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: { sentAs: "JobID", isRequired: true, rule: "Never changes." },
  requisitionId: { sentAs: "DisplayJobID" },
  title: { sentAs: "JobTitle", isRequired: true, limits: titleLimits },
  description: { ...inDescription, isRequired: true, rule: "Basic HTML." },
  responsibilities: inDescription,
  requirements: inDescription,
  niceToHave: inDescription,
  benefitsText: inDescription,
  employmentType: { ...inDescription, rule: "The codes of `EmployeeType` are not public." },
  workplaceType: inDescription,
  location: {
    sentAs: "City, PostalCode, Country",
    isRequired: true,
    rule: "A country, and a city or a postal code, for remote jobs too.",
  },
  alternateLocations: { sentAs: "AlternateLocations", rule: "Cities with their countries." },
  remoteCountries: inDescription,
  salary: { sentAs: "BasePayLow, BasePayHigh, CurrencyCode, PayRate" },
  equity: inDescription,
  seniority: inDescription,
  yearsOfExperience: inDescription,
  education: { sentAs: "Education", rule: "As text: its codes are not public." },
  certifications: inDescription,
  languages: inDescription,
  englishLevel: inDescription,
  industries: { notSent: "Its codes are not public: give `boardCodes.industries`." },
  functions: { notSent: "Its codes are not public: give `boardCodes.functions`." },
  category: noPlace,
  boardCodes: {
    sentAs: "JobTypeCode, IndustryCode",
    rule: "The first of `functions` and of `industries`: codes that CareerBuilder has given you.",
  },
  skills: { sentAs: "DesiredSkills" },
  benefits: inDescription,
  company: {
    sentAs: "ContactCompany, CompanyProfileName",
    isRequired: true,
    rule: "Its name, and the account's profile.",
  },
  applyMethod: { notSent: "It decides whether candidates get `applyUrl` or `contactEmail`." },
  applyUrl: {
    sentAs: "ApplicationURL",
    isRequired: true,
    rule: "Or else `contactEmail`, when `applyMethod` is EMAIL.",
  },
  contactEmail: { sentAs: "ContactEmail, ApplyOnlineCopyEmail" },
  contactName: { sentAs: "ContactName" },
  contactPhone: { sentAs: "ContactPhone" },
  screeningQuestions: asked,
  language: noPlace,
  positionsCount: inDescription,
  hoursPerWeek: inDescription,
  videoUrl: inDescription,
  publishedAt: { sentAs: "ActivationDate" },
  expiresAt: { sentAs: "ExpirationDate", rule: "Or the end of what the account has paid for, if that is sooner." },
  compliance: { ...inDescription, rule: "The statement; no questions are asked for it." },
  requireResume: asked,
  requireCoverLetter: asked,
  requirePhone: asked,
  promotion: { notSent: "Products are agreed in the contract." },
};
