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
import { IntegrationError } from "../errors.ts";
import type { ApplyAddresses } from "../services/apply-addresses.ts";
import type { Integrations, Integration as Row } from "../services/integrations.ts";
import { Scopes } from "./access-directives.ts";
import { Calendar } from "./calendar-type.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { IntegrationHealth } from "./integration-health.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { Problem } from "./problem.ts";
import { ProviderIdEnum } from "./provider.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";
import { User } from "./user-type.ts";

const statuses = ["CONNECTING", "ACTIVE", "DEGRADED", "NEEDS_REAUTH", "DISCONNECTED"] as const;
export const ownerships = ["USER", "TENANT"] as const;
export const visibilities = ["PRIVATE", "BUSY", "SHARED"] as const;
const IntegrationStatusEnum = enumOf(
  "IntegrationStatus",
  "CONNECTING until a person has consented, ACTIVE when all is well, DEGRADED when syncs keep failing and are tried again, " +
    "NEEDS_REAUTH when a person has to connect again, DISCONNECTED when it is over.",
  statuses,
);
export const OwnershipEnum = enumOf(
  "Ownership",
  "Whose an integration is: one user's, or the whole tenant's.",
  ownerships,
);
export const VisibilityEnum = enumOf(
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

  @Field(() => String, { description: "Who the account is at the vendor; empty as long as nobody has consented." })
  accountName!: string;

  @Field(() => Boolean, {
    description: "Whether it is at a stand-in for the vendor, as in development: then nothing of it is real.",
  })
  simulated!: boolean;

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

@Resolver(() => Integration)
export class IntegrationResolver {
  constructor(
    private readonly service: Integrations,
    private readonly addresses: ApplyAddresses,
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

  @FieldResolver(() => User, { nullable: true, description: "The user it belongs to; null when it is the tenant's." })
  owner(@Root() { ownerId }: Row): User | null {
    return ownerId === null ? null : { id: ownerId };
  }

  @FieldResolver(() => UrlScalar, {
    nullable: true,
    description:
      "A link that leads its owner back to the vendor's consent page, good for a week from now; null when nothing is to be " +
      "mended, when it is not the viewer's, and where one signs in with a form: then `reconnectIntegration` takes the new credentials.",
  })
  reconnectUrl(@Ctx() { viewer }: Context, @Root() row: Row): Promise<string | null> {
    return this.service.reconnectUrl(viewer, row);
  }

  @FieldResolver(() => UrlScalar, {
    nullable: true,
    description:
      "Where the board is to send applications of this account alone, to be entered there; null where that goes out with each job, " +
      "and where it is not the viewer's to change.",
  })
  applicationsUrl(@Ctx() { viewer }: Context, @Root() row: Row): Promise<string | null> {
    return this.addresses.shown(viewer, row);
  }

  @FieldResolver(() => IntegrationHealth, {
    description: "How it is, in words and in numbers: what is wrong, whose fault it is, and what to do.",
  })
  async health(@Ctx() { loaders }: Context, @Root() { id }: Row): Promise<unknown> {
    const health = await loaders.healthOfIntegration.load(id);
    if (!health) throw new IntegrationError("NOT_FOUND", "This integration is gone");
    return health;
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
