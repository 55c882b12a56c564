import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import type { RemoteCalendar } from "../provider.ts";
import type { GraphClient } from "./client.ts";
import { GraphCalendar, Page } from "./shapes.ts";

/** Every calendar of the mailbox, those that others share with it included. */
export async function listCalendars(client: GraphClient): Promise<readonly RemoteCalendar[]> {
  const calendars: RemoteCalendar[] = [];
  // Ten come at a time where nothing else is asked for.
  let link: string | undefined = "me/calendars?$top=100";
  while (link) {
    const page: z.infer<typeof Page> = await client.get(link, Page);
    for (const { id, name, canEdit, isDefaultCalendar, hexColor } of page.value.map(readCalendar)) {
      calendars.push({
        externalId: id,
        name: name || id,
        writable: canEdit === true,
        primary: isDefaultCalendar === true,
        timeZone: null,
        color: hexColor || null,
      });
    }
    link = page["@odata.nextLink"];
  }
  if (calendars.filter(({ primary }) => primary).length !== 1) {
    throw new IntegrationError("PROVIDER_REPLY_INVALID", "Microsoft names no default calendar of this account");
  }
  return calendars;
}

function readCalendar(item: unknown): z.infer<typeof GraphCalendar> {
  const calendar = GraphCalendar.safeParse(item);
  if (calendar.success) return calendar.data;
  throw new IntegrationError("PROVIDER_REPLY_INVALID", "A calendar is not as Microsoft describes them");
}
