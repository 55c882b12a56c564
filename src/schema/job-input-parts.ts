import { Field, Float, InputType, Int } from "type-graphql";
import { type Job, promotionTypes, questionTypes, salaryPeriods } from "../services/job-words.ts";
import { enumOf } from "./enum.ts";
import { UrlScalar } from "./scalars.ts";

const SalaryPeriodEnum = enumOf("SalaryPeriod", "For which time one is paid that much.", salaryPeriods);
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
