import { Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from "type-graphql";
import type { DeliveryReplays } from "../services/delivery-replays.ts";
import type { WebhookDeliveries } from "../services/webhook-deliveries.ts";
import type { EndpointSettings, WebhookEndpoints } from "../services/webhook-endpoints.ts";
import { Costly, Scopes } from "./access-directives.ts";
import type { Context } from "./context.ts";
import { Input } from "./input.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";
import { answer, UserError } from "./user-error.ts";
import { WebhookDelivery } from "./webhook-delivery.ts";
import { WebhookEndpoint } from "./webhook-endpoint.ts";

@InputType({ description: "A header that is sent with every event." })
export class WebhookHeaderInput {
  @Field(() => String, { description: "Its name; not one that this service sets itself." })
  name!: string;

  @Field(() => String, { description: "Its value. Never shown again." })
  value!: string;
}

@InputType({ description: "Where events are to be sent, and which." })
export class CreateWebhookEndpointInput {
  @Field(() => UrlScalar, { description: "Where to send them: https, and an address that anybody can reach." })
  url!: string;

  @Field(() => String, { nullable: true, description: "What it is for." })
  description?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "Which events: exact types, or all of a noun, `calendar_event.*`. All that the caller may read when left out.",
  })
  eventTypes?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only events of these integrations." })
  integrationIds?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Whether each event waits until the one before it has arrived, or was given up.",
  })
  ordered?: boolean | null;

  @Field(() => Int, { nullable: true, description: "The most events to send in a second, 1 to 1000." })
  maxPerSecond?: number | null;

  @Field(() => [WebhookHeaderInput], { nullable: true, description: "Headers to send with every event." })
  headers?: WebhookHeaderInput[] | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Whether to send users' own calendar events whole. Needs `tenant:admin`.",
  })
  includePrivate?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description: "The cursor of an event: it begins after this one; with what happens from now on when left out.",
  })
  after?: string | null;

  @Field(() => String, { nullable: true, description: "The same key and input get the same answer for 24 hours." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The endpoint that was made, and what it is signed with." })
export class CreateWebhookEndpointPayload {
  @Field(() => WebhookEndpoint, { nullable: true, description: "The endpoint." })
  webhookEndpoint!: unknown;

  @Field(() => String, {
    nullable: true,
    description:
      "The signing secret, `whsec_…`. Shown here and never again: store it where the receiver finds it. Null when the " +
      "call is repeated after the endpoint was changed.",
  })
  secret!: string | null;

  @Field(() => [UserError], { description: "Why none was made." })
  userErrors!: UserError[];
}

@InputType({ description: "What to change about an endpoint; what is left out stays." })
export class UpdateWebhookEndpointInput {
  @Field(() => ID, { description: "The endpoint." })
  id!: string;

  @Field(() => UrlScalar, { nullable: true, description: "Where to send events." })
  url?: string | null;

  @Field(() => String, { nullable: true, description: "What it is for; null takes it away." })
  description?: string | null;

  @Field(() => [String], { nullable: true, description: "Which events; null for all that the caller may read." })
  eventTypes?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only events of these integrations; null for all." })
  integrationIds?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: "Whether each event waits for the one before it." })
  ordered?: boolean | null;

  @Field(() => Int, { nullable: true, description: "The most events to send in a second; null for no limit." })
  maxPerSecond?: number | null;

  @Field(() => [WebhookHeaderInput], {
    nullable: true,
    description: "Headers to send, all of them. To another server they have to be given anew.",
  })
  headers?: WebhookHeaderInput[] | null;

  @Field(() => Boolean, { nullable: true, description: "Whether to send users' own calendar events whole." })
  includePrivate?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "False pauses it. True lets it go on from where it stands, also when it was disabled.",
  })
  enabled?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Goes on with what happens from now on: what waits for it is not sent.",
  })
  skipMissed?: boolean | null;
}

@ObjectType({ description: "The endpoint that was changed." })
export class UpdateWebhookEndpointPayload {
  @Field(() => WebhookEndpoint, { nullable: true, description: "The endpoint." })
  webhookEndpoint!: unknown;

  @Field(() => [UserError], { description: "Why nothing was changed." })
  userErrors!: UserError[];
}

@InputType({ description: "Which endpoint to delete." })
export class DeleteWebhookEndpointInput {
  @Field(() => ID, { description: "The endpoint." })
  id!: string;
}

@ObjectType({ description: "The endpoint that is gone." })
export class DeleteWebhookEndpointPayload {
  @Field(() => WebhookEndpoint, { nullable: true, description: "The endpoint as it was." })
  webhookEndpoint!: unknown;

  @Field(() => [UserError], { description: "Why it is still there." })
  userErrors!: UserError[];
}

@InputType({ description: "Which endpoint gets a new secret." })
export class RotateWebhookSecretInput {
  @Field(() => ID, { description: "The endpoint." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 24,
    description: "For so many hours the former secret signs as well, 0 to 168. 0 when strangers know it.",
  })
  overlapHours?: number | null;
}

@ObjectType({ description: "The new secret." })
export class RotateWebhookSecretPayload extends CreateWebhookEndpointPayload {}

@InputType({ description: "What to try an endpoint out with." })
export class TestWebhookEndpointInput {
  @Field(() => ID, { description: "The endpoint." })
  id!: string;

  @Field(() => String, {
    nullable: true,
    defaultValue: "integration.connected",
    description: "The type of the made-up event.",
  })
  type?: string | null;
}

@ObjectType({ description: "What came of trying an endpoint out." })
export class TestWebhookEndpointPayload {
  @Field(() => WebhookDelivery, {
    nullable: true,
    description:
      "The delivery of a made-up event, marked with `test: true`: DELIVERED or FAILED, with what was answered.",
  })
  webhookDelivery!: unknown;

  @Field(() => [UserError], { description: "Why nothing was sent." })
  userErrors!: UserError[];
}

@InputType({
  description:
    "What to send again: `deliveryIds`, or `eventIds`, or a range. With `missedOnly` alone: all that was given up since the endpoint was made.",
})
export class ReplayWebhookDeliveriesInput {
  @Field(() => ID, { description: "The endpoint." })
  endpointId!: string;

  @Field(() => [ID], { nullable: true, description: "These deliveries, at most 200." })
  deliveryIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "These events, at most 200." })
  eventIds?: string[] | null;

  @Field(() => String, { nullable: true, description: "A range: after the event with this cursor." })
  after?: string | null;

  @Field(() => String, { nullable: true, description: "A range: up to and with the event with this cursor." })
  until?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "A range: what happened from this time on." })
  occurredFrom?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "A range: what happened before this time." })
  occurredTo?: Date | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Only what has not arrived there." })
  missedOnly?: boolean | null;
}

@ObjectType({ description: "The endpoint that events are sent to again." })
export class ReplayWebhookDeliveriesPayload {
  @Field(() => WebhookEndpoint, {
    nullable: true,
    description: "The endpoint. How far it is: `webhookDeliveries(filter: { endpointIds, triggers: [REPLAY] })`.",
  })
  webhookEndpoint!: unknown;

  @Field(() => [UserError], { description: "Why nothing is sent." })
  userErrors!: UserError[];
}

@Resolver()
export class WebhookWritesResolver {
  constructor(
    private readonly endpoints: WebhookEndpoints,
    private readonly deliveries: WebhookDeliveries,
    private readonly replays: DeliveryReplays,
  ) {}

  @Scopes("webhooks:manage")
  @Costly()
  @Mutation(() => CreateWebhookEndpointPayload, { description: "Has events sent to a URL." })
  createWebhookEndpoint(
    @Ctx() { viewer, cause }: Context,
    @Input(() => CreateWebhookEndpointInput) input: CreateWebhookEndpointInput,
  ): Promise<CreateWebhookEndpointPayload> {
    const given = { ...settingsIn(input), url: input.url, after: input.after ?? null };
    return answer<CreateWebhookEndpointPayload>(
      async () => {
        const webhookEndpoint = await this.endpoints.create(viewer, given, input.idempotencyKey ?? null, cause);
        return { webhookEndpoint, secret: this.endpoints.firstSecretOf(webhookEndpoint) };
      },
      () => ({ webhookEndpoint: null, secret: null }),
    );
  }

  @Scopes("webhooks:manage")
  @Costly()
  @Mutation(() => UpdateWebhookEndpointPayload, {
    description: "Changes what is sent to a URL, pauses it, or lets it go on.",
  })
  updateWebhookEndpoint(
    @Ctx() { viewer, cause }: Context,
    @Input(() => UpdateWebhookEndpointInput) input: UpdateWebhookEndpointInput,
  ): Promise<UpdateWebhookEndpointPayload> {
    const { id, enabled, skipMissed } = input;
    const changes = { ...settingsIn(input), enabled: enabled ?? undefined, skipMissed: skipMissed ?? false };
    return answer<UpdateWebhookEndpointPayload>(
      async () => ({ webhookEndpoint: await this.endpoints.update(viewer, id, changes, cause) }),
      () => ({ webhookEndpoint: null }),
    );
  }

  @Scopes("webhooks:manage")
  @Costly()
  @Mutation(() => DeleteWebhookEndpointPayload, {
    description: "Sends nothing to a URL any more, and forgets what was sent.",
  })
  deleteWebhookEndpoint(
    @Ctx() { viewer, cause }: Context,
    @Input(() => DeleteWebhookEndpointInput) { id }: DeleteWebhookEndpointInput,
  ): Promise<DeleteWebhookEndpointPayload> {
    return answer<DeleteWebhookEndpointPayload>(
      async () => ({ webhookEndpoint: await this.endpoints.delete(viewer, id, cause) }),
      () => ({ webhookEndpoint: null }),
    );
  }

  @Scopes("webhooks:manage")
  @Costly()
  @Mutation(() => RotateWebhookSecretPayload, {
    description: "Makes a new signing secret. For the overlap every event carries a signature by each.",
  })
  rotateWebhookSecret(
    @Ctx() { viewer, cause }: Context,
    @Input(() => RotateWebhookSecretInput) { id, overlapHours }: RotateWebhookSecretInput,
  ): Promise<RotateWebhookSecretPayload> {
    return answer<RotateWebhookSecretPayload>(
      async () => {
        const webhookEndpoint = await this.endpoints.rotateSecret(viewer, id, overlapHours ?? 24, cause);
        return { webhookEndpoint, secret: this.endpoints.secretOf(webhookEndpoint) };
      },
      () => ({ webhookEndpoint: null, secret: null }),
    );
  }

  @Scopes("webhooks:manage")
  @Costly()
  @Mutation(() => TestWebhookEndpointPayload, {
    description: "Sends a made-up event, once, and waits for the answer, at most 15 seconds.",
  })
  testWebhookEndpoint(
    @Ctx() { viewer, correlationId }: Context,
    @Input(() => TestWebhookEndpointInput) { id, type }: TestWebhookEndpointInput,
  ): Promise<TestWebhookEndpointPayload> {
    return answer<TestWebhookEndpointPayload>(
      async () => ({
        webhookDelivery: await this.deliveries.test(viewer, id, type ?? "integration.connected", correlationId),
      }),
      () => ({ webhookDelivery: null }),
    );
  }

  @Scopes("webhooks:manage")
  @Costly()
  @Mutation(() => ReplayWebhookDeliveriesPayload, {
    description: "Sends events again, as far back as the log goes. Returns at once.",
  })
  replayWebhookDeliveries(
    @Ctx() { viewer }: Context,
    @Input(() => ReplayWebhookDeliveriesInput) input: ReplayWebhookDeliveriesInput,
  ): Promise<ReplayWebhookDeliveriesPayload> {
    const request = {
      ...{ endpointId: input.endpointId, deliveryIds: input.deliveryIds ?? null, eventIds: input.eventIds ?? null },
      ...{ after: input.after ?? null, until: input.until ?? null },
      ...{ occurredFrom: input.occurredFrom ?? null, occurredTo: input.occurredTo ?? null },
      missedOnly: input.missedOnly ?? false,
    };
    return answer<ReplayWebhookDeliveriesPayload>(
      async () => ({ webhookEndpoint: await this.replays.request(viewer, request) }),
      () => ({ webhookEndpoint: null }),
    );
  }
}

/** Null takes away what may be absent, and is as good as left out for the rest. */
function settingsIn(input: CreateWebhookEndpointInput | UpdateWebhookEndpointInput): EndpointSettings {
  const { url, description, eventTypes, integrationIds, ordered, maxPerSecond, headers, includePrivate } = input;
  return {
    ...{ description, eventTypes, integrationIds, maxPerSecond },
    ...{ url: url ?? undefined, ordered: ordered ?? undefined, headers: headers ?? undefined },
    includePrivate: includePrivate ?? undefined,
  };
}
