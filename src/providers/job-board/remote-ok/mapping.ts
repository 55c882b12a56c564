import type { DescriptionRules } from "../description.ts";
import type { JobBoardProvider } from "../provider.ts";

// Fields of the form at https://remoteok.com/hire-remotely; their names there are not confirmed.

export const descriptionRules: DescriptionRules = {
  tags: ["p", "br", "ul", "ol", "li", "strong", "em", "h1", "h2", "h3"],
  tells: [
    "employmentType",
    "seniority",
    "yearsOfExperience",
    "education",
    "certifications",
    "languages",
    "englishLevel",
    "hoursPerWeek",
    "positionsCount",
    "equity",
    "videoUrl",
    "compliance",
  ],
};

const inDescription = { sentAs: "Job description" };
const asked = { notSent: "Candidates are asked where they apply." };
const noPlace = { notSent: "Remote OK's form has no place for it." };

/** Where each field goes: what a person enters, by the names of the form. */
export const fields: JobBoardProvider["fields"] = {
  externalReference: { notSent: "Remote OK knows a post by its own address, which is confirmed after posting." },
  requisitionId: noPlace,
  title: { sentAs: "Position", isRequired: true },
  description: { ...inDescription, isRequired: true },
  responsibilities: inDescription,
  requirements: inDescription,
  niceToHave: inDescription,
  benefitsText: inDescription,
  employmentType: inDescription,
  workplaceType: { options: ["REMOTE"], notSent: "Every job there is remote; another one is refused." },
  location: { notSent: "A job is remote: `remoteCountries` says from where." },
  alternateLocations: { notSent: "A job is remote: `remoteCountries` says from where." },
  remoteCountries: { sentAs: "Location restricted to", rule: "The countries' names; `Worldwide` for none." },
  salary: { sentAs: "Annual salary or compensation", rule: "As it is given, with currency and period." },
  equity: inDescription,
  seniority: inDescription,
  yearsOfExperience: inDescription,
  education: inDescription,
  certifications: inDescription,
  languages: inDescription,
  englishLevel: inDescription,
  industries: noPlace,
  functions: { sentAs: "Tags" },
  category: { sentAs: "Primary tag" },
  boardCodes: { sentAs: "Tags", rule: "Of `functions`: Remote OK's own tags, before all else." },
  skills: { sentAs: "Tags" },
  benefits: { sentAs: "Benefits" },
  company: { sentAs: "Company name, Company logo", isRequired: true, rule: "Name and logo's address." },
  applyMethod: { notSent: "It decides whether candidates get `applyUrl` or `contactEmail`." },
  applyUrl: { sentAs: "Apply URL", isRequired: true, rule: "Or else `contactEmail`, when `applyMethod` is EMAIL." },
  contactEmail: { sentAs: "Apply email address", rule: "When `applyMethod` is EMAIL." },
  contactName: noPlace,
  contactPhone: noPlace,
  screeningQuestions: asked,
  language: noPlace,
  positionsCount: inDescription,
  hoursPerWeek: inDescription,
  videoUrl: inDescription,
  publishedAt: { notSent: "A post is shown from when it is paid for." },
  expiresAt: {
    notSent: "A post is renewed every 30 days until somebody ends it: they are asked to when the time comes.",
  },
  compliance: { ...inDescription, rule: "The statement; Remote OK asks no questions for it." },
  requireResume: asked,
  requireCoverLetter: asked,
  requirePhone: asked,
  promotion: { notSent: "Upgrades are bought in the form." },
};
