import { Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from "type-graphql";
import type { IntegrationError } from "../errors.ts";
import type { CalendarEventView as View } from "../services/calendar-event-view.ts";
import type { CalendarWrites, EventReference } from "../services/calendar-writes.ts";
import { eventTimeIn, type WritableFields } from "../services/event-input.ts";
import { plainText } from "../services/plain-text.ts";
import { VersionConflict } from "../services/version-conflict.ts";
import { Costly, Scopes } from "./access-directives.ts";
import { CalendarEvent, ClassificationEnum, EventStatusEnum, TransparencyEnum } from "./calendar-event.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { EventTimeInput } from "./event-time.ts";
import { Input } from "./input.ts";
import { JsonScalar } from "./scalars.ts";
import { answer, UserError } from "./user-error.ts";

const spans = ["THIS", "THIS_AND_FOLLOWING", "ALL"] as const;
const SpanEnum = enumOf("CalendarEventSpan", "How much of a series is meant.", spans);
const replies = ["ACCEPTED", "DECLINED", "TENTATIVE"] as const;
const ReplyEnum = enumOf("InvitationReply", "What one answers to an invitation.", replies);

@InputType({ description: "Who is invited." })
export class AttendeeInput {
  @Field(() => String, { description: "Their address." })
  email!: string;

  @Field(() => String, { nullable: true, description: "Their name." })
  name?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Whether it can take place without them." })
  optional?: boolean | null;
}

@InputType({ description: "What to create." })
export class CreateCalendarEventInput {
  @Field(() => ID, { description: "The calendar to create it in; a writable one." })
  calendarId!: string;

  @Field(() => String, { description: "What it is." })
  title!: string;

  @Field(() => EventTimeInput, { description: "When it starts." })
  start!: EventTimeInput;

  @Field(() => EventTimeInput, { description: "When it ends, exclusive; of the same kind as `start`." })
  end!: EventTimeInput;

  @Field(() => String, { nullable: true, description: "Notes." })
  description?: string | null;

  @Field(() => String, { nullable: true, description: "Where it is." })
  location?: string | null;

  @Field(() => EventStatusEnum, { nullable: true, description: "CONFIRMED when left out." })
  status?: WritableFields["status"] | null;

  @Field(() => TransparencyEnum, { nullable: true, description: "OPAQUE when left out." })
  transparency?: WritableFields["transparency"] | null;

  @Field(() => ClassificationEnum, { nullable: true, description: "PUBLIC when left out." })
  classification?: WritableFields["classification"] | null;

  @Field(() => [AttendeeInput], { nullable: true, description: "Who is invited." })
  attendees?: AttendeeInput[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "RRULE, RDATE and EXDATE lines (RFC 5545) that make it a series.",
  })
  recurrence?: string[] | null;

  @Field(() => [Int], {
    nullable: true,
    description:
      "When its owner is reminded, in minutes before it starts; as the calendar does by itself when left out.",
  })
  reminders?: number[] | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Whether the vendor's own video meeting is wanted, such as Google Meet. Its link is `conferenceUrl`.",
  })
  conference?: boolean | null;

  @Field(() => String, { nullable: true, description: "The same key and input get the same answer for 24 hours." })
  idempotencyKey?: string | null;
}

@InputType({ description: "What to change; what is left out stays." })
export class UpdateCalendarEventInput {
  @Field(() => ID, { description: "The single, the series or the occurrence." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The `version` the change is based on; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => SpanEnum, {
    nullable: true,
    description: "THIS for an occurrence and ALL for everything else when left out.",
  })
  span?: (typeof spans)[number] | null;

  @Field(() => String, { nullable: true, description: "What it is." })
  title?: string | null;

  @Field(() => EventTimeInput, { nullable: true, description: "When it starts." })
  start?: EventTimeInput | null;

  @Field(() => EventTimeInput, { nullable: true, description: "When it ends, exclusive." })
  end?: EventTimeInput | null;

  @Field(() => String, { nullable: true, description: "Notes; null takes them away." })
  description?: string | null;

  @Field(() => String, { nullable: true, description: "Where it is; null takes it away." })
  location?: string | null;

  @Field(() => EventStatusEnum, { nullable: true, description: "Whether it takes place." })
  status?: WritableFields["status"] | null;

  @Field(() => TransparencyEnum, { nullable: true, description: "Whether it blocks time." })
  transparency?: WritableFields["transparency"] | null;

  @Field(() => ClassificationEnum, { nullable: true, description: "Who the calendar's other readers may show it to." })
  classification?: WritableFields["classification"] | null;

  @Field(() => [AttendeeInput], {
    nullable: true,
    description: "Who is invited, all of them. What they answered stays.",
  })
  attendees?: AttendeeInput[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "RRULE, RDATE and EXDATE lines; empty makes a series a single.",
  })
  recurrence?: string[] | null;

  @Field(() => [Int], {
    nullable: true,
    description: "When its owner is reminded, in minutes before it starts; null as the calendar does by itself.",
  })
  reminders?: number[] | null;
}

@InputType({ description: "What to delete." })
export class DeleteCalendarEventInput {
  @Field(() => ID, { description: "The single, the series or the occurrence." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "The `version` that is to be deleted; another one is a CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => SpanEnum, {
    nullable: true,
    description: "THIS for an occurrence and ALL for everything else when left out.",
  })
  span?: (typeof spans)[number] | null;
}

@InputType({ description: "An answer to an invitation, in the account owner's name." })
export class RespondToCalendarEventInput {
  @Field(() => ID, { description: "The single, the series or the occurrence." })
  id!: string;

  @Field(() => ReplyEnum, { description: "The answer." })
  response!: (typeof replies)[number];
}

@ObjectType({ description: "The calendar event that was created." })
export class CreateCalendarEventPayload {
  @Field(() => CalendarEvent, {
    nullable: true,
    description: "The event; PENDING when the provider has yet to confirm it.",
  })
  calendarEvent!: CalendarEvent | null;

  @Field(() => [UserError], { description: "Why nothing was created." })
  userErrors!: UserError[];
}

@ObjectType({ description: "The calendar event that was changed, or both versions of it." })
export class UpdateCalendarEventPayload {
  @Field(() => CalendarEvent, {
    nullable: true,
    description: "The event as it is now; PENDING when the provider has yet to confirm it.",
  })
  calendarEvent!: CalendarEvent | null;

  @Field(() => CalendarEvent, {
    nullable: true,
    description: "In a CONFLICT: the event as somebody else made it; null when it is gone.",
  })
  current!: CalendarEvent | null;

  @Field(() => JsonScalar, { nullable: true, description: "In a CONFLICT: what this call wanted to change." })
  attempted!: unknown;

  @Field(() => [UserError], { description: "Why nothing was changed." })
  userErrors!: UserError[];
}

@ObjectType({ description: "The calendar event that was deleted, or the version that stood in the way." })
export class DeleteCalendarEventPayload {
  @Field(() => CalendarEvent, { nullable: true, description: "The event as it was." })
  calendarEvent!: CalendarEvent | null;

  @Field(() => CalendarEvent, { nullable: true, description: "In a CONFLICT: the event as somebody else made it." })
  current!: CalendarEvent | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: "In a CONFLICT: an empty object, since a deletion changes no field.",
  })
  attempted!: unknown;

  @Field(() => [UserError], { description: "Why nothing was deleted." })
  userErrors!: UserError[];
}

@ObjectType({ description: "The calendar event with its owner's answer." })
export class RespondToCalendarEventPayload {
  @Field(() => CalendarEvent, { nullable: true, description: "The event as it is now." })
  calendarEvent!: CalendarEvent | null;

  @Field(() => [UserError], { description: "Why nothing was answered." })
  userErrors!: UserError[];
}

@Resolver()
export class CalendarEventWritesResolver {
  constructor(private readonly writes: CalendarWrites) {}

  @Scopes("calendar:write")
  @Costly()
  @Mutation(() => CreateCalendarEventPayload, { description: "Creates a calendar event, here and at the provider." })
  createCalendarEvent(
    @Ctx() { viewer, cause }: Context,
    @Input(() => CreateCalendarEventInput) {
      calendarId,
      idempotencyKey,
      conference,
      ...input
    }: CreateCalendarEventInput,
  ): Promise<CreateCalendarEventPayload> {
    return answer(
      async () => ({
        calendarEvent: shown(
          await this.writes.create(
            viewer,
            calendarId,
            fieldsOf(input),
            { conference: conference ?? false, idempotencyKey: idempotencyKey ?? null },
            cause,
          ),
        ),
      }),
      () => ({ calendarEvent: null }),
    );
  }

  @Scopes("calendar:write")
  @Costly()
  @Mutation(() => UpdateCalendarEventPayload, { description: "Changes a calendar event, here and at the provider." })
  updateCalendarEvent(
    @Ctx() { viewer, cause, loaders }: Context,
    @Input(() => UpdateCalendarEventInput) input: UpdateCalendarEventInput,
  ): Promise<UpdateCalendarEventPayload> {
    return answer(
      async () => {
        const calendarEvent = shown(await this.writes.update(viewer, referenceOf(input), patchOf(input), cause));
        return { calendarEvent, current: null, attempted: null };
      },
      async (error) => ({ calendarEvent: null, ...(await bothVersions(error, loaders)) }),
    );
  }

  @Scopes("calendar:write")
  @Costly()
  @Mutation(() => DeleteCalendarEventPayload, { description: "Deletes a calendar event, here and at the provider." })
  deleteCalendarEvent(
    @Ctx() { viewer, cause, loaders }: Context,
    @Input(() => DeleteCalendarEventInput) input: DeleteCalendarEventInput,
  ): Promise<DeleteCalendarEventPayload> {
    return answer(
      async () => {
        const calendarEvent = shown(await this.writes.delete(viewer, referenceOf(input), cause));
        return { calendarEvent, current: null, attempted: null };
      },
      async (error) => ({ calendarEvent: null, ...(await bothVersions(error, loaders)) }),
    );
  }

  @Scopes("calendar:write")
  @Costly()
  @Mutation(() => RespondToCalendarEventPayload, { description: "Answers an invitation in the account owner's name." })
  respondToCalendarEvent(
    @Ctx() { viewer, cause }: Context,
    @Input(() => RespondToCalendarEventInput) { id, response }: RespondToCalendarEventInput,
  ): Promise<RespondToCalendarEventPayload> {
    return answer(
      async () => ({ calendarEvent: shown(await this.writes.respond(viewer, referenceOf({ id }), response, cause)) }),
      () => ({ calendarEvent: null }),
    );
  }
}

/** The resolvers of `CalendarEvent` read the view; the class only says what is in the graph. */
function shown(view: View): CalendarEvent {
  return view as unknown as CalendarEvent;
}

async function bothVersions(
  error: IntegrationError,
  { calendarEvent }: Context["loaders"],
): Promise<{ current: CalendarEvent | null; attempted: unknown }> {
  if (!(error instanceof VersionConflict)) return { current: null, attempted: null };
  const current = await calendarEvent.clear(error.currentId).load(error.currentId);
  return { current: current && shown(current), attempted: error.attempted };
}

function referenceOf(input: {
  id: string;
  expectedVersion?: number | null;
  span?: EventReference["span"];
}): EventReference {
  return { id: input.id, expectedVersion: input.expectedVersion ?? null, span: input.span ?? null };
}

type Fields = Omit<CreateCalendarEventInput, "calendarId" | "idempotencyKey" | "conference">;

function fieldsOf(input: Fields): WritableFields {
  return {
    title: plainText(input.title),
    description: plainText(input.description ?? null),
    location: plainText(input.location ?? null),
    start: eventTimeIn(input.start, "start"),
    end: eventTimeIn(input.end, "end"),
    status: input.status ?? "CONFIRMED",
    transparency: input.transparency ?? "OPAQUE",
    classification: input.classification ?? "PUBLIC",
    attendees: attendeesOf(input.attendees ?? []),
    recurrence: input.recurrence ?? [],
    reminders: input.reminders ?? null,
  };
}

function patchOf(input: UpdateCalendarEventInput): Partial<WritableFields> {
  return {
    ...(input.title != null && { title: plainText(input.title) }),
    ...(input.description !== undefined && { description: plainText(input.description) }),
    ...(input.location !== undefined && { location: plainText(input.location) }),
    ...(input.start && { start: eventTimeIn(input.start, "start") }),
    ...(input.end && { end: eventTimeIn(input.end, "end") }),
    ...(input.status && { status: input.status }),
    ...(input.transparency && { transparency: input.transparency }),
    ...(input.classification && { classification: input.classification }),
    ...(input.attendees && { attendees: attendeesOf(input.attendees) }),
    ...(input.recurrence && { recurrence: input.recurrence }),
    ...(input.reminders !== undefined && { reminders: input.reminders }),
  };
}

function attendeesOf(attendees: readonly AttendeeInput[]): WritableFields["attendees"] {
  return attendees.map(({ email, name, optional }) => ({
    email: email.trim().toLowerCase(),
    name: plainText(name ?? null),
    optional: optional ?? false,
    response: "NEEDS_ACTION" as const,
  }));
}
