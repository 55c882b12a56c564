import * as z from "zod";

// https://learn.microsoft.com/en-us/graph/api/resources/datetimetimezone
export const GraphTime = z.object({ dateTime: z.string(), timeZone: z.string().nullish() });
export type GraphTime = z.infer<typeof GraphTime>;

const EmailAddress = z.looseObject({ address: z.string().nullish(), name: z.string().nullish() });
const GraphAttendee = z.looseObject({
  type: z.string().nullish(),
  status: z.looseObject({ response: z.string().nullish() }).nullish(),
  emailAddress: EmailAddress.nullish(),
});
export type GraphAttendee = z.infer<typeof GraphAttendee>;

// https://learn.microsoft.com/en-us/graph/api/resources/patternedrecurrence
export const PatternedRecurrence = z.object({
  pattern: z.object({
    type: z.string(),
    interval: z.number().default(1),
    month: z.number().nullish(),
    dayOfMonth: z.number().nullish(),
    daysOfWeek: z.array(z.string()).nullish(),
    firstDayOfWeek: z.string().nullish(),
    index: z.string().nullish(),
  }),
  range: z.object({
    type: z.string(),
    startDate: z.string().nullish(),
    endDate: z.string().nullish(),
    recurrenceTimeZone: z.string().nullish(),
    numberOfOccurrences: z.number().nullish(),
  }),
});
export type PatternedRecurrence = z.infer<typeof PatternedRecurrence>;

// https://learn.microsoft.com/en-us/graph/api/resources/event
const eventFields = {
  id: z.string(),
  "@odata.etag": z.string(),
  type: z.string().default("singleInstance"),
  seriesMasterId: z.string().nullish(),
  // OID.{master}.{YYYY-MM-DD}, the day on the clocks of the series
  occurrenceId: z.string().nullish(),
  originalStart: z.string().nullish(),
  originalStartTimeZone: z.string().nullish(),
  originalEndTimeZone: z.string().nullish(),
  uid: z.string().nullish(),
  iCalUId: z.string().nullish(),
  transactionId: z.string().nullish(),
  subject: z.string().nullish(),
  body: z.looseObject({ contentType: z.string().nullish(), content: z.string().nullish() }).nullish(),
  bodyPreview: z.string().nullish(),
  start: GraphTime,
  end: GraphTime,
  isAllDay: z.boolean().nullish(),
  isCancelled: z.boolean().nullish(),
  isOrganizer: z.boolean().nullish(),
  organizer: z.looseObject({ emailAddress: EmailAddress.nullish() }).nullish(),
  attendees: z.array(GraphAttendee).nullish(),
  responseStatus: z.looseObject({ response: z.string().nullish() }).nullish(),
  location: z.looseObject({ displayName: z.string().nullish() }).nullish(),
  showAs: z.string().nullish(),
  sensitivity: z.string().nullish(),
  isReminderOn: z.boolean().nullish(),
  reminderMinutesBeforeStart: z.number().nullish(),
  recurrence: PatternedRecurrence.nullish(),
  isOnlineMeeting: z.boolean().nullish(),
  onlineMeeting: z.looseObject({ joinUrl: z.string().nullish() }).nullish(),
};
/** An event as Graph sends it whole; what is not listed here is kept all the same. */
export const GraphEvent = z.looseObject(eventFields);
export type GraphEvent = z.infer<typeof GraphEvent>;

/** What belongs to a master beside itself, asked for by name. `OID.{master}.{YYYY-MM-DD}` stands for what was taken out. */
export const SeriesParts = z.object({
  cancelledOccurrences: z.array(z.string()).nullish(),
  exceptionOccurrences: z.array(z.unknown()).nullish(),
});

/** A line of a delta: whole, or a stub of an occurrence, or that something is gone. */
export const DeltaItem = z.looseObject({
  id: z.string(),
  type: z.string().nullish(),
  seriesMasterId: z.string().nullish(),
  "@removed": z.looseObject({}).optional(),
});

// https://learn.microsoft.com/en-us/graph/delta-query-events
export const Page = z.object({
  // Each is read by itself, so that one that cannot be read does not stop the others.
  value: z.array(z.unknown()),
  "@odata.nextLink": z.string().optional(),
  "@odata.deltaLink": z.string().optional(),
});

// https://learn.microsoft.com/en-us/graph/api/resources/calendar
export const GraphCalendar = z.object({
  id: z.string(),
  name: z.string().nullish(),
  hexColor: z.string().nullish(),
  isDefaultCalendar: z.boolean().nullish(),
  canEdit: z.boolean().nullish(),
  allowedOnlineMeetingProviders: z.array(z.string()).nullish(),
});

// https://learn.microsoft.com/en-us/graph/api/user-get
export const User = z.object({
  id: z.string(),
  mail: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  displayName: z.string().nullish(),
});

// https://learn.microsoft.com/en-us/graph/api/resources/subscription
export const Subscription = z.object({ id: z.string(), expirationDateTime: z.coerce.date() });

// https://learn.microsoft.com/en-us/graph/json-batching
export const BatchReply = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown(),
    }),
  ),
});

// https://learn.microsoft.com/en-us/graph/errors
export const ErrorBody = z.object({
  error: z.object({ code: z.string(), message: z.string().default("") }),
});

/** An event of which only the body was asked for. */
export const Bodied = z.object({ body: z.object({ content: z.string().default("") }) });

/** An event of which only the version was asked for. */
export const Versioned = z.object({ "@odata.etag": z.string() });

/** Events of which only the ids were asked for. */
export const Marked = z.object({ value: z.array(z.object({ id: z.string() })) });

export const BusyEvent = z.object({
  start: GraphTime,
  end: GraphTime,
  showAs: z.string().nullish(),
  isCancelled: z.boolean().nullish(),
  isAllDay: z.boolean().nullish(),
  originalStartTimeZone: z.string().nullish(),
});
