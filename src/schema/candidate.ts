import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "Who applies, as the board says it. What the board does not say is null." })
export class Candidate {
  @Field(() => String, { description: "The whole name." })
  fullName!: string;

  @Field(() => String, { nullable: true, description: "The first name." })
  firstName!: string | null;

  @Field(() => String, { nullable: true, description: "The last name." })
  lastName!: string | null;

  @Field(() => String, { nullable: true, description: "The mail address; some boards give one that leads to it." })
  email!: string | null;

  @Field(() => String, { nullable: true, description: "The telephone number." })
  phone!: string | null;

  @Field(() => String, { nullable: true, description: "Where the applicant lives." })
  city!: string | null;

  @Field(() => String, { nullable: true, description: "The region or state." })
  region!: string | null;

  @Field(() => String, { nullable: true, description: "The postal code." })
  postalCode!: string | null;

  @Field(() => String, { nullable: true, description: "The country, in the board's words." })
  country!: string | null;

  @Field(() => String, { nullable: true, description: "What the applicant is, in a line." })
  headline!: string | null;

  @Field(() => String, { nullable: true, description: "What the applicant says of themselves." })
  summary!: string | null;

  @Field(() => [String], {
    description: "Pages about the applicant. They are the applicant's own words: follow them with care.",
  })
  profileUrls!: readonly string[];
}

@ObjectType({ description: "A place of work or study." })
export class CareerStep {
  @Field(() => String, { nullable: true, description: "The position, or the degree." })
  title!: string | null;

  @Field(() => String, { nullable: true, description: "The employer, or the school." })
  organization!: string | null;

  @Field(() => String, { nullable: true, description: "More about it." })
  description!: string | null;

  @Field(() => String, { nullable: true, description: "Where it was." })
  city!: string | null;

  @Field(() => String, { nullable: true, description: "From when, as the board says it: `2019`, `2019-04`." })
  from!: string | null;

  @Field(() => String, { nullable: true, description: "Until when; null when it goes on, or nobody knows." })
  to!: string | null;
}

@ObjectType({ description: "An answer to a question." })
export class ApplicationAnswer {
  @Field(() => String, { description: "The key of the question in the job, or the board's own name for it." })
  questionKey!: string;

  @Field(() => String, {
    nullable: true,
    description: "The question as the applicant saw it, where the board says so.",
  })
  question!: string | null;

  @Field(() => [String], { description: "The answers; empty where nothing was answered." })
  values!: readonly string[];
}

@ObjectType({ description: "How an applicant came to a job." })
export class ApplicationSource {
  @Field(() => Boolean, {
    nullable: true,
    description: "Whether it was by paid visibility; null where the board does not say.",
  })
  sponsored!: boolean | null;

  @Field(() => String, { nullable: true, description: "From where, as the board says it." })
  referrer!: string | null;

  @Field(() => String, { nullable: true, description: "The campaign, or the board that the application came from." })
  campaign!: string | null;
}
