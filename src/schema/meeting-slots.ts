import { Arg, Ctx, Field, ID, InputType, Int, ObjectType, Query, Resolver } from "type-graphql";
import {
  type MeetingSlots,
  officeHours,
  type MeetingParticipant as Participant,
  type Weekday,
  weekdays,
} from "../services/meeting-slots.ts";
import { AsksVendors, Scopes } from "./access-directives.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { DateTimeScalar, TimeZoneScalar } from "./scalars.ts";

const WeekdayEnum = enumOf("Weekday", "A day of the week.", weekdays);

const defaults = { bufferMinutes: 0, granularityMinutes: 15, maxSlots: 20 };

@ObjectType({ description: "A time at which everybody who is required can meet." })
export class MeetingSlot {
  @Field(() => DateTimeScalar, { description: "When it starts." })
  start!: Date;

  @Field(() => DateTimeScalar, { description: "When it ends, exclusive." })
  end!: Date;

  @Field(() => [ID], { description: "The optional participants who are known to be free too." })
  freeOptionalUserIds!: readonly string[];
}

@InputType({ description: "The same hours on some days of the week." })
export class WorkingHoursInput {
  @Field(() => [WeekdayEnum], { description: "On which days they begin." })
  days!: Weekday[];

  @Field(() => String, { description: "From when, as clocks there show it: `09:00`." })
  start!: string;

  @Field(() => String, {
    description: "Until when: `17:00`. Before `start` it is on the following day; `24:00` is the end of the day.",
  })
  end!: string;
}

@InputType({ description: "Somebody who is to be there." })
export class MeetingParticipantInput {
  @Field(() => ID, { description: "The user; `User.id`." })
  userId!: string;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Whether it can take place without them." })
  optional?: boolean | null;

  @Field(() => TimeZoneScalar, { nullable: true, description: "Where they work; as the meeting when left out." })
  timeZone?: string | null;

  @Field(() => [WorkingHoursInput], {
    nullable: true,
    description: "When they work, on the clocks of their zone; as the meeting when left out.",
  })
  workingHours?: WorkingHoursInput[] | null;
}

@InputType({ description: "Who is to meet, for how long, and when." })
export class MeetingSlotsInput {
  @Field(() => [MeetingParticipantInput], { description: "Who; at most 50, and at least one who is not optional." })
  participants!: MeetingParticipantInput[];

  @Field(() => DateTimeScalar, { description: "The meeting starts then or later." })
  from!: Date;

  @Field(() => DateTimeScalar, { description: "It ends then or earlier; at most 62 days after `from`." })
  to!: Date;

  @Field(() => Int, { description: "How long it lasts, 1 to 1440." })
  durationMinutes!: number;

  @Field(() => TimeZoneScalar, {
    description: "On its clocks starts are counted, and people work who have no zone of their own here.",
  })
  timeZone!: string;

  @Field(() => [WorkingHoursInput], {
    nullable: true,
    description: "When people work; Monday to Friday from 09:00 to 17:00 when left out.",
  })
  workingHours?: WorkingHoursInput[] | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: defaults.bufferMinutes,
    description: "How long nothing else may be before it, 0 to 1440. It may be outside of the working hours.",
  })
  bufferBeforeMinutes?: number | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: defaults.bufferMinutes,
    description: "How long nothing else may be after it, 0 to 1440.",
  })
  bufferAfterMinutes?: number | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: defaults.granularityMinutes,
    description: "It starts at multiples of so many minutes since midnight in `timeZone`, 1 to 1440.",
  })
  granularityMinutes?: number | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: defaults.maxSlots,
    description: "How many slots at most, 1 to 200.",
  })
  maxSlots?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Whether to ask the providers that can tell, as `freeBusy` does.",
  })
  fresh?: boolean | null;
}

@Resolver()
export class MeetingSlotsResolver {
  constructor(private readonly service: MeetingSlots) {}

  @Scopes("calendar:read")
  @AsksVendors()
  @Query(() => [MeetingSlot], { description: "When people can meet: the first slots, by start. They may overlap." })
  async meetingSlots(
    @Ctx() { viewer }: Context,
    @Arg("input", () => MeetingSlotsInput, { description: "Who is to meet, and when." })
    { participants, from, to, durationMinutes, timeZone, ...input }: MeetingSlotsInput,
  ): Promise<MeetingSlot[]> {
    const slots = await this.service.find(viewer, {
      participants: participants.map(participantIn),
      within: { from, to },
      durationMinutes,
      timeZone,
      workingHours: input.workingHours ?? officeHours,
      bufferBeforeMinutes: input.bufferBeforeMinutes ?? defaults.bufferMinutes,
      bufferAfterMinutes: input.bufferAfterMinutes ?? defaults.bufferMinutes,
      granularityMinutes: input.granularityMinutes ?? defaults.granularityMinutes,
      maxSlots: input.maxSlots ?? defaults.maxSlots,
      fresh: input.fresh ?? false,
    });
    return slots.map(({ start, end, freeUserIds }) => ({ start, end, freeOptionalUserIds: freeUserIds }));
  }
}

function participantIn({ userId, optional, timeZone, workingHours }: MeetingParticipantInput): Participant {
  return {
    userId,
    optional: optional ?? false,
    timeZone: timeZone ?? null,
    workingHours: workingHours ?? null,
  };
}
