import { Field, InputType, Int } from "type-graphql";
import {
  applyMethods,
  employmentTypes,
  type Job,
  requirements,
  seniorities,
  workplaceTypes,
} from "../services/job-words.ts";
import { enumOf } from "./enum.ts";
import {
  BoardCodesInput,
  CompanyInput,
  ComplianceInput,
  EquityInput,
  JobLocationInput,
  PromotionInput,
  SalaryInput,
  ScreeningQuestionInput,
  SkillsInput,
} from "./job-input-parts.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";

const EmploymentTypeEnum = enumOf("EmploymentType", "How somebody is employed.", employmentTypes);
const WorkplaceTypeEnum = enumOf("WorkplaceType", "Where one works.", workplaceTypes);
const SeniorityEnum = enumOf("Seniority", "How experienced somebody has to be.", seniorities);
const ApplyMethodEnum = enumOf(
  "ApplyMethod",
  "How candidates apply: at `applyUrl`, at the board itself where it can, or by e-mail.",
  applyMethods,
);
const RequirementEnum = enumOf("Requirement", "Whether candidates have to give something.", requirements);

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

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "Until when one may apply. Then every board is to have it off; where a board does not do so by itself, we do.",
  })
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
