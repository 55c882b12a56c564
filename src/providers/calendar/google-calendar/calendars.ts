import { IntegrationError } from "../../../errors.ts";
import type { RemoteCalendar } from "../provider.ts";
import { ask, type GoogleClient } from "./client.ts";
import { CalendarPage } from "./shapes.ts";

const writableRoles = ["owner", "writer", "writerWithoutPrivateAccess"];

/** Every calendar whose events the account may read. */
export async function listCalendars(client: GoogleClient): Promise<readonly RemoteCalendar[]> {
  const calendars: RemoteCalendar[] = [];
  let pageToken: string | undefined;
  do {
    const page = await ask(
      client.calendarList.list({ maxResults: 250, ...(pageToken && { pageToken }) }),
      CalendarPage,
    );
    for (const { id, summary, summaryOverride, accessRole, primary, timeZone, backgroundColor } of page.items) {
      // When somebody is busy, and nothing else, is not a calendar to mirror.
      if (accessRole === "freeBusyReader") continue;
      calendars.push({
        externalId: id,
        name: summaryOverride || summary || id,
        writable: writableRoles.includes(accessRole),
        primary: primary === true,
        timeZone: timeZone ?? null,
        color: backgroundColor ?? null,
      });
    }
    pageToken = page.nextPageToken ?? undefined;
  } while (pageToken);
  if (calendars.filter(({ primary }) => primary).length !== 1) {
    throw new IntegrationError("PROVIDER_REPLY_INVALID", "Google names no primary calendar of this account");
  }
  return calendars;
}
