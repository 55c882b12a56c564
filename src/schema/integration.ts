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
import type { Connecting } from "../services/connecting.ts";
import type { Integrations, Integration as Row } from "../services/integrations.ts";
import { plainText } from "../services/plain-text.ts";
import { Costly, Scopes } from "./access-directives.ts";
import { Calendar } from "./calendar-type.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Input } from "./input.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { Problem } from "./problem.ts";
import { ProviderIdEnum } from "./provider.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";
import { answer, UserError } from "./user-error.ts";
import { User } from "./user-type.ts";

const statuses = ["CONNECTING", "ACTIVE", "DEGRADED", "NEEDS_REAUTH", "DISCONNECTED"] as const;
const ownerships = ["USER", "TENANT"] as const;
const visibilities = ["PRIVATE", "BUSY", "SHARED"] as const;
const IntegrationStatusEnum = enumOf(
  "IntegrationStatus",
  "CONNECTING until a person has consented, ACTIVE when all is well, DEGRADED when syncs keep failing and are tried again, " +
    "NEEDS_REAUTH when a person has to connect again, DISCONNECTED when it is over.",
  statuses,
);
const OwnershipEnum = enumOf("Ownership", "Whose an integration is: one user's, or the whole tenant's.", ownerships);
const VisibilityEnum = enumOf(
  "Visibility",
  "What others of the tenant see of a user's integration: nothing, when it is busy, or everything.",
  visibilities,
);

@ObjectType({ description: "One connection of a tenant, or of one of its users, to one provider." })
@Directive('@key(fields: "id")')
export class Integration {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => ProviderIdEnum, { description: "The provider." })
  provider!: string;

  @Field(() => OwnershipEnum, { description: "Whose it is." })
  ownership!: string;

  @Field(() => VisibilityEnum, { description: "What others of the tenant see of it." })
  visibility!: string;

  @Field(() => String, { nullable: true, description: "A name that its owner gave it." })
  label!: string | null;

  @Field(() => String, { description: "Who the account is at the vendor." })
  accountName!: string;

  @Field(() => IntegrationStatusEnum, { description: "How it is." })
  status!: string;

  @Field(() => Problem, { nullable: true, description: "What is wrong; null when nothing is." })
  problem!: Problem | null;

  @Field(() => Int, {
    nullable: true,
    description: "How often it is read, in seconds; null follows the provider's default.",
  })
  syncIntervalSeconds!: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When everything the provider had was stored last." })
  lastSyncedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it is read next by itself." })
  nextSyncAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was disconnected." })
  disconnectedAt!: Date | null;

  @Field(() => DateTimeScalar, { description: "When it was connected first." })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: "When it was changed last." })
  updatedAt!: Date;
}

export const IntegrationConnection = connectionType("Integration", () => Integration);

@InputType({ description: "Which integrations; all that the viewer may see when empty." })
export class IntegrationFilter {
  @Field(() => [ProviderIdEnum], { nullable: true, description: "Only of these providers." })
  providers?: string[] | null;

  @Field(() => [IntegrationStatusEnum], { nullable: true, description: "Only in these states." })
  statuses?: (typeof statuses)[number][] | null;
}

@InputType({ description: "The value of one field of `Provider.credentialFields`." })
export class CredentialFieldInput {
  @Field(() => String, { description: "The field's name." })
  name!: string;

  @Field(() => String, { description: "What the person entered. Never stored in the clear, never shown again." })
  value!: string;
}

@InputType({ description: "What to connect." })
export class ConnectIntegrationInput {
  @Field(() => ProviderIdEnum, { description: "The provider." })
  provider!: string;

  @Field(() => OwnershipEnum, { nullable: true, description: "Whose it is to be; a user's own for calendars." })
  ownership?: (typeof ownerships)[number] | null;

  @Field(() => String, { nullable: true, description: "A name for it." })
  label?: string | null;

  @Field(() => [CredentialFieldInput], { nullable: true, description: "The fields that the provider asks for." })
  credentials?: CredentialFieldInput[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "The vendor's ids of the calendars to mirror; the primary one alone when left out.",
  })
  calendarIds?: string[] | null;

  @Field(() => UrlScalar, { nullable: true, description: "Where to send the person back to after a consent page." })
  returnUrl?: string | null;

  @Field(() => String, { nullable: true, description: "The same key and input get the same answer for 24 hours." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The integration that was connected." })
export class ConnectIntegrationPayload {
  @Field(() => Integration, {
    nullable: true,
    description: "The integration; CONNECTING while a person has yet to consent.",
  })
  integration!: Integration | null;

  @Field(() => UrlScalar, { nullable: true, description: "Where a person has to consent; null when nobody has to." })
  authorizationUrl!: string | null;

  @Field(() => [UserError], { description: "Why nothing was connected." })
  userErrors!: UserError[];
}

@InputType({ description: "New credentials for an integration." })
export class ReconnectIntegrationInput {
  @Field(() => ID, { description: "The integration." })
  id!: string;

  @Field(() => [CredentialFieldInput], {
    nullable: true,
    description: "The fields that the provider asks for; of the same account.",
  })
  credentials?: CredentialFieldInput[] | null;

  @Field(() => UrlScalar, { nullable: true, description: "Where to send the person back to after a consent page." })
  returnUrl?: string | null;
}

@InputType({ description: "What to change about an integration; what is left out stays." })
export class UpdateIntegrationInput {
  @Field(() => ID, { description: "The integration." })
  id!: string;

  @Field(() => String, { nullable: true, description: "A name for it; null takes it away." })
  label?: string | null;

  @Field(() => VisibilityEnum, { nullable: true, description: "What others of the tenant see of it." })
  visibility?: (typeof visibilities)[number] | null;

  @Field(() => [ID], { nullable: true, description: "The calendars to mirror, all of them." })
  calendarIds?: string[] | null;

  @Field(() => ID, { nullable: true, description: "The calendar to book in when none is named." })
  defaultCalendarId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "How often to read it, in seconds; null follows the provider's default.",
  })
  syncIntervalSeconds?: number | null;
}

@InputType({ description: "Which integration to try out." })
export class TestIntegrationInput {
  @Field(() => ID, { description: "The integration." })
  id!: string;
}

@InputType({ description: "Which integration to disconnect." })
export class DisconnectIntegrationInput {
  @Field(() => ID, { description: "The integration." })
  id!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Whether to close its job postings too. Calendars have none.",
  })
  closePostings?: boolean | null;
}

@ObjectType({ description: "The integration with its new credentials." })
export class ReconnectIntegrationPayload extends ConnectIntegrationPayload {}

@ObjectType({ description: "The integration as it is afterwards." })
export class UpdateIntegrationPayload {
  @Field(() => Integration, { nullable: true, description: "The integration; null when there is none to see." })
  integration!: Integration | null;

  @Field(() => [UserError], { description: "Why nothing was changed." })
  userErrors!: UserError[];
}

@ObjectType({ description: "The integration, with what trying it out has shown." })
export class TestIntegrationPayload extends UpdateIntegrationPayload {}

@ObjectType({ description: "The integration, disconnected." })
export class DisconnectIntegrationPayload extends UpdateIntegrationPayload {}

@Resolver(() => Integration)
export class IntegrationResolver {
  constructor(
    private readonly service: Integrations,
    private readonly connecting: Connecting,
  ) {}

  @Scopes("integrations:read")
  @Query(() => Integration, { nullable: true, description: "One integration." })
  integration(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Row | null> {
    return loaders.integration.load(id);
  }

  @Scopes("integrations:read")
  @Query(() => IntegrationConnection, { description: "Integrations, oldest first." })
  @Directive(listSize)
  async integrations(
    @Ctx() { viewer }: Context,
    @Arg("filter", () => IntegrationFilter, { nullable: true, description: "Which." }) filter: IntegrationFilter | null,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Row>> {
    return connectionOf(await this.service.list(viewer, filter ?? {}, pageRequest(page)));
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => ConnectIntegrationPayload, { description: "Connects an account, once its credentials are proved." })
  connectIntegration(
    @Ctx() { viewer, cause, loaders }: Context,
    @Input(() => ConnectIntegrationInput) input: ConnectIntegrationInput,
  ): Promise<ConnectIntegrationPayload> {
    return answer(
      async () => {
        const request = {
          provider: input.provider,
          ownership: input.ownership ?? "USER",
          label: plainText(input.label ?? null),
          credentials: input.credentials ?? [],
          calendarIds: input.calendarIds ?? null,
          returnUrl: input.returnUrl ?? null,
        };
        const id = await this.connecting.connect(viewer, request, input.idempotencyKey ?? null, cause);
        return { integration: await loaders.integration.load(id), authorizationUrl: null };
      },
      () => ({ integration: null, authorizationUrl: null }),
    );
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => ReconnectIntegrationPayload, {
    description: "Gives an integration new credentials. It keeps its id and history.",
  })
  reconnectIntegration(
    @Ctx() { viewer, cause }: Context,
    @Input(() => ReconnectIntegrationInput) { id, credentials }: ReconnectIntegrationInput,
  ): Promise<ReconnectIntegrationPayload> {
    return answer(
      async () => ({
        integration: await this.connecting.reconnect(viewer, id, credentials ?? [], cause),
        authorizationUrl: null,
      }),
      () => ({ integration: null, authorizationUrl: null }),
    );
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => UpdateIntegrationPayload, { description: "Changes an integration." })
  updateIntegration(
    @Ctx() { viewer, cause }: Context,
    @Input(() => UpdateIntegrationInput) { id, ...changes }: UpdateIntegrationInput,
  ): Promise<UpdateIntegrationPayload> {
    return answer(
      async () => ({
        integration: await this.service.update(viewer, id, { ...changes, label: plainText(changes.label) }, cause),
      }),
      () => ({ integration: null }),
    );
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => TestIntegrationPayload, { description: "Calls the provider once, and says what it answered." })
  testIntegration(
    @Ctx() { viewer, cause, loaders }: Context,
    @Input(() => TestIntegrationInput) { id }: TestIntegrationInput,
  ): Promise<TestIntegrationPayload> {
    return answer(
      async () => ({ integration: await this.service.test(viewer, id, cause) }),
      async () => ({ integration: await loaders.integration.load(id) }),
    );
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => DisconnectIntegrationPayload, {
    description: "Destroys the credentials and stops the tasks at once. Nothing is deleted at the vendor.",
  })
  disconnectIntegration(
    @Ctx() { viewer, cause }: Context,
    @Input(() => DisconnectIntegrationInput) { id }: DisconnectIntegrationInput,
  ): Promise<DisconnectIntegrationPayload> {
    return answer(
      async () => ({ integration: await this.service.disconnect(viewer, id, cause) }),
      () => ({ integration: null }),
    );
  }

  @FieldResolver(() => User, { nullable: true, description: "The user it belongs to; null when it is the tenant's." })
  owner(@Root() { ownerId }: Row): User | null {
    return ownerId === null ? null : { id: ownerId };
  }

  @FieldResolver(() => [Calendar], {
    description: "Its calendars, the primary one first; none when their details are not the viewer's to see.",
  })
  @Directive("@listSize(assumedSize: 20)")
  async calendars(@Ctx() { loaders }: Context, @Root() { id }: Row): Promise<unknown> {
    return (await loaders.calendarsOfIntegration.load(id)) ?? [];
  }

  @FieldResolver(() => Calendar, { nullable: true, description: "The calendar to book in when none is named." })
  defaultCalendar(@Ctx() { loaders }: Context, @Root() { defaultCalendarId }: Row): Promise<unknown> | null {
    return defaultCalendarId === null ? null : loaders.calendar.load(defaultCalendarId);
  }
}
