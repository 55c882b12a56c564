import { GraphError, invalidProperty } from "./errors.ts";
import { keptHtml } from "./html-body.ts";
import type { Attendee, EmailAddress, EventFields, ResponseStatus } from "./state.ts";
import { daysBetween, isMidnight, momentOf, wallTime, zoneOf } from "./times.ts";

export const noTime = "0001-01-01T00:00:00Z";
export const noAnswer: ResponseStatus = { response: "none", time: noTime };
const maxAttendees = 500;

/** Allowed words, by property. https://learn.microsoft.com/en-us/graph/api/resources/event */
const words: Readonly<Record<string, readonly string[]>> = {
  showAs: ["unknown", "free", "tentative", "busy", "oof", "workingElsewhere"],
  sensitivity: ["normal", "personal", "private", "confidential"],
  importance: ["low", "normal", "high"],
};
const switchable = ["isReminderOn", "responseRequested", "allowNewTimeProposals", "hideAttendees"] as const;
/** Part of the type, and not for clients to write: left out without a word. */
const readOnly = new Set([
  ...["id", "changeKey", "createdDateTime", "lastModifiedDateTime", "transactionId", "originalStartTimeZone"],
  ...["originalEndTimeZone", "iCalUId", "uid", "hasAttachments", "bodyPreview", "isCancelled", "isOrganizer"],
  ...["seriesMasterId", "type", "webLink", "onlineMeetingUrl", "occurrenceId", "isDraft", "responseStatus"],
  ...["organizer", "onlineMeeting", "originalStart", "cancelledOccurrences", "multiValueExtendedProperties"],
  ...["recurrence", "isOnlineMeeting", "onlineMeetingProvider", "extensions", "attachments"],
]);
const read = new Set([
  ...["subject", "body", "start", "end", "isAllDay", "location", "locations", "categories", "attendees"],
  ...["reminderMinutesBeforeStart", "singleValueExtendedProperties", ...Object.keys(words), ...switchable],
]);

/** What an appointment is like of which only the times are known. */
export function emptyFields(organizer: boolean): Omit<EventFields, "start" | "end"> {
  return {
    subject: "",
    html: "",
    isAllDay: false,
    location: storedLocation({}),
    locations: [],
    showAs: "busy",
    sensitivity: "normal",
    importance: "normal",
    categories: [],
    isReminderOn: true,
    reminderMinutesBeforeStart: 15,
    responseRequested: true,
    allowNewTimeProposals: true,
    hideAttendees: false,
    attendees: [],
    responseStatus: { response: organizer ? "organizer" : "notResponded", time: noTime },
    isCancelled: false,
    isOnlineMeeting: false,
    onlineMeetingProvider: "unknown",
    onlineMeeting: null,
    hasAttachments: false,
    extendedProperties: {},
  };
}

/**
 * What a client's body changes.
 *
 * @throws {GraphError} ErrorPropertyValidationFailure, TimeZoneNotSupportedException, RequestBodyRead
 */
export function readFields(body: Readonly<Record<string, unknown>>, before: EventFields | null): Partial<EventFields> {
  const fields: Partial<EventFields> = {};
  for (const [name, value] of Object.entries(body)) {
    if (readOnly.has(name) || name.includes("@odata.")) continue;
    if (!read.has(name)) throw unknownProperty(name);
    Object.assign(fields, readField(name, value, before));
  }
  return fields;
}

function readField(name: string, value: unknown, before: EventFields | null): Partial<EventFields> {
  switch (name) {
    case "subject":
      return { subject: value === null ? "" : text(value) };
    case "body": {
      const { contentType = "text", content } = (value ?? {}) as { contentType?: unknown; content?: unknown };
      return { html: keptHtml(text(contentType), content == null ? "" : text(content)) };
    }
    case "start":
      return { start: wallTime(value) };
    case "end":
      return { end: wallTime(value) };
    case "location": {
      const location = storedLocation(value);
      return { location, locations: location["displayName"] === "" ? [] : [location] };
    }
    case "locations": {
      const locations = list(value).map(storedLocation);
      return { locations, location: locations[0] ?? storedLocation({}) };
    }
    case "categories":
      return { categories: list(value).map(text) };
    case "attendees":
      return { attendees: readAttendees(list(value), before?.attendees ?? []) };
    case "reminderMinutesBeforeStart":
      if (!Number.isInteger(value)) throw invalidProperty();
      return { reminderMinutesBeforeStart: Number(value) };
    case "singleValueExtendedProperties":
      return { extendedProperties: { ...before?.extendedProperties, ...readProperties(list(value)) } };
  }
  if (Object.hasOwn(words, name)) {
    if (!words[name]?.includes(String(value))) throw invalidProperty();
    return { [name]: value };
  }
  if (typeof value !== "boolean") throw invalidProperty();
  return { [name]: value };
}

/** @throws {GraphError} ErrorPropertyValidationFailure */
export function checkTimes({ start, end, isAllDay }: EventFields): void {
  if (momentOf(end) < momentOf(start)) throw invalidProperty();
  if (!isAllDay) return;
  const isWhole = isMidnight(start) && isMidnight(end) && zoneOf(start.timeZone) === zoneOf(end.timeZone);
  if (!isWhole || daysBetween(start, end) < 1) {
    throw invalidProperty("The Event.Start property for an all-day event needs to be set to midnight.");
  }
}

/** How guests answered is theirs to say: what is written about it is left out, what is known stays. */
function readAttendees(given: readonly unknown[], before: readonly Attendee[]): readonly Attendee[] {
  if (given.length > maxAttendees) throw invalidProperty();
  return given.map((one) => {
    const { type = "required", emailAddress } = (one ?? {}) as { type?: string; emailAddress?: Partial<EmailAddress> };
    if (!["required", "optional", "resource"].includes(type)) throw invalidProperty();
    const address = text(emailAddress?.address);
    const known = before.find((attendee) => isSame(attendee.emailAddress, address));
    return {
      type,
      status: known?.status ?? noAnswer,
      emailAddress: { name: emailAddress?.name ?? known?.emailAddress.name ?? address, address },
    };
  });
}

export const isSame = (known: EmailAddress, address: string): boolean =>
  known.address.toLowerCase() === address.toLowerCase();

function readProperties(given: readonly unknown[]): Record<string, string> {
  const pairs = given.map((one) => {
    const { id, value } = (one ?? {}) as { id?: unknown; value?: unknown };
    if (typeof id !== "string" || !/^\w+ \{[\da-f-]{36}\} (Name|Id) .+$/i.test(id)) throw invalidProperty();
    return [id, text(value)] as const;
  });
  return Object.fromEntries(pairs);
}

function storedLocation(given: unknown): Readonly<Record<string, unknown>> {
  const { displayName = "", locationType = "default", ...rest } = (given ?? {}) as Record<string, unknown>;
  return { displayName, locationType, uniqueId: displayName, uniqueIdType: "private", ...rest };
}

function text(value: unknown): string {
  if (typeof value !== "string") throw invalidProperty();
  return value;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidProperty();
  return value;
}

function unknownProperty(name: string): GraphError {
  return new GraphError(
    400,
    "RequestBodyRead",
    `The property '${name}' does not exist on type 'microsoft.graph.event'. Make sure to only use property names that are defined by the type.`,
  );
}
