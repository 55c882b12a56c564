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
import {
  type InboundDeliveries,
  inboundDeliveryStates,
  type InboundDelivery as Row,
} from "../services/inbound-deliveries.ts";
import type { Redriving } from "../services/redriving.ts";
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

const InboundDeliveryStateEnum = enumOf(
  "InboundDeliveryState",
  "What became of a vendor's message: RECEIVED when what it asks for is still to be done, DONE when it was done or begun, IGNORED " +
    "when there was nothing to do, REPEATED when it says what another one said before, REFUSED when the sender was told why it is " +
    "not taken, FAILED when it could not be read, which is tried again once a day.",
  inboundDeliveryStates,
);

@ObjectType({
  description:
    "A message that a vendor sent: that a calendar or a job changed, or an application. What it says is not shown, because it is " +
    "about persons.",
})
export class InboundDelivery {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => ProviderIdEnum, { description: "Whose vendor sent it." })
  provider!: string;

  @Field(() => DateTimeScalar, { description: "When it came; when it came first, of one that was repeated." })
  receivedAt!: Date;

  @Field(() => Int, {
    description: "How often it came. Of messages that were not proved: how many came in that hour.",
  })
  receipts!: number;

  @Field(() => Boolean, {
    description:
      "Whether it was proved to be the vendor's. Of others nothing is kept but that they came, and those of one hour are one.",
  })
  verified!: boolean;

  @Field(() => JsonScalar, { description: "Its headers, without those that may hold a secret." })
  headers!: unknown;

  @Field(() => Int, { nullable: true, description: "How long its body was, in bytes; null where it was not kept." })
  size!: number | null;

  @Field(() => InboundDeliveryStateEnum, { description: "What became of it." })
  state!: string;

  @Field(() => Problem, { nullable: true, description: "Why it was REFUSED, or has FAILED." })
  problem!: Problem | null;

  @Field(() => ID, { description: "The same for everything that it brought about, in the log too." })
  correlationId!: string;
}

const InboundDeliveryConnection = connectionType("InboundDelivery", () => InboundDelivery);

@InputType({ description: "Which messages; all that the viewer may see when empty." })
export class InboundDeliveryFilter {
  @Field(() => [ID], { nullable: true, description: "Only to these integrations." })
  integrationIds?: string[] | null;

  @Field(() => [ProviderIdEnum], { nullable: true, description: "Only from these providers." })
  providers?: string[] | null;

  @Field(() => [InboundDeliveryStateEnum], { nullable: true, description: "Only in these states." })
  states?: (typeof inboundDeliveryStates)[number][] | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Only from this time on." })
  receivedFrom?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Only before this time." })
  receivedTo?: Date | null;

  @Field(() => Boolean, { nullable: true, description: "Only those that were proved, or only those that were not." })
  verified?: boolean | null;

  @Field(() => ID, { nullable: true, description: "Only those of one matter." })
  correlationId?: string | null;
}

@InputType({ description: "Which message to do again." })
export class RedriveInboundDeliveryInput {
  @Field(() => ID, { description: "The message." })
  id!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Whether to say only what would happen, and to change nothing.",
  })
  dryRun?: boolean | null;
}

@ObjectType({ description: "What doing a message again comes to." })
export class RedriveInboundDeliveryPayload {
  @Field(() => InboundDelivery, { nullable: true, description: "The message, as it is now." })
  inboundDelivery!: InboundDelivery | null;

  @Field(() => [String], {
    description:
      "What was begun, or with `dryRun` would be, and else why nothing is: in sentences for people, which may change.",
  })
  effects!: readonly string[];

  @Field(() => [UserError], { description: "Why it cannot be done again." })
  userErrors!: UserError[];
}

@Resolver(() => InboundDelivery)
export class InboundDeliveryResolver {
  constructor(
    private readonly service: InboundDeliveries,
    private readonly redriving: Redriving,
  ) {}

  @Scopes("integrations:read")
  @Query(() => InboundDeliveryConnection, { description: "Messages that vendors sent, newest first." })
  @Directive(listSize)
  async inboundDeliveries(
    @Ctx() { viewer }: Context,
    @Arg("filter", () => InboundDeliveryFilter, { nullable: true, description: "Which." })
    filter: InboundDeliveryFilter | null,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Row>> {
    return connectionOf(await this.service.list(viewer, filter ?? {}, pageRequest(page)));
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => RedriveInboundDeliveryPayload, {
    description:
      "Does again what a vendor's message asked for: the sync of a calendar, the reading of an application, or a look at jobs. Returns " +
      "at once.",
  })
  redriveInboundDelivery(
    @Ctx() { viewer }: Context,
    @Input(() => RedriveInboundDeliveryInput) { id, dryRun }: RedriveInboundDeliveryInput,
  ): Promise<RedriveInboundDeliveryPayload> {
    return answer(
      async () => {
        const { delivery, effects } = await this.redriving.redrive(viewer, id, { dryRun: dryRun ?? false });
        return { inboundDelivery: delivery, effects };
      },
      () => ({ inboundDelivery: null, effects: [] }),
    );
  }

  @FieldResolver(() => Integration, { nullable: true, description: "The integration that it came to." })
  integration(@Ctx() { loaders }: Context, @Root() { integrationId }: Row): Promise<unknown> {
    return loaders.integration.load(integrationId);
  }

  @FieldResolver(() => SyncRun, {
    nullable: true,
    description:
      "The sync that it asked for, which several messages may share; null for none, and once that is forgotten.",
  })
  syncRun(@Ctx() { loaders }: Context, @Root() { syncRunId }: Row): Promise<unknown> | null {
    return syncRunId === null ? null : loaders.syncRun.load(syncRunId);
  }

  @FieldResolver(() => JobPosting, { nullable: true, description: "The posting that it is about; null for several." })
  jobPosting(@Ctx() { loaders }: Context, @Root() { jobPostingId }: Row): Promise<unknown> | null {
    return jobPostingId === null ? null : loaders.jobPosting.load(jobPostingId);
  }

  @FieldResolver(() => JobApplication, {
    nullable: true,
    description: "The application that it became, or that it repeats.",
  })
  jobApplication(@Ctx() { loaders }: Context, @Root() { jobApplicationId }: Row): Promise<unknown> | null {
    return jobApplicationId === null ? null : loaders.jobApplication.load(jobApplicationId);
  }
}
