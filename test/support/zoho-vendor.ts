import { randomUUID } from "node:crypto";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import type { ZohoCalendarTwin } from "../../sandbox/zoho-calendar-twin.ts";
import type { EventDraft } from "../../src/providers/calendar/provider.ts";
import { zohoCalendar } from "../../src/providers/calendar/zoho-calendar.ts";
import { recurrenceKey } from "../../src/recurrence/instant.ts";
import type { TwinVendor } from "../contract/under-faults.ts";
import type { OpenedAccount } from "./account.ts";
import { connectByConsent, connectWithCode } from "./connect-by-consent.ts";
import { asConsentProvider, openOAuthClient } from "./oauth-client.ts";
import { troublesOf } from "./twin-troubles.ts";

export interface ZohoVendor extends TwinVendor {
  readonly sandbox: Sandbox;
  readonly twin: ZohoCalendarTwin;
  readonly email: string;
  /** Somebody else at the same vendor. */
  connectAs(email: string): Promise<OpenedAccount>;
}

/** Zoho's twin with one account in it, in the United States. */
export async function createZohoVendor(): Promise<ZohoVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const twin = sandbox.zohoCalendar;
  const email = "ana@example.test";
  twin.createAccount({ email });
  Object.assign(twin.switches, { latencyMs: 0 });
  Object.assign(twin.oauth, {
    codesPerTenMinutes: Number.POSITIVE_INFINITY,
    refreshTokensPerTenMinutes: Number.POSITIVE_INFINITY,
  });
  const client = openOAuthClient(asConsentProvider(zohoCalendar), sandbox);

  return {
    sandbox,
    twin,
    email,
    connect: () => connectByConsent(client, twin, email),
    connectAs: (other) => connectByConsent(client, twin, other),
    connectWrongly: () => connectWithCode(client, "made-up"),
    secrets: () => twin.issuedSecrets(),
    createCalendar: async () => twin.createCalendar(email, { name: `Calendar ${randomUUID().slice(0, 8)}` }),
    asAnotherClient: {
      create: async (calendar, draft) => void twin.insertEvent(email, eventOf(draft), calendar),
      retitle: async (_calendar, uid, title) => void twin.patchEvent(email, uid, { title }),
      remove: async (_calendar, uid) => twin.deleteEvent(email, uid),
      decorate: async (_calendar, uid) => void twin.patchEvent(email, uid, decoration),
      async isDecorated(_calendar, uid) {
        const [event] = twin.event(email, uid) ?? [];
        return Object.entries(decoration).every(
          ([name, value]) => JSON.stringify(event?.[name]) === JSON.stringify(value),
        );
      },
    },
    ...troublesOf(twin),
    titles: (calendar) => twin.events(email, calendar).map(([event]) => String(event?.["title"])),
    // There are none.
    forgetCursors: () => {},
    stop: () => sandbox.stop(),
  };
}

const decoration = { color: "#8CBF40", allowForwarding: true, group_attendees: [{ email: "all@example.test" }] };

function eventOf({ title, start, end }: EventDraft): Record<string, unknown> {
  const timezone = start.kind === "zoned" ? start.timeZone : "UTC";
  return {
    title,
    isallday: start.kind === "date",
    dateandtime: { start: recurrenceKey(start), end: recurrenceKey(end), timezone },
  };
}
