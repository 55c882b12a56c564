import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import { outlookCalendar } from "../../src/providers/calendar/outlook-calendar.ts";
import type { EventDraft } from "../../src/providers/calendar/provider.ts";
import type { TwinVendor } from "../contract/under-faults.ts";
import type { OpenedAccount } from "./account.ts";
import { connectByConsent, connectWithCode } from "./connect-by-consent.ts";
import { asConsentProvider, openOAuthClient } from "./oauth-client.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface OutlookVendor extends TwinVendor {
  readonly sandbox: Sandbox;
  readonly email: string;
  /** Somebody else at the same vendor. */
  connectAs(email: string): Promise<OpenedAccount>;
}

/** Outlook's twin with one account in it. */
export async function createOutlookVendor(): Promise<OutlookVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.outlookCalendar;
  const email = "ana@example.test";
  twin.createAccount({ email });
  const client = openOAuthClient(asConsentProvider(outlookCalendar), sandbox);

  return {
    sandbox,
    email,
    connect: () => connectByConsent(client, twin, email),
    connectAs: (other) => connectByConsent(client, twin, other),
    connectWrongly: () => connectWithCode(client, "made-up"),
    secrets: () => twin.issuedSecrets(),
    createCalendar: async () => twin.createCalendar(email, { name: `Calendar ${randomUUID().slice(0, 8)}` }),
    asAnotherClient: {
      create: async (calendar, draft) => void twin.insertEvent(email, eventOf(draft), calendar),
      retitle: async (_calendar, id, subject) => twin.patchEvent(email, id, { subject }),
      remove: async (_calendar, id) => twin.deleteEvent(email, id),
      decorate: async (_calendar, id) => twin.patchEvent(email, id, decoration),
      async isDecorated(_calendar, id) {
        const event = twin.mailboxes.event(email, id);
        const properties = (event?.["singleValueExtendedProperties"] ?? []) as { id: string; value: string }[];
        return event?.["importance"] === "high" && properties.some(({ value }) => value === "kept");
      },
    },
    ...troublesOf(twin),
    titles: (calendar) => twin.mailboxes.events(email, calendar).map((event) => String(event["subject"])),
    forgetCursors: () => twin.expireSyncTokens(),
    stop: () => sandbox.stop(),
  };
}

const decoration = {
  importance: "high",
  singleValueExtendedProperties: [
    { id: "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name somebodyElses", value: "kept" },
  ],
};

function eventOf({ title, start, end }: EventDraft): Record<string, unknown> {
  const timeOf = (time: EventDraft["start"]) =>
    time.kind === "zoned" ? { dateTime: time.local, timeZone: time.timeZone } : time;
  return { subject: title, start: timeOf(start), end: timeOf(end) };
}
