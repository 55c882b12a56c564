import * as z from "zod";

// https://developers.google.com/workspace/calendar/api/v3/reference/events
export const GoogleTime = z.object({
  date: z.string().nullish(),
  dateTime: z.string().nullish(),
  timeZone: z.string().nullish(),
});
const Person = z.object({
  email: z.string().nullish(),
  displayName: z.string().nullish(),
  self: z.boolean().nullish(),
});
const GoogleAttendee = z.looseObject({
  email: z.string().nullish(),
  displayName: z.string().nullish(),
  responseStatus: z.string().nullish(),
  optional: z.boolean().nullish(),
  resource: z.boolean().nullish(),
  self: z.boolean().nullish(),
});

/** An event as Google sends it; what is not listed here is kept all the same. */
export const GoogleEvent = z.looseObject({
  id: z.string(),
  etag: z.string(),
  status: z.string().default("confirmed"),
  iCalUID: z.string().nullish(),
  sequence: z.number().nullish(),
  summary: z.string().nullish(),
  description: z.string().nullish(),
  location: z.string().nullish(),
  start: GoogleTime.nullish(),
  end: GoogleTime.nullish(),
  recurrence: z.array(z.string()).nullish(),
  recurringEventId: z.string().nullish(),
  originalStartTime: GoogleTime.nullish(),
  transparency: z.string().nullish(),
  visibility: z.string().nullish(),
  organizer: Person.nullish(),
  attendees: z.array(GoogleAttendee).nullish(),
  attendeesOmitted: z.boolean().nullish(),
  hangoutLink: z.string().nullish(),
  conferenceData: z
    .looseObject({
      createRequest: z.looseObject({ status: z.looseObject({ statusCode: z.string().nullish() }).nullish() }).nullish(),
      entryPoints: z
        .array(z.looseObject({ entryPointType: z.string().nullish(), uri: z.string().nullish() }))
        .nullish(),
    })
    .nullish(),
  reminders: z
    .looseObject({
      useDefault: z.boolean().nullish(),
      overrides: z.array(z.looseObject({ method: z.string(), minutes: z.number() })).nullish(),
    })
    .nullish(),
  extendedProperties: z.looseObject({ private: z.record(z.string(), z.string()).nullish() }).nullish(),
  eventType: z.string().nullish(),
});
export type GoogleEvent = z.infer<typeof GoogleEvent>;
export type GoogleAttendee = z.infer<typeof GoogleAttendee>;
export type GoogleTime = z.infer<typeof GoogleTime>;

// https://developers.google.com/workspace/calendar/api/v3/reference/events/list
export const EventPage = z.object({
  // Each is read by itself, so that one that cannot be read does not stop the others.
  items: z.array(z.unknown()).default([]),
  nextPageToken: z.string().nullish(),
  nextSyncToken: z.string().nullish(),
});

// https://developers.google.com/workspace/calendar/api/v3/reference/calendarList
export const CalendarPage = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      summary: z.string().default(""),
      summaryOverride: z.string().nullish(),
      accessRole: z.string(),
      primary: z.boolean().nullish(),
      timeZone: z.string().nullish(),
      backgroundColor: z.string().nullish(),
    }),
  ),
  nextPageToken: z.string().nullish(),
});

// https://developers.google.com/workspace/calendar/api/v3/reference/events/watch
export const Channel = z.object({ resourceId: z.string(), expiration: z.coerce.number() });

// https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query
export const FreeBusy = z.object({
  calendars: z.record(
    z.string(),
    z.object({
      errors: z.array(z.object({ reason: z.string() })).optional(),
      busy: z.array(z.object({ start: z.string(), end: z.string() })).default([]),
    }),
  ),
});

// https://developers.google.com/workspace/calendar/api/guides/errors
export const ErrorBody = z.object({
  error: z.object({
    message: z.string().default(""),
    errors: z.array(z.object({ reason: z.string().default("") })).default([]),
    status: z.string().optional(),
  }),
});
