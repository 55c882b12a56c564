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
import type {
  WebhookAttempt as AttemptRow,
  WebhookDelivery as Row,
  WebhookDeliveries,
} from "../services/webhook-deliveries.ts";
import { Scopes } from "./access-directives.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { IntegrationEvent } from "./integration-event.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { Problem } from "./problem.ts";
import { DateTimeScalar } from "./scalars.ts";
import { WebhookEndpoint } from "./webhook-endpoint.ts";

const states = ["PENDING", "DELIVERED", "FAILED", "SKIPPED"] as const;
const WebhookDeliveryStateEnum = enumOf(
  "WebhookDeliveryState",
  "PENDING while it is still to be sent, or sent again; DELIVERED when the endpoint has taken it; FAILED when it was given up; " +
    "SKIPPED when the endpoint may not see the event any more, or the event is past its retention.",
  states,
);
const triggers = ["LOG", "REPLAY", "TEST", "GAP"] as const;
const WebhookDeliveryTriggerEnum = enumOf(
  "WebhookDeliveryTrigger",
  "LOG as it happened, REPLAY because somebody asked for it, TEST with a made-up event, GAP to tell of events that are past their retention.",
  triggers,
);

@ObjectType({ description: "One sending of a delivery, and what was answered." })
export class WebhookAttempt {
  @Field(() => Int, { description: "1 for the first." })
  number!: number;

  @Field(() => DateTimeScalar, { description: "When it was sent." })
  startedAt!: Date;

  @Field(() => Int, { description: "How long it took, in milliseconds." })
  durationMs!: number;

  @Field(() => Problem, { nullable: true, description: "Why it failed; null when it was taken." })
  problem!: Problem | null;
}

@ObjectType({ description: "One event for one webhook endpoint." })
export class WebhookDelivery {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => WebhookDeliveryStateEnum, { description: "How far it is." })
  state!: string;

  @Field(() => WebhookDeliveryTriggerEnum, { description: "Why it is sent." })
  trigger!: string;

  @Field(() => ID, { description: "The event's id, which is the header `webhook-id`, however often it is sent." })
  eventId!: string;

  @Field(() => String, { description: "The event's type." })
  eventType!: string;

  @Field(() => ID, { description: "The same for everything that one request, message or sync brought about." })
  correlationId!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When the endpoint took it." })
  deliveredAt!: Date | null;

  @Field(() => Problem, { nullable: true, description: "Why its last attempt failed, or why it was skipped." })
  problem!: Problem | null;

  @Field(() => DateTimeScalar, { description: "When it was made." })
  createdAt!: Date;
}

const WebhookDeliveryConnection = connectionType("WebhookDelivery", () => WebhookDelivery);

@InputType({ description: "Which deliveries; all when empty." })
export class WebhookDeliveryFilter {
  @Field(() => [ID], { nullable: true, description: "Only to these endpoints." })
  endpointIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only of these events." })
  eventIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: "Only of events of these types, exactly." })
  eventTypes?: string[] | null;

  @Field(() => [WebhookDeliveryStateEnum], { nullable: true, description: "Only in these states." })
  states?: (typeof states)[number][] | null;

  @Field(() => [WebhookDeliveryTriggerEnum], {
    nullable: true,
    description: "Only those that are sent for these reasons.",
  })
  triggers?: (typeof triggers)[number][] | null;

  @Field(() => ID, { nullable: true, description: "Only what one request, message or sync brought about." })
  correlationId?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Only made from this time on." })
  createdFrom?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Only made before this time." })
  createdTo?: Date | null;
}

@Resolver(() => WebhookDelivery)
export class WebhookDeliveryResolver {
  constructor(private readonly deliveries: WebhookDeliveries) {}

  @Scopes("webhooks:manage")
  @Query(() => WebhookDeliveryConnection, { description: "What was sent to webhook endpoints, newest first." })
  @Directive(listSize)
  async webhookDeliveries(
    @Ctx() { viewer }: Context,
    @Arg("filter", () => WebhookDeliveryFilter, { nullable: true, description: "Which." })
    filter: WebhookDeliveryFilter | null,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Row>> {
    return connectionOf(await this.deliveries.list(viewer, filter ?? {}, pageRequest(page)));
  }

  @FieldResolver(() => DateTimeScalar, { nullable: true, description: "When it is sent next; null when it is not." })
  nextAttemptAt(@Root() { dueAt }: Row): Date | null {
    return dueAt;
  }

  @FieldResolver(() => WebhookEndpoint, { nullable: true, description: "Where it goes." })
  endpoint(@Ctx() { loaders }: Context, @Root() { endpointId }: Row): Promise<unknown> {
    return loaders.webhookEndpoint.load(endpointId);
  }

  @FieldResolver(() => IntegrationEvent, {
    nullable: true,
    description: "The event in the log; null for a made-up one, and for one that the viewer may not read.",
  })
  event(@Ctx() { loaders }: Context, @Root() { eventId, position }: Row): Promise<unknown> | null {
    return position === null ? null : loaders.integrationEvent.load(eventId);
  }

  @FieldResolver(() => [WebhookAttempt], { description: "Every sending of it, oldest first." })
  async attempts(@Ctx() { loaders }: Context, @Root() { id }: Row): Promise<readonly AttemptRow[]> {
    return (await loaders.attemptsOfDelivery.load(id)) ?? [];
  }
}

@Resolver(() => WebhookAttempt)
export class WebhookAttemptResolver {
  @FieldResolver(() => Int, { nullable: true, description: "The status of HTTP; null when nobody answered." })
  statusCode(@Root() { status }: AttemptRow): number | null {
    return status;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "The first kilobyte of what was answered, without secrets of this service.",
  })
  responseBody(@Root() { answer }: AttemptRow): string | null {
    return answer;
  }
}

@Resolver(() => IntegrationEvent)
export class EventDeliveriesResolver {
  @Scopes("webhooks:manage")
  @FieldResolver(() => [WebhookDelivery], {
    description: "The webhook endpoints it is sent to, and how far that is.",
  })
  async deliveries(@Ctx() { loaders }: Context, @Root() { id }: IntegrationEvent): Promise<unknown> {
    return (await loaders.deliveriesOfEvent.load(id)) ?? [];
  }
}
