import { Field, InputType, ObjectType } from "type-graphql";
import type { StoredTime } from "../services/calendar-event-view.ts";
import { DateScalar, DateTimeScalar, TimeZoneScalar } from "./scalars.ts";

@ObjectType({ description: "When a calendar event starts or ends: a day, a time in a zone, or a floating time." })
export class EventTime {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "The instant; null for an all-day event. Of a floating time, the wall clock as if it were UTC.",
  })
  dateTime!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: "The wall clock, `2026-03-02T10:00:00`; null for an all-day event.",
  })
  localDateTime!: string | null;

  @Field(() => DateScalar, { nullable: true, description: "The day of an all-day event; as an end it is exclusive." })
  date!: string | null;

  @Field(() => TimeZoneScalar, { nullable: true, description: "The zone of a timed event." })
  timeZone!: string | null;

  @Field(() => Boolean, { description: "Whether it is the same wall clock wherever one is." })
  floating!: boolean;
}

@InputType({
  description: "Give `dateTime` (with `timeZone` for where it is kept), or `localDateTime` and `timeZone`, or `date`.",
})
export class EventTimeInput {
  @Field(() => DateTimeScalar, { nullable: true, description: "An instant." })
  dateTime?: Date | null;

  @Field(() => String, { nullable: true, description: "A wall clock, `2026-03-02T10:00:00`; needs `timeZone`." })
  localDateTime?: string | null;

  @Field(() => TimeZoneScalar, {
    nullable: true,
    description: "The zone it is kept in; UTC when only `dateTime` is given.",
  })
  timeZone?: string | null;

  @Field(() => DateScalar, { nullable: true, description: "A day, for an all-day event; as an end it is exclusive." })
  date?: string | null;
}

export function eventTimeOf(time: StoredTime, instant: (time: StoredTime) => Date): EventTime {
  if (time.kind === "date") {
    return { dateTime: null, localDateTime: null, date: time.date, timeZone: null, floating: false };
  }
  return {
    dateTime: instant(time),
    localDateTime: time.local,
    date: null,
    timeZone: time.kind === "zoned" ? time.timeZone : null,
    floating: time.kind === "floating",
  };
}
