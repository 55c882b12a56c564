import { Arg, Ctx, Directive, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { IntegrationError } from "../errors.ts";
import type { JobPostingApprovals } from "../services/job-posting-approvals.ts";
import type { JobPostingChanges, PostingReference } from "../services/job-posting-changes.ts";
import type { PostingPreview, JobPostingPreview as Preview } from "../services/job-posting-preview.ts";
import type { JobPostingWrites } from "../services/job-posting-writes.ts";
import type { JobPosting as Row } from "../services/job-postings.ts";
import { plainText } from "../services/plain-text.ts";
import type { BoardOverride, BoardResult, PostRequest } from "../services/post-request.ts";
import { Costly, Scopes } from "./access-directives.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Input } from "./input.ts";
import { boardCodesOf, jobOf, promotionOf } from "./job-from-input.ts";
import { JobInput } from "./job-input.ts";
import { BoardCodesInput, MoneyInput, PromotionInput } from "./job-input-parts.ts";
import { JobPosting, PostingCost, PostingRouteEnum } from "./job-posting.ts";
import { UrlScalar } from "./scalars.ts";
import { answer, UserError, userErrorOf } from "./user-error.ts";

const FindingEffectEnum = enumOf(
  "JobFindingEffect",
  "What a board does about something: it refuses the job, leaves that out, or shows it changed.",
  ["REFUSED", "DROPPED", "CHANGED"],
);

@InputType({ description: "What one board gets other than the others." })
export class BoardOverrideInput {
  @Field(() => ID, { description: "The integration it is for." })
  integrationId!: string;

  @Field(() => String, { nullable: true, description: "Another title." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "Another description. HTML." })
  description?: string | null;

  @Field(() => UrlScalar, { nullable: true, description: "Another address to apply at." })
  applyUrl?: string | null;

  @Field(() => String, { nullable: true, description: "Somebody else to write to." })
  contactEmail?: string | null;

  @Field(() => BoardCodesInput, { nullable: true, description: "What this board calls functions and industries." })
  boardCodes?: BoardCodesInput | null;

  @Field(() => PromotionInput, { nullable: true, description: "Paid visibility at this board." })
  promotion?: PromotionInput | null;
}

@InputType({ description: "What to post, and where." })
export class PostJobInput {
  @Field(() => ID, { description: "The platform's job." })
  jobId!: string;

  @Field(() => JobInput, { description: "The whole job." })
  job!: JobInput;

  @Field(() => [ID], { description: "The integrations of the boards." })
  integrationIds!: string[];

  @Field(() => [BoardOverrideInput], { nullable: true, description: "What single boards get instead." })
  overrides?: BoardOverrideInput[] | null;

  @Field(() => String, { nullable: true, description: "The same key and input get the same answer for 24 hours." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "What became of one board's part." })
export class PostJobResult {
  @Field(() => ID, { description: "The integration." })
  integrationId!: string;

  @Field(() => JobPosting, { nullable: true, description: "The posting; null when there is none." })
  jobPosting!: unknown;

  @Field(() => [UserError], { description: "Why there is none, or why it stays as it was." })
  userErrors!: UserError[];
}

@ObjectType({ description: "What became of each board's part: one board's refusal stops no other." })
export class PostJobPayload {
  @Field(() => [PostJobResult], { description: "In the order of `integrationIds`." })
  results!: PostJobResult[];

  @Field(() => [UserError], { description: "Why nothing was posted anywhere." })
  userErrors!: UserError[];
}

@InputType({ description: "What a job is to be from now on." })
export class UpdateJobPostingInput {
  @Field(() => ID, { nullable: true, description: "The posting; or `jobId`." })
  id?: string | null;

  @Field(() => ID, { nullable: true, description: "All postings of this job." })
  jobId?: string | null;

  @Field(() => JobInput, { description: "The whole job, with the reference that it was posted with." })
  job!: JobInput;

  @Field(() => [BoardOverrideInput], { nullable: true, description: "What single boards get instead." })
  overrides?: BoardOverrideInput[] | null;
}

@InputType({ description: "Which postings to close." })
export class CloseJobPostingInput {
  @Field(() => ID, { nullable: true, description: "The posting; or `jobId`." })
  id?: string | null;

  @Field(() => ID, { nullable: true, description: "All postings of this job." })
  jobId?: string | null;

  @Field(() => String, { nullable: true, description: "Why, for whoever looks later." })
  reason?: string | null;
}

@InputType({ description: "Which postings to open again." })
export class ReopenJobPostingInput {
  @Field(() => ID, { nullable: true, description: "The posting; or `jobId`." })
  id?: string | null;

  @Field(() => ID, { nullable: true, description: "All postings of this job." })
  jobId?: string | null;
}

@ObjectType({ description: "The posting, or the postings of a job." })
export class UpdateJobPostingPayload {
  @Field(() => JobPosting, { nullable: true, description: "The posting, when one was named." })
  jobPosting!: unknown;

  @Field(() => [PostJobResult], { description: "Each posting that was meant." })
  results!: PostJobResult[];

  @Field(() => [UserError], { description: "Why nothing was changed." })
  userErrors!: UserError[];
}

@ObjectType({ description: "The postings, which are chased until their boards have confirmed." })
export class CloseJobPostingPayload extends UpdateJobPostingPayload {}

@ObjectType({ description: "The postings, on their way to the boards again." })
export class ReopenJobPostingPayload extends UpdateJobPostingPayload {}

@InputType({ description: "What to approve." })
export class ApproveJobPostingInput {
  @Field(() => ID, { description: "The posting." })
  id!: string;

  @Field(() => MoneyInput, { nullable: true, description: "No more than this; what it costs when left out." })
  maxCost?: MoneyInput | null;
}

@InputType({ description: "What not to approve." })
export class RejectJobPostingInput {
  @Field(() => ID, { description: "The posting." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Why." })
  reason?: string | null;
}

@ObjectType({ description: "The posting that was decided on." })
export class ApproveJobPostingPayload {
  @Field(() => JobPosting, { nullable: true, description: "The posting; null when nothing was decided." })
  jobPosting!: unknown;

  @Field(() => [UserError], { description: "Why nothing was decided." })
  userErrors!: UserError[];
}

@ObjectType({ description: "The posting that was decided on." })
export class RejectJobPostingPayload extends ApproveJobPostingPayload {}

@ObjectType({ description: "Something about a job that a board does not take as it is." })
export class JobFinding {
  @Field(() => [String], { description: "The field, from `job` down." })
  field!: readonly string[];

  @Field(() => FindingEffectEnum, { description: "What the board does about it." })
  effect!: string;

  @Field(() => String, { description: "The board's rule." })
  rule!: string;

  @Field(() => String, { description: "What to do about it." })
  fix!: string;
}

@ObjectType({ description: "What posting a job to one board would come to." })
export class JobPostingPreview {
  @Field(() => ID, { description: "The integration." })
  integrationId!: string;

  @Field(() => PostingRouteEnum, { nullable: true, description: "How it would reach the board." })
  route!: string | null;

  @Field(() => [JobFinding], { description: "What the board would refuse, leave out or change." })
  findings!: readonly JobFinding[];

  @Field(() => PostingCost, { nullable: true, description: "What it would cost; null for nothing." })
  cost!: PostingCost | null;

  @Field(() => Boolean, { description: "Whether somebody would have to approve it." })
  needsApproval!: boolean;

  @Field(() => String, { nullable: true, description: "The description as it would be sent." })
  renderedDescription!: string | null;

  @Field(() => [UserError], { description: "Why it cannot be posted there at all." })
  userErrors!: UserError[];
}

@Resolver()
export class JobPostingWritesResolver {
  constructor(
    private readonly previews: Preview,
    private readonly writes: JobPostingWrites,
    private readonly changes: JobPostingChanges,
    private readonly approvals: JobPostingApprovals,
  ) {}

  @Scopes("jobs:read")
  @Query(() => [JobPostingPreview], {
    description: "What `postJob` with the same input would come to, board by board. Nothing is stored or sent.",
  })
  @Directive("@listSize(assumedSize: 10)")
  async previewJobPosting(
    @Ctx() { viewer }: Context,
    @Arg("input", () => PostJobInput, { description: "What would be posted, and where." }) input: PostJobInput,
  ): Promise<JobPostingPreview[]> {
    return (await this.previews.preview(viewer, requestOf(input))).map(shownPreview);
  }

  @Scopes("jobs:write")
  @Costly()
  @Mutation(() => PostJobPayload, { description: "Posts a job to boards. It is stored at once, and sent by a task." })
  postJob(@Ctx() { viewer, cause }: Context, @Input(() => PostJobInput) input: PostJobInput): Promise<PostJobPayload> {
    return answer(
      async () => ({
        results: (await this.writes.post(viewer, requestOf(input), input.idempotencyKey ?? null, cause)).map(shown),
      }),
      () => ({ results: [] }),
    );
  }

  @Scopes("jobs:write")
  @Costly()
  @Mutation(() => UpdateJobPostingPayload, { description: "Changes a job where it is posted." })
  updateJobPosting(
    @Ctx() { viewer, cause }: Context,
    @Input(() => UpdateJobPostingInput) input: UpdateJobPostingInput,
  ): Promise<UpdateJobPostingPayload> {
    const overrides = (input.overrides ?? []).map(overrideOf);
    return changed(input, (reference) => this.changes.update(viewer, reference, jobOf(input.job), overrides, cause));
  }

  @Scopes("jobs:write")
  @Costly()
  @Mutation(() => CloseJobPostingPayload, { description: "Takes a job off its boards, and sees to it until it is." })
  closeJobPosting(
    @Ctx() { viewer, cause }: Context,
    @Input(() => CloseJobPostingInput) input: CloseJobPostingInput,
  ): Promise<CloseJobPostingPayload> {
    const reason = plainText(input.reason ?? null);
    return changed(input, (reference) => this.changes.close(viewer, reference, reason, cause));
  }

  @Scopes("jobs:write")
  @Costly()
  @Mutation(() => ReopenJobPostingPayload, { description: "Puts a job back that was closed, expired or refused." })
  reopenJobPosting(
    @Ctx() { viewer, cause }: Context,
    @Input(() => ReopenJobPostingInput) input: ReopenJobPostingInput,
  ): Promise<ReopenJobPostingPayload> {
    return changed(input, (reference) => this.changes.reopen(viewer, reference, cause));
  }

  @Scopes("jobs:approve")
  @Costly()
  @Mutation(() => ApproveJobPostingPayload, {
    description: "Lets a posting go to its board. Not for whoever asked for it.",
  })
  approveJobPosting(
    @Ctx() { viewer, cause }: Context,
    @Input(() => ApproveJobPostingInput) { id, maxCost }: ApproveJobPostingInput,
  ): Promise<ApproveJobPostingPayload> {
    return decided(() => this.approvals.approve(viewer, id, maxCost ?? null, cause));
  }

  @Scopes("jobs:approve")
  @Costly()
  @Mutation(() => RejectJobPostingPayload, {
    description: "Keeps a posting from its board. Not for whoever asked for it.",
  })
  rejectJobPosting(
    @Ctx() { viewer, cause }: Context,
    @Input(() => RejectJobPostingInput) { id, reason }: RejectJobPostingInput,
  ): Promise<RejectJobPostingPayload> {
    return decided(() => this.approvals.reject(viewer, id, plainText(reason ?? null), cause));
  }
}

function requestOf({ jobId, job, integrationIds, overrides }: PostJobInput): PostRequest {
  return {
    jobId,
    job: jobOf(job),
    internalOnly: job.internalOnly ?? false,
    integrationIds,
    overrides: (overrides ?? []).map(overrideOf),
  };
}

function overrideOf(input: BoardOverrideInput): BoardOverride {
  const { integrationId, title, description, applyUrl, contactEmail, boardCodes, promotion } = input;
  return {
    integrationId,
    title: plainText(title ?? undefined) ?? undefined,
    description: plainText(description ?? undefined) ?? undefined,
    applyUrl: applyUrl ?? undefined,
    contactEmail: contactEmail ?? undefined,
    boardCodes: boardCodes ? boardCodesOf(boardCodes) : undefined,
    promotion: promotion ? promotionOf(promotion) : undefined,
  };
}

/** @throws {IntegrationError} INVALID_INPUT */
function referenceIn({ id, jobId }: { id?: string | null; jobId?: string | null }): PostingReference {
  if (id != null && jobId == null) return { id };
  if (jobId != null && id == null) return { jobId };
  throw new IntegrationError("INVALID_INPUT", "Name either a posting or a job", { field: ["input", "id"] });
}

function changed(
  input: { id?: string | null; jobId?: string | null },
  work: (reference: PostingReference) => Promise<readonly BoardResult[]>,
): Promise<UpdateJobPostingPayload> {
  return answer<UpdateJobPostingPayload>(
    async () => {
      const results = await work(referenceIn(input));
      const [first] = results;
      // What is wrong about the one that was named is told where everything else is told.
      if (input.id != null && first?.errors[0]) throw first.errors[0];
      return { jobPosting: input.id == null ? null : (first?.jobPosting ?? null), results: results.map(shown) };
    },
    () => ({ jobPosting: null, results: [] }),
  );
}

function decided(work: () => Promise<Row>): Promise<ApproveJobPostingPayload> {
  return answer<ApproveJobPostingPayload>(
    async () => ({ jobPosting: await work() }),
    () => ({ jobPosting: null }),
  );
}

function shown({ integrationId, jobPosting, errors }: BoardResult): PostJobResult {
  return { integrationId, jobPosting, userErrors: errors.map(userErrorOf) };
}

function shownPreview({ description, errors, ...preview }: PostingPreview): JobPostingPreview {
  return { ...preview, renderedDescription: description, userErrors: errors.map(userErrorOf) };
}
