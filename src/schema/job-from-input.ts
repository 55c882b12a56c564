import type { Job, JobLocation } from "../services/job-words.ts";
import { plainText } from "../services/plain-text.ts";
import type { JobInput } from "./job-input.ts";
import type { BoardCodesInput, JobLocationInput, PromotionInput, ScreeningQuestionInput } from "./job-input-parts.ts";

/** The job as every board gets it: what was left out is null or empty. */
export function jobOf(input: JobInput): Job {
  const { company, salary, skills, compliance, boardCodes, equity, promotion } = input;
  return {
    externalReference: input.externalReference,
    requisitionId: text(input.requisitionId),
    title: plainText(input.title),
    description: plainText(input.description),
    responsibilities: text(input.responsibilities),
    requirements: text(input.requirements),
    niceToHave: text(input.niceToHave),
    benefitsText: text(input.benefitsText),
    employmentType: input.employmentType ?? null,
    workplaceType: input.workplaceType ?? null,
    location: input.location ? locationOf(input.location) : null,
    alternateLocations: (input.alternateLocations ?? []).map(locationOf),
    remoteCountries: input.remoteCountries ?? [],
    salary: salary
      ? {
          min: salary.min ?? null,
          max: salary.max ?? null,
          currency: salary.currency,
          period: salary.period,
          visible: salary.visible ?? true,
        }
      : null,
    equity: equity ? { offered: equity.offered, range: text(equity.range) } : null,
    seniority: input.seniority ?? null,
    yearsOfExperience: input.yearsOfExperience ?? null,
    education: text(input.education),
    certifications: texts(input.certifications),
    languages: texts(input.languages),
    englishLevel: text(input.englishLevel),
    industries: texts(input.industries),
    functions: texts(input.functions),
    category: text(input.category),
    boardCodes: boardCodesOf(boardCodes),
    skills: { required: texts(skills?.required), preferred: texts(skills?.preferred) },
    benefits: texts(input.benefits),
    company: {
      name: plainText(company.name),
      url: company.url ?? null,
      logoUrl: company.logoUrl ?? null,
      description: text(company.description),
      isStaffingAgency: company.isStaffingAgency ?? false,
      isConfidential: company.isConfidential ?? false,
    },
    applyMethod: input.applyMethod ?? "EXTERNAL_URL",
    applyUrl: input.applyUrl ?? null,
    contactEmail: text(input.contactEmail),
    contactName: text(input.contactName),
    contactPhone: text(input.contactPhone),
    screeningQuestions: (input.screeningQuestions ?? []).map(questionOf),
    language: input.language ?? null,
    positionsCount: input.positionsCount ?? null,
    hoursPerWeek: input.hoursPerWeek ?? null,
    videoUrl: input.videoUrl ?? null,
    publishedAt: input.publishedAt ?? null,
    expiresAt: input.expiresAt ?? null,
    compliance: { eeoStatement: text(compliance?.eeoStatement), eeoQuestions: compliance?.eeoQuestions ?? false },
    requireResume: input.requireResume ?? "OPTIONAL",
    requireCoverLetter: input.requireCoverLetter ?? "OPTIONAL",
    requirePhone: input.requirePhone ?? "OPTIONAL",
    promotion: promotion ? promotionOf(promotion) : null,
  };
}

export function promotionOf({ type, budget, days }: PromotionInput): NonNullable<Job["promotion"]> {
  return { type, budget: budget ? { amount: budget.amount, currency: budget.currency } : null, days: days ?? null };
}

export function boardCodesOf(codes: BoardCodesInput | null | undefined): Job["boardCodes"] {
  return { functions: texts(codes?.functions), industries: texts(codes?.industries) };
}

function locationOf(input: JobLocationInput): JobLocation {
  return {
    street: text(input.street),
    city: text(input.city),
    region: text(input.region),
    postalCode: text(input.postalCode),
    country: input.country,
    latitude: input.latitude ?? null,
    longitude: input.longitude ?? null,
  };
}

function questionOf(input: ScreeningQuestionInput): Job["screeningQuestions"][number] {
  return {
    key: plainText(input.key),
    text: plainText(input.text),
    type: input.type,
    required: input.required ?? false,
    options: (input.options ?? []).map(({ value, label }) => ({ value: plainText(value), label: plainText(label) })),
    min: input.min ?? null,
    max: input.max ?? null,
    maxLength: input.maxLength ?? null,
    dependsOn: input.dependsOn ? { key: input.dependsOn.key, value: input.dependsOn.value } : null,
    acceptableValues: texts(input.acceptableValues),
  };
}

function text(given: string | null | undefined): string | null {
  return plainText(given ?? null);
}

function texts(given: readonly string[] | null | undefined): readonly string[] {
  return (given ?? []).map((one) => plainText(one));
}
