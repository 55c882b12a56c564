import {
  Arg,
  Args,
  Ctx,
  createUnionType,
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
  Subscription,
} from "type-graphql";
import type { EventFeed, FeedEvent, EventFilter as Filter, EventOrder as Order } from "../services/event-feed.ts";
import { type EventTypeView, listEventTypes } from "../services/event-types.ts";
import { Authenticated, Scopes } from "./access-directives.ts";
import { CalendarEvent } from "./calendar-event.ts";
import { Calendar } from "./calendar-type.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Integration } from "./integration.ts";
import { JobApplication } from "./job-application.ts";
import { JobPosting } from "./job-posting.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { DateTimeScalar, JsonScalar } from "./scalars.ts";
import { SyncRun } from "./sync-run.ts";
import { WebhookEndpoint } from "./webhook-endpoint.ts";

const EventOrderEnum = enumOf("EventOrder", "Which way the log is read.", ["OLDEST_FIRST", "NEWEST_FIRST"]);
const ActorKindEnum = enumOf("ActorKind", "Who did something: a user of the platform, the provider, or this service.", [
  "USER",
  "PROVIDER",
  "SYSTEM",
]);

@ObjectType({ description: "Who did something." })
export class EventActor {
  @Field(() => ActorKindEnum, { description: "What they are." })
  kind!: string;

  @Field(() => ID, { nullable: true, description: "The user's id, or the provider's name." })
  id!: string | null;
}

const IntegrationEventSubject = createUnionType({
  name: "IntegrationEventSubject",
  description: "What an event is about.",
  types: () => [Integration, Calendar, CalendarEvent, SyncRun, JobPosting, JobApplication, WebhookEndpoint] as const,
});

@ObjectType({ description: "One line of the tenant's log of everything that happened." })
@Directive('@key(fields: "id")')
export class IntegrationEvent {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => String, { description: "Its place in the log: to continue after it, in a list or in a subscription." })
  cursor!: string;

  @Field(() => String, { description: "What happened: noun first, past tense. The query `eventTypes` lists them." })
  type!: string;

  @Field(() => DateTimeScalar, { description: "When." })
  occurredAt!: Date;

  @Field(() => ID, { nullable: true, description: "The id of what it is about." })
  subjectId!: string | null;

  @Field(() => JsonScalar, { description: "What it is about, as it was at that time." })
  data!: unknown;

  @Field(() => Int, { description: "The version of the shape of `data`." })
  dataVersion!: number;

  @Field(() => ID, { description: "The same for everything that one request or one sync brought about." })
  correlationId!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      "What brought it about: a vendor's message, a sync, a delivery to a webhook endpoint, or an event. `explain` tells of each.",
  })
  causationId!: string | null;
}

const storedFields: Readonly<Record<keyof IntegrationEvent | "actor" | "__typename", true>> = {
  __typename: true,
  id: true,
  cursor: true,
  type: true,
  occurredAt: true,
  actor: true,
  subjectId: true,
  data: true,
  dataVersion: true,
  correlationId: true,
  causationId: true,
};

/** Whether a field of an event is stored with it, and so the same for ever, and for all who may see the event. */
export function isStoredField(name: string): boolean {
  return Object.hasOwn(storedFields, name);
}

const IntegrationEventConnection = connectionType("IntegrationEvent", () => IntegrationEvent);

@InputType({ description: "Which events; all that the viewer may see when empty." })
export class IntegrationEventFilter implements Filter {
  @Field(() => [String], {
    nullable: true,
    description: "Only of these types: `sync.failed`, or all of a noun, `calendar_event.*`.",
  })
  types?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only of these integrations." })
  integrationIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only about these." })
  subjectIds?: string[] | null;

  @Field(() => ID, { nullable: true, description: "Only what one request or one sync brought about." })
  correlationId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Only from this time on." })
  occurredFrom?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Only before this time." })
  occurredTo?: Date | null;
}

@ObjectType({ description: "A kind of event." })
export class EventTypeInfo {
  @Field(() => String, { description: "Its name." })
  type!: string;

  @Field(() => String, { description: "What it says." })
  description!: string;

  @Field(() => String, { nullable: true, description: "The type of what it is about." })
  subjectType!: string | null;

  @Field(() => Int, { description: "The version of the shape of its `data`." })
  dataVersion!: number;

  @Field(() => JsonScalar, { description: "The shape of its `data`, as JSON Schema." })
  dataSchema!: unknown;
}

@Resolver(() => IntegrationEvent)
export class IntegrationEventResolver {
  constructor(private readonly feed: EventFeed) {}

  @Scopes("events:read")
  @Query(() => IntegrationEventConnection, { description: "The log of what happened." })
  @Directive(listSize)
  async integrationEvents(
    @Ctx() { viewer }: Context,
    @Arg("filter", () => IntegrationEventFilter, { nullable: true, description: "Which." })
    filter: IntegrationEventFilter | null,
    @Args(() => PageArgs) page: PageArgs,
    @Arg("order", () => EventOrderEnum, { nullable: true, defaultValue: "OLDEST_FIRST", description: "Which way." })
    order: Order | null,
  ): Promise<Connection<FeedEvent>> {
    return connectionOf(await this.feed.list(viewer, filter ?? {}, order ?? "OLDEST_FIRST", pageRequest(page)));
  }

  @Authenticated()
  @Query(() => [EventTypeInfo], { description: "Every kind of event there is." })
  eventTypes(@Ctx() { viewer }: Context): EventTypeView[] {
    return listEventTypes(viewer);
  }

  @FieldResolver(() => EventActor, { nullable: true, description: "Who did it." })
  actor(@Root() { actorKind: kind, actorId: id }: FeedEvent): EventActor {
    return { kind, id };
  }

  @FieldResolver(() => Integration, { nullable: true, description: "The integration it belongs to, as it is now." })
  integration(@Ctx() { loaders }: Context, @Root() { integrationId }: FeedEvent): Promise<unknown> | null {
    return integrationId === null ? null : loaders.integration.load(integrationId);
  }

  @FieldResolver(() => IntegrationEventSubject, {
    nullable: true,
    description: "What it is about, as it is now; null once it is gone.",
  })
  async subject(@Ctx() { loaders }: Context, @Root() { subjectType, subjectId }: FeedEvent): Promise<unknown> {
    if (subjectType === null || subjectId === null) return null;
    const found = await loaders.subjects[subjectType].load(subjectId);
    return found && { ...found, subjectType };
  }
}

interface Followed {
  readonly filter?: IntegrationEventFilter | null;
  readonly after?: string | null;
}

@Resolver()
export class IntegrationEventStreamResolver {
  @Subscription(() => IntegrationEvent, {
    description:
      "Events as they happen, in order and without a gap. With `after` the log is replayed from there first; what is past " +
      "its retention is told as one event `stream.gap`.",
    subscribe: ({ args: { filter, after }, context }: { args: Followed; context: Context }) =>
      context.follow(filter ?? {}, after ?? null),
  })
  @Scopes("events:read")
  integrationEvents(
    @Ctx() context: Context,
    @Root() event: FeedEvent,
    @Arg("filter", () => IntegrationEventFilter, { nullable: true, description: "Which." })
    _filter: IntegrationEventFilter | null,
    @Arg("after", () => String, {
      nullable: true,
      description: "The cursor of the last event seen; left out, only what happens from now on.",
    })
    _after: string | null,
  ): FeedEvent {
    // What an event is about is read anew for each one.
    context.forgetLoaded();
    return event;
  }
}
