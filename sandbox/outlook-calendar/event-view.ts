import { createHash } from "node:crypto";
import { badQuery } from "./errors.ts";
import { shownHtml, shownText } from "./html-body.ts";
import { changeKeyOf, etagOf, idsOf } from "./item-ids.ts";
import { isOrganizer } from "./meetings.ts";
import type { Preferences } from "./prefer.ts";
import { fieldsOf, type Item, timesOn, typeOf } from "./series.ts";
import type { EventFields, Mailbox, StoredEvent } from "./state.ts";
import { momentOf, shownTime } from "./times.ts";

export type ShownEvent = Record<string, unknown>;

export interface ViewOptions {
  readonly mailbox: Mailbox;
  readonly prefer: Preferences;
  /** Properties beside the id; null for all. */
  readonly select?: readonly string[] | null;
  readonly expand?: Expansion;
}

export interface Expansion {
  readonly exceptions: boolean;
  /** Ids of the extended properties to show; null for none. */
  readonly extendedProperties: readonly string[] | null;
}

/** Properties that are there only for whoever asks. */
const onRequest = ["cancelledOccurrences", "exceptionOccurrences", "singleValueExtendedProperties"];

/** An event as the API shows it. https://learn.microsoft.com/en-us/graph/api/resources/event */
export function shownEvent(item: Item, options: ViewOptions): ShownEvent {
  const { event, day } = item;
  const { prefer, mailbox, select = null, expand } = options;
  const fields = fieldsOf(item);
  const id = shownId(event, day, prefer);
  const whole: ShownEvent = {
    createdDateTime: event.createdAt.replace("Z", "0000Z"),
    lastModifiedDateTime: event.modifiedAt.replace("Z", "0000Z"),
    changeKey: changeKeyOf(event.version),
    categories: fields.categories,
    ...(event.transactionId !== null && { transactionId: event.transactionId }),
    originalStartTimeZone: event.originalStartTimeZone,
    originalEndTimeZone: event.originalEndTimeZone,
    iCalUId: day === null ? event.uid : `${event.uid}${hashOf(day)}`,
    uid: event.uid,
    ...shownFields(fields, prefer),
    isOrganizer: isOrganizer(mailbox, event),
    isDraft: false,
    type: typeOf(item),
    seriesMasterId: day === null ? null : shownId(event, null, prefer),
    occurrenceId: day === null ? null : occurrenceName(event, day, prefer),
    webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(id)}&exvsurl=1&path=/calendar/item`,
    recurrence: day === null ? event.recurrence : null,
    organizer: { emailAddress: event.organizer },
    ...(day !== null && {
      originalStart: momentOf(timesOn(event, day).start).toUTC().toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'"),
    }),
  };
  const asked = select === null ? whole : picked(whole, select, item, options);
  return {
    "@odata.etag": etagOf(event.version),
    id,
    ...asked,
    ...(expand?.extendedProperties && extended(fields, expand.extendedProperties)),
    ...(expand?.exceptions && day === null && { exceptionOccurrences: exceptionsOf(event, options) }),
  };
}

/** What a delta tells of an occurrence that is like its series. https://github.com/microsoftgraph/microsoft-graph-docs/issues/7632 */
export function shownStub({ event, day }: Item, { prefer }: ViewOptions): ShownEvent {
  const { start, end, isAllDay } = fieldsOf({ event, day });
  return {
    "@odata.type": "#microsoft.graph.event",
    "@odata.etag": etagOf(event.version),
    id: shownId(event, day, prefer),
    type: "occurrence",
    seriesMasterId: shownId(event, null, prefer),
    start: shownTime(start, isAllDay, prefer.timeZone),
    end: shownTime(end, isAllDay, prefer.timeZone),
  };
}

function shownFields(fields: EventFields, prefer: Preferences): ShownEvent {
  const { html, isAllDay, onlineMeeting } = fields;
  const text = shownText(html);
  const content = prefer.wantsText ? text : shownHtml(html);
  return {
    reminderMinutesBeforeStart: fields.reminderMinutesBeforeStart,
    isReminderOn: fields.isReminderOn,
    hasAttachments: fields.hasAttachments,
    subject: fields.subject,
    bodyPreview: text.slice(0, 255),
    importance: fields.importance,
    sensitivity: fields.sensitivity,
    isAllDay,
    isCancelled: fields.isCancelled,
    responseRequested: fields.responseRequested,
    showAs: fields.showAs,
    onlineMeetingUrl: null,
    isOnlineMeeting: fields.isOnlineMeeting,
    onlineMeetingProvider: fields.onlineMeetingProvider,
    allowNewTimeProposals: fields.allowNewTimeProposals,
    hideAttendees: fields.hideAttendees,
    responseStatus: fields.responseStatus,
    body: { contentType: prefer.wantsText ? "text" : "html", content },
    start: shownTime(fields.start, isAllDay, prefer.timeZone),
    end: shownTime(fields.end, isAllDay, prefer.timeZone),
    location: fields.location,
    locations: fields.locations,
    attendees: fields.attendees,
    onlineMeeting: onlineMeeting && { ...onlineMeeting, tollNumber: null, tollFreeNumbers: [], phones: [] },
  };
}

/** @throws {GraphError} BadRequest for a property that the type does not have */
function picked(whole: ShownEvent, select: readonly string[], item: Item, options: ViewOptions): ShownEvent {
  const more: ShownEvent = { transactionId: undefined, originalStart: undefined };
  const { event, day } = item;
  if (day === null && event.recurrence && select.includes("cancelledOccurrences")) {
    whole["cancelledOccurrences"] = [...event.cancelledDays].map((one) => occurrenceName(event, one, options.prefer));
  }
  const names = select.filter((name) => name !== "id");
  const unknown = names.find((name) => !(name in whole) && !(name in more) && !onRequest.includes(name));
  if (unknown) throw badQuery(`Could not find a property named '${unknown}' on type 'microsoft.graph.event'.`);
  return Object.fromEntries(names.filter((name) => name in whole).map((name) => [name, whole[name]]));
}

function exceptionsOf(event: StoredEvent, options: ViewOptions): readonly ShownEvent[] {
  const days = [...event.exceptions.keys()].filter((day) => !event.cancelledDays.has(day)).sort();
  const plain = { mailbox: options.mailbox, prefer: options.prefer };
  return days.map((day) => shownEvent({ event, day }, plain));
}

/** Values of other apps stay out of sight. */
function extended({ extendedProperties }: EventFields, ids: readonly string[]): ShownEvent {
  const found = ids.flatMap((id) => {
    const value = extendedProperties[id];
    return value === undefined ? [] : [{ id, value }];
  });
  return found.length === 0 ? {} : { singleValueExtendedProperties: found };
}

export function shownId(event: StoredEvent, day: string | null, { wantsImmutableIds }: Preferences): string {
  const { id, immutableId } = idsOf(event, day);
  return wantsImmutableIds ? immutableId : id;
}

function occurrenceName(event: StoredEvent, day: string, prefer: Preferences): string {
  return `OID.${shownId(event, null, prefer)}.${day}`;
}

const hashOf = (day: string) => createHash("sha1").update(day).digest("hex").slice(0, 8).toUpperCase();
