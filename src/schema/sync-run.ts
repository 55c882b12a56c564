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
import type { SyncRun as Row, Syncs } from "../services/syncs.ts";
import { Costly, Scopes } from "./access-directives.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Input } from "./input.ts";
import { Integration } from "./integration.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { Problem } from "./problem.ts";
import { DateTimeScalar } from "./scalars.ts";
import { answer, UserError } from "./user-error.ts";

const states = ["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"] as const;
const SyncRunStateEnum = enumOf("SyncRunState", "How far a sync is.", states);
const ApplicationsReadingEnum = enumOf(
  "ApplicationsReading",
  "PUSH_ONLY where a board brings applications by itself, and cannot be asked for them; NONE where none come from there.",
  ["PUSH_ONLY", "NONE"],
);
const SyncTriggerEnum = enumOf("SyncTrigger", "What asked for a sync.", [
  "MANUAL",
  "SCHEDULE",
  "CONNECT",
  "PUSH",
  "RECONCILE",
]);

@ObjectType({
  description: "Something the vendor has and that could not be read. It was reported and left out; the rest arrived.",
})
export class SkippedObject {
  @Field(() => ID, { description: "The calendar it is in." })
  calendarId!: string;

  @Field(() => String, { description: "The vendor's name for it." })
  externalId!: string;

  @Field(() => String, { description: "Why it could not be read." })
  reason!: string;
}

@ObjectType({
  description: "One reading of an integration, from the request to its outcome. Its counts grow while it runs.",
})
@Directive('@key(fields: "id")')
export class SyncRun {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => SyncRunStateEnum, { description: "How far it is." })
  state!: string;

  @Field(() => SyncTriggerEnum, { description: "What asked for it." })
  trigger!: string;

  @Field(() => Boolean, { description: "Whether it reads everything, whatever was read before, and compares." })
  full!: boolean;

  @Field(() => Int, { description: "How often it was begun: more than once after a crash, or a failure that passed." })
  attempts!: number;

  @Field(() => Int, { description: "How many calendars it reads; 0 until it knows." })
  calendarsTotal!: number;

  @Field(() => Int, { description: "How many of them are done." })
  calendarsDone!: number;

  @Field(() => Int, { description: "Calendar events that were new." })
  created!: number;

  @Field(() => Int, { description: "Calendar events that had changed." })
  updated!: number;

  @Field(() => Int, { description: "Calendar events that were gone." })
  deleted!: number;

  @Field(() => [SkippedObject], { description: "The first 100 objects that could not be read." })
  skipped!: readonly SkippedObject[];

  @Field(() => Int, { description: "How many objects could not be read." })
  skippedTotal!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      "Calendar events that differed from what is stored although the vendor had told of no change; they are put right. " +
      "Null when nothing is compared, because it is not `full`.",
  })
  drift!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "How late the changes that it stored were at most, in milliseconds: since the vendor's message for PUSH, else since the " +
      "calendar was read before. Null when it stored none, and for a first reading.",
  })
  lagMs!: number | null;

  @Field(() => Problem, { nullable: true, description: "Why it FAILED, or why its last attempt did." })
  problem!: Problem | null;

  @Field(() => ID, { description: "The same for everything that it finds, and for what asked for it." })
  correlationId!: string;

  @Field(() => ID, { nullable: true, description: "The vendor's message that asked for it first." })
  causationId!: string | null;

  @Field(() => DateTimeScalar, { description: "When it was asked for." })
  queuedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it began." })
  startedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was over." })
  finishedAt!: Date | null;
}

const SyncRunConnection = connectionType("SyncRun", () => SyncRun);

@InputType({ description: "Which syncs; all when empty." })
export class SyncRunFilter {
  @Field(() => ID, { nullable: true, description: "Only of this integration." })
  integrationId?: string | null;

  @Field(() => [SyncRunStateEnum], { nullable: true, description: "Only in these states." })
  states?: (typeof states)[number][] | null;

  @Field(() => ID, { nullable: true, description: "Only those of one matter." })
  correlationId?: string | null;
}

@InputType({ description: "Which integration to read." })
export class SyncIntegrationInput {
  @Field(() => ID, { description: "The integration." })
  integrationId!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Whether to read everything instead of what changed.",
  })
  full?: boolean | null;
}

@ObjectType({ description: "The sync that was asked for." })
export class SyncIntegrationPayload {
  @Field(() => SyncRun, {
    nullable: true,
    description: "The sync, usually still QUEUED; one that was waiting already is shared.",
  })
  syncRun!: SyncRun | null;

  @Field(() => [UserError], { description: "Why there is none." })
  userErrors!: UserError[];
}

@InputType({ description: "Which sync to stop." })
export class CancelSyncInput {
  @Field(() => ID, { description: "The sync." })
  id!: string;
}

@ObjectType({ description: "The sync that was to be stopped." })
export class CancelSyncPayload {
  @Field(() => SyncRun, { nullable: true, description: "The sync; a running one stops after the batch it is at." })
  syncRun!: SyncRun | null;

  @Field(() => [UserError], { description: "Why nothing was stopped." })
  userErrors!: UserError[];
}

@Resolver(() => SyncRun)
export class SyncRunResolver {
  constructor(private readonly service: Syncs) {}

  @Scopes("integrations:read")
  @Query(() => SyncRun, { nullable: true, description: "One sync." })
  syncRun(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Row | null> {
    return loaders.syncRun.load(id);
  }

  @Scopes("integrations:read")
  @Query(() => SyncRunConnection, { description: "Syncs, newest first." })
  @Directive(listSize)
  async syncRuns(
    @Ctx() { viewer }: Context,
    @Arg("filter", () => SyncRunFilter, { nullable: true, description: "Which." }) filter: SyncRunFilter | null,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Row>> {
    return connectionOf(await this.service.list(viewer, filter ?? {}, pageRequest(page)));
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => SyncIntegrationPayload, { description: "Asks for an integration to be read now. Returns at once." })
  syncIntegration(
    @Ctx() { viewer, correlationId }: Context,
    @Input(() => SyncIntegrationInput) { integrationId, full }: SyncIntegrationInput,
  ): Promise<SyncIntegrationPayload> {
    return answer(
      async () => ({
        syncRun: await this.service.request(viewer, integrationId, { full: full ?? false, correlationId }),
      }),
      () => ({ syncRun: null }),
    );
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => CancelSyncPayload, { description: "Stops a sync. What it stored so far stays." })
  cancelSync(
    @Ctx() { viewer, cause }: Context,
    @Input(() => CancelSyncInput) { id }: CancelSyncInput,
  ): Promise<CancelSyncPayload> {
    return answer(
      async () => ({ syncRun: await this.service.cancel(viewer, id, cause) }),
      () => ({ syncRun: null }),
    );
  }

  @FieldResolver(() => ApplicationsReadingEnum, {
    nullable: true,
    description: "How applications come from this board; null for calendars, and until it has begun.",
  })
  applications(@Root() { board }: Row): string | null {
    return board?.applications ?? null;
  }

  @FieldResolver(() => Int, { nullable: true, description: "Job postings whose board is asked how they stand." })
  postingsAsked(@Root() { board }: Row): number | null {
    return board?.postings ?? null;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: "Messages of the board that had not become applications, and are read again.",
  })
  deliveriesRetried(@Root() { board }: Row): number | null {
    return board?.deliveries ?? null;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: "Files of applications that are still at the board, and are fetched.",
  })
  filesAsked(@Root() { board }: Row): number | null {
    return board?.files ?? null;
  }

  @FieldResolver(() => Integration, { nullable: true, description: "The integration it reads." })
  integration(@Ctx() { loaders }: Context, @Root() run: Row): Promise<unknown> {
    return loaders.integration.load(run.integrationId);
  }
}
