import { Arg, Ctx, Field, Int, ObjectType, Query, Resolver } from "type-graphql";
import { providerIds } from "../providers/registry.ts";
import type { ProviderCatalogue, ProviderKind, ProviderView } from "../services/provider-catalogue.ts";
import { Authenticated } from "./access-directives.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { JobField } from "./job-field.ts";
import { UrlScalar } from "./scalars.ts";

export const ProviderIdEnum = enumOf("ProviderId", "Every provider this service knows.", providerIds);
const ProviderKindEnum = enumOf("ProviderKind", "What a provider is for.", ["CALENDAR", "JOB_BOARD"]);
const AvailabilityEnum = enumOf("ProviderAvailability", "Whether a provider can be connected here and now.", [
  "READY",
  "NOT_CONFIGURED",
  "PARTNER_APPROVAL_REQUIRED",
  "UNAVAILABLE",
]);
const AuthEnum = enumOf(
  "ProviderAuth",
  "How one signs in with a provider: with a form, at the vendor's own consent page, or at a page of the vendor's that fills in " +
    "the form's optional fields, and that the browser does not come back from.",
  ["CREDENTIALS", "OAUTH2", "LOGIN_FLOW"],
);
const CapabilityEnum = enumOf("ProviderCapability", "Something a provider can do.", [
  "READ_EVENTS",
  "CREATE_EVENTS",
  "UPDATE_EVENTS",
  "DELETE_EVENTS",
  "RESPOND_TO_EVENTS",
  "FREE_BUSY",
  "PUSH_CHANGES",
  "CREATE_CONFERENCES",
  "SET_REMINDERS",
  "POST_JOBS",
  "UPDATE_POSTINGS",
  "CLOSE_POSTINGS",
  "REOPEN_POSTINGS",
  "POST_BY_HAND",
  "HOST_FEEDS",
  "READ_POSTING_STATUS",
  "RECEIVE_APPLICATIONS",
  "TELL_APPLICATION_STATUS",
]);
const FieldKindEnum = enumOf("CredentialFieldKind", "How a form shows a credential field.", [
  "TEXT",
  "SECRET",
  "URL",
  "CHOICE",
]);

@ObjectType({ description: "One field of the form with which a provider is connected." })
export class CredentialField {
  @Field(() => String, { description: "The name to give it in `ConnectIntegrationInput.credentials`." })
  name!: string;

  @Field(() => String, { description: "For people." })
  label!: string;

  @Field(() => FieldKindEnum, { description: "How a form shows it." })
  kind!: string;

  @Field(() => Boolean, { description: "Whether connecting needs it." })
  required!: boolean;

  @Field(() => [String], { description: "The choices of a CHOICE, else empty." })
  options!: readonly string[];

  @Field(() => String, { description: "Where a person finds the value." })
  help!: string;
}

@ObjectType({ description: "How an account's access is kept alive." })
export class TokenRenewal {
  @Field(() => String, {
    description:
      "`none`: nothing expires by itself; `refreshToken`: a person's consent is renewed by itself, until it is taken back; " +
      "`clientCredentials`: the access is asked for again without anybody.",
  })
  kind!: string;

  @Field(() => String, { description: "What that means for people." })
  reason!: string;
}

@ObjectType({ description: "A vendor's kind of service: what it can do, what it needs, what it allows." })
export class Provider {
  @Field(() => ProviderIdEnum, { description: "Its name in this graph." })
  id!: string;

  @Field(() => String, { description: "Its name for people." })
  name!: string;

  @Field(() => ProviderKindEnum, { description: "What it is for." })
  kind!: string;

  @Field(() => AuthEnum, { description: "How one signs in; the first of `signInMethods`." })
  auth!: string;

  @Field(() => [AuthEnum], {
    description:
      "Every way to sign in. Where there is a form and a page, `connectIntegration` without the form's optional fields leads to the " +
      "page, and with all of `credentialFields` it connects at once. An integration keeps to the way that it was connected by.",
  })
  signInMethods!: readonly string[];

  @Field(() => [CredentialField], {
    description:
      "The form with which it is connected. Its fields are optional where people may sign in at the vendor instead, or where the " +
      "operator has named the server.",
  })
  credentialFields!: readonly CredentialField[];

  @Field(() => [CapabilityEnum], { description: "What it can do." })
  capabilities!: readonly string[];

  @Field(() => [JobField], { description: "What becomes of each field of a job; none for calendars." })
  jobFields!: readonly JobField[];

  @Field(() => ProviderIdEnum, {
    nullable: true,
    description:
      "The job board whose jobs it shows: a job is posted there first, and everything happens there. Null for others.",
  })
  mirrorOf!: string | null;

  @Field(() => AvailabilityEnum, { description: "Whether it can be connected here and now." })
  availability!: string;

  @Field(() => String, {
    nullable: true,
    description: "Why it is not READY, or why one of its ways to sign in does not work here; and who can change that.",
  })
  availabilityReason!: string | null;

  @Field(() => Boolean, { description: "Whether the operator has given it all its settings." })
  configured!: boolean;

  @Field(() => TokenRenewal, { description: "How access is kept alive." })
  tokenRenewal!: TokenRenewal;

  @Field(() => String, { description: "What the vendor allows, in words." })
  rateLimits!: string;

  @Field(() => String, { description: "What using it costs, in words." })
  cost!: string;

  @Field(() => Int, { description: "An account is read at most this often, in seconds." })
  syncFloorSeconds!: number;

  @Field(() => Int, { description: "An account is read this often unless told otherwise, in seconds." })
  syncDefaultSeconds!: number;

  @Field(() => UrlScalar, { description: "Its page in the guide." })
  docsUrl!: string;
}

@Resolver()
export class ProviderResolver {
  constructor(private readonly catalogue: ProviderCatalogue) {}

  @Authenticated()
  @Query(() => [Provider], { description: "The providers this service knows." })
  providers(
    @Ctx() { viewer }: Context,
    @Arg("kind", () => ProviderKindEnum, { nullable: true, description: "Only these." }) kind?: ProviderKind | null,
  ): ProviderView[] {
    return this.catalogue.list(viewer, kind ?? null);
  }
}
