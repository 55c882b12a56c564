import { randomUUID } from "node:crypto";
import { isIntegrationError } from "../../src/errors.ts";
import type { EventDraft } from "../../src/providers/calendar/provider.ts";
import { mustHold } from "../drill/drill.ts";
import type { Chapter } from "./chapter.ts";
import { at, guests, type Stage } from "./stage.ts";
import { hour, ics, vevent } from "./texts.ts";

export const duplicates: Chapter = {
  name: "the same uid again",
  async tell(stage) {
    await stage.put("another-name.ics", ics(vevent("taken", "SUMMARY:Taken by them", ...hour(1))));
    await stage.ours.create({ title: "Taken by us" });
    await stage.ours.create({ title: "Taken by a meeting", attendees: guests });
    await stage.read();
    for (const title of ["Taken by us", "Taken by a meeting", "Taken by them"]) {
      const { uid, externalId, attendees } = await stage.row(title);
      const draft = { ...again, uid, attendees: [...attendees] };
      const [, creationId] = /([^/]+)\.ics$/.exec(externalId) ?? [];
      const isOurs = title !== "Taken by them";
      if (isOurs && creationId) await createAgain(stage, { ...draft, creationId }, externalId);
      await createAgain(stage, { ...draft, creationId: randomUUID() }, externalId);
    }
  },
};

/** Whatever the server makes of it, the one that was there is found in the end. */
async function createAgain({ service, world }: Stage, draft: EventDraft, externalId: string): Promise<void> {
  const { provider, account } = await service.accounts.openCalendars(world.viewer.tenantId, world.integrationId);
  const calendar = world.theirs.externalId;
  try {
    const object = await provider.createEvent(account, calendar, draft);
    // DAViCal has both.
    const target = { object, recurrenceId: null, span: "ALL", writeId: draft.creationId } as const;
    await provider.deleteEvent(account, calendar, target);
  } catch (error) {
    if (!isIntegrationError(error, "DUPLICATE")) throw error;
  }
  const found = await provider.findCreated(account, calendar, draft);
  mustHold(found?.externalId === externalId, `what was there of ${externalId} is not found`);
}

const again = {
  title: "Again",
  description: null,
  location: null,
  reminders: null,
  conference: false,
  status: "CONFIRMED",
  transparency: "OPAQUE",
  classification: "PUBLIC",
  start: at(1, "10:00"),
  end: at(1, "10:45"),
  recurrence: [],
} as const;
