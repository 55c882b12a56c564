import {
  Arg,
  Args,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import type { WebhookEndpoint as Row, WebhookEndpoints } from "../services/webhook-endpoints.ts";
import { Scopes } from "./access-directives.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { Problem } from "./problem.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";

const WebhookEndpointStateEnum = enumOf(
  "WebhookEndpointState",
  "ENABLED while events are sent, PAUSED when somebody stopped it, DISABLED when it failed for so long that sending was " +
    "stopped: it is tried every hour then, unless it answered that it is gone. In the last two it stands still in the log.",
  ["ENABLED", "PAUSED", "DISABLED"],
);

@ObjectType({
  description: "A URL of the customer's that events are sent to, signed by the Standard Webhooks specification.",
})
@Directive('@key(fields: "id")')
export class WebhookEndpoint {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => UrlScalar, { description: "Where events are sent." })
  url!: string;

  @Field(() => String, { nullable: true, description: "What it is for." })
  description!: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "Which events: exact types, or all of a noun, `calendar_event.*`. Null for all that its maker may read.",
  })
  eventTypes!: readonly string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only events of these integrations; null for all." })
  integrationIds!: readonly string[] | null;

  @Field(() => Boolean, {
    description: "Whether each event waits until the one before it has arrived, or was given up.",
  })
  ordered!: boolean;

  @Field(() => Int, { nullable: true, description: "The most events that are sent in a second; null for no limit." })
  maxPerSecond!: number | null;

  @Field(() => Boolean, {
    description: "Whether it gets users' own calendar events whole. Otherwise without title, notes, place and guests.",
  })
  includePrivate!: boolean;

  @Field(() => [String], { description: "The names of the custom headers that are sent; their values are not shown." })
  headerNames!: readonly string[];

  @Field(() => WebhookEndpointStateEnum, { description: "Whether events are sent." })
  state!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "Since when nothing has arrived; null while it does." })
  failingSince!: Date | null;

  @Field(() => Problem, { nullable: true, description: "Why nothing arrives." })
  problem!: Problem | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was disabled." })
  disabledAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "Nothing is sent before; null for no such time." })
  heldUntil!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When an event arrived last." })
  lastDeliveredAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Until when the secret before the newest one signs as well; null when there is none.",
  })
  formerSecretUntil!: Date | null;

  @Field(() => ID, { description: "The user who made it." })
  createdBy!: string;

  @Field(() => DateTimeScalar, { description: "When it was made." })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: "When its settings were changed last." })
  updatedAt!: Date;
}

const WebhookEndpointConnection = connectionType("WebhookEndpoint", () => WebhookEndpoint);

@Resolver(() => WebhookEndpoint)
export class WebhookEndpointResolver {
  constructor(private readonly endpoints: WebhookEndpoints) {}

  @Scopes("webhooks:manage")
  @Query(() => WebhookEndpoint, { nullable: true, description: "One webhook endpoint." })
  webhookEndpoint(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Row | null> {
    return loaders.webhookEndpoint.load(id);
  }

  @Scopes("webhooks:manage")
  @Query(() => WebhookEndpointConnection, { description: "The tenant's webhook endpoints, oldest first." })
  @Directive(listSize)
  async webhookEndpoints(@Ctx() { viewer }: Context, @Args(() => PageArgs) page: PageArgs): Promise<Connection<Row>> {
    return connectionOf(await this.endpoints.list(viewer, pageRequest(page)));
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "The cursor of the last event that was looked at for it; null before the first.",
  })
  cursor(@Root() { position }: Row): string | null {
    return this.endpoints.cursorAt(position);
  }
}
