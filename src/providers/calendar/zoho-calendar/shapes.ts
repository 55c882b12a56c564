import * as z from "zod";

/** https://www.zoho.com/calendar/help/api/get-calendar-list.html */
export const ZohoCalendar = z.object({
  uid: z.string().min(1),
  name: z.string().nullish(),
  color: z.string().nullish(),
  timezone: z.string().nullish(),
  isdefault: z.boolean().nullish(),
  privilege: z.string().nullish(),
  category: z.string().nullish(),
});
export type ZohoCalendar = z.infer<typeof ZohoCalendar>;
export const CalendarList = z.object({ calendars: z.array(z.unknown()) });

const Attendee = z.looseObject({
  email: z.string().nullish(),
  name: z.string().nullish(),
  status: z.string().nullish(),
  permission: z.number().nullish(),
  attendance: z.number().nullish(),
});

const Reminder = z.looseObject({ action: z.string(), minutes: z.union([z.string(), z.number()]) });

const Repeat = z.record(z.string(), z.union([z.string(), z.number()]));

/** A single event, a series, or a changed occurrence. https://www.zoho.com/calendar/help/api/get-event-details.html */
export const ShownEvent = z.looseObject({
  uid: z.string().min(1),
  /** Milliseconds; another one after every change, of one occurrence too. */
  etag: z.union([z.string().min(1), z.number()]),
  /** Of a changed occurrence: when it was to be. */
  recurrenceid: z.string().nullish(),
  dateandtime: z.looseObject({ start: z.string(), end: z.string(), timezone: z.string().nullish() }),
  isallday: z.boolean().nullish(),
  isprivate: z.boolean().nullish(),
  /** Absent where the details are hidden from whoever asks. */
  title: z.string().nullish(),
  location: z.string().nullish(),
  description: z.string().nullish(),
  richtext_description: z.string().nullish(),
  url: z.string().nullish(),
  attendees: z.array(Attendee).nullish(),
  reminders: z.array(Reminder).nullish(),
  transparency: z.union([z.string(), z.number()]).nullish(),
  rrule: z.string().nullish(),
  repeat: z.union([Repeat, z.array(Repeat)]).nullish(),
  organizer: z.union([z.string(), z.looseObject({ email: z.string(), name: z.string().nullish() })]).nullish(),
  role: z.string().nullish(),
  rsvpStatus: z.union([z.string(), z.number()]).nullish(),
  conference: z.string().nullish(),
  conference_data: z.looseObject({ meetingUrl: z.string().nullish() }).nullish(),
});
export type ShownEvent = z.infer<typeof ShownEvent>;

/** What the answer to a write is read for. */
export const Written = ShownEvent.pick({ uid: true });

/** What is known of every entry of a listing, also of what stands for something deleted. */
export const Entry = z.looseObject({
  uid: z.string().min(1),
  recurrenceid: z.string().nullish(),
  estatus: z.string().nullish(),
});
export type Entry = z.infer<typeof Entry>;
/** What stands for something that is deleted: a whole event, or an occurrence. */
export function isDeleted({ estatus }: Entry): boolean {
  return estatus?.toLowerCase() === "deleted";
}

export const EventList = z.object({ events: z.array(z.unknown()) });
/** An empty list may have this in the place of its first event. */
export const Message = z.object({ message: z.string(), uid: z.undefined().optional() });

/** Few fields: what listings by occurrence have. */
export const ShownOccurrence = ShownEvent.pick({
  uid: true,
  recurrenceid: true,
  dateandtime: true,
  isallday: true,
});
export type ShownOccurrence = z.infer<typeof ShownOccurrence>;

/** https://www.zoho.com/accounts/protocol/oauth/use-access-token.html */
export const UserInfo = z.object({
  ZUID: z.union([z.string().min(1), z.number()]),
  Email: z.string().nullish(),
  Display_Name: z.string().nullish(),
});

const Coded = z.object({ code: z.string().min(1), message: z.string().nullish() });

/** Zoho words errors in more than one way; with HTTP 200 too. */
export const ErrorBody = z.union([
  z
    .object({ response: z.literal("error"), cause: z.string().min(1), localized_message: z.string().nullish() })
    .transform(({ cause: code, localized_message: message }) => ({ code, message })),
  z.object({ error: Coded }).transform(({ error }) => error),
  z.object({ error: z.tuple([Coded]).rest(z.unknown()) }).transform(({ error: [first] }) => first),
  z
    .tuple([Coded])
    .rest(z.unknown())
    .transform(([first]) => first),
]);
