import { excludedIn, excludingLine } from "./excluded-times.ts";
import type { CalendarAccount, CalendarProvider } from "./provider.ts";
import { listCalendars } from "./zoho-calendar/calendars.ts";
import { readChanges } from "./zoho-calendar/changes.ts";
import { clientFor, errorCodeIn, throttled } from "./zoho-calendar/client.ts";
import { createEvent, finishCreate } from "./zoho-calendar/creating.ts";
import { deleteEvent, finishUpdate, updateEvent } from "./zoho-calendar/edits.ts";
import { freeBusy } from "./zoho-calendar/free-busy.ts";
import { markedObject } from "./zoho-calendar/marked-objects.ts";
import { auth, renewal } from "./zoho-calendar/oauth.ts";
import { findObject, remoteObject } from "./zoho-calendar/objects.ts";
import type { Place } from "./zoho-calendar/place.ts";
import { ruleText } from "./zoho-calendar/write.ts";

/** Zoho Calendar, in all data centres, through its REST API v1. https://www.zoho.com/calendar/help/api/introduction.html */
export const zohoCalendar: CalendarProvider = {
  kind: "CALENDAR",
  id: "ZOHO_CALENDAR",
  name: "Zoho Calendar",
  auth,
  renewal,
  errorCodeIn,
  limits: {
    description:
      "Zoho publishes no number for calendars, and asks for at most five calls of one account at the same time.",
    // One less, so that a call whose end we did not see costs nobody else theirs.
    concurrentCalls: 4,
    quotaWords: { [throttled]: null },
    cost: "None.",
  },
  freshness: { floorSeconds: 300, defaultSeconds: 300 },
  // Zoho gives the uid itself.
  uidFrom: "vendor",
  reminders: { max: 5 },

  listCalendars: (account) => listCalendars(clientFor(account)),

  readChanges: (account, calendar, request) => readChanges(placeOf(account, calendar), request),

  async readObject(account, calendar, externalId) {
    const place = placeOf(account, calendar);
    const found = await findObject(place, externalId);
    return found && remoteObject(found, place);
  },

  async findCreated(account, calendar, { creationId, start }) {
    const place = placeOf(account, calendar);
    const found = await markedObject(place, creationId, start);
    return found && remoteObject(found, place);
  },

  createEvent: (account, calendar, draft) => createEvent(placeOf(account, calendar), draft),

  finishCreate: (account, calendar, draft, { externalId }) =>
    finishCreate(placeOf(account, calendar), draft, externalId),

  updateEvent: (account, calendar, target, patch) => updateEvent(placeOf(account, calendar), target, patch),

  finishUpdate: (account, calendar, target, patch, found) =>
    finishUpdate(placeOf(account, calendar), target, patch, found),

  deleteEvent: (account, calendar, target) => deleteEvent(placeOf(account, calendar), target),

  freeBusy: (account, calendars, within) =>
    freeBusy(
      calendars.map((calendar) => placeOf(account, calendar)),
      within,
    ),

  saidBack(recurrence, start) {
    const rule = ruleText(recurrence);
    return rule === "" ? [] : [`RRULE:${rule}`, ...excludedIn(recurrence, start).map(excludingLine)];
  },
};

function placeOf(account: CalendarAccount, calendarUid: string): Place {
  return { client: clientFor(account), calendarUid, address: account.settings["address"] ?? "", found: {} };
}
