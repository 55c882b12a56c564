import { Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from "type-graphql";
import { plainText } from "../services/plain-text.ts";
import type { RecordedApplication, RecordedApplications } from "../services/recorded-applications.ts";
import { Costly, Scopes } from "./access-directives.ts";
import type { Context } from "./context.ts";
import { Input } from "./input.ts";
import { JobApplication } from "./job-application.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";
import { answer, UserError } from "./user-error.ts";

@InputType({ description: "Who applies. What nobody knows is left out; each text has at most 500 characters." })
export class CandidateInput {
  @Field(() => String, { description: "The whole name." })
  fullName!: string;

  @Field(() => String, { nullable: true, description: "The first name." })
  firstName?: string | null;

  @Field(() => String, { nullable: true, description: "The last name." })
  lastName?: string | null;

  @Field(() => String, { nullable: true, description: "The mail address. By it, the same person is known again." })
  email?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The telephone number, by which the same person is known without one.",
  })
  phone?: string | null;

  @Field(() => String, { nullable: true, description: "Where the applicant lives." })
  city?: string | null;

  @Field(() => String, { nullable: true, description: "The region or state." })
  region?: string | null;

  @Field(() => String, { nullable: true, description: "The postal code." })
  postalCode?: string | null;

  @Field(() => String, { nullable: true, description: "The country." })
  country?: string | null;

  @Field(() => String, { nullable: true, description: "What the applicant is, in a line." })
  headline?: string | null;

  @Field(() => String, { nullable: true, description: "What the applicant says of themselves." })
  summary?: string | null;

  @Field(() => [UrlScalar], { nullable: true, description: "Pages about the applicant, at most 20." })
  profileUrls?: string[] | null;
}

@InputType({ description: "A file. What it is is found out from its bytes." })
export class FileInput {
  @Field(() => String, { description: "Its name." })
  fileName!: string;

  @Field(() => String, {
    description: "Its bytes as base64. A whole request has at most 1 MiB: that is about 700 KiB.",
  })
  content!: string;
}

@InputType({ description: "An application that came in a mail, or that somebody has read at a board." })
export class RecordJobApplicationInput {
  @Field(() => ID, { description: "The posting by which it came." })
  jobPostingId!: string;

  @Field(() => CandidateInput, { description: "Who applies." })
  candidate!: CandidateInput;

  @Field(() => DateTimeScalar, { nullable: true, description: "When the applicant sent it." })
  appliedAt?: Date | null;

  @Field(() => String, { nullable: true, description: "The cover letter as text." })
  coverLetter?: string | null;

  @Field(() => String, { nullable: true, description: "The résumé as text." })
  resumeText?: string | null;

  @Field(() => FileInput, { nullable: true, description: "The résumé as a file." })
  resume?: FileInput | null;

  @Field(() => String, {
    nullable: true,
    description: "How the applicant came to the job, where more is known than the board.",
  })
  referrer?: string | null;

  @Field(() => String, { nullable: true, description: "The same key and input get the same answer for 24 hours." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The application that was filed, or that was there already." })
export class RecordJobApplicationPayload {
  @Field(() => JobApplication, {
    nullable: true,
    description: "The application. Where the same person has applied in the last 120 days, it is the one of then.",
  })
  jobApplication!: unknown;

  @Field(() => [UserError], { description: "Why none was filed." })
  userErrors!: UserError[];
}

@Resolver(() => JobApplication)
export class RecordedApplicationResolver {
  constructor(private readonly applications: Pick<RecordedApplications, "record">) {}

  @Scopes("applications:write")
  @Costly()
  @Mutation(() => RecordJobApplicationPayload, {
    description:
      "Files an application by hand, for boards that bring none: candidates are sent elsewhere there, or write mails. Its board is " +
      "not told what becomes of it.",
  })
  recordJobApplication(
    @Ctx() { viewer, cause }: Context,
    @Input(() => RecordJobApplicationInput) input: RecordJobApplicationInput,
  ): Promise<RecordJobApplicationPayload> {
    return answer(
      async () => ({
        jobApplication: await this.applications.record(viewer, recordedIn(input), input.idempotencyKey ?? null, cause),
      }),
      () => ({ jobApplication: null }),
    );
  }
}

function recordedIn(input: RecordJobApplicationInput): RecordedApplication {
  const { jobPostingId, candidate, appliedAt = null, coverLetter, resumeText, resume = null, referrer } = input;
  const text = (value: string | null | undefined) => plainText(value?.trim()) || null;
  const { fullName, profileUrls } = candidate;
  return {
    jobPostingId,
    candidate: {
      fullName: plainText(fullName.trim()),
      firstName: text(candidate.firstName),
      lastName: text(candidate.lastName),
      email: text(candidate.email),
      phone: text(candidate.phone),
      city: text(candidate.city),
      region: text(candidate.region),
      postalCode: text(candidate.postalCode),
      country: text(candidate.country),
      headline: text(candidate.headline),
      summary: text(candidate.summary),
      profileUrls: profileUrls ?? [],
    },
    appliedAt,
    coverLetter: text(coverLetter),
    resumeText: text(resumeText),
    resume,
    referrer: text(referrer),
  };
}
