import { Arg, Ctx, Field, FieldResolver, ID, InputType, ObjectType, Query, Resolver, Root } from "type-graphql";
import type { FreeBusy, CalendarBusy as View } from "../services/free-busy.ts";
import { AsksVendors, Scopes } from "./access-directives.ts";
import { Calendar } from "./calendar-type.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Problem } from "./problem.ts";
import { DateTimeScalar, TimeZoneScalar } from "./scalars.ts";
import { User } from "./user-type.ts";

const BusySourceEnum = enumOf(
  "BusySource",
  "Who said it: the PROVIDER itself just now, or the MIRROR, our copy of the calendar.",
  ["PROVIDER", "MIRROR"],
);

@ObjectType({ description: "A stretch of time that is taken, `[start, end)`. By what is not told." })
export class BusyInterval {
  @Field(() => DateTimeScalar, { description: "When it starts." })
  start!: Date;

  @Field(() => DateTimeScalar, { description: "When it ends, exclusive." })
  end!: Date;

  @Field(() => Boolean, { description: "Whether nothing firm is in it, as far as that is known." })
  tentative!: boolean;
}

@ObjectType({
  description:
    "When one calendar is busy. Who was asked for and has no calendar that the viewer may ask for is here too, with a problem.",
})
export class CalendarBusy {
  @Field(() => ID, {
    nullable: true,
    description: "The calendar; null when it is about somebody without one that can be read.",
  })
  calendarId!: string | null;

  @Field(() => ID, { nullable: true, description: "The integration it belongs to." })
  integrationId!: string | null;

  @Field(() => ID, { nullable: true, description: "The user it belongs to; null when it is the tenant's." })
  userId!: string | null;

  @Field(() => BusySourceEnum, { nullable: true, description: "Who said it; null when it cannot be told." })
  source!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When it was read at the provider; null when it cannot be told.",
  })
  asOf!: Date | null;

  @Field(() => Problem, {
    nullable: true,
    description:
      "Why it cannot be told, may be incomplete, or is not as fresh as it was to be; null when nothing is wrong.",
  })
  problem!: Problem | null;
}

@InputType({
  description: "Whose busy times, and when: everything that one of the lists names, the viewer's own when none does.",
})
export class FreeBusyInput {
  @Field(() => DateTimeScalar, { description: "Start of the range." })
  from!: Date;

  @Field(() => DateTimeScalar, { description: "End of the range, exclusive; at most 62 days after `from`." })
  to!: Date;

  @Field(() => [ID], { nullable: true, description: "Of these users; `User.id`." })
  userIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Of these integrations." })
  integrationIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Of these calendars." })
  calendarIds?: string[] | null;

  @Field(() => TimeZoneScalar, {
    nullable: true,
    description: "Where whole days and floating times are, in calendars that name no zone; UTC when left out.",
  })
  timeZone?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      "Whether to ask the providers that can tell; who does not answer in 5 seconds is told from the mirror.",
  })
  fresh?: boolean | null;
}

@Resolver(() => CalendarBusy)
export class FreeBusyResolver {
  constructor(private readonly service: FreeBusy) {}

  @Scopes("calendar:read")
  @AsksVendors()
  @Query(() => [CalendarBusy], { description: "When people are busy, calendar by calendar, without saying with what." })
  freeBusy(
    @Ctx() { viewer }: Context,
    @Arg("input", () => FreeBusyInput, { description: "Whose, and when." })
    { from, to, userIds, integrationIds, calendarIds, timeZone, fresh }: FreeBusyInput,
  ): Promise<View[]> {
    const whose = {
      userIds: userIds ?? [],
      integrationIds: integrationIds ?? [],
      calendarIds: calendarIds ?? [],
    };
    const reading = { timeZoneOf: () => timeZone ?? "UTC", fresh: fresh ?? false };
    return this.service.list(viewer, whose, { from, to }, reading);
  }

  @FieldResolver(() => [BusyInterval], {
    nullable: true,
    description: "Sorted and joined; null when it cannot be told, which does not mean free.",
  })
  busy(@Root() { busy }: View): BusyInterval[] | null {
    return busy?.map(({ from, to, tentative }) => ({ start: from, end: to, tentative })) ?? null;
  }

  @FieldResolver(() => Calendar, {
    nullable: true,
    description: "The calendar; null when only its busy times are the viewer's to see.",
  })
  calendar(@Ctx() { loaders }: Context, @Root() { calendarId }: View): Promise<unknown> | null {
    return calendarId === null ? null : loaders.calendar.load(calendarId);
  }

  @FieldResolver(() => User, { nullable: true, description: "The user it belongs to; null when it is the tenant's." })
  user(@Root() { userId }: View): User | null {
    return userId === null ? null : { id: userId };
  }
}
