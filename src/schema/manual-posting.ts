import { Ctx, Field, FieldResolver, ID, InputType, Int, Mutation, ObjectType, Resolver, Root } from "type-graphql";
import { type ApplyLinks, linkOf } from "../services/apply-links.ts";
import type { JobPosting as Row } from "../services/job-postings.ts";
import { confirmationOutcomes, type ManualPostings } from "../services/manual-postings.ts";
import { plainText } from "../services/plain-text.ts";
import { Costly, Scopes } from "./access-directives.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Input } from "./input.ts";
import { JobPosting, OperationEnum } from "./job-posting.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";
import { answer, UserError } from "./user-error.ts";

const OutcomeEnum = enumOf(
  "ConfirmationOutcome",
  "What became of it: DONE when it is as it was to be, SENT when it was entered and is not to be seen yet, REFUSED when the board " +
    "did not take it.",
  confirmationOutcomes,
);

@ObjectType({ description: "One field of a board's form, and what to enter there." })
export class ManualEntry {
  @Field(() => String, { description: "As the form names it." })
  label!: string;

  @Field(() => String, { description: "What to enter, as plain text." })
  value!: string;

  @Field(() => String, {
    nullable: true,
    description: "The same with its formatting as HTML, for forms that take it; null where it has none.",
  })
  html!: string | null;
}

@ObjectType({
  description: "What somebody has to do at a board that takes no calls, to be confirmed by `confirmJobPosting`.",
})
export class ManualTask {
  @Field(() => OperationEnum, { description: "What it comes to." })
  operation!: string;

  @Field(() => UrlScalar, { description: "The page on which it is done." })
  url!: string;

  @Field(() => [String], { description: "What to do, in order." })
  checklist!: readonly string[];

  @Field(() => [ManualEntry], {
    description: "What to enter, in the order of the form; none where nothing is entered.",
  })
  entries!: readonly ManualEntry[];

  @Field(() => String, { description: "The same as one text to copy." })
  prefilledText!: string;

  @Field(() => Int, { description: "The version of the job that `entries` are of." })
  jobVersion!: number;

  @Field(() => DateTimeScalar, { description: "By when it should be done. Nothing happens by itself after that." })
  dueAt!: Date;
}

@ObjectType({ description: "The link by which candidates come from a board to `JobInput.applyUrl`." })
export class ApplyLink {
  @Field(() => UrlScalar, {
    description: "It leads on with the board's name as `utm_source`, and nowhere once the posting is closed.",
  })
  url!: string;

  @Field(() => Int, { description: "How often it was followed, by people and by machines." })
  clicks!: number;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was followed last." })
  lastClickedAt!: Date | null;
}

@InputType({ description: "What became of something that was to be done at a board by hand." })
export class ConfirmJobPostingInput {
  @Field(() => ID, { description: "The posting." })
  id!: string;

  @Field(() => OutcomeEnum, { nullable: true, description: "What became of it; DONE when left out." })
  outcome?: (typeof confirmationOutcomes)[number] | null;

  @Field(() => UrlScalar, {
    nullable: true,
    description: "Where candidates see it. Needed for a posting that is new there.",
  })
  url?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "What `manualTask.jobVersion` said when it was entered; the newest version when left out.",
  })
  jobVersion?: number | null;

  @Field(() => String, { nullable: true, description: "Why the board refused it, in its words." })
  reason?: string | null;
}

@ObjectType({ description: "The posting as it is now." })
export class ConfirmJobPostingPayload {
  @Field(() => JobPosting, { nullable: true, description: "The posting; null when nothing was confirmed." })
  jobPosting!: unknown;

  @Field(() => [UserError], { description: "Why nothing was confirmed." })
  userErrors!: UserError[];
}

@Resolver(() => JobPosting)
export class ManualPostingResolver {
  constructor(
    private readonly postings: ManualPostings,
    private readonly links: Pick<ApplyLinks, "urlOf">,
  ) {}

  @Scopes("jobs:write")
  @Costly()
  @Mutation(() => ConfirmJobPostingPayload, {
    description:
      "Says how a posting stands at a board that does not say so by itself: what `manualTask` asked for is done, or a board that is " +
      "mailed or reads a feed shows it.",
  })
  confirmJobPosting(
    @Ctx() { viewer, cause }: Context,
    @Input(() => ConfirmJobPostingInput) input: ConfirmJobPostingInput,
  ): Promise<ConfirmJobPostingPayload> {
    const { id, url = null, jobVersion = null } = input;
    const reason = plainText(input.reason ?? undefined) || null;
    const confirmation = { id, outcome: input.outcome ?? "DONE", url, jobVersion, reason };
    return answer(
      async () => ({ jobPosting: await this.postings.confirm(viewer, confirmation, cause) }),
      () => ({ jobPosting: null }),
    );
  }

  @FieldResolver(() => ManualTask, {
    nullable: true,
    description: "What somebody has to do at the board; null when nobody has to.",
  })
  async manualTask(@Ctx() { loaders }: Context, @Root() posting: Row): Promise<ManualTask | null> {
    const board = await loaders.boardOfIntegration.load(posting.integrationId);
    const task = board && this.postings.taskFor(posting, board);
    return (
      task && { ...task, prefilledText: task.entries.map(({ label, value }) => `${label}: ${value}`).join("\n\n") }
    );
  }

  @FieldResolver(() => ApplyLink, {
    nullable: true,
    description: "Null where candidates apply at the board itself, by mail, or nowhere.",
  })
  async applyLink(@Ctx() { loaders }: Context, @Root() posting: Row): Promise<ApplyLink | null> {
    const board = await loaders.boardOfIntegration.load(posting.integrationId);
    return board && linkOf(posting, board.provider, this.links.urlOf(posting));
  }
}
