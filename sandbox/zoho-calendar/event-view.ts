import { dataCenters } from "./data-centers.ts";
import { accountOf, isOrganizers } from "./guests.ts";
import { fieldsOn } from "./occurrences.ts";
import type { EventFields, StoredCalendar, StoredEvent, ZohoState } from "./state.ts";
import type { ZohoSwitches } from "./switches.ts";
import { isDay, momentOf, utcOf, wallOf } from "./times.ts";

/** An event as the API shows it. */
export type ShownEvent = Readonly<Record<string, unknown>>;

export interface ViewOptions {
  readonly state: ZohoState;
  readonly calendar: StoredCalendar;
  readonly switches: ZohoSwitches;
  /** Who looks. */
  readonly email: string;
  /** The zone that times are wanted in; the event's own otherwise. */
  readonly zone?: string | undefined;
}

const rsvp = ["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE"];

/** A single event or a series; with `id`, one of its occurrences. Descriptions are asked for by `json+large` in listings. */
export function shownEvent(
  event: StoredEvent,
  options: ViewOptions,
  { id = null, isLarge = true }: { readonly id?: string | null; readonly isLarge?: boolean } = {},
): ShownEvent {
  const { state, calendar, email } = options;
  const fields = id === null ? event.fields : fieldsOn(event, id);
  const { start: _s, end: _e, timezone: _z, description, richtext_description, conference, ...plain } = fields;
  const outline = outlineOf(event, fields, options, id);
  if (isHidden(fields, calendar, email)) return outline;
  const owner = accountOf(state, calendar.owner);
  const own = fields.attendees.find((guest) => guest.email.toLowerCase() === calendar.owner.toLowerCase());
  const site = dataCenters[owner?.dataCenter ?? "us"].calendar;
  return {
    ...plain,
    ...outline,
    ...(isLarge && { description, richtext_description }),
    ...(id === null && event.rrule !== null && { rrule: event.rrule }),
    // What a meeting of Zoho's is told by is unverified.
    ...(conference !== "" && {
      conference,
      conference_data: { meetingUrl: `https://meet.zoho.com/${event.uid.slice(0, 10)}` },
    }),
    organizer: event.organizer,
    role: isOrganizers(event, calendar) ? "organizer" : "attendee",
    rsvpStatus: Math.max(0, rsvp.indexOf(own?.status ?? "")),
    notifyType: 1,
    createdtime_millis: event.createdAt,
    lastmodifiedtime: utcOf(event.modifiedAt),
    viewEventURL: `https://${site}/event/${event.uid}`,
  };
}

/** Few fields: what listings by occurrence have. */
export function shownOccurrence(event: StoredEvent, options: ViewOptions, id: string | null): ShownEvent {
  const fields = id === null ? event.fields : fieldsOn(event, id);
  const isTold = !isHidden(fields, options.calendar, options.email);
  return { ...outlineOf(event, fields, options, id), ...(isTold && { title: fields.title, color: fields.color }) };
}

/** What is left of an occurrence that was deleted: it has no etag. */
export function placeholder(event: StoredEvent, id: string, switches: ZohoSwitches): ShownEvent {
  return { uid: event.uid, recurrenceid: shownId(event, id, switches), estatus: "deleted" };
}

function outlineOf(event: StoredEvent, fields: EventFields, options: ViewOptions, id: string | null): ShownEvent {
  return {
    uid: event.uid,
    caluid: event.calendarUid,
    etag: event.etag,
    isallday: fields.isallday,
    isprivate: fields.isprivate,
    dateandtime: shownTimes(fields, options),
    ...(id !== null && { recurrenceid: shownId(event, id, options.switches) }),
  };
}

export function shownTimes(
  { start, end, timezone }: EventFields,
  { zone = timezone, switches }: Pick<ViewOptions, "zone" | "switches">,
): { readonly start: string; readonly end: string; readonly timezone: string } {
  const shown = (stored: string): string => {
    if (isDay(stored)) return `${stored}${switches.dayShape === "20261201Z" ? "Z" : ""}`;
    const moment = momentOf(stored, timezone).setZone(zone);
    switch (switches.timeShape) {
      case "utc":
        return utcOf(moment.toMillis());
      case "floating":
        return wallOf(moment);
      case "offset":
        return `${wallOf(moment)}${moment.toFormat("ZZZ")}`;
    }
  };
  return { start: shown(start), end: shown(end), timezone: zone };
}

function shownId({ fields }: StoredEvent, id: string, { dayRecurrenceId }: ZohoSwitches): string {
  return isDay(fields.start) && dayRecurrenceId === "20261201T000000Z" ? `${id}T000000Z` : id;
}

/** Details of private events are for owners and delegates, and who sees free and busy sees nothing else. */
function isHidden({ isprivate }: EventFields, calendar: StoredCalendar, email: string): boolean {
  const privilege = calendar.members.get(email)?.privilege;
  if (privilege === "freebusy") return true;
  return isprivate && privilege !== "owner" && privilege !== "delegate";
}
