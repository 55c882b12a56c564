import { excludedIn, excludingLine } from "./excluded-times.ts";
import { listCalendars } from "./outlook-calendar/calendars.ts";
import { readChanges } from "./outlook-calendar/changes.ts";
import { clientFor, errorCodeIn } from "./outlook-calendar/client.ts";
import { createEvent, finishCreate } from "./outlook-calendar/creating.ts";
import { deleteEvent, finishUpdate, respond, updateEvent } from "./outlook-calendar/edits.ts";
import { freeBusy } from "./outlook-calendar/free-busy.ts";
import { auth, renewal } from "./outlook-calendar/oauth.ts";
import { findMarked, findObject, type Place, remoteObject } from "./outlook-calendar/objects.ts";
import { graphSeries, ruleLine } from "./outlook-calendar/patterned-recurrence.ts";
import { push } from "./outlook-calendar/push.ts";
import type { CalendarAccount, CalendarProvider } from "./provider.ts";

/** Outlook and Microsoft 365, through Microsoft Graph v1.0. https://learn.microsoft.com/en-us/graph/api/resources/calendar-overview */
export const outlookCalendar: CalendarProvider = {
  kind: "CALENDAR",
  id: "OUTLOOK_CALENDAR",
  name: "Outlook",
  auth,
  renewal,
  errorCodeIn,
  limits: {
    description: "10,000 calls in ten minutes, and four at the same time, for each mailbox.",
    // One less, so that a call whose end we did not see costs nobody else theirs.
    concurrentCalls: 3,
    perAccount: { calls: 10_000, seconds: 600 },
    cost: "None.",
  },
  freshness: { floorSeconds: 60, defaultSeconds: 300 },
  // Microsoft gives the uid itself.
  uidFrom: "vendor",
  conferences: { name: "Microsoft Teams" },
  reminders: { max: 1 },
  push,

  listCalendars: (account) => listCalendars(clientFor(account)),

  readChanges: (account, calendar, request) => readChanges(placeOf(account, calendar), request),

  async readObject(account, calendar, externalId) {
    const place = placeOf(account, calendar);
    const found = await findObject(place, externalId);
    return found && remoteObject(found, place);
  },

  async findCreated(account, calendar, { creationId }) {
    const place = placeOf(account, calendar);
    const found = await findMarked(place, creationId);
    return found && remoteObject(found, place);
  },

  createEvent: (account, calendar, draft) => createEvent(placeOf(account, calendar), draft),

  finishCreate: (account, calendar, draft, { externalId }) =>
    finishCreate(placeOf(account, calendar), draft, externalId),

  updateEvent: (account, calendar, target, patch) => updateEvent(placeOf(account, calendar), target, patch),

  finishUpdate: (account, calendar, target, patch) => finishUpdate(placeOf(account, calendar), target, patch),

  deleteEvent: (account, calendar, target) => deleteEvent(placeOf(account, calendar), target),

  respond: (account, calendar, target, response) => respond(placeOf(account, calendar), target, response),

  freeBusy: (account, calendars, within) => freeBusy(clientFor(account), calendars, within),

  saidBack(recurrence, start) {
    if (recurrence.length === 0) return recurrence;
    const excluded = excludedIn(recurrence, start).map(excludingLine);
    return [ruleLine(graphSeries(recurrence, start).recurrence, start), ...excluded];
  },
};

function placeOf(account: CalendarAccount, calendarId: string): Place {
  const addresses = (account.settings["addresses"] ?? "").split(" ").filter((address) => address !== "");
  return { client: clientFor(account), calendarId, addresses };
}
