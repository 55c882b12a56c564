import { randomUUID } from "node:crypto";
import type { OtherClient } from "../../sandbox/caldav/other-client.ts";
import { formatDraft } from "../../src/providers/calendar/icalendar/write.ts";
import type { EventDraft } from "../../src/providers/calendar/provider.ts";
import type { TwinVendor } from "../contract/under-faults.ts";

/** What somebody does with another program in the calendars of a CalDAV twin, and what is there then. */
export function otherProgram(client: OtherClient, email: string): Pick<TwinVendor, "asAnotherClient" | "titles"> {
  const change = (calendar: string, externalId: string, edit: (raw: string) => string) => {
    const stored = client.read(email, calendar, externalId);
    if (!stored) throw new Error(`There is no ${externalId}`);
    client.put(email, calendar, externalId, edit(stored.data));
  };
  return {
    asAnotherClient: {
      create: async (calendar, draft) => void client.put(email, calendar, `${draft.creationId}.ics`, rawOf(draft)),
      retitle: async (calendar, id, title) =>
        change(calendar, id, (raw) => raw.replaceAll(/SUMMARY:.*/g, `SUMMARY:${title}`)),
      remove: async (calendar, id) => void client.remove(email, calendar, id),
      decorate: async (calendar, id) =>
        change(calendar, id, (raw) => raw.replace("END:VEVENT", `${decoration.join("\r\n")}\r\nEND:VEVENT`)),
      async isDecorated(calendar, id) {
        const raw = (client.read(email, calendar, id)?.data ?? "").replaceAll(/\r?\n[ \t]/g, "");
        return decoration.every((line) => raw.includes(line));
      },
      spoil: async (calendar) => void client.put(email, calendar, `${randomUUID()}.ics`, "this is no calendar"),
    },
    titles: (calendar) =>
      client.objects(email, calendar).map(({ data }) => /^SUMMARY:(.*?)\r?$/m.exec(data)?.[1] ?? ""),
  };
}

const decoration = [
  ...["X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC", "X-JMAP-COLOR:5"],
  "X-SOMEBODY-ELSES;X-PARAM=kept:value",
];

export function rawOf(draft: EventDraft): string {
  return formatDraft(draft, { now: new Date("2026-12-01T09:00:00Z"), organizer: null });
}
