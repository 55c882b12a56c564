import { isIntegrationError } from "../../errors.ts";
import { listCalendars } from "./google-calendar/calendars.ts";
import { readChanges } from "./google-calendar/changes.ts";
import { ask, clientFor, errorCodeIn } from "./google-calendar/client.ts";
import { deleteEvent, finishUpdate, respond, updateEvent } from "./google-calendar/edits.ts";
import { freeBusy } from "./google-calendar/free-busy.ts";
import { auth, renewal } from "./google-calendar/oauth.ts";
import { findObject, remoteObject } from "./google-calendar/objects.ts";
import { push } from "./google-calendar/push.ts";
import { updatesFor } from "./google-calendar/sending.ts";
import { GoogleEvent } from "./google-calendar/shapes.ts";
import { draftBody, eventIdFor, responseOf } from "./google-calendar/write.ts";
import type { CalendarProvider } from "./provider.ts";

/** Google Calendar, through the Calendar API v3. https://developers.google.com/workspace/calendar/api/v3/reference */
export const googleCalendar: CalendarProvider = {
  kind: "CALENDAR",
  id: "GOOGLE_CALENDAR",
  name: "Google Calendar",
  auth,
  renewal,
  errorCodeIn,
  limits: {
    description:
      "10,000 calls a minute for this service, 600 a minute for each account. Many events or invitations at once are refused for some hours (quotaExceeded).",
    concurrentCalls: 10,
    perAccount: { calls: 600, seconds: 60 },
    perApp: { calls: 10_000, seconds: 60 },
    quotaWords: {
      rateLimitExceeded: null,
      userRateLimitExceeded: null,
      quotaExceeded: 3 * 60 * 60,
      dailyLimitExceeded: 3 * 60 * 60,
    },
    cost: "None.",
  },
  freshness: { floorSeconds: 60, defaultSeconds: 300 },
  // Google lets us choose an event's id, and then gives the uid itself.
  uidFrom: "vendor",
  conferences: { name: "Google Meet" },
  reminders: { max: 5 },
  push,

  listCalendars: (account) => listCalendars(clientFor(account)),

  readChanges: (account, calendar, request) => readChanges(clientFor(account), calendar, request),

  async readObject(account, calendar, externalId) {
    const found = await findObject(clientFor(account), calendar, externalId);
    return found && remoteObject(found);
  },

  async findCreated(account, calendar, { creationId }) {
    const found = await findObject(clientFor(account), calendar, eventIdFor(creationId));
    return found && remoteObject(found);
  },

  async createEvent(account, calendar, draft) {
    const client = clientFor(account);
    const requestBody = draftBody(draft);
    const options = { conferenceDataVersion: draft.conference ? 1 : 0, sendUpdates: updatesFor(requestBody) };
    const created = await ask(client.events.insert({ calendarId: calendar, requestBody, ...options }), GoogleEvent);
    // A meeting is made a moment later; when it takes longer, the next sync brings it.
    const isPending = created.conferenceData?.createRequest?.status?.statusCode === "pending";
    const settled = isPending ? await findObject(client, calendar, created.id).catch(ignoreTrouble) : null;
    return remoteObject(settled ?? { event: created, exceptions: [] });
  },

  updateEvent: (account, calendar, target, patch) =>
    updateEvent({ client: clientFor(account), calendarId: calendar }, target, patch),

  finishUpdate: (account, calendar, target, patch, found) =>
    finishUpdate({ client: clientFor(account), calendarId: calendar }, target, patch, found),

  deleteEvent: (account, calendar, target) => deleteEvent({ client: clientFor(account), calendarId: calendar }, target),

  respond: (account, calendar, target, response) =>
    respond({ client: clientFor(account), calendarId: calendar }, target, responseOf(response)),

  freeBusy: (account, calendars, within) => freeBusy(clientFor(account), calendars, within),
};

/** The event is made; what came after it is only a second look. */
function ignoreTrouble(error: unknown): null {
  if (isIntegrationError(error)) return null;
  throw error;
}
