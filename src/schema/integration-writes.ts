import { Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from "type-graphql";
import type { Connecting } from "../services/connecting.ts";
import type { Disconnecting } from "../services/disconnecting.ts";
import type { Integrations } from "../services/integrations.ts";
import { plainText } from "../services/plain-text.ts";
import { type PostingApproval, postingApprovals } from "../services/posting-plan.ts";
import { Costly, Scopes } from "./access-directives.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Input } from "./input.ts";
import { Integration, OwnershipEnum, type ownerships, VisibilityEnum, type visibilities } from "./integration.ts";
import { ProviderIdEnum } from "./provider.ts";
import { UrlScalar } from "./scalars.ts";
import { answer, UserError } from "./user-error.ts";

const PostingApprovalEnum = enumOf(
  "PostingApprovalPolicy",
  "Which job postings somebody has to approve: PAID for those that cost money, ALWAYS for every one.",
  postingApprovals,
);

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

  @Field(() => OwnershipEnum, {
    nullable: true,
    description: "Whose it is to be; when left out a user's own for calendars, the tenant's for job boards.",
  })
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

  @Field(() => UrlScalar, {
    nullable: true,
    description: "Where to send the person back to after a consent page. From a login flow nobody is sent back.",
  })
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

  @Field(() => UrlScalar, {
    nullable: true,
    description: "Where to send the person back to after a consent page. From a login flow nobody is sent back.",
  })
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

  @Field(() => PostingApprovalEnum, {
    nullable: true,
    description: "Of a job board: which postings somebody has to approve.",
  })
  postingApproval?: PostingApproval | null;
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

@ObjectType({ description: "The integration, and where a person has to consent again." })
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

@ObjectType({ description: "What became of this service's access at the vendor." })
export class Revocation {
  @Field(() => Boolean, { description: "Whether the vendor has ended it." })
  revoked!: boolean;

  @Field(() => String, { description: "For people: what was ended, or why not." })
  message!: string;

  @Field(() => UrlScalar, { nullable: true, description: "Where the account's owner can see and end it themselves." })
  accountUrl!: string | null;
}

@ObjectType({ description: "The integration, disconnected." })
export class DisconnectIntegrationPayload extends UpdateIntegrationPayload {
  @Field(() => Revocation, {
    nullable: true,
    description: "What became of the access at the vendor; null when it was disconnected before.",
  })
  revocation!: Revocation | null;
}

@Resolver()
export class IntegrationWritesResolver {
  constructor(
    private readonly service: Integrations,
    private readonly connecting: Connecting,
    private readonly disconnecting: Disconnecting,
  ) {}

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => ConnectIntegrationPayload, { description: "Connects an account, once its credentials are proved." })
  connectIntegration(
    @Ctx() { viewer, cause }: Context,
    @Input(() => ConnectIntegrationInput) input: ConnectIntegrationInput,
  ): Promise<ConnectIntegrationPayload> {
    return answer(
      async () => {
        const request = {
          provider: input.provider,
          ownership: input.ownership ?? null,
          label: plainText(input.label ?? null),
          credentials: input.credentials ?? [],
          calendarIds: input.calendarIds ?? null,
          returnUrl: input.returnUrl ?? null,
        };
        return this.connecting.connect(viewer, request, input.idempotencyKey ?? null, cause);
      },
      () => ({ integration: null, authorizationUrl: null }),
    );
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => ReconnectIntegrationPayload, {
    description: "Gives an integration a new login of the same account. It keeps its id and history.",
  })
  reconnectIntegration(
    @Ctx() { viewer, cause }: Context,
    @Input(() => ReconnectIntegrationInput) { id, credentials, returnUrl }: ReconnectIntegrationInput,
  ): Promise<ReconnectIntegrationPayload> {
    const login = { credentials: credentials ?? [], returnUrl: returnUrl ?? null };
    return answer(
      () => this.connecting.reconnect(viewer, id, login, cause),
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
    @Ctx() { viewer, cause }: Context,
    @Input(() => TestIntegrationInput) { id }: TestIntegrationInput,
  ): Promise<TestIntegrationPayload> {
    return answer(
      async () => ({ integration: await this.service.test(viewer, id, cause) }),
      async () => ({ integration: await this.service.findOwn(viewer, id) }),
    );
  }

  @Scopes("integrations:write")
  @Costly()
  @Mutation(() => DisconnectIntegrationPayload, {
    description:
      "Stops the tasks, ends the access at the vendor where that is safe, and destroys the credentials, all at once. " +
      "No calendar event is deleted at the vendor.",
  })
  disconnectIntegration(
    @Ctx() { viewer, cause }: Context,
    @Input(() => DisconnectIntegrationInput) { id }: DisconnectIntegrationInput,
  ): Promise<DisconnectIntegrationPayload> {
    return answer(
      () => this.disconnecting.disconnect(viewer, id, cause),
      () => ({ integration: null, revocation: null }),
    );
  }
}
