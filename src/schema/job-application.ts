import {
  Arg,
  Args,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import type { FileDownloads } from "../services/file-downloads.ts";
import {
  applicationFileStates,
  applicationStatuses,
  dispositionStates,
  type JobApplicationFile as FileRow,
  type JobApplications,
  type JobApplication as Row,
  rejectionReasons,
} from "../services/job-applications.ts";
import { Scopes } from "./access-directives.ts";
import { ApplicationAnswer, ApplicationSource, Candidate, CareerStep } from "./candidate.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Integration } from "./integration.ts";
import { JobPosting } from "./job-posting.ts";
import { Job } from "./job-type.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { Problem } from "./problem.ts";
import { ProviderIdEnum } from "./provider.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";
import { User } from "./user-type.ts";

export const JobApplicationStatusEnum = enumOf(
  "JobApplicationStatus",
  "How far an application is with those who decide on it.",
  applicationStatuses,
);
export const RejectionReasonEnum = enumOf(
  "RejectionReason",
  "Why an application was rejected, in the words that boards take.",
  rejectionReasons,
);
const DispositionStateEnum = enumOf(
  "DispositionState",
  "Whether a board has heard of a step: PENDING until then, NOT_TOLD where it has no word for it, REFUSED when it did not take it.",
  dispositionStates,
);
const FileKindEnum = enumOf("ApplicationFileKind", "What a file is.", ["RESUME", "COVER_LETTER", "ANSWER"]);
const FileStateEnum = enumOf(
  "ApplicationFileState",
  "PENDING until it was fetched from the board, REFUSED when it is too large or no document, LOST when the board no longer has it.",
  applicationFileStates,
);

@ObjectType({
  description: "A file of an application. What it is was found out from its bytes, whatever the sender said.",
})
export class JobApplicationFile {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => FileKindEnum, { description: "What it is." })
  kind!: string;

  @Field(() => String, { nullable: true, description: "The question that it answers; null for others." })
  questionKey!: string | null;

  @Field(() => String, { description: "A name that is safe to store it under." })
  fileName!: string;

  @Field(() => String, { nullable: true, description: "Its media type; null as long as nobody has it." })
  contentType!: string | null;

  @Field(() => Int, { nullable: true, description: "How many bytes it has." })
  sizeBytes!: number | null;

  @Field(() => FileStateEnum, { description: "Whether it is there." })
  state!: string;

  @Field(() => Problem, { nullable: true, description: "Why it is not there; null when nothing is wrong." })
  problem!: Problem | null;
}

@ObjectType({ description: "One step of an application, and whether its board has heard of it." })
export class JobApplicationStep {
  @Field(() => JobApplicationStatusEnum, { description: "How far it was then." })
  status!: string;

  @Field(() => RejectionReasonEnum, { nullable: true, description: "Why it was REJECTED." })
  reason!: string | null;

  @Field(() => String, { nullable: true, description: "What the platform calls the step." })
  stage!: string | null;

  @Field(() => String, { nullable: true, description: "More about it, in the platform's words." })
  details!: string | null;

  @Field(() => DateTimeScalar, { description: "When." })
  changedAt!: Date;

  @Field(() => DispositionStateEnum, { description: "Whether the board has heard of it." })
  disposition!: string;

  @Field(() => String, { nullable: true, description: "What the board calls it; null where it is not told." })
  boardStatus!: string | null;

  @Field(() => Problem, { nullable: true, description: "Why the board did not take it." })
  problem!: Problem | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When the board heard of it." })
  toldAt!: Date | null;

  changedBy!: string | null;
}

@ObjectType({ description: "One person's application to one job posting." })
@Directive('@key(fields: "id")')
export class JobApplication {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => String, { description: "The board's own name for it; ours where somebody filed it by hand." })
  boardApplicationId!: string;

  @Field(() => Candidate, { description: "Who applies." })
  candidate!: Candidate;

  @Field(() => String, { nullable: true, description: "The cover letter, where it is text." })
  coverLetter!: string | null;

  @Field(() => String, { nullable: true, description: "The résumé as text, where the board has read it." })
  resumeText!: string | null;

  @Field(() => [CareerStep], { description: "Where the applicant has worked." })
  experience!: readonly CareerStep[];

  @Field(() => [CareerStep], { description: "Where the applicant has studied." })
  education!: readonly CareerStep[];

  @Field(() => [String], { description: "What the applicant can do." })
  skills!: readonly string[];

  @Field(() => [ApplicationAnswer], { description: "Answers to the questions of the job." })
  answers!: readonly ApplicationAnswer[];

  @Field(() => ApplicationSource, { description: "How the applicant came to the job." })
  source!: ApplicationSource;

  @Field(() => JobApplicationStatusEnum, { description: "How far it is with those who decide on it." })
  status!: string;

  @Field(() => DateTimeScalar, { description: "Since when." })
  statusChangedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: "When the applicant sent it, where the board says so." })
  appliedAt!: Date | null;

  @Field(() => DateTimeScalar, { description: "When it came here." })
  receivedAt!: Date;
}

export const JobApplicationConnection = connectionType("JobApplication", () => JobApplication);

@InputType({ description: "Which applications; all that the viewer may see when empty." })
export class JobApplicationFilter {
  @Field(() => [ID], { nullable: true, description: "Only to these jobs." })
  jobIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only to these postings." })
  jobPostingIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only by these integrations." })
  integrationIds?: string[] | null;

  @Field(() => [ProviderIdEnum], { nullable: true, description: "Only from these boards." })
  providers?: string[] | null;

  @Field(() => [JobApplicationStatusEnum], { nullable: true, description: "Only those that are this far." })
  statuses?: (typeof applicationStatuses)[number][] | null;
}

@Resolver(() => JobApplication)
export class JobApplicationResolver {
  constructor(private readonly service: JobApplications) {}

  @Scopes("applications:read")
  @Query(() => JobApplication, { nullable: true, description: "One application." })
  jobApplication(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Row | null> {
    return loaders.jobApplication.load(id);
  }

  @Scopes("applications:read")
  @Query(() => JobApplicationConnection, { description: "Applications, newest first." })
  @Directive(listSize)
  async jobApplications(
    @Ctx() { viewer }: Context,
    @Arg("filter", () => JobApplicationFilter, { nullable: true, description: "Which." })
    filter: JobApplicationFilter | null,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Row>> {
    return connectionOf(await this.service.list(viewer, filter ?? {}, pageRequest(page)));
  }

  @FieldResolver(() => Job, { description: "The platform's job." })
  job(@Root() { jobId }: Row): Job {
    return { id: jobId };
  }

  @FieldResolver(() => JobPosting, {
    nullable: true,
    description: "The posting that was applied to; null when the viewer may not see postings.",
  })
  jobPosting(@Ctx() { viewer, loaders }: Context, @Root() { jobPostingId }: Row): Promise<unknown> | null {
    return viewer.scopes.has("jobs:read") ? loaders.jobPosting.load(jobPostingId) : null;
  }

  @FieldResolver(() => Integration, {
    nullable: true,
    description: "The integration it came by; null when the viewer may not see integrations.",
  })
  integration(@Ctx() { viewer, loaders }: Context, @Root() { integrationId }: Row): Promise<unknown> | null {
    return viewer.scopes.has("integrations:read") ? loaders.integration.load(integrationId) : null;
  }

  @FieldResolver(() => User, { nullable: true, description: "Who filed it by hand; null when it came from the board." })
  recordedBy(@Root() { recordedBy }: Row): User | null {
    return recordedBy === null ? null : { id: recordedBy };
  }

  @FieldResolver(() => Boolean, {
    description: "Whether it is at a stand-in for the board, as in development: then nobody outside has seen it.",
  })
  async simulated(@Ctx() { loaders }: Context, @Root() { integrationId }: Row): Promise<boolean> {
    return (await loaders.boardOfIntegration.load(integrationId))?.simulated ?? false;
  }

  @FieldResolver(() => [JobApplicationFile], { description: "Its files." })
  @Directive("@listSize(assumedSize: 5)")
  async files(@Ctx() { loaders }: Context, @Root() { id }: Row): Promise<unknown> {
    return (await loaders.filesOfApplication.load(id)) ?? [];
  }

  @FieldResolver(() => [JobApplicationStep], { description: "How it went on, the first step first." })
  @Directive("@listSize(assumedSize: 10)")
  async steps(@Ctx() { loaders }: Context, @Root() { id }: Row): Promise<unknown> {
    return (await loaders.stepsOfApplication.load(id)) ?? [];
  }

  @Scopes("applications:read-eeo")
  @FieldResolver(() => [ApplicationAnswer], {
    nullable: true,
    description: "Answers about equal opportunity: for reports, and not for those who decide.",
  })
  async eeoAnswers(@Ctx() { loaders }: Context, @Root() { id }: Row): Promise<unknown> {
    return (await loaders.eeoAnswersOfApplication.load(id)) ?? [];
  }
}

@Resolver(() => JobApplicationFile)
export class JobApplicationFileResolver {
  constructor(private readonly downloads: FileDownloads) {}

  @FieldResolver(() => UrlScalar, {
    nullable: true,
    description:
      "Where the viewer can download it for five minutes from now; null as long as nobody has it. Each download is an event.",
  })
  downloadUrl(@Ctx() { viewer }: Context, @Root() file: FileRow): Promise<string | null> {
    return this.downloads.urlOf(viewer, file);
  }
}

@Resolver(() => JobApplicationStep)
export class JobApplicationStepResolver {
  @FieldResolver(() => User, { nullable: true, description: "Whose doing it was; null for what happened by itself." })
  changedBy(@Root() { changedBy }: JobApplicationStep): User | null {
    return changedBy === null ? null : { id: changedBy };
  }
}
