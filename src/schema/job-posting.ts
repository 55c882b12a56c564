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
import { type JobPostings, jobPostingStates, type JobPosting as Row } from "../services/job-postings.ts";
import { postingRoutes } from "../services/job-words.ts";
import { type LiveStatus as Live, liveStatusOf } from "../services/live-status.ts";
import { Scopes } from "./access-directives.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Integration } from "./integration.ts";
import { Job } from "./job-type.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { Problem } from "./problem.ts";
import { ProviderIdEnum } from "./provider.ts";
import { DateTimeScalar, JsonScalar, UrlScalar } from "./scalars.ts";
import { User } from "./user-type.ts";

const JobPostingStateEnum = enumOf(
  "JobPostingState",
  "PENDING_APPROVAL until somebody has approved it, PENDING_MANUAL until somebody has acted at the board, QUEUED until it is sent, " +
    "SUBMITTED once the board has it, IN_REVIEW while the board looks at it, LIVE when candidates see it, LIMITED when they do with " +
    "restrictions, REJECTED when the board or an approver refused it, EXPIRED when its time has run out, CLOSED when it is off the " +
    "board, FAILED when it could not be brought there.",
  jobPostingStates,
);
export const PostingRouteEnum = enumOf(
  "PostingRoute",
  "How a job reaches a board: by calls, in a feed, by standing on another board, by mail, or through a person.",
  postingRoutes,
);
export const OperationEnum = enumOf("JobPostingOperation", "What is done to a posting at its board.", [
  "POST",
  "UPDATE",
  "CLOSE",
  "REOPEN",
]);
const ApprovalStateEnum = enumOf("ApprovalState", "What has been decided.", ["PENDING", "APPROVED", "REJECTED"]);
const LiveStatusEnum = enumOf(
  "LiveStatusValue",
  "Whether candidates see it, by the board's own word or that of whoever confirmed it: LIVE, GONE, or UNKNOWN when nobody has said.",
  ["LIVE", "GONE", "UNKNOWN"],
);

@ObjectType({ description: "An amount of money." })
export class Money {
  @Field(() => String, { description: "A decimal." })
  amount!: string;

  @Field(() => String, { description: "Three letters of ISO 4217." })
  currency!: string;
}

@ObjectType({ description: "What posting a job costs." })
export class PostingCost {
  @Field(() => Money, { nullable: true, description: "Null where the board publishes no price." })
  money!: Money | null;

  @Field(() => String, { description: "What it is paid for." })
  unit!: string;
}

@ObjectType({ description: "Whether it may go to the board, and who decided so." })
export class PostingApproval {
  @Field(() => ApprovalStateEnum, { description: "What has been decided." })
  state!: string;

  @Field(() => Money, { nullable: true, description: "No more than this may be spent." })
  maxCost!: Money | null;

  @Field(() => String, { nullable: true, description: "Why it was not approved." })
  reason!: string | null;

  @Field(() => User, { description: "Who asked for it." })
  requestedBy!: User;

  @Field(() => DateTimeScalar, { description: "When." })
  requestedAt!: Date;

  @Field(() => User, { nullable: true, description: "Who decided." })
  decidedBy!: User | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When." })
  decidedAt!: Date | null;
}

@ObjectType({ description: "Whether candidates see a posting, when that was found out and how." })
export class LiveStatus {
  @Field(() => LiveStatusEnum, { description: "Whether they do." })
  status!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When that was said last; null when it never was." })
  checkedAt!: Date | null;

  @Field(() => String, { description: "How it was found out, in words." })
  how!: string;
}

@ObjectType({ description: "One job on one board." })
@Directive('@key(fields: "id")')
export class JobPosting {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => String, { description: "By which the board knows the job." })
  reference!: string;

  @Field(() => PostingRouteEnum, { description: "How it reaches the board; it stays while the posting is open." })
  route!: string;

  @Field(() => JobPostingStateEnum, { description: "How it stands." })
  state!: string;

  @Field(() => OperationEnum, { nullable: true, description: "What is under way at the board; null when nothing is." })
  operation!: string | null;

  @Field(() => Int, { description: "The version of the job that is wanted at the board." })
  jobVersion!: number;

  @Field(() => Int, { nullable: true, description: "The version that the board has; null before it has any." })
  versionSent!: number | null;

  @Field(() => String, { nullable: true, description: "The board's own word for how it stands." })
  boardState!: string | null;

  @Field(() => String, { nullable: true, description: "The board's own name for it." })
  boardPostingId!: string | null;

  @Field(() => UrlScalar, { nullable: true, description: "Where candidates see it." })
  boardUrl!: string | null;

  @Field(() => String, { nullable: true, description: "Why it was closed." })
  closeReason!: string | null;

  @Field(() => PostingCost, { nullable: true, description: "What posting it costs; null for nothing." })
  cost!: PostingCost | null;

  @Field(() => Problem, { nullable: true, description: "What is wrong; null when nothing is." })
  problem!: Problem | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When the board got it first." })
  submittedAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When it is looked after next: the board is asked how it stands, or mailed.",
  })
  nextLookAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When the board prolongs it next by itself, and charges for it; null where it does not.",
  })
  renewsAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When its time at the board runs out." })
  expiresAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was off the board." })
  closedAt!: Date | null;

  @Field(() => DateTimeScalar, { description: "When it was asked for first." })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: "When it was changed last." })
  updatedAt!: Date;
}

export const JobPostingConnection = connectionType("JobPosting", () => JobPosting);

@InputType({ description: "Which job postings; all that the viewer may see when empty." })
export class JobPostingFilter {
  @Field(() => [ID], { nullable: true, description: "Only of these jobs." })
  jobIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only of these integrations." })
  integrationIds?: string[] | null;

  @Field(() => [ProviderIdEnum], { nullable: true, description: "Only on these boards." })
  providers?: string[] | null;

  @Field(() => [JobPostingStateEnum], { nullable: true, description: "Only in these states." })
  states?: (typeof jobPostingStates)[number][] | null;
}

@Resolver(() => JobPosting)
export class JobPostingResolver {
  constructor(private readonly service: JobPostings) {}

  @Scopes("jobs:read")
  @Query(() => JobPosting, { nullable: true, description: "One job posting." })
  jobPosting(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Row | null> {
    return loaders.jobPosting.load(id);
  }

  @Scopes("jobs:read")
  @Query(() => JobPostingConnection, { description: "Job postings, newest first." })
  @Directive(listSize)
  async jobPostings(
    @Ctx() { viewer }: Context,
    @Arg("filter", () => JobPostingFilter, { nullable: true, description: "Which." }) filter: JobPostingFilter | null,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Row>> {
    return connectionOf(await this.service.list(viewer, filter ?? {}, pageRequest(page)));
  }

  @FieldResolver(() => Job, { description: "The platform's job." })
  job(@Root() { jobId }: Row): Job {
    return { id: jobId };
  }

  @FieldResolver(() => JsonScalar, { description: "The job as it is wanted at the board, in the words of `JobInput`." })
  content(@Root() { job }: Row): unknown {
    return job;
  }

  @FieldResolver(() => Integration, { nullable: true, description: "The integration it is posted through." })
  integration(@Ctx() { loaders }: Context, @Root() { integrationId }: Row): Promise<unknown> {
    return loaders.integration.load(integrationId);
  }

  @FieldResolver(() => PostingApproval, {
    nullable: true,
    description: "What somebody has to decide, or has decided; null when nobody has to.",
  })
  approval(@Root() { approval }: Row): PostingApproval | null {
    if (!approval) return null;
    const { state, maxCost, reason, requestedBy, requestedAt, decidedBy, decidedAt } = approval;
    return {
      state,
      maxCost,
      reason,
      requestedBy: { id: requestedBy },
      requestedAt: new Date(requestedAt),
      decidedBy: decidedBy === null ? null : { id: decidedBy },
      decidedAt: decidedAt === null ? null : new Date(decidedAt),
    };
  }

  @FieldResolver(() => Boolean, {
    description: "Whether it is at a stand-in for the board, as in development: then nobody outside has seen it.",
  })
  async simulated(@Ctx() { loaders }: Context, @Root() { integrationId }: Row): Promise<boolean> {
    return (await loaders.boardOfIntegration.load(integrationId))?.simulated ?? false;
  }

  @FieldResolver(() => LiveStatus, { description: "Whether candidates see it, as far as anybody has said." })
  liveStatus(@Root() row: Row): Live {
    return liveStatusOf(row);
  }
}
