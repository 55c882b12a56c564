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
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import type { InboundDeliveries, InboundDelivery as Row } from "../services/inbound-deliveries.ts";
import type { InboundRedrives } from "../services/inbound-redrives.ts";
import { Costly, Scopes } from "./access-directives.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Input } from "./input.ts";
import { Integration } from "./integration.ts";
import { JobApplication } from "./job-application.ts";
import { JobPosting } from "./job-posting.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { Problem } from "./problem.ts";
import { ProviderIdEnum } from "./provider.ts";
import { DateTimeScalar, JsonScalar } from "./scalars.ts";
import { SyncRun } from "./sync-run.ts";
import { answer, UserError } from "./user-error.ts";

const states = ["RECEIVED", "DONE", "IGNORED", "REPEATED", "REFUSED", "FAILED"] as const;
const InboundDeliveryStateEnum = enumOf(
  "InboundDeliveryState",
  "RECEIVED while what it asks for is still to be done; DONE when it was, or somebody else was asked to; IGNORED when there was " +
    "nothing to do; REPEATED when it says what another one said; REFUSED when its sender was told why; FAILED when it could not be read.",
  states,
);

@ObjectType({ description: "A message that a vendor sent, stored as it came before it was read." })
export class InboundDelivery {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => ProviderIdEnum, { description: "Whose message it is, or is said to be." })
  provider!: string;

  @Field(() => Boolean, {
    description:
      "Whether it proved to be the vendor's. Of what did not, nothing but headers is kept, and one line an hour for all of them.",
  })
  verified!: boolean;

  @Field(() => InboundDeliveryStateEnum, { description: "What became of it." })
  state!: string;

  @Field(() => Int, { description: "How often it came." })
  receipts!: number;

  @Field(() => JsonScalar, { description: "Its headers, without those that hold a secret." })
  headers!: unknown;

  @Field(() => Int, { nullable: true, description: "How long it is, in bytes. What it says is not shown." })
  size!: number | null;

  @Field(() => Problem, { nullable: true, description: "Why it was refused, or could not be read." })
  problem!: Problem | null;

  @Field(() => ID, {
    description: "The same for everything that it brought about: `integrationEvents` can be asked for it.",
  })
  correlationId!: string;

  @Field(() => DateTimeScalar, { description: "When it came first." })
  receivedAt!: Date;
}

const InboundDeliveryConnection = connectionType("InboundDelivery", () => InboundDelivery);

@InputType({ description: "Which messages; all when empty." })
export class InboundDeliveryFilter {
  @Field(() => [ID], { nullable: true, description: "Only for these integrations." })
  integrationIds?: string[] | null;

  @Field(() => [ProviderIdEnum], { nullable: true, description: "Only of these vendors." })
  providers?: string[] | null;

  @Field(() => [InboundDeliveryStateEnum], { nullable: true, description: "Only in these states." })
  states?: (typeof states)[number][] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only those that proved to be the vendor's, or only those that did not.",
  })
  verified?: boolean | null;

  @Field(() => ID, { nullable: true, description: "Only those of one matter." })
  correlationId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Only from this time on." })
  receivedFrom?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Only before this time." })
  receivedTo?: Date | null;
}

@InputType({ description: "Which message to act on again." })
export class RedriveInboundDeliveryInput {
  @Field(() => ID, { description: "The message." })
  id!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Only tells what would be done.",
  })
  dryRun?: boolean | null;
}

@ObjectType({ description: "What is done about a message again." })
export class RedriveInboundDeliveryPayload {
  @Field(() => InboundDelivery, { nullable: true, description: "The message." })
  inboundDelivery!: unknown;

  @Field(() => [String], {
    nullable: true,
    description: "What is done, or with `dryRun` would be, in plain sentences; null when it was refused.",
  })
  effects!: readonly string[] | null;

  @Field(() => [UserError], { description: "Why nothing is done." })
  userErrors!: UserError[];
}

@Resolver(() => InboundDelivery)
export class InboundDeliveryResolver {
  constructor(
    private readonly deliveries: InboundDeliveries,
    private readonly redrives: InboundRedrives,
  ) {}

  @Scopes("integrations:read")
  @Query(() => InboundDeliveryConnection, { description: "What vendors have sent, newest first." })
  @Directive(listSize)
  async inboundDeliveries(
    @Ctx() { viewer }: Context,
    @Arg("filter", () => InboundDeliveryFilter, { nullable: true, description: "Which." })
    filter: InboundDeliveryFilter | null,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Row>> {
    return connectionOf(await this.deliveries.list(viewer, filter ?? {}, pageRequest(page)));
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => RedriveInboundDeliveryPayload, {
    description: "Does again what a message asked for, from what was stored. Ask with `dryRun` first.",
  })
  redriveInboundDelivery(
    @Ctx() { viewer }: Context,
    @Input(() => RedriveInboundDeliveryInput) { id, dryRun }: RedriveInboundDeliveryInput,
  ): Promise<RedriveInboundDeliveryPayload> {
    return answer<RedriveInboundDeliveryPayload>(
      async () => {
        const { delivery, effects } = await this.redrives.redrive(viewer, id, dryRun ?? false);
        return { inboundDelivery: delivery, effects };
      },
      () => ({ inboundDelivery: null, effects: null }),
    );
  }

  @FieldResolver(() => Integration, { nullable: true, description: "The integration it came for." })
  integration(@Ctx() { loaders }: Context, @Root() { integrationId }: Row): Promise<unknown> {
    return loaders.integration.load(integrationId);
  }

  @FieldResolver(() => SyncRun, { nullable: true, description: "The sync that it asked for; several may share one." })
  syncRun(@Ctx() { loaders }: Context, @Root() { syncRunId }: Row): Promise<unknown> | null {
    return syncRunId === null ? null : loaders.syncRun.load(syncRunId);
  }

  @FieldResolver(() => JobPosting, { nullable: true, description: "The job posting that it is about." })
  jobPosting(@Ctx() { loaders }: Context, @Root() { jobPostingId }: Row): Promise<unknown> | null {
    return jobPostingId === null ? null : loaders.jobPosting.load(jobPostingId);
  }

  @FieldResolver(() => JobApplication, { nullable: true, description: "The application that it became, or repeats." })
  jobApplication(@Ctx() { loaders }: Context, @Root() { jobApplicationId }: Row): Promise<unknown> | null {
    return jobApplicationId === null ? null : loaders.jobApplication.load(jobApplicationId);
  }
}
