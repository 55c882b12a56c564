import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { googleCalendar } from "../../src/providers/calendar/google-calendar.ts";
import type { EventDraft } from "../../src/providers/calendar/provider.ts";
import type { TwinVendor } from "../contract/under-faults.ts";
import { connectByConsent, connectWithCode } from "./connect-by-consent.ts";
import { asConsentProvider, openOAuthClient } from "./oauth-client.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface GoogleVendor extends TwinVendor {
  readonly sandbox: Sandbox;
  readonly email: string;
}

/** Google's twin with one account in it. */
export async function createGoogleVendor(): Promise<GoogleVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.googleCalendar;
  const email = "ana@example.test";
  twin.createAccount({ email });
  const client = openOAuthClient(asConsentProvider(googleCalendar), sandbox);

  return {
    sandbox,
    email,
    connect: () => connectByConsent(client, twin, email),
    connectWrongly: () => connectWithCode(client, "made-up"),
    secrets: () => twin.issuedSecrets(),
    createCalendar: async () => twin.createCalendar(email, { summary: `Calendar ${randomUUID().slice(0, 8)}` }),
    asAnotherClient: {
      create: async (calendar, draft) => void twin.insertEvent(email, eventOf(draft), calendar),
      retitle: async (calendar, id, summary) => twin.api.patchEvent(email, id, { summary }, calendar),
      remove: async (calendar, id) => twin.api.deleteEvent(email, id, calendar),
      decorate: async (calendar, id) => twin.api.patchEvent(email, id, decoration, calendar),
      async isDecorated(calendar, id) {
        const event = twin.api.event(email, id, calendar);
        return event?.["colorId"] === "5" && event.extendedProperties?.private?.["somebodyElses"] === "kept";
      },
    },
    ...troublesOf(twin),
    titles: (calendar) => twin.api.events(email, calendar).map(({ summary }) => String(summary)),
    forgetCursors: () => twin.api.expireSyncTokens(),
    stop: () => sandbox.stop(),
  };
}

const decoration = { colorId: "5", extendedProperties: { private: { somebodyElses: "kept" } } };

function eventOf({ title, start, end }: EventDraft): Record<string, unknown> {
  const timeOf = (time: EventDraft["start"]) =>
    time.kind === "zoned" ? { dateTime: time.local, timeZone: time.timeZone } : time;
  return { summary: title, start: timeOf(start), end: timeOf(end) };
}
