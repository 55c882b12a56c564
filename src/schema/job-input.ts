import { Field, Float, InputType, Int } from "type-graphql";
import {
  applyMethods,
  employmentTypes,
  type Job,
  type JobLocation,
  promotionTypes,
  questionTypes,
  requirements,
  salaryPeriods,
  seniorities,
  workplaceTypes,
} from "../services/job-words.ts";
import { plainText } from "../services/plain-text.ts";
import { enumOf } from "./enum.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";

const EmploymentTypeEnum = enumOf("EmploymentType", "How somebody is employed.", employmentTypes);
const WorkplaceTypeEnum = enumOf("WorkplaceType", "Where one works.", workplaceTypes);
const SeniorityEnum = enumOf("Seniority", "How experienced somebody has to be.", seniorities);
const SalaryPeriodEnum = enumOf("SalaryPeriod", "For which time one is paid that much.", salaryPeriods);
const ApplyMethodEnum = enumOf(
  "ApplyMethod",
  "How candidates apply: at `applyUrl`, at the board itself where it can, or by e-mail.",
  applyMethods,
);
const RequirementEnum = enumOf("Requirement", "Whether candidates have to give something.", requirements);
const QuestionTypeEnum = enumOf("QuestionType", "What an answer is.", questionTypes);
const PromotionTypeEnum = enumOf("PromotionType", "How a job is shown to more people, for money.", promotionTypes);

@InputType({ description: "Where a job is." })
export class JobLocationInput {
  @Field(() => String, { nullable: true, description: "Street and number." })
  street?: string | null;

  @Field(() => String, { nullable: true, description: "The city." })
  city?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "State, province or region; by its usual letters in the US and Canada.",
  })
  region?: string | null;

  @Field(() => String, { nullable: true, description: "The postal code." })
  postalCode?: string | null;

  @Field(() => String, { description: "Two letters of ISO 3166-1: `DE`." })
  country!: string;

  @Field(() => Float, { nullable: true, description: "Degrees north." })
  latitude?: number | null;

  @Field(() => Float, { nullable: true, description: "Degrees east." })
  longitude?: number | null;
}

@InputType({ description: "What a job pays." })
export class SalaryInput {
  @Field(() => String, { nullable: true, description: "The least, as a decimal: `52000.50`." })
  min?: string | null;

  @Field(() => String, { nullable: true, description: "The most, as a decimal." })
  max?: string | null;

  @Field(() => String, { description: "Three letters of ISO 4217: `EUR`." })
  currency!: string;

  @Field(() => SalaryPeriodEnum, { description: "For which time." })
  period!: NonNullable<Job["salary"]>["period"];

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: "False keeps it from every board." })
  visible?: boolean | null;
}

@InputType({ description: "An amount of money." })
export class MoneyInput {
  @Field(() => String, { description: "A decimal: `300.00`." })
  amount!: string;

  @Field(() => String, { description: "Three letters of ISO 4217: `EUR`." })
  currency!: string;
}

@InputType({ description: "A share of the company." })
export class EquityInput {
  @Field(() => Boolean, { description: "Whether there is any." })
  offered!: boolean;

  @Field(() => String, { nullable: true, description: "How much: `0.1–0.2 %`." })
  range?: string | null;
}

@InputType({ description: "What a board calls functions and industries: codes of its own." })
export class BoardCodesInput {
  @Field(() => [String], { nullable: true, description: "Functions." })
  functions?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Industries." })
  industries?: string[] | null;
}

@InputType({ description: "What somebody can do." })
export class SkillsInput {
  @Field(() => [String], { nullable: true, description: "What is needed." })
  required?: string[] | null;

  @Field(() => [String], { nullable: true, description: "What is welcome." })
  preferred?: string[] | null;
}

@InputType({ description: "Who employs." })
export class CompanyInput {
  @Field(() => String, { description: "Its name." })
  name!: string;

  @Field(() => UrlScalar, { nullable: true, description: "Its site." })
  url?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: "Its logo." })
  logoUrl?: string | null;

  @Field(() => String, { nullable: true, description: "What it does. HTML." })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Whether it looks for people for others." })
  isStaffingAgency?: boolean | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Whether its name is not to be shown." })
  isConfidential?: boolean | null;
}

@InputType({ description: "An answer to choose." })
export class QuestionOptionInput {
  @Field(() => String, { description: "What comes back." })
  value!: string;

  @Field(() => String, { description: "What candidates read." })
  label!: string;
}

@InputType({ description: "The answer to another question that a question depends on." })
export class QuestionConditionInput {
  @Field(() => String, { description: "Of the other question." })
  key!: string;

  @Field(() => String, { description: "Its answer." })
  value!: string;
}

@InputType({ description: "What candidates are asked." })
export class ScreeningQuestionInput {
  @Field(() => String, { description: "Its name, unique within the job." })
  key!: string;

  @Field(() => String, { description: "What candidates read." })
  text!: string;

  @Field(() => QuestionTypeEnum, { description: "What an answer is." })
  type!: Job["screeningQuestions"][number]["type"];

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Whether one has to answer." })
  required?: boolean | null;

  @Field(() => [QuestionOptionInput], { nullable: true, description: "Of a choice." })
  options?: QuestionOptionInput[] | null;

  @Field(() => Float, { nullable: true, description: "The least number." })
  min?: number | null;

  @Field(() => Float, { nullable: true, description: "The greatest number." })
  max?: number | null;

  @Field(() => Int, { nullable: true, description: "Of a text, in characters." })
  maxLength?: number | null;

  @Field(() => QuestionConditionInput, { nullable: true, description: "It is asked only then." })
  dependsOn?: QuestionConditionInput | null;

  @Field(() => [String], { nullable: true, description: "Answers that rule nobody out; all when left out." })
  acceptableValues?: string[] | null;
}

@InputType({ description: "More people are to see it, for money. It waits for approval." })
export class PromotionInput {
  @Field(() => PromotionTypeEnum, { description: "How." })
  type!: NonNullable<Job["promotion"]>["type"];

  @Field(() => MoneyInput, { nullable: true, description: "What may be spent." })
  budget?: MoneyInput | null;

  @Field(() => Int, { nullable: true, description: "For so many days." })
  days?: number | null;
}

@InputType({ description: "What the law asks for." })
export class ComplianceInput {
  @Field(() => String, { nullable: true, description: "A statement on equal opportunity." })
  eeoStatement?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Whether candidates are asked the questions of equal opportunity; for jobs in the US.",
  })
  eeoQuestions?: boolean | null;
}

@InputType({ description: "A whole job. `Provider.jobFields` says what becomes of each field at each board." })
export class JobInput {
  @Field(() => String, {
    description: "Your reference, 1 to 50 letters, digits, _ and -. Boards know the job by it, and it never changes.",
  })
  externalReference!: string;

  @Field(() => String, { nullable: true, description: "Of the requisition; the reference when left out." })
  requisitionId?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "For your own people: refused by every board.",
  })
  internalOnly?: boolean | null;

  @Field(() => String, { description: "The bare title." })
  title!: string;

  @Field(() => String, {
    description: "HTML, made safe for each board, as are the next four. They are joined in this order.",
  })
  description!: string;

  @Field(() => String, { nullable: true, description: "What one does." })
  responsibilities?: string | null;

  @Field(() => String, { nullable: true, description: "What is needed." })
  requirements?: string | null;

  @Field(() => String, { nullable: true, description: "What is welcome." })
  niceToHave?: string | null;

  @Field(() => String, { nullable: true, description: "What one gets." })
  benefitsText?: string | null;

  @Field(() => EmploymentTypeEnum, { nullable: true, description: "How one is employed." })
  employmentType?: Job["employmentType"];

  @Field(() => WorkplaceTypeEnum, { nullable: true, description: "Where one works." })
  workplaceType?: Job["workplaceType"];

  @Field(() => JobLocationInput, { nullable: true, description: "Where it is." })
  location?: JobLocationInput | null;

  @Field(() => [JobLocationInput], { nullable: true, description: "Where it may be too." })
  alternateLocations?: JobLocationInput[] | null;

  @Field(() => [String], { nullable: true, description: "Where applicants may live; anywhere when left out." })
  remoteCountries?: string[] | null;

  @Field(() => SalaryInput, { nullable: true, description: "What it pays." })
  salary?: SalaryInput | null;

  @Field(() => EquityInput, { nullable: true, description: "A share of the company." })
  equity?: EquityInput | null;

  @Field(() => SeniorityEnum, { nullable: true, description: "How experienced one has to be." })
  seniority?: Job["seniority"];

  @Field(() => Int, { nullable: true, description: "Years of experience." })
  yearsOfExperience?: number | null;

  @Field(() => String, { nullable: true, description: "What one has to have learned." })
  education?: string | null;

  @Field(() => [String], { nullable: true, description: "What one has to have passed." })
  certifications?: string[] | null;

  @Field(() => [String], { nullable: true, description: "What one speaks." })
  languages?: string[] | null;

  @Field(() => String, { nullable: true, description: "How well one speaks English." })
  englishLevel?: string | null;

  @Field(() => [String], { nullable: true, description: "In your own words." })
  industries?: string[] | null;

  @Field(() => [String], { nullable: true, description: "In your own words." })
  functions?: string[] | null;

  @Field(() => String, { nullable: true, description: "In your own words." })
  category?: string | null;

  @Field(() => BoardCodesInput, {
    nullable: true,
    description: "In a board's codes; better given per board in `overrides`.",
  })
  boardCodes?: BoardCodesInput | null;

  @Field(() => SkillsInput, { nullable: true, description: "What one can do." })
  skills?: SkillsInput | null;

  @Field(() => [String], { nullable: true, description: "What one gets, each in a few words." })
  benefits?: string[] | null;

  @Field(() => CompanyInput, { description: "Who employs." })
  company!: CompanyInput;

  @Field(() => ApplyMethodEnum, { nullable: true, defaultValue: "EXTERNAL_URL", description: "How one applies." })
  applyMethod?: Job["applyMethod"] | null;

  @Field(() => UrlScalar, { nullable: true, description: "Where one applies; https." })
  applyUrl?: string | null;

  @Field(() => String, { nullable: true, description: "Whom one writes to." })
  contactEmail?: string | null;

  @Field(() => String, { nullable: true, description: "Who that is." })
  contactName?: string | null;

  @Field(() => String, { nullable: true, description: "Where one calls." })
  contactPhone?: string | null;

  @Field(() => [ScreeningQuestionInput], { nullable: true, description: "What candidates are asked." })
  screeningQuestions?: ScreeningQuestionInput[] | null;

  @Field(() => String, { nullable: true, description: "Of the texts, as BCP 47: `de-DE`." })
  language?: string | null;

  @Field(() => Int, { nullable: true, description: "How many people are looked for." })
  positionsCount?: number | null;

  @Field(() => Int, { nullable: true, description: "How long one works a week." })
  hoursPerWeek?: number | null;

  @Field(() => UrlScalar, { nullable: true, description: "A video of it." })
  videoUrl?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Since when it is open; since it is posted when left out.",
  })
  publishedAt?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Until when one may apply." })
  expiresAt?: Date | null;

  @Field(() => ComplianceInput, { nullable: true, description: "What the law asks for." })
  compliance?: ComplianceInput | null;

  @Field(() => RequirementEnum, { nullable: true, defaultValue: "OPTIONAL", description: "A résumé." })
  requireResume?: Job["requireResume"] | null;

  @Field(() => RequirementEnum, { nullable: true, defaultValue: "OPTIONAL", description: "A cover letter." })
  requireCoverLetter?: Job["requireCoverLetter"] | null;

  @Field(() => RequirementEnum, { nullable: true, defaultValue: "OPTIONAL", description: "A telephone number." })
  requirePhone?: Job["requirePhone"] | null;

  @Field(() => PromotionInput, { nullable: true, description: "Paid visibility." })
  promotion?: PromotionInput | null;
}

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
