import { Ctx, Directive, Field, FieldResolver, ID, Int, ObjectType, Resolver, Root } from "type-graphql";
import type { CalendarFreshness as Freshness } from "../services/health-reports.ts";
import { Calendar } from "./calendar-type.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { DateTimeScalar } from "./scalars.ts";

const HealthLevelEnum = enumOf(
  "HealthLevel",
  "OK when nothing is wrong, TROUBLED when something failed that is tried again by itself or when single changes could not be " +
    "written, BROKEN when nothing works until a person does something, INACTIVE when it is not connected yet or no longer.",
  ["OK", "TROUBLED", "BROKEN", "INACTIVE"],
);
const PushLivenessEnum = enumOf(
  "PushLiveness",
  "LIVE when the vendor tells of changes, UNPROVEN when it promised to and was not heard yet, REFUSED when it will not, NONE " +
    "when it cannot or was not asked yet.",
  ["LIVE", "UNPROVEN", "REFUSED", "NONE"],
);

const FreshnessReasonEnum = enumOf(
  "FreshnessReason",
  "PUSH when the vendor tells of every mirrored calendar, CHOSEN when somebody set `syncIntervalSeconds`, ACTIVE when something " +
    "happened lately, SLOWING when nothing has happened for a while, QUIET when nothing has happened for long.",
  ["PUSH", "CHOSEN", "ACTIVE", "SLOWING", "QUIET"],
);

@ObjectType({ description: "How up to date one mirrored calendar is." })
export class CalendarFreshness {
  @Field(() => ID, { description: "The calendar." })
  calendarId!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was read last; null when it never was." })
  lastReadAt!: Date | null;

  @Field(() => PushLivenessEnum, { description: "Whether the vendor tells of its changes." })
  push!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Until when the vendor promised to. It is prolonged, or asked again, before then.",
  })
  pushUntil!: Date | null;
}

@ObjectType({ description: "How often an integration is read, and what tells of changes in between." })
export class IntegrationFreshness {
  @Field(() => Int, {
    description:
      "How often it is read by itself, in seconds. Where the vendor tells of every mirrored calendar that is only to be sure.",
  })
  intervalSeconds!: number;

  @Field(() => FreshnessReasonEnum, { description: "Why it is read as often as that." })
  reason!: string;

  @Field(() => Int, {
    description: "How often it is read while something happens in it, in seconds; never more often.",
  })
  floorSeconds!: number;

  @Field(() => Int, { description: "How often it is read when nothing has happened in it for long, in seconds." })
  defaultSeconds!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "When something happened in it last: a change at the provider or here, a sync or fresh busy times that were asked for. " +
      "To the minute; null when nothing did.",
  })
  activeAt!: Date | null;

  @Field(() => [CalendarFreshness], { description: "Its mirrored calendars, the primary one first." })
  @Directive("@listSize(assumedSize: 20)")
  calendars!: CalendarFreshness[];
}

@ObjectType({
  description:
    "What the last comparison of everything the provider has with what is stored found, beyond what readings of changes tell.",
})
export class IntegrationDrift {
  @Field(() => DateTimeScalar, { description: "When it was compared." })
  comparedAt!: Date;

  @Field(() => Int, {
    description:
      "Calendar events that differed although the provider had told of no change. All of them were put right, and are in the log.",
  })
  differences!: number;

  @Field(() => Boolean, {
    description: "Whether everything was compared; false when the comparison broke off, so that there may be more.",
  })
  complete!: boolean;
}

@ObjectType({ description: "What people changed here, and what is not at the provider." })
export class IntegrationWrites {
  @Field(() => Int, { description: "Calendar events with a change on its way." })
  pending!: number;

  @Field(() => Int, {
    description: "Calendar events whose last change was given up: FAILED, or CONFLICT with a change made elsewhere.",
  })
  failed!: number;
}

@ObjectType({ description: "What is wrong with an integration: whose fault, since when, and what is done about it." })
export class HealthProblem {
  @Field(() => String, { description: "An ErrorCode, or INTERNAL for a fault of this service." })
  code!: string;

  @Field(() => String, { description: "For people. May change." })
  message!: string;

  @Field(() => String, { description: "What a person can do about it; says so when that is nothing." })
  remedy!: string;

  @Field(() => String, { description: "Whose doing it is: `caller`, `account`, `operator`, `provider` or `us`." })
  fault!: string;

  @Field(() => Boolean, { description: "Whether it may pass without anybody doing anything." })
  retryable!: boolean;

  @Field(() => String, { nullable: true, description: "The vendor's own word for it." })
  providerCode!: string | null;

  @Field(() => DateTimeScalar, { description: "When it was met first." })
  since!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When it is tried again by itself at the latest; null when it is not.",
  })
  retriedAt!: Date | null;
}

@ObjectType({ description: "How an integration is, to be read without knowing its vendor." })
export class IntegrationHealth {
  @Field(() => HealthLevelEnum, { description: "In a word." })
  level!: string;

  @Field(() => String, { description: "In a sentence or two, for people. May change." })
  summary!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: "When one of its calendars was last read to the end." })
  lastSuccessAt!: Date | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "How late the changes made at the provider were stored, in milliseconds: the median of the readings of the last day that " +
      "stored some. After a message of the vendor it counts from its arrival; otherwise from when the calendar was read before, " +
      "which is the longest that a change can have waited. Null when there was no such reading. What got lost counts as drift.",
  })
  lagP50Ms!: number | null;

  @Field(() => Int, { nullable: true, description: "As `lagP50Ms`; 99 of 100 readings were quicker." })
  lagP99Ms!: number | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When it is read next by itself; null while a person has to act first.",
  })
  nextSyncAt!: Date | null;

  @Field(() => IntegrationFreshness, { description: "How often it is read, and whether its vendor tells of changes." })
  freshness!: IntegrationFreshness;

  @Field(() => IntegrationDrift, {
    nullable: true,
    description: "What the last comparison found, usually of last night; null when there was none yet.",
  })
  drift!: IntegrationDrift | null;

  @Field(() => IntegrationWrites, { description: "Changes made here that the provider does not have." })
  writes!: IntegrationWrites;

  @Field(() => HealthProblem, {
    nullable: true,
    description:
      "What is wrong: with reading it, else with the last change that could not be written. Null when nothing is.",
  })
  problem!: HealthProblem | null;
}

@Resolver(() => CalendarFreshness)
export class CalendarFreshnessResolver {
  @FieldResolver(() => Calendar, {
    nullable: true,
    description: "The calendar itself; null when its details are not the viewer's to see.",
  })
  calendar(@Ctx() { loaders }: Context, @Root() { calendarId }: Freshness): Promise<unknown> {
    return loaders.calendar.load(calendarId);
  }
}
