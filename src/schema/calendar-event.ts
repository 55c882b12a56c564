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
import type { CalendarEventView as View } from "../services/calendar-event-view.ts";
import type { CalendarEvents } from "../services/calendar-events.ts";
import { instantOfTime } from "../services/event-input.ts";
import { Scopes } from "./access-directives.ts";
import { Calendar } from "./calendar-type.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { EventTime, eventTimeOf } from "./event-time.ts";
import { Integration } from "./integration.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { Problem } from "./problem.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";

const KindEnum = enumOf("CalendarEventKind", "A SINGLE, a whole SERIES, or one OCCURRENCE of a series.", [
  "SINGLE",
  "SERIES",
  "OCCURRENCE",
]);
const SyncStateEnum = enumOf(
  "CalendarEventSyncState",
  "SYNCED: as the provider has it. PENDING: a write is on its way. CONFLICT: it met another change. " +
    "FAILED: it could not be brought to the provider.",
  ["SYNCED", "PENDING", "CONFLICT", "FAILED"],
);
export const EventStatusEnum = enumOf("CalendarEventStatus", "Whether it takes place.", [
  "CONFIRMED",
  "TENTATIVE",
  "CANCELLED",
]);
export const TransparencyEnum = enumOf("CalendarEventTransparency", "OPAQUE blocks time, TRANSPARENT does not.", [
  "OPAQUE",
  "TRANSPARENT",
]);
export const ClassificationEnum = enumOf(
  "CalendarEventClassification",
  "Who the calendar's other readers may show it to.",
  ["PUBLIC", "PRIVATE", "CONFIDENTIAL"],
);
export const AttendeeResponseEnum = enumOf("AttendeeResponse", "What an attendee has answered.", [
  "NEEDS_ACTION",
  "ACCEPTED",
  "DECLINED",
  "TENTATIVE",
  "DELEGATED",
]);

@ObjectType({ description: "Who organizes a calendar event." })
export class Participant {
  @Field(() => String, { description: "Lower case." })
  email!: string;

  @Field(() => String, { nullable: true, description: "As the calendar has it." })
  name!: string | null;
}

@ObjectType({ description: "Who is invited to a calendar event." })
export class Attendee extends Participant {
  @Field(() => AttendeeResponseEnum, { description: "What they have answered." })
  response!: string;

  @Field(() => Boolean, { description: "Whether it can take place without them." })
  optional!: boolean;
}

@ObjectType({
  description: "An appointment in a calendar: a single one, a whole series, or one occurrence of a series.",
})
@Directive('@key(fields: "id")')
export class CalendarEvent {
  @Field(() => ID, { description: "Ours; an occurrence's is `{seriesId}_{original start}`." })
  id!: string;

  @Field(() => KindEnum, { description: "Lists have singles and occurrences, never a series." })
  kind!: string;

  @Field(() => String, { description: "Of iCalendar (RFC 5545); the same in every copy of the event." })
  uid!: string;

  @Field(() => String, { description: "What it is; empty when it has none." })
  title!: string;

  @Field(() => String, { nullable: true, description: "Notes, as plain text or as the vendor has them." })
  description!: string | null;

  @Field(() => String, { nullable: true, description: "Where it is." })
  location!: string | null;

  @Field(() => UrlScalar, { nullable: true, description: "Where to join." })
  conferenceUrl!: string | null;

  @Field(() => [Int], {
    nullable: true,
    description: "When its owner is reminded, in minutes before it starts; null for as the calendar does by itself.",
  })
  reminders!: readonly number[] | null;

  @Field(() => EventStatusEnum, { description: "Whether it takes place." })
  status!: string;

  @Field(() => TransparencyEnum, { description: "Whether it blocks time." })
  transparency!: string;

  @Field(() => ClassificationEnum, { description: "Who the calendar's other readers may show it to." })
  classification!: string;

  @Field(() => Participant, { nullable: true, description: "Who organizes it." })
  organizer!: Participant | null;

  @Field(() => [Attendee], { description: "Who is invited." })
  attendees!: readonly Attendee[];

  @Field(() => [String], { description: "RRULE, RDATE and EXDATE lines of a series (RFC 5545); else empty." })
  recurrence!: readonly string[];

  @Field(() => Int, { description: "Counts every change; give it as `expectedVersion` when changing it." })
  version!: number;

  @Field(() => SyncStateEnum, { description: "Whether the provider has it like this." })
  syncState!: string;

  @Field(() => Problem, {
    nullable: true,
    description: "Why it is FAILED or in CONFLICT, or why its recurrence cannot be followed.",
  })
  problem!: Problem | null;

  @Field(() => DateTimeScalar, { description: "When we saw it first." })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: "When we saw it change last." })
  updatedAt!: Date;
}

export const CalendarEventConnection = connectionType("CalendarEvent", () => CalendarEvent);

@InputType({ description: "When, and in which calendars. Everything that overlaps `[from, to)` is in." })
export class CalendarEventFilter {
  @Field(() => DateTimeScalar, { description: "Start of the range." })
  from!: Date;

  @Field(() => DateTimeScalar, { description: "End of the range, exclusive; at most 400 days after `from`." })
  to!: Date;

  @Field(() => [ID], { nullable: true, description: "Only in these calendars." })
  calendarIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Only of these integrations." })
  integrationIds?: string[] | null;
}

@Resolver(() => CalendarEvent)
export class CalendarEventResolver {
  constructor(private readonly service: CalendarEvents) {}

  @Scopes("calendar:read")
  @Query(() => CalendarEvent, { nullable: true, description: "One calendar event, series or occurrence." })
  calendarEvent(
    @Ctx() { loaders }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<View | null> {
    return loaders.calendarEvent.load(id);
  }

  @Scopes("calendar:read")
  @Query(() => CalendarEventConnection, { description: "What happens in a range: singles and occurrences, by start." })
  @Directive(listSize)
  async calendarEvents(
    @Ctx() { viewer }: Context,
    @Arg("filter", () => CalendarEventFilter, { description: "When, and in which calendars." })
    filter: CalendarEventFilter,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<View>> {
    return connectionOf(await this.service.list(viewer, filter, pageRequest(page)));
  }

  @FieldResolver(() => EventTime, { description: "When it starts." })
  start(@Root() { start }: View): EventTime {
    return eventTimeOf(start, instantOfTime);
  }

  @FieldResolver(() => EventTime, { description: "When it ends, exclusive." })
  end(@Root() { end }: View): EventTime {
    return eventTimeOf(end, instantOfTime);
  }

  @FieldResolver(() => EventTime, {
    nullable: true,
    description: "When an occurrence was to start originally; null otherwise.",
  })
  recurrenceId(@Root() { recurrenceId }: View): EventTime | null {
    return recurrenceId && eventTimeOf(recurrenceId, instantOfTime);
  }

  @FieldResolver(() => CalendarEvent, { nullable: true, description: "The series of an occurrence; null otherwise." })
  series(@Ctx() { loaders }: Context, @Root() { seriesId }: View): Promise<View | null> | null {
    return seriesId === null ? null : loaders.calendarEvent.load(seriesId);
  }

  @FieldResolver(() => Calendar, { nullable: true, description: "The calendar it is in." })
  calendar(@Ctx() { loaders }: Context, @Root() { calendarId }: View): Promise<unknown> {
    return loaders.calendar.load(calendarId);
  }

  @FieldResolver(() => Integration, { nullable: true, description: "The integration it comes from." })
  integration(@Ctx() { loaders }: Context, @Root() { integrationId }: View): Promise<unknown> {
    return loaders.integration.load(integrationId);
  }
}
